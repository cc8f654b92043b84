"""The Store port on both databases, entries first: facts are exact, move forward only, are saved whole or not at all.

Issues, subscribers and the outbox: edges/test_store_owed.py. Opening and sharing a store: edges/test_store_opening.py.
"""

from __future__ import annotations

import gc
import warnings
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import StatementError

from aggregator.model import Changes, Check, Enclosure, Entry, Event, Known, Link, Validators
from aggregator.ports import Store
from aggregator.reasons import FORGOTTEN
from aggregator.store import SqlStore, record, rows, sources
from aggregator.store.dialect import transaction
from tests.build import NOW, changes, check, days, entry, hours


def naive(year: int = 2026) -> datetime:
    """A moment that does not say where on Earth it is."""
    return datetime(year, 1, 1)  # noqa: DTZ001


# --- entries: exactly as they were given ---

anything = st.text(max_size=20)  # every character there is, NUL and half surrogates among them
plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
summer_time = timezone(timedelta(hours=2))
moments = st.datetimes(naive(1900), naive(2200), timezones=st.sampled_from([UTC, summer_time]))
maybe = moments | st.none()
texts = st.lists(anything, max_size=3).map(tuple)


def tuples(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(one, max_size=2).map(tuple)


arbitrary_entries = st.builds(
    Entry,
    source_id=st.just("anci"),
    guid=plain | st.none(),
    url=anything | st.none(),
    **dict.fromkeys(
        ["title", "summary", "content", "language", "published_raw", "origin", "licence", "change"], anything
    ),
    authors=texts,
    tags=texts,
    published=maybe,
    date_quality=st.sampled_from(["exact", "zone", "day", "refused", "missing"]),
    updated=maybe,
    enclosures=tuples(st.builds(Enclosure, anything, anything, st.integers() | st.none(), anything, anything)),
    links=tuples(st.builds(Link, anything, anything)),
    events=tuples(st.builds(Event, moments, maybe, anything, anything, st.booleans())),
    deadline=st.dates(date(1, 1, 1)) | st.none(),
    area=st.sampled_from(["public", "reserved"]),
    pin=st.booleans(),
    publish_at=maybe,
    expires=maybe,
    first_seen=moments,
    shown=maybe,
    archive=st.booleans(),
    left_out=plain,
    withdrawn=maybe,
    revised=maybe,
    revision=st.integers(0, 1000),
    fingerprint=plain,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=arbitrary_entries)
def test_any_entry_is_read_back_as_it_was_saved(store: Store, one: Entry) -> None:
    fresh = replace(one, id=uuid4().hex, slug=uuid4().hex)  # this store has the entries of the examples before
    store.save(changes(new=[fresh]))
    assert list(store.entries(ids=[fresh.id])) == [fresh]


@given(one=arbitrary_entries)
def test_any_entry_survives_json(one: Entry) -> None:
    assert rows.load(Entry, rows.dump(one)) == one


def test_a_row_of_another_version_is_read_with_what_is_known_of_it() -> None:
    """A field of tomorrow is passed over; a field of today that was not there yesterday takes its default."""
    told = (
        '{"source_id":"anci","title":"Bando","mood":"cheerful","links":[{"url":"https://anci.example.it/","colour":1}]}'
    )
    assert rows.load(Entry, told) == Entry("anci", title="Bando", links=(Link("https://anci.example.it/"),))


def test_a_naive_moment_is_refused_wherever_it_stands(store: Store) -> None:
    for wrong in (entry(published=naive()), entry(shown=naive())):
        with pytest.raises((ValueError, StatementError), match="naive datetime 2026-01-01"):
            store.save(changes(new=[wrong]))


def test_entries_come_newest_first_seen_first(store: Store) -> None:
    store.save(
        changes(new=[entry("old", first_seen=days(-2)), entry("b"), entry("a"), entry("late", first_seen=days(1))])
    )
    assert [e.id for e in store.entries()] == ["late", "a", "b", "old"]


def test_entries_are_chosen_by_source_by_first_seen_and_by_id(store: Store) -> None:
    store.save(changes("anci", new=[entry("a1"), entry("a2", first_seen=days(-9), shown=days(-9))]))
    store.save(changes("agid", new=[entry("g1", first_seen=hours(-1))]))
    assert [e.id for e in store.entries(source="anci")] == ["a1", "a2"]
    assert [e.id for e in store.entries(since=hours(-1))] == ["a1", "g1"]
    assert [e.id for e in store.entries(source="anci", since=days(-1), ids=["a1", "a2", "g1"])] == ["a1"]
    store.set_standing([entry("a2", first_seen=days(-9), shown=NOW)])
    assert {e.id for e in store.entries(since=hours(-1))} == {"a1", "a2", "g1"}
    assert list(store.entries(ids=[])) == []


# --- forgetting ---


def test_what_is_to_be_forgotten_by_a_moment_is_found_once_and_no_announcement(store: Store) -> None:
    told = [entry("a", expires=days(1)), entry("b", expires=days(2)), entry("c")]
    store.save(changes("albo", new=[replace(e, source_id="albo") for e in told]))
    store.save(changes("announcements", new=[entry("n", source_id="announcements", expires=days(1))]))
    assert [e.id for e in store.over(days(1))] == ["a"]
    assert [e.id for e in store.over(days(2))] == ["a", "b"]
    store.forget(tuple(store.over(days(1))))
    assert [e.id for e in store.over(days(2))] == ["b"]
    store.forget(())


def test_of_what_is_forgotten_is_kept_by_what_it_is_recognised(store: Store) -> None:
    first = entry("a", source_id="albo", expires=days(1), content="<p>Rossi Mario</p>")
    store.save(changes("albo", new=[first]))
    store.save(changes("albo", changed=[replace(first, title="Rettifica", revision=1)], at=hours(1)))
    store.forget([replace(one, section="atti") for one in store.over(days(1))])
    (kept,) = store.entries()
    assert (kept.id, kept.slug, kept.guid, kept.first_seen, kept.expires) == ("a", "a", first.guid, NOW, days(1))
    assert (kept.left_out, kept.section, kept.title, kept.content, kept.url) == (FORGOTTEN, "atti", "", "", None)
    assert store.revisions("a") == ()
    assert [one.keys for one in store.known("albo")] == [{"guid": "key-a"}]


def test_more_ids_than_a_database_has_parameters(store: Store) -> None:
    store.save(changes(new=[entry("a1")]))
    assert [e.id for e in store.entries(ids=[*map(str, range(70_000)), "a1"])] == ["a1"]


def test_a_stream_of_entries_does_not_keep_others_from_saving(store: Store) -> None:
    store.save(changes(new=[entry(f"e{n}") for n in range(500)]))
    stream = store.entries()
    next(stream)
    store.save(changes("agid", new=[entry("g1")]))
    assert sum(1 for _ in stream) >= 499


def test_a_stream_of_entries_that_is_left_half_read_leaves_nothing_open(store: Store) -> None:
    store.save(changes(new=(entry("e1"), entry("e2", slug="e2"))))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert next(iter(store.entries())).id in ("e1", "e2")
        gc.collect()
    assert [str(one.message) for one in told] == []


# --- saving a pull ---


def test_what_is_known_of_a_source_is_read_back_as_it_was_saved(store: Store) -> None:
    told = Check(
        "anci",
        url="https://anci.example.it/feed",
        title="ANCI – notizie\0",
        validators=Validators('W/"1"', "Mon, 15 Jun 2026 06:00:00 GMT", "ab12"),
        first_pull=days(-3),
        last_attempt=NOW + timedelta(microseconds=1),
        next_check=hours(6),
        problem="HTTP 503",
        problem_since=NOW,
        present=("a1", "a2"),
    )
    store.save(changes("agid"))
    store.save(changes(check=check(problem="first another")))
    store.save(changes(check=told))
    assert store.checks() == {"agid": check("agid"), "anci": told}


def test_an_entry_is_known_by_its_facts_and_keys(store: Store) -> None:
    one = entry("a1", left_out="exclude: asilo nido", revision=2, archive=True, shown=None)
    store.save(changes(new=[one], keys={"a1": {"guid": "9f", "link": "3c"}}))
    store.save(changes("agid", new=[entry("g1")]))
    assert store.known("anci") == (
        Known(
            id="a1",
            keys={"guid": "9f", "link": "3c"},
            fingerprint="print-a1",
            slug="avviso-a1",
            first_seen=NOW,
            shown=None,
            archive=True,
            left_out="exclude: asilo nido",
            withdrawn=None,
            revision=2,
            guid=one.guid,
        ),
    )
    assert store.known("nobody") == ()


def test_recognising_entries_reads_no_body(store: SqlStore) -> None:
    store.save(changes(new=[entry()]))
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert store.known("anci")
    assert asked
    assert not any("body" in statement for statement in asked)


def test_an_entry_that_stayed_the_same_may_learn_new_keys(store: Store) -> None:
    store.save(changes(new=[entry("a1")]))
    store.save(changes(same=("a1",), keys={"a1": {"link": "77"}}))
    assert store.known("anci")[0].keys == {"link": "77"}


def test_a_change_keeps_slug_and_first_seen_and_what_was(store: Store) -> None:
    first = entry("a1", title="Avviso")
    second = replace(first, title="Avviso prorogato", slug="altro", first_seen=hours(1), revision=1, revised=hours(1))
    third = replace(second, title="Avviso chiuso", left_out="exclude: chiuso", revision=2, revised=hours(2))
    store.save(changes(new=[first]))
    store.save(changes(changed=[second], at=hours(1)))
    store.save(changes(changed=[third], at=hours(2)))
    kept = {"slug": first.slug, "first_seen": first.first_seen}
    assert list(store.entries()) == [replace(third, **kept)]
    assert store.revisions("a1") == ((hours(1), first), (hours(2), replace(second, **kept)))
    assert store.revisions("nobody") == ()


def test_a_cosmetic_change_keeps_what_was_too(store: Store) -> None:
    first, second = entry("a1", title="Avvso"), entry("a1", title="Avviso")
    store.save(changes(new=[first]))
    store.save(changes(changed=[second]))
    assert list(store.entries()) == [second]
    assert [former for _, former in store.revisions("a1")] == [first]


def test_saving_the_same_changes_twice_is_saving_them_once(store: Store) -> None:
    old, gone = entry("old"), entry("gone")
    store.save(changes(new=[old, gone]))
    pull = changes(
        new=[entry("new")], changed=[replace(old, title="Altro", revision=1)], withdrawn=("gone",), at=hours(1)
    )
    store.save(pull)
    once = [*store.entries()], store.known("anci"), store.checks(), store.revisions("old")
    store.save(replace(pull, at=hours(2)))
    assert ([*store.entries()], store.known("anci"), store.checks(), store.revisions("old")) == once


def test_an_entry_that_is_there_is_not_entered_again(store: Store) -> None:
    store.save(changes(new=[entry("a1", title="Prima")]))
    store.save(changes(new=[entry("a1", title="Poi"), entry("a2")]))
    assert {e.id: e.title for e in store.entries()} == {"a1": "Prima", "a2": "Avviso a2 per i Comuni"}


def test_an_id_that_another_source_has_is_made_anew(store: Store) -> None:
    """Its old name has become another's: what that gives would be taken for what is there, and lost."""
    store.save(changes("gu", new=[entry("a1", source_id="gu")]))
    store.rename_source("gu", "gazzetta")
    store.save(changes("gu", new=[entry("a1", source_id="gu", title="Altro"), entry("a2", source_id="gu")]))
    assert {(e.source_id, e.title) for e in store.entries()} == {
        ("gazzetta", "Avviso a1 per i Comuni"),
        ("gu", "Altro"),
        ("gu", "Avviso a2 per i Comuni"),
    }
    assert sorted(known.keys["guid"] for known in store.known("gu")) == ["key-a1", "key-a2"]


def test_what_a_source_withholds_is_kept_beside_all_else_that_is_learnt_meanwhile(store: Store) -> None:
    store.save(changes("anci", check=check("anci", quarantined=NOW, failures=2)))
    store.withhold("anci", "reserved", 15)
    store.withhold("never-asked", "reserved", None)
    assert dict(store.checks()) == {"anci": check("anci", quarantined=NOW, failures=2, area="reserved", keep_days=15)}


def test_when_entries_are_forgotten_is_kept_and_whether_one_is_hidden_meanwhile_left_alone(store: Store) -> None:
    store.save(changes(new=[entry("a1")]))
    before = list(store.entries())
    store.set_standing([replace(before[0], left_out="hidden")])
    store.set_expiry([replace(before[0], expires=days(9))])
    assert list(store.entries()) == [replace(before[0], left_out="hidden", expires=days(9))]


def test_an_older_state_does_not_come_back(store: Store) -> None:
    states = [entry("a1", title=f"Stato {n}", revision=n) for n in range(3)]
    store.save(changes(new=states[:1]))
    for state in (states[2], states[1]):
        store.save(changes(changed=[state]))
    assert [e.title for e in store.entries()] == ["Stato 2"]


def test_a_change_of_an_entry_that_is_not_there_is_not_lost(store: Store) -> None:
    store.save(changes(changed=[entry("a1", revision=3)]))
    assert list(store.entries()) == [entry("a1", revision=3)]
    assert store.known("anci")[0].keys == {"guid": "key-a1"}


def test_a_withdrawal_is_dated_once_and_taken_back_when_the_entry_is_there_again(store: Store) -> None:
    store.save(changes(new=[entry("a1"), entry("a2")]))
    store.save(changes(withdrawn=("a1",), at=hours(1)))
    store.save(changes(withdrawn=("a1",), at=hours(2)))
    assert {e.id: e.withdrawn for e in store.entries()} == {"a1": hours(1), "a2": None}
    store.save(changes(reappeared=("a1",), at=hours(3)))
    assert {e.id: e.withdrawn for e in store.entries()} == {"a1": None, "a2": None}


def test_two_entries_of_one_title_have_two_pages(store: Store) -> None:
    store.save(changes("anci", new=[entry("a1", slug="avviso"), entry("a2", slug="avviso")]))
    store.save(changes("agid", new=[entry("g1", slug="avviso")]))
    assert {e.id: e.slug for e in store.entries()} == {"a1": "avviso", "a2": "avviso-a2", "g1": "avviso-g1"}


def test_a_save_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ValueError, match="naive"):
        store.save(changes(new=[entry("a1"), entry("a2", updated=naive())]))
    assert (list(store.entries()), store.checks(), store.newest()) == ([], {}, None)


# --- what was written since somebody looked ---


def written(store: Store, since: int) -> tuple[int, set[str]]:
    """How many changes to entries there were since that one, and the entries they wrote."""
    number, ids = store.changed(since)
    assert len(ids) == len(set(ids))
    return number - since, set(ids)


@pytest.fixture
def seen(store: Store) -> int:
    """The number of the last change to a store with the entries a1, a2, a3 (withdrawn) of anci and g1 of agid."""
    store.save(changes(new=[entry("a1"), entry("a2"), entry("a3")]), changes("agid", new=[entry("g1")]))
    store.save(changes(withdrawn=("a3",)))
    return store.changed(0)[0]


def test_a_fresh_store_has_no_change_and_no_moment(store: Store) -> None:
    store.set_standing([entry("a1")])
    assert (store.changed(0), store.changed(7), store.newest()) == ((0, ()), (0, ()), None)
    store.touch(NOW)
    assert store.changed(0) == (0, ())


@pytest.mark.parametrize(
    ("pull", "names"),
    [
        (changes(new=[entry("a4"), entry("a1")]), {"a4"}),
        (changes(changed=[entry("a1", title="Rettifica", revision=1), entry("a2")]), {"a1"}),
        (changes(changed=[entry("a5")]), {"a5"}),
        (changes(withdrawn=("a1", "a3")), {"a1"}),
        (changes(reappeared=("a1", "a3")), {"a3"}),
        (changes(new=[entry("a4")], changed=[entry("a2", title="B")], withdrawn=("a1",)), {"a1", "a2", "a4"}),
    ],
)
def test_a_pull_is_one_change_that_names_what_it_wrote(store: Store, seen: int, pull: Changes, names: set[str]) -> None:
    store.save(pull)
    assert written(store, seen) == (1, names)
    store.save(pull)
    assert written(store, seen) == (1, names)


@pytest.mark.parametrize(
    "pull",
    [
        changes(new=[entry("a1")]),
        changes(changed=[entry("a1"), entry("a2")]),
        changes(check=check(problem="HTTP 503"), at=days(1)),
        changes(same=("a1",), keys={"a1": {"link": "77"}}),
        changes(withdrawn=("a3",), at=days(1)),
        changes(reappeared=("a1",)),
    ],
)
def test_a_pull_that_brought_nothing_is_no_change(store: Store, seen: int, pull: Changes) -> None:
    store.save(pull, changes("gu"))
    store.touch(days(2))
    assert written(store, seen) == (0, set())


def test_pulls_saved_at_once_are_one_change(store: Store, seen: int) -> None:
    store.save(changes("anci", new=[entry("a4")]), changes("agid", withdrawn=("g1",)), changes("gu"))
    assert written(store, seen) == (1, {"a4", "g1"})


def test_standing_forgetting_and_renaming_are_changes(store: Store, seen: int) -> None:
    store.set_standing([entry("a1", left_out="quarantine"), entry("g1", archive=True)])
    assert written(store, seen) == (1, {"a1", "g1"})
    store.forget([entry("a2")])
    assert written(store, seen + 1) == (1, {"a2"})
    store.rename_source("anci", "comuni")
    assert written(store, seen + 2) == (1, {"a1", "a2", "a3"})
    assert written(store, 0) == (seen + 3, {"a1", "a2", "a3", "g1"})


def test_where_no_entry_is_there_is_no_change(store: Store, seen: int) -> None:
    store.save(changes("gu"))
    store.rename_source("gu", "gazzetta-ufficiale")
    store.rename_source("nobody", "somebody")
    store.set_standing([])
    store.forget([])
    assert written(store, seen) == (0, set())


def test_changed_entries_come_by_moment_shown_then_first_seen_then_id(store: Store) -> None:
    told = [
        entry("late", shown=days(3)),
        entry("b"),
        entry("a"),
        entry("archived", shown=None, first_seen=days(1)),
        entry("early", first_seen=days(-1)),
    ]
    store.save(changes(new=told))
    assert store.changed(0) == (1, ("early", "a", "b", "archived", "late"))


def test_a_change_that_fails_takes_no_number(store: Store, seen: int) -> None:
    with pytest.raises(ValueError, match="naive"):
        store.save(changes(new=[entry("a4")]), changes("gu", new=[entry("u1", updated=naive())]))
    assert written(store, seen) == (0, set())
    store.save(changes(new=[entry("a4")]))
    assert written(store, seen) == (1, {"a4"})


def test_each_change_to_entries_has_a_name_of_its_own_and_a_pull_that_brings_nothing_gives_none(store: Store) -> None:
    assert store.change_name(0) == ""
    store.save(changes(new=[entry("a1")]))
    store.save(changes())
    store.save(changes(new=[entry("a2")]))
    first, second, none = map(store.change_name, (1, 2, 3))
    assert (bool(first), bool(second), none) == (True, True, "")
    assert first != second
    assert store.change_name(1) == first


def test_names_of_changes_long_ago_are_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_NAMED", 2)
    for number in range(4):
        store.save(changes(new=[entry(f"a{number}")]))
    assert [bool(store.change_name(number)) for number in (1, 2, 3, 4)] == [False, False, True, True]


def test_an_entry_keeps_the_sentence_of_its_editor_beside_the_number(store: Store) -> None:
    store.save(changes(new=[entry("a1", change="Termine prorogato")]))
    assert [(e.id, e.change) for e in store.entries()] == [("a1", "Termine prorogato")]


def test_nobody_sees_a_later_change_before_an_earlier_one(store: SqlStore, seen: int) -> None:
    """Who writes entries waits for who began before: a number once seen has nothing below it still to come."""
    with ThreadPoolExecutor(1) as thread:
        with transaction(store._engine, "write") as slow:
            sources.save(slow, changes(new=[entry("a4")]))
            quick = thread.submit(store.save, changes("agid", new=[entry("g2")]))
            assert wait([quick], timeout=0.3).not_done
            assert written(store, seen) == (0, set())
        quick.result()
    assert written(store, seen) == (2, {"a4", "g2"})
    assert written(store, seen + 1) == (1, {"g2"})


def test_who_asks_again_and_again_misses_no_entry(store: Store) -> None:
    def saves(mine: str, other: str) -> None:
        """Each saves for both sources, in its own order: they must not come to wait for each other."""
        for n in range(40):
            own, common = f"{mine}{n}", entry("common", title=f"{mine} {n}", revision=n)
            store.save(changes(mine, new=[entry(own)]), changes(other, changed=[common], keys={"common": {"n": own}}))
            store.set_standing([entry(own, archive=True), entry("common", archive=True)])

    told: set[str] = set()
    last = moved = 0
    with ThreadPoolExecutor(2) as threads:
        savers = [threads.submit(saves, "anci", "agid"), threads.submit(saves, "agid", "anci")]
        over = False
        while not over:
            over = not wait(savers, timeout=0).not_done  # asked before we look: the last look is after the last save
            number, ids = store.changed(last)
            moved += number > last
            # Not the other way round: what was written once more between number and ids comes with the next.
            assert number > last or not ids
            last, told = number, told | set(ids)
    for saver in savers:
        saver.result()
    assert told == {"common", *(f"{source}{n}" for source in ("anci", "agid") for n in range(40))}
    assert (last, moved > 1) == (160, True)


# --- what the admin decides of a source ---


def test_the_standing_of_an_entry_is_written_anew_without_a_revision(store: Store) -> None:
    waiting = [entry("a1", left_out="quarantine"), entry("a2", left_out="quarantine"), entry("a3")]
    store.save(changes(new=waiting))
    store.set_standing([replace(waiting[0], left_out="", archive=True, shown=None, title="not written")])
    told = {e.id: e for e in store.entries()}
    assert told["a1"] == replace(waiting[0], left_out="", archive=True, shown=None)
    assert (told["a2"], told["a3"]) == (waiting[1], waiting[2])
    assert store.revisions("a1") == ()
    store.set_standing([])


def test_a_renamed_source_keeps_its_entries_and_what_is_known_of_it(store: Store) -> None:
    store.save(changes("gu", new=[entry("g1")]))
    store.save(changes("agid", new=[entry("a1")]))
    before = store.checks()["gu"]
    store.rename_source("gu", "gazzetta-ufficiale")
    assert store.checks()["gazzetta-ufficiale"] == replace(before, source_id="gazzetta-ufficiale")
    assert store.checks().keys() == {"agid", "gazzetta-ufficiale"}
    assert {e.id: e.source_id for e in store.entries()} == {"g1": "gazzetta-ufficiale", "a1": "agid"}
    assert [k.id for k in store.known("gazzetta-ufficiale")] == ["g1"]
    store.rename_source("nobody", "somebody")
    assert "somebody" not in store.checks()


def test_what_is_known_of_many_sources_is_kept_at_once(store: Store) -> None:
    store.save(changes("anci", new=[entry("a1")]))
    store.save(
        changes("anci", check=check("anci", title="ANCI Lazio"), changed=[entry("a1", title="Nuovo", revision=1)]),
        changes("agid", new=[entry("g1")], keys={"g1": {"guid": "9f"}}, at=days(1)),
        changes("gu"),
    )
    assert {id_: one.title for id_, one in store.checks().items()} == {"anci": "ANCI Lazio", "agid": "", "gu": ""}
    assert store.newest() == days(1)
    assert {e.id: e.title for e in store.entries()} == {"a1": "Nuovo", "g1": entry("g1").title}
    assert [k.keys for k in store.known("agid")] == [{"guid": "9f"}]


def test_of_what_is_kept_at_once_all_is_kept_or_nothing(store: Store) -> None:
    with pytest.raises(Exception, match="naive"):
        store.save(changes("anci", new=[entry("a1")]), changes("gu", new=[entry("g1", updated=datetime(2026, 6, 1))]))  # noqa: DTZ001
    assert list(store.entries()) == []
    assert store.checks() == {}
