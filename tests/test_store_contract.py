"""Every method of the Store port, on both databases: facts are exact, move forward only, and survive a death half-way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, inspect, select, text, update
from sqlalchemy.exc import ProgrammingError, StatementError

from aggregator.errors import SchemaError, StoreError
from aggregator.model import Check, Enclosure, Entry, Event, Failure, Known, Link, Report, Validators
from aggregator.ports import Store
from aggregator.store import SqlStore, open_store, rows, schema, tables
from aggregator.store.dialect import engine_for, transaction
from tests.build import (
    NOW,
    changes,
    check,
    days,
    delivery,
    edition,
    entry,
    hours,
    issue,
    subscriber,
)

ROOT = Path(__file__).parents[1]


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
    guid=anything | st.none(),
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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    store.save(changes("anci", new=[entry("a1"), entry("a2", first_seen=days(-9))]))
    store.save(changes("agid", new=[entry("g1", first_seen=hours(-1))]))
    assert [e.id for e in store.entries(source="anci")] == ["a1", "a2"]
    assert [e.id for e in store.entries(since=hours(-1))] == ["a1", "g1"]
    assert [e.id for e in store.entries(source="anci", since=days(-1), ids=["a1", "a2", "g1"])] == ["a1"]
    assert list(store.entries(ids=[])) == []


def test_more_ids_than_a_database_has_parameters(store: Store) -> None:
    store.save(changes(new=[entry("a1")]))
    assert [e.id for e in store.entries(ids=[*map(str, range(70_000)), "a1"])] == ["a1"]


def test_a_stream_of_entries_does_not_keep_others_from_saving(store: Store) -> None:
    store.save(changes(new=[entry(f"e{n}") for n in range(500)]))
    stream = store.entries()
    next(stream)
    store.save(changes("agid", new=[entry("g1")]))
    assert sum(1 for _ in stream) >= 499


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
    assert store.revisions("a1") == (first, replace(second, **kept))
    assert store.revisions("nobody") == ()


def test_a_cosmetic_change_keeps_what_was_too(store: Store) -> None:
    first, second = entry("a1", title="Avvso"), entry("a1", title="Avviso")
    store.save(changes(new=[first]))
    store.save(changes(changed=[second]))
    assert list(store.entries()) == [second]
    assert store.revisions("a1") == (first,)


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


def test_a_process_that_dies_half_way_leaves_nothing_and_holds_nothing(store: Store, store_url: str) -> None:
    dying = """
import os
from aggregator.store import open_store, sources
from aggregator.store.dialect import transaction
from tests.build import changes, entry
with transaction(open_store(sys.argv[1])._engine, "write") as connection:
    sources.save(connection, changes(new=[entry(f"e{n}") for n in range(100)]))
    os._exit(9)
"""
    assert subprocess.run(python(dying, store_url), check=False).returncode == 9
    assert list(store.entries()) == []
    store.save(changes(new=[entry("e1")]))
    assert [e.id for e in store.entries()] == ["e1"]


# --- issues and their ledger ---


@pytest.fixture
def stocked(store: Store) -> Store:
    """A store with the entries e0 … e49."""
    store.save(changes(new=[entry(f"e{n}") for n in range(50)]))
    return store


def at_once(url: str, *calls: Callable[[Store], Any]) -> list[Any]:
    """What the calls return, each made on a store of its own in a thread of its own, all let go together."""
    start = Barrier(len(calls))

    def one(call: Callable[[Store], Any]) -> Any:
        mine = open_store(url)
        try:
            start.wait(30)
            return call(mine)
        finally:
            mine.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(one, calls))


def test_the_first_opening_of_a_newsletter_is_stored_for_good(store: Store) -> None:
    assert store.opened("settimanale", days(-7)) == days(-7)
    assert store.opened("settimanale", days(-14)) == days(-7)
    assert store.opened("mensile", days(-30)) == days(-30)


def test_everyone_who_opens_at_once_hears_the_same(store: Store, store_url: str) -> None:
    heard = at_once(store_url, *(lambda mine, n=n: mine.opened("settimanale", days(n)) for n in range(4)))
    assert heard == [store.opened("settimanale", days(99))] * 4


def test_an_issue_carries_only_what_none_before_it_carried(stocked: Store) -> None:
    first = stocked.add_issue("settimanale", days(-7), NOW, hours(1), ["e3", "e1", "e3"])
    second = stocked.add_issue("settimanale", NOW, days(7), days(7), iter(["e2", "e1", "e0"]))
    other = stocked.add_issue("mensile", days(-30), hours(-1), NOW, ["e1"])
    assert first == issue(number=1, due=hours(1), entries=("e3", "e1"))
    assert second == issue(number=2, opens=NOW, closes=days(7), due=days(7), entries=("e2", "e0"))
    assert other.number == 1
    assert stocked.carried("settimanale") == {"e0", "e1", "e2", "e3"}
    assert stocked.carried("nobody") == frozenset()
    assert stocked.issues("settimanale") == (first, second)
    assert stocked.issues() == (other, first, second)


def test_an_entry_is_never_given_to_two_issues_composed_at_the_same_time(stocked: Store, store_url: str) -> None:
    def compose(mine: Store) -> list[tuple[int, tuple[str, ...]]]:
        wanted = [[f"e{n}" for n in range(top)] for top in range(5, 51, 5)]
        made = [mine.add_issue("settimanale", days(-7), NOW, NOW, ids) for ids in wanted]
        return [(i.number, i.entries) for i in made]

    made = [one for batch in at_once(store_url, compose, compose, compose) for one in batch]
    assert sorted(number for number, _ in made) == list(range(1, 31))
    given_out = [entry_id for _, entries in made for entry_id in entries]
    assert len(given_out) == len(set(given_out)) == 50
    assert {i.number: i.entries for i in stocked.issues()} == dict(made)


def test_an_issue_cannot_carry_what_was_never_stored(store: Store) -> None:
    with pytest.raises(StoreError):
        store.add_issue("settimanale", days(-7), NOW, NOW, ["nobody"])
    assert store.issues() == ()


def test_the_state_of_an_issue_is_stored(stocked: Store) -> None:
    stocked.add_issue("settimanale", days(-7), NOW, NOW, ["e1"])
    stocked.set_issue_state("settimanale", 1, "held")
    assert stocked.issues("settimanale") == (issue(entries=("e1",), state="held"),)
    with pytest.raises(StoreError, match="settimanale has no issue 2"):
        stocked.set_issue_state("settimanale", 2, "sent")


# --- subscribers ---


def test_a_subscriber_is_found_by_address_whatever_its_letter_case(store: Store) -> None:
    one = subscriber(
        address="Anagrafe@Comune.example.it",
        newsletters=("settimanale",),
        sections=("news", "agenda"),
        area="reserved",
        name="Comune di Forlì",
        municipality="040012",
    )
    store.save_subscriber(one)
    assert store.subscriber(" anagrafe@comune.EXAMPLE.it ") == one
    assert store.subscriber_by_id("s1") == one
    assert store.subscriber("altri@comune.example.it") is None
    assert store.subscriber_by_id("s2") is None


def test_subscribers_come_by_address(store: Store) -> None:
    people = [
        subscriber(f"s{n}", address=f"{name}@comune.example.it") for n, name in enumerate(["bra", "Asti", "como"])
    ]
    for one in people:
        store.save_subscriber(one)
    assert list(store.subscribers()) == [people[1], people[0], people[2]]


def test_every_change_of_consent_is_kept_with_its_evidence(store: SqlStore) -> None:
    asked = subscriber(consent="pending", since=days(-2), evidence="modulo web, testo 3")
    confirmed = replace(asked, consent="confirmed", since=days(-1), evidence="collegamento nella mail")
    for state in (asked, asked, confirmed, replace(confirmed, sections=("news",))):
        store.save_subscriber(state)
    with transaction(store._engine) as connection:
        log = connection.execute(select(tables.consent).order_by(tables.consent.c.id)).all()
    assert [tuple(line)[1:] for line in log] == [
        ("s1", days(-2), "pending", "modulo web, testo 3"),
        ("s1", days(-1), "confirmed", "collegamento nella mail"),
    ]
    assert store.subscriber_by_id("s1") == replace(confirmed, sections=("news",))


def test_an_address_belongs_to_one_subscriber(store: Store) -> None:
    store.save_subscriber(subscriber("s1", address="anagrafe@comune.example.it"))
    with pytest.raises(StoreError, match="s2 is already that of s1") as refused:
        store.save_subscriber(subscriber("s2", address="ANAGRAFE@comune.example.it"))
    assert "comune.example.it" not in str(refused.value).lower()


# --- the outbox ---


@pytest.fixture
def composed(stocked: Store) -> Store:
    """A store with issue 1 of settimanale."""
    stocked.add_issue("settimanale", days(-7), NOW, NOW, ["e1"])
    return stocked


def test_queueing_freezes_an_issue(composed: Store) -> None:
    owed = [delivery(f"d{n}", subscriber_id=f"s{n}", sections=("news",)) for n in range(3)]
    frozen = edition(sections=("news",), text="com'era")
    assert composed.queue_issue(issue(), [frozen], owed) == 3
    assert composed.issues()[0].state == "sending"
    assert composed.edition("settimanale", 1, "it", ("news",)) == frozen
    assert composed.edition("settimanale", 1, "en", ("news",)) is None
    assert list(composed.deliveries()) == owed


def test_queueing_again_leaves_what_is_owed_as_it_is(composed: Store) -> None:
    composed.queue_issue(issue(), [edition(text="com'era")], [delivery("d1")])
    composed.settle(delivery("d1", state="accepted", attempts=1))
    late = delivery("d2", subscriber_id="s2")
    again = delivery("d1-again", message_id="<other@notizie.example.it>")
    assert composed.queue_issue(issue(), [edition(text="com'è")], [again, late]) == 1
    assert [(d.id, d.state) for d in composed.deliveries()] == [("d1", "accepted"), ("d2", "queued")]
    kept = composed.edition("settimanale", 1, "it", ())
    assert kept
    assert kept.text == "com'era"


def test_deliveries_may_be_made_while_subscribers_are_read(composed: Store) -> None:
    for n in range(5):
        composed.save_subscriber(subscriber(f"s{n}"))
    owed = (delivery(f"d-{s.id}", subscriber_id=s.id, address=s.address) for s in composed.subscribers())
    assert composed.queue_issue(issue(), [], owed) == 5


def test_an_issue_is_frozen_whole_or_not_at_all(composed: Store) -> None:
    wrong = delivery("d2", subscriber_id="s2", next_try=naive())
    with pytest.raises(StatementError, match="naive"):
        composed.queue_issue(issue(), [edition()], [delivery("d1"), wrong])
    assert list(composed.deliveries()) == []
    assert composed.edition("settimanale", 1, "it", ()) is None
    assert composed.issues()[0].state == "draft"


def test_an_issue_that_was_never_composed_is_not_queued(store: Store) -> None:
    with pytest.raises(StoreError, match="settimanale has no issue 1"):
        store.queue_issue(issue(), [], [delivery()])
    assert list(store.deliveries()) == []


def test_a_message_of_no_issue_is_owed_once_by_its_id(store: Store) -> None:
    letters = [delivery(f"c{n}", kind="confirmation", newsletter="", number=0, message=b"\x00Ciao\xff") for n in (1, 2)]
    for one in (*letters, letters[0]):
        store.queue(one)
    assert list(store.deliveries()) == letters


def test_what_is_due_is_claimed_oldest_first_and_once(store: Store) -> None:
    when = {"later": hours(1), "first": None, "deferred": NOW, "second": hours(-1), "third": None}
    for name, moment in when.items():
        store.queue(delivery(name, kind="alert", next_try=moment))
    store.settle(delivery("deferred", state="deferred", attempts=1, next_try=NOW))
    claimed = store.claim(NOW, 2)
    assert [(d.id, d.state) for d in claimed] == [("first", "handing"), ("deferred", "handing")]
    assert [d.id for d in store.claim(NOW, 8)] == ["second", "third"]
    assert store.claim(NOW, 8) == ()
    assert [d.id for d in store.claim(hours(1), 8)] == ["later"]
    assert {d.state for d in store.deliveries()} == {"handing"}


def test_two_who_claim_at_once_never_get_the_same_message(store: Store, store_url: str) -> None:
    for n in range(40):
        store.queue(delivery(f"d{n}", kind="alert"))

    def claim_all(mine: Store) -> list[str]:
        return [d.id for _ in range(20) for d in mine.claim(NOW, 3)]

    got = [one for batch in at_once(store_url, claim_all, claim_all) for one in batch]
    assert sorted(got) == sorted(f"d{n}" for n in range(40))


def test_what_the_server_answered_is_stored_whatever_it_wrote(store: Store) -> None:
    store.queue(delivery("d1", kind="alert"))
    (claimed,) = store.claim(NOW, 1)
    answered = replace(
        claimed, state="deferred", attempts=1, next_try=hours(1), detail="451 riprova\0 \udcff più tardi"
    )
    store.settle(answered)
    assert list(store.deliveries()) == [replace(answered, detail="451 riprova\ufffd \ufffd più tardi")]
    with pytest.raises(StoreError, match="no delivery d9"):
        store.settle(delivery("d9"))


@pytest.mark.parametrize(("resend", "state"), [(True, "queued"), (False, "unknown")])
def test_what_a_dead_process_was_handing_over_is_settled_by_policy(store: Store, resend: bool, state: str) -> None:
    for n in range(4):
        store.queue(delivery(f"d{n}", kind="alert"))
    store.claim(NOW, 3)
    store.settle(delivery("d0", state="accepted", attempts=1))
    assert store.recover(resend) == 2
    assert [(d.id, d.state, d.attempts) for d in store.deliveries()] == [
        ("d0", "accepted", 1),
        ("d1", state, 1),
        ("d2", state, 1),
        ("d3", "queued", 0),
    ]
    assert store.recover(resend) == 0
    assert [d.id for d in store.claim(NOW, 8)] == (["d1", "d2", "d3"] if resend else ["d3"])


def test_deliveries_are_read_by_issue(composed: Store) -> None:
    composed.add_issue("settimanale", NOW, days(7), days(7), ["e2"])
    composed.queue_issue(issue(number=1), [], [delivery("d1"), delivery("d2", subscriber_id="s2")])
    composed.queue_issue(issue(number=2), [], [delivery("d3", number=2)])
    composed.queue(delivery("a1", kind="alert", newsletter="", number=0))
    assert [d.id for d in composed.deliveries("settimanale")] == ["d1", "d2", "d3"]
    assert [d.id for d in composed.deliveries("settimanale", 2)] == ["d3"]
    assert [d.id for d in composed.deliveries()] == ["d1", "d2", "d3", "a1"]


# --- the house's own record ---


def test_the_last_report_of_each_job_is_kept(store: Store) -> None:
    first = Report(
        "compose", NOW, hours(1), {"issues": 1}, (Failure("agid", "HTTP 503\0"),), (issue(entries=("e1",)),), True
    )
    store.save_report(first)
    store.save_report(Report("pull", NOW, NOW))
    assert store.last_report("compose") == first
    store.save_report(replace(first, counts={"issues": 0}, failures=(), issues=()))
    assert store.last_report("compose") == replace(first, counts={"issues": 0}, failures=(), issues=())
    assert store.last_report("publish") is None


def test_the_newest_moment_never_goes_back(store: Store) -> None:
    assert store.newest() is None
    store.touch(NOW)
    store.touch(hours(-1))
    assert store.newest() == NOW
    store.save(changes(at=hours(2)))
    assert store.newest() == hours(2)


def test_one_store_serves_several_threads(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: store.save(changes(f"s{n}", new=[entry(f"e{n}")])), range(24)))
        read = list(threads.map(lambda n: [e.id for e in store.entries(ids=[f"e{n}"])], range(24)))
    assert read == [[f"e{n}"] for n in range(24)]


# --- opening ---


def python(code: str, *arguments: str) -> list[str]:
    """A command line for these words of Python, to be run where `aggregator` and `tests` are found."""
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}", *arguments]


def test_the_migrations_make_the_tables_the_code_expects(store: SqlStore) -> None:
    with transaction(store._engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        assert schema.version(connection) == schema.WANTED


def test_what_was_stored_is_there_when_the_store_is_opened_again(store_url: str) -> None:
    first = open_store(store_url)
    first.save(changes(new=[entry("a1")]))
    first.close()
    again = open_store(store_url)
    assert list(again.entries()) == [entry("a1")]
    again.close()


def test_alembic_is_not_imported_where_the_tables_are_as_wanted(store: Store, store_url: str) -> None:
    opening = "from aggregator.store import open_store; open_store(sys.argv[1]); sys.exit('alembic' in sys.modules)"
    subprocess.run(python(opening, store_url), check=True)


def test_processes_that_start_for_the_first_time_together_all_start(store_url: str) -> None:
    starting = """
from aggregator.store import open_store
from tests.build import changes, entry
open_store(sys.argv[1]).save(changes(sys.argv[2], new=[entry(sys.argv[2])]))
"""
    together = [subprocess.Popen(python(starting, store_url, f"s{n}")) for n in range(4)]
    assert [one.wait() for one in together] == [0] * 4
    store = open_store(store_url)
    assert sorted(e.id for e in store.entries()) == ["s0", "s1", "s2", "s3"]
    store.close()


def test_tables_are_made_all_or_none(store_url: str) -> None:
    """A stranger's table stands in the way of the last one we make: nothing is made until it is gone."""
    engine = engine_for(store_url)
    with transaction(engine, "write") as connection:
        connection.execute(text("CREATE TABLE newest (stranger INTEGER)"))
    with pytest.raises((StoreError, ProgrammingError), match="newest"):
        open_store(store_url)
    with transaction(engine, "write") as connection:
        assert inspect(connection).get_table_names() == ["newest"]
        connection.execute(text("DROP TABLE newest"))
    engine.dispose()
    open_store(store_url).close()


def test_tables_of_a_newer_version_are_left_alone(store: SqlStore, store_url: str) -> None:
    with transaction(store._engine, "write") as connection:
        connection.execute(update(schema._VERSION).values(version_num="9999"))
    with pytest.raises(SchemaError, match="version 9999, newer than"):
        open_store(store_url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("data/aggregator.db", "expected sqlite:///"),
        ("mysql://localhost/x", "mysql is not known here"),
        ("sqlite://", "name a file"),
        ("sqlite:////dev/null/data/aggregator.db", "cannot create the folder"),
        ("sqlite:////dev", "unable to open"),
    ],
)
def test_a_store_that_cannot_be_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        open_store(url)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "lettera.txt"
    letter.write_text("Gentile Comune, " * 1000)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{letter}")
    assert letter.read_text() == "Gentile Comune, " * 1000


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match=r"store postgresql\+psycopg://ana:\*\*\*@127.0.0.1:1/x") as refused:
        open_store("postgresql://ana:segreto@127.0.0.1:1/x")
    assert "segreto" not in str(refused.value)


def test_without_psycopg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'bollettino\[postgres\]'"):
        open_store("postgresql://ana@127.0.0.1/x")


def test_someone_who_may_not_create_tables_is_told_so(postgres: str) -> None:
    owner = create_engine(postgres.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("DROP ROLE IF EXISTS ospite"))
        connection.execute(text("CREATE ROLE ospite LOGIN"))
    owner.dispose()
    with pytest.raises(StoreError, match="permission denied for schema public"):
        open_store(postgres.replace("postgres:@", "ospite:@"))
