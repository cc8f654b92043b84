"""What an issue tells beside its news: days that are near, what changed since, and never what a later issue owes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from aggregator.jobs.issues.compose import compose
from aggregator.jobs.issues.newsroom import Newsroom
from aggregator.jobs.pulling.hide import hide, unhide
from aggregator.model import Entry, Event, Issue
from aggregator.ports import Store
from tests.build import NOW, changes, config, days, entry, hours, newsletter, subscriber
from tests.fakes import FakeDesk, FakeMail
from tests.jobs.sending import mailed, told

MONDAY = date(2026, 6, 15)


def seen(id: str, when: datetime, **fields: Any) -> Entry:
    return entry(id, **({"first_seen": when, "shown": when, "source_id": "announcements", "url": None} | fields))


def save(store: Store, *entries: Entry, at: datetime | None = None) -> None:
    for one in entries:
        store.save(changes(one.source_id, new=[one], at=at or one.first_seen))


def revise(store: Store, one: Entry, when: datetime, **fields: Any) -> Entry:
    told = {"revision": one.revision + 1, "revised": when, "fingerprint": f"{one.revision + 1}"} | fields
    later = replace(one, **told)
    store.save(changes(one.source_id, changed=[later], at=when))
    return later


@pytest.fixture
def week(store: Store, sending: Any) -> Any:
    """A week of the newsletter: what is composed, and sent, on its Monday."""
    store.opened("settimanale", days(-7))
    store.save_subscriber(subscriber())

    def run(number: int, now: datetime | None = None, desk: FakeDesk | None = None) -> tuple[list[str], str]:
        moment = now or days(7 * number)
        issues = compose(config(), store, desk or FakeDesk(), moment).issues
        mail = FakeMail()
        told(sending(mail, moment, desk=desk or FakeDesk()))
        return [id_ for issue in issues for id_ in issue.entries], mailed(mail) if mail.sent else ""

    return run


def near(store: Store, issue: Issue | None = None, now: datetime = NOW) -> list[str]:
    found = issue or store.issues("settimanale")[-1]
    content = Newsroom(newsletter(), config(), store, now).of(found, FakeDesk()).content
    return [story.lead.id for story in content.recalled]


# --- days that are near ---


def test_a_deadline_told_before_is_recalled_when_it_is_within_two_weeks(store: Store, week: Any) -> None:
    save(
        store,
        seen("a", days(-1), title="Bando", deadline=MONDAY + timedelta(days=20)),
        seen("b", days(6), title="Altro"),
    )
    assert week(0)[0] == ["a"]
    entries, mail = week(1)
    assert entries == ["b"]
    assert "Bando" in mail


def test_a_deadline_before_the_next_issue_is_reason_enough_for_one(store: Store, week: Any) -> None:
    save(store, seen("a", days(-1), title="Bando", deadline=MONDAY + timedelta(days=20)))
    assert week(0)[0] == ["a"]
    assert week(1) == ([], ""), "20 days on, in two weeks"
    entries, mail = week(2)
    assert entries == []
    assert "Bando" in mail
    assert week(3) == ([], "")
    assert [i.number for i in store.issues()] == [1, 2]


def test_archive_and_events_are_recalled_too_and_need_company(store: Store, week: Any) -> None:
    event = (Event(days(5)),)
    save(store, seen("a", days(-1), title="Giornata", events=event, archive=True, shown=None))
    assert week(0) == ([], "")
    save(store, seen("b", days(-1), title="Altro"), at=hours(-1))
    entries, mail = week(0)
    assert entries == ["b"]
    assert "Giornata" in mail


def test_what_a_later_issue_owes_is_not_recalled_before(store: Store, week: Any) -> None:
    save(store, seen("b", days(-1)), seen("a", hours(1), deadline=MONDAY + timedelta(days=10)))
    assert week(0, hours(2))[0] == ["b"]
    assert near(store, now=hours(2)) == []
    assert week(1)[0] == ["a"]


def test_what_an_editor_leaves_out_is_not_recalled_either(store: Store, week: Any) -> None:
    soon = {"deadline": MONDAY + timedelta(days=10)}
    save(store, seen("a", days(-1), **soon), seen("b", days(-1)), seen("c", days(-1), **soon))
    store.skip("settimanale", ["a"])
    desk = FakeDesk({"settimanale/next": "---\nlater: c\n---\n"})
    assert week(0, desk=desk)[0] == ["b"]
    content = Newsroom(newsletter(), config(), store, NOW).of(store.issues()[0], desk).content
    assert content.recalled == ()


def test_a_deadline_that_moved_is_told_with_what_it_was(store: Store, week: Any) -> None:
    one = seen("a", days(-1), title="Bando", deadline=MONDAY + timedelta(days=40))
    save(store, one)
    week(0)
    revise(store, one, days(1), deadline=MONDAY + timedelta(days=70), change="Termine prorogato")
    entries, mail = week(1)
    assert entries == []
    assert "prorogato" in mail
    assert "25 luglio" in mail, "what it was"
    assert near(store, now=days(7)) == [], "it is known by now"


def test_an_issue_that_leaves_late_recalls_no_day_that_is_over(store: Store, week: Any) -> None:
    soon, over = (seen(id_, days(-9), deadline=MONDAY + timedelta(days=n)) for id_, n in (("soon", 9), ("over", 2)))
    save(store, replace(soon, archive=True, shown=None), replace(over, archive=True, shown=None), seen("b", days(-1)))
    (issue,) = compose(config(), store, FakeDesk(), hours(1)).issues
    assert sorted(near(store, issue, hours(1))) == ["over", "soon"]
    assert near(store, issue, days(3)) == ["soon"]


# --- what changed ---


@pytest.fixture
def a(store: Store, week: Any) -> Entry:
    """An entry that issue 1 told."""
    one = seen("a", days(-1), title="Linee guida")
    save(store, one)
    assert week(0)[0] == ["a"]
    return one


def test_a_change_an_editor_announced_makes_an_issue_of_its_own_and_is_told_once(
    store: Store, week: Any, a: Entry
) -> None:
    later = revise(store, a, days(1), change="Importo corretto")
    entries, mail = week(1)
    assert entries == []
    assert "Importo corretto" in mail
    assert week(2) == ([], "")
    revise(store, later, days(15), change="Importo corretto ancora")
    assert "corretto ancora" in week(3)[1]


def test_another_change_waits_for_company_and_is_told_once(store: Store, week: Any, a: Entry) -> None:
    revise(store, a, days(1), title="Linee guida aggiornate")
    assert week(1) == ([], "")
    save(store, seen("b", days(13), title="Altro"), seen("c", days(20), title="Ancora"))
    assert "Linee guida aggiornate" in week(2)[1]
    assert "Linee guida" not in week(3)[1]


def test_a_typo_is_told_by_no_issue(store: Store, week: Any, a: Entry) -> None:
    revise(store, a, days(1), revised=None, title="Linee giuda")
    save(store, seen("b", days(6), title="Altro"))
    assert "Linee" not in week(1)[1]


@pytest.mark.parametrize("began", [hours(-1), hours(1)], ids=["before the issue was frozen", "after it"])
def test_a_change_saved_after_the_issue_was_frozen_is_told_whenever_its_pull_began(
    store: Store, week: Any, a: Entry, began: datetime
) -> None:
    revise(store, a, began, change="Importo corretto")
    assert "Importo corretto" in week(1)[1]
    assert week(2) == ([], "")


def test_a_change_between_composing_and_sending_is_in_the_issue_s_own_words(
    store: Store, week: Any, sending: Any
) -> None:
    one = seen("a", days(-1), title="Linee guida")
    save(store, one)
    compose(config(), store, FakeDesk(), NOW)
    revise(store, one, hours(1), title="Linee guida nuove", change="Importo corretto")
    mail = FakeMail()
    sending(mail, hours(1))
    assert "Linee guida nuove" in mailed(mail)
    assert week(1) == ([], "")


def test_what_was_withdrawn_is_named_and_what_was_hidden_is_not(store: Store, week: Any, a: Entry) -> None:
    other = seen("h", days(1), title="Nome di persona")
    save(store, other, seen("b", days(8), title="Altro"), seen("c", days(15), title="Ancora"))
    assert week(1)[0] == ["h"]
    hide(other, store, days(8))
    store.save(changes("announcements", withdrawn=("a",), at=days(8)))
    _, mail = week(2)
    assert "Linee guida" in mail
    assert "Nome di persona" not in mail
    content = Newsroom(newsletter(), config(), store, days(15)).of(store.issues()[1], FakeDesk()).content
    assert content.updates == (), "both were told"
    assert "Linee guida" not in week(3)[1]


def test_hidden_and_shown_again_before_anybody_was_told_is_no_news(store: Store, week: Any, a: Entry) -> None:
    hide(a, store, days(1))
    unhide(next(store.entries(ids=["a"])), store, days(2))
    assert week(1) == ([], "")


def test_an_issue_of_which_everything_was_hidden_is_mailed_to_nobody(store: Store, week: Any, sending: Any) -> None:
    one = seen("a", days(-1))
    save(store, one)
    compose(config(), store, FakeDesk(), NOW)
    hide(one, store, hours(1))
    mail = FakeMail()
    sending(mail, hours(1))
    assert mail.sent == []
    unhide(next(store.entries(ids=["a"])), store, days(40))
    assert week(6)[0] == ["a"], "it was owed all the time"
