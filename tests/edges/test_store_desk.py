"""The Store port on both databases: what editors decide of a newsletter's entries, and as what its issues told them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from aggregator.content import Draft, Told
from aggregator.model import Entry
from aggregator.ports import Store
from aggregator.reasons import hidden
from tests.build import NOW, changes, days, delivery, entry, hours, issue

WEEKLY = "settimanale"
A, B = entry("a", source_id="announcements"), entry("b", source_id="announcements")


@pytest.fixture
def stocked(store: Store) -> Store:
    save(store, A, B, entry("c", source_id="announcements"))
    return store


@pytest.fixture
def composed(stocked: Store) -> Store:
    """A store with issue 1, which carries a and b."""
    add(stocked, 1, "a", "b")
    return stocked


def save(store: Store, *new: Entry, at: datetime = NOW) -> None:
    store.save(changes("announcements", new=new, at=at))


def add(store: Store, number: int, *entries: str, **decided: tuple[str, ...]) -> tuple[str, ...]:
    """What the issue of that week carries."""
    closes = days(7 * (number - 1))
    added = store.add_issue(WEEKLY, closes, closes, closes, entries, **decided)
    assert added is not None
    assert added.number == number
    return added.entries


def sent(store: Store, number: int, *entries: str, told: tuple[Told, ...] = (), skip: tuple[str, ...] = ()) -> None:
    found = next(i for i in store.issues(WEEKLY) if i.number == number)
    store.queue_issue(replace(found, entries=entries), [], [], told, skip)


def held_by(store: Store, number: int = 1) -> tuple[str, ...]:
    return next(i.entries for i in store.issues(WEEKLY) if i.number == number)


# --- left out for good, or until later ---


@pytest.mark.parametrize("state", ["draft", "held", "approved"])
def test_an_issue_that_waits_carries_no_longer_what_an_editor_skips(composed: Store, state: str) -> None:
    composed.set_issue_state(WEEKLY, 1, state)  # type: ignore[arg-type]
    composed.skip(WEEKLY, ["a"])
    assert held_by(composed) == ("b",)
    assert (composed.skipped(WEEKLY), composed.owed_again(WEEKLY)) == ({"a"}, frozenset())
    assert composed.carried(WEEKLY, ["a", "b", "c"]) == {"a", "b"}, "what is skipped is never owed"
    assert add(composed, 2, "a", "c") == ("c",)


def test_what_an_editor_wants_later_is_owed_until_an_issue_carries_it(composed: Store) -> None:
    composed.skip(WEEKLY, ["a"], later=True)
    assert held_by(composed) == ("b",)
    assert (composed.skipped(WEEKLY), composed.owed_again(WEEKLY)) == (frozenset(), {"a"})
    assert composed.carried(WEEKLY, ["a"]) == frozenset()
    assert add(composed, 2, "a", "c") == ("a", "c")
    assert composed.owed_again(WEEKLY) == frozenset()


def test_the_last_word_of_an_editor_counts(composed: Store) -> None:
    composed.skip(WEEKLY, ["a"])
    composed.skip(WEEKLY, ["a"], later=True)
    assert (composed.skipped(WEEKLY), composed.owed_again(WEEKLY)) == (frozenset(), {"a"})
    composed.skip(WEEKLY, ["a"])
    assert (composed.skipped(WEEKLY), composed.owed_again(WEEKLY)) == ({"a"}, frozenset())


def test_what_an_issue_has_told_is_neither_taken_from_it_nor_owed_again(composed: Store) -> None:
    sent(composed, 1, "a", "b")
    composed.skip(WEEKLY, ["a"], later=True)
    composed.skip(WEEKLY, ["b"])
    assert held_by(composed) == ("a", "b")
    assert composed.owed_again(WEEKLY) == frozenset()


def test_each_newsletter_has_its_own_editor(composed: Store) -> None:
    composed.skip("altra", ["a"])
    composed.skip("altra", ["b"], later=True)
    assert held_by(composed) == ("a", "b")
    assert (composed.skipped(WEEKLY), composed.owed_again(WEEKLY)) == (frozenset(), frozenset())
    assert (composed.skipped("altra"), composed.owed_again("altra")) == ({"a"}, {"b"})


def test_an_issue_is_composed_without_what_its_note_skips(stocked: Store) -> None:
    assert add(stocked, 1, "a", "b", "c", skip=("a",), later=("b",)) == ("c",)
    assert (stocked.skipped(WEEKLY), stocked.owed_again(WEEKLY)) == ({"a"}, {"b"})
    assert add(stocked, 2, "a", "b") == ("b",)


def test_what_a_frozen_issue_drops_is_owed_again_unless_it_is_skipped(composed: Store) -> None:
    sent(composed, 1, skip=("b",))
    assert held_by(composed) == ()
    assert (composed.skipped(WEEKLY), composed.owed_again(WEEKLY)) == ({"b"}, {"a"})


def test_who_freezes_an_issue_second_takes_nothing_from_it(composed: Store) -> None:
    """Two runs at once: meanwhile an entry was hidden, so that the second sees less than the first has sent."""
    seen = composed.issues(WEEKLY)[0]
    assert composed.queue_issue(seen, [], [delivery("d1")], [Told("a", 1, 0, NOW)]) == 1
    less = replace(seen, entries=("a",))
    assert composed.queue_issue(less, [], [delivery("d1")], [Told("a", 1, 0, NOW)], ("b",)) == 0
    assert held_by(composed) == ("a", "b")
    assert (composed.skipped(WEEKLY), composed.owed_again(WEEKLY)) == (frozenset(), frozenset())


def test_a_frozen_issue_says_when_and_of_which_editions(composed: Store) -> None:
    frozen = issue(entries=("a", "b"), hash="9f", frozen=hours(1), closes=NOW, opens=NOW, due=NOW)
    composed.queue_issue(frozen, [], [])
    assert composed.issues(WEEKLY) == (replace(frozen, state="sending"),)
    composed.queue_issue(replace(frozen, hash="other", frozen=hours(2)), [], [])
    assert composed.issues(WEEKLY)[0].hash == "9f", "it is frozen once"


# --- as what issues told ---


@pytest.fixture
def told(composed: Store) -> Store:
    """A store whose issue 1 told a and b, an hour after `NOW`."""
    sent(composed, 1, "a", "b", told=(Told("a", 1, 0, hours(1)), Told("b", 1, 0, hours(1))))
    return composed


def revise(store: Store, one: Entry, revision: int, revised: datetime | None, at: datetime) -> None:
    later = replace(one, revision=revision, revised=revised, title=f"Versione {revision}")
    store.save(changes("announcements", changed=[later], at=at))


def since(store: Store) -> list[tuple[str, int, int, bool]]:
    return [(t.entry_id, t.number, t.revision, t.gone) for t in store.changed_since_told(WEEKLY)]


def test_what_stayed_as_it_was_told_is_no_change(told: Store) -> None:
    assert since(told) == []


def test_a_typo_is_no_change(told: Store) -> None:
    revise(told, A, 1, None, days(1))
    assert since(told) == []


@pytest.mark.parametrize("seen", [days(1), NOW], ids=["later", "by a pull that began before the issue was frozen"])
def test_what_was_revised_since_it_was_told_is_a_change(told: Store, seen: datetime) -> None:
    revise(told, A, 1, seen, seen)
    assert since(told) == [("a", 1, 0, False)]


def test_what_was_told_as_it_stands_is_no_change_whatever_the_clock_says(composed: Store) -> None:
    """A pull that began after the send, and was quicker."""
    revise(composed, A, 1, hours(2), hours(2))
    sent(composed, 1, "a", "b", told=(Told("a", 1, 1, hours(1)),))
    assert since(composed) == []


def test_the_last_issue_that_told_it_counts(told: Store) -> None:
    revise(told, A, 1, days(1), days(1))
    add(told, 2)
    sent(told, 2, told=(Told("a", 2, 1, days(7)),))
    assert since(told) == []
    revise(told, replace(A, revised=days(1)), 2, days(8), days(8))
    assert since(told) == [("a", 2, 1, False)]


def test_an_issue_that_was_held_and_leaves_later_counts_though_its_number_is_lower(told: Store) -> None:
    revise(told, A, 1, days(1), days(1))
    add(told, 2)
    add(told, 3)
    sent(told, 3, told=(Told("a", 3, 1, days(14)),))
    revise(told, replace(A, revised=days(1)), 2, days(15), days(15))
    assert since(told) == [("a", 3, 1, False)]
    sent(told, 2, told=(Told("a", 2, 2, days(16)),))
    assert since(told) == []


def test_what_went_since_it_was_told_is_a_change_until_that_is_told(told: Store) -> None:
    told.set_standing([replace(A, left_out=hidden(days(1)))])
    told.save(changes("announcements", withdrawn=("b",), at=days(1)))
    assert since(told) == [("a", 1, 0, False), ("b", 1, 0, False)]
    add(told, 2)
    sent(told, 2, told=(Told("a", 2, 0, days(7), gone=True), Told("b", 2, 0, days(7), gone=True)))
    assert since(told) == []


def test_what_was_told_as_gone_and_is_revised_later_is_a_change(told: Store) -> None:
    told.save(changes("announcements", withdrawn=("a",), at=days(1)))
    add(told, 2)
    sent(told, 2, told=(Told("a", 2, 0, days(7), gone=True),))
    revise(told, A, 1, days(8), days(8))
    assert since(told) == [("a", 2, 0, True)]


def test_each_newsletter_tells_for_itself(told: Store) -> None:
    revise(told, A, 1, days(1), days(1))
    assert told.changed_since_told("altra") == ()


# --- drafts, and what comes back ---


def test_the_last_draft_of_an_issue_is_read_back(composed: Store) -> None:
    assert composed.last_draft(WEEKLY, 1) is None
    drafts = [Draft(WEEKLY, 1, version, hours(version), {"a": ("Avviso", f"hash {version}")}) for version in (1, 2)]
    mails = [delivery(f"d{n}", kind="draft", subscriber_id="", message=b"Bozza") for n in (1, 2)]
    for one, mail in zip(drafts, mails, strict=True):
        composed.queue_draft(one, [mail])
    assert composed.last_draft(WEEKLY, 1) == drafts[1]
    assert composed.last_draft(WEEKLY, 2) is None
    assert list(composed.deliveries()) == mails


def test_what_went_when_it_was_young_and_comes_back_is_shown_from_then_on(store: Store) -> None:
    old, young, archive = (
        entry(id_, source_id="announcements", first_seen=days(seen), shown=shown)
        for id_, seen, shown in (("old", -60, days(-60)), ("young", -2, days(-2)), ("archive", -2, None))
    )
    embargo = entry("embargo", source_id="announcements", shown=days(90), publish_at=days(90))
    save(store, old, young, archive, embargo)
    everything = ("old", "young", "archive", "embargo")
    store.save(changes("announcements", withdrawn=everything))
    store.save(changes("announcements", reappeared=everything, at=days(50)))
    assert {e.id: e.shown for e in store.entries()} == {
        "old": days(-60),
        "young": days(50),
        "archive": None,
        "embargo": days(90),
    }
    assert not any(e.withdrawn for e in store.entries())
