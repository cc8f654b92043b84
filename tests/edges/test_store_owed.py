"""The Store port on both databases: issues and their ledger, subscribers, the outbox, the house's own record."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from aggregator.errors import StoreError
from aggregator.model import Failure, Problems, Report
from aggregator.ports import Store
from aggregator.store import SqlStore, open_store, tables
from aggregator.store.dialect import transaction
from tests.build import NOW, changes, days, delivery, edition, entry, hours, issue, subscriber

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
    assert stocked.carried("settimanale", ["e0", "e1", "e2", "e3", "e4"]) == {"e0", "e1", "e2", "e3"}
    assert stocked.carried("settimanale", ["e1"]) == {"e1"}
    assert stocked.carried("nobody", ["e0"]) == frozenset()
    assert stocked.issues("settimanale") == (first, second)
    assert stocked.issues() == (other, first, second)


def test_an_entry_is_never_given_to_two_issues_composed_at_the_same_time(stocked: Store, store_url: str) -> None:
    def compose(mine: Store) -> list[tuple[int, tuple[str, ...]]]:
        wanted = [(top, [f"e{n}" for n in range(top)]) for top in range(5, 51, 5)]
        made = [mine.add_issue("settimanale", days(top - 7), days(top), days(top), ids) for top, ids in wanted]
        return [(i.number, i.entries) for i in made if i]

    made = [one for batch in at_once(store_url, compose, compose, compose) for one in batch]
    assert sorted(number for number, _ in made) == list(range(1, len(made) + 1))
    assert len({issue.closes for issue in stocked.issues()}) == len(made) <= 10
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
    wrong = delivery("d2", subscriber_id="s2", next_try=datetime(2026, 1, 1))  # noqa: DTZ001
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


def test_what_was_answered_is_settled_by_the_claim_of_what_comes_next(store: Store) -> None:
    for n in range(3):
        store.queue(delivery(f"d{n}", kind="alert"))
    first = store.claim(NOW, 2)
    answered = [replace(one, state="accepted", attempts=1) for one in first]
    assert [d.id for d in store.claim(NOW, 8, answered)] == ["d2"]
    assert [d.state for d in store.deliveries()] == ["accepted", "accepted", "handing"]
    assert store.claim(NOW, 0) == ()
    with pytest.raises(StoreError, match="not all of the deliveries"):
        store.claim(NOW, 8, [delivery("d9")])


def test_a_newsletter_is_paused_and_no_other(store: Store) -> None:
    for n, name in enumerate(("settimanale", "settimanale", "mensile")):
        store.queue(delivery(f"d{n}", kind="test", newsletter=name))
    store.settle(delivery("d1", state="deferred", attempts=1, next_try=days(2)))
    assert store.postpone("settimanale", hours(6)) == 1
    assert {d.id: d.next_try for d in store.deliveries()} == {"d0": hours(6), "d1": days(2), "d2": None}
    assert [d.id for d in store.claim(NOW, 8)] == ["d2"]


def test_an_issue_is_owed_until_its_last_mail_is_settled(composed: Store) -> None:
    composed.queue_issue(issue(), [edition()], [delivery("d1"), delivery("d2", subscriber_id="s2")])
    assert composed.owes("settimanale", 1)
    composed.settle(delivery("d1", state="accepted", attempts=1), delivery("d2", state="deferred", attempts=1))
    assert composed.owes("settimanale", 1)
    composed.settle(delivery("d2", state="refused", attempts=2))
    assert not composed.owes("settimanale", 1)
    assert not composed.owes("settimanale", 2)


def test_whom_deliveries_are_for_is_read_as_they_stand_now(store: Store) -> None:
    for n in range(3):
        store.save_subscriber(subscriber(f"s{n}"))
    store.save_subscriber(replace(subscriber("s1"), consent="withdrawn"))
    asked = [delivery(f"d{n}", subscriber_id=who) for n, who in enumerate(("s0", "s1", "s0", "", "nobody"))]
    found = store.subscribers_of(asked)
    assert {id_: one.consent for id_, one in found.items()} == {"s0": "confirmed", "s1": "withdrawn"}
    assert store.subscribers_of([]) == {}


# --- what came back ---


def test_a_return_is_counted_once_and_as_long_as_it_is_asked_for(store: Store) -> None:
    store.save_subscriber(subscriber("s1"))
    assert store.note_return("s1", "ab", days(-100), "550 no", since=days(-190)) == 1
    assert store.note_return("s1", "ab", days(-99), "550 no", since=days(-190)) == 1
    assert store.note_return("s1", "cd", NOW, "550 never", since=days(-90)) == 1
    assert store.returns() == {"s1": Problems(2, NOW, "550 never")}


def test_a_suppressed_address_is_one_until_that_is_lifted(store: Store) -> None:
    for why in ("bounced", "withdrawn"):
        store.suppress("ab12", why, NOW)
    assert store.suppressed() == {"ab12"}
    store.lift("ab12")
    assert store.suppressed() == frozenset()


def test_what_the_server_answered_is_stored_whatever_it_wrote(store: Store) -> None:
    store.queue(delivery("d1", kind="alert"))
    (claimed,) = store.claim(NOW, 1)
    answered = replace(
        claimed, state="deferred", attempts=1, next_try=hours(1), detail="451 riprova\0 \udcff più tardi"
    )
    store.settle(answered)
    assert list(store.deliveries()) == [replace(answered, detail="451 riprova\ufffd \ufffd più tardi")]
    with pytest.raises(StoreError, match="not all of the deliveries d9"):
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
        "compose", NOW, hours(1), {"issues": 1}, (Failure("agid", "HTTP 503\0"),), (issue(entries=("e1",)),), ("agid",)
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


# --- people between asking and confirming, and after leaving ---


def test_a_wish_waits_is_replaced_and_expires(store: Store) -> None:
    asked = replace(subscriber("s1"), consent="pending", since=NOW, sections=("atti",))
    store.save_pending(asked)
    store.save_pending(replace(asked, sections=("news",), since=days(1)))
    store.save_pending(replace(asked, id="s2", address="altro@comune.example.it", since=days(2)))
    assert store.pending("s1") == replace(asked, sections=("news",), since=days(1))
    assert [one.id for one in store.all_pending()] == ["s1", "s2"]
    assert (store.subscriber_by_id("s1"), store.pending("s3")) == (None, None)
    assert (store.expire_pending(days(1)), store.expire_pending(days(1.5))) == (0, 1)
    assert (store.drop_pending("s1"), store.drop_pending("s2"), list(store.all_pending())) == (False, True, [])


def test_who_is_admitted_waits_no_longer_and_is_no_stranger_who_left(store: Store) -> None:
    one = subscriber("s1")
    store.save_subscriber(one)
    store.erase(one, "print", days(1))
    assert (store.erased_since("print"), store.erased_since("other")) == (days(1), None)
    store.save_pending(replace(one, consent="pending"))
    store.admit(replace(one, since=days(2)), "print")
    assert store.pending("s1") is store.erased_since("print") is None
    assert [(c.at, c.consent) for c in store.consents("s1")] == [(days(2), "confirmed")]


def test_who_left_before_a_moment_is_found(store: Store) -> None:
    for number, consent in enumerate(("withdrawn", "confirmed", "bounced", "withdrawn")):
        store.save_subscriber(subscriber(f"s{number}", consent=consent, since=days(number)))
    assert [one.id for one in store.left_before(days(3))] == ["s0"]
    assert {one.id for one in store.left_before(days(4))} == {"s0", "s3"}


def test_of_who_is_erased_the_proof_stays_and_nothing_else(store: SqlStore) -> None:
    one = subscriber("s1")
    store.save_subscriber(one)
    store.save_subscriber(replace(one, consent="withdrawn", since=days(1), evidence="left"))
    store.save_subscriber(subscriber("s2"))
    for number, (state, who) in enumerate((("accepted", "s1"), ("queued", "s1"), ("handing", "s1"), ("queued", "s2"))):
        store.queue(delivery(f"d{number}", kind="test", state=state, subscriber_id=who))
    assert [d.id for d in store.mailed("s1")] == ["d0", "d1", "d2"]
    store.erase(one, "print", days(8))
    assert [s.id for s in store.subscribers()] == ["s2"]
    assert store.consents("s1") == ()
    assert [d.id for d in store.deliveries()] == ["d2", "d3"], "what is being handed over is settled first"
    with transaction(store._engine) as connection:
        (row,) = connection.execute(select(tables.erased)).mappings()
    assert row["history"] == (
        f'[["{days(-10).isoformat()}","confirmed","{one.evidence}"],["{days(1).isoformat()}","withdrawn","left"]]'
    )
    store.erase(replace(subscriber("s3"), consent="pending"), "other", days(8))
    assert store.erased_since("other") is None, "who only asked leaves nothing"


def test_letters_to_one_person_go_when_they_are_settled(store: Store) -> None:
    for kind in ("confirmation", "goodbye", "export", "draft"):
        for state in ("queued", "handing", "deferred", "accepted", "refused", "unknown"):
            store.queue(delivery(f"{kind}-{state}", kind=kind, state=state, message=b"x"))
    assert store.drop_letters() == 9
    left = [d.id for d in store.deliveries()]
    assert len(left) == 15
    assert {id.partition("-")[2] for id in left if not id.startswith("draft")} == {"queued", "handing", "deferred"}


def test_messages_and_subscribers_are_counted_by_state(store: Store) -> None:
    assert (store.outbox_counts(), store.subscriber_counts()) == ({}, {})
    for one in (subscriber("s1"), subscriber("s2"), subscriber("s3", consent="withdrawn")):
        store.save_subscriber(one)
    for one in (delivery("d1"), delivery("d2", number=2), delivery("d3", number=3, state="accepted")):
        store.queue(one)
    assert store.subscriber_counts() == {"confirmed": 2, "withdrawn": 1}
    assert store.outbox_counts() == {"queued": 2, "accepted": 1}


def test_the_key_of_reserved_feeds_is_kept_with_who_asks_and_who_reads(store: Store) -> None:
    one = subscriber("s1", area="reserved", feeds_key="ab12")
    store.save_subscriber(one)
    store.save_pending(one)
    assert store.subscriber_by_id("s1") == store.pending("s1") == one
