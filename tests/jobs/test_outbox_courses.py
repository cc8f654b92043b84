"""Death, stops and lost answers: nobody is forgotten, and what was accepted is not handed over again."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.jobs.sending.hands import IN_HAND
from aggregator.model import Outcome
from aggregator.ports import Store
from aggregator.settings import Mail
from aggregator.store import open_store
from tests.build import config, hours, subscriber
from tests.fakes import FakeMail
from tests.jobs.sending import composed, issue_state, states, three, told

# --- death and stopping ---


class Killed(Exception):
    """Power cut."""


def killing(after: int) -> FakeMail:
    """Dies in the middle of a hand-over: the server may or may not have the message."""
    handed = Counter[str]()

    def answer(_to: str) -> Outcome:
        handed["n"] += 1
        if handed["n"] > after:
            raise Killed
        return Outcome("accepted", "250 ok")

    return FakeMail(answer)


def test_after_death_at_least_once_sends_again_what_was_in_hand_and_nothing_else(store: Store, sending: Any) -> None:
    composed(store, *(subscriber(f"s{n}") for n in range(20)))
    dying = killing(after=9)
    with pytest.raises(Killed):
        sending(dying)
    assert Counter(states(store).values()) == {"accepted": 9, "handing": IN_HAND - 1, "queued": 12 - IN_HAND}
    mail = FakeMail()
    report = sending(mail, hours(1))
    assert told(report) == {"unknown": IN_HAND - 1, "accepted": 11}
    sent = Counter([to for to, _ in dying.sent] + mail.recipients)
    assert len(sent) == 20
    assert [to for to, n in sent.items() if n > 1] == [dying.sent[-1][0]], "only the one in dialogue may come twice"
    assert issue_state(store) == "sent"


def test_after_death_at_most_once_never_sends_twice(store: Store, sending: Any) -> None:
    site = composed(store, *three(), site=config(mail=Mail(on_unknown="at-most-once")))
    dying = killing(after=1)
    with pytest.raises(Killed):
        sending(dying, site=site)
    mail = FakeMail()
    report = sending(mail, hours(1), site)
    assert told(report) == {"unknown": 2}
    assert sorted(states(store).values()) == ["accepted", "unknown", "unknown"]
    assert not {to for to, _ in dying.sent} & set(mail.recipients)


def test_a_message_that_kills_every_process_is_given_up_at_last_and_the_others_go(store: Store, sending: Any) -> None:
    composed(store, *three())

    def answer(to: str) -> Outcome:
        if "s1" in to:
            raise Killed
        return Outcome("accepted", "250 ok")

    for attempt in range(40):
        try:
            report = sending(FakeMail(answer), hours(attempt))
        except Killed:
            continue
        break
    assert states(store) == {"s1": "refused", "s2": "accepted", "s3": "accepted"}
    assert "given up" in report.failures[0].error


def test_a_stop_finishes_the_mails_in_hand_and_leaves_the_others_queued(store: Store, sending: Any) -> None:
    composed(store, *(subscriber(f"s{n}") for n in range(12)))
    mail = FakeMail()
    report = sending(mail, stopping=lambda: len(mail.sent) >= 3)
    assert told(report) == {"accepted": IN_HAND}
    assert Counter(states(store).values()) == {"accepted": IN_HAND, "queued": 12 - IN_HAND}
    assert issue_state(store) == "sending"
    rest = FakeMail()
    assert told(sending(rest, hours(1))) == {"accepted": 12 - IN_HAND}
    assert len({*mail.recipients, *rest.recipients}) == 12


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(st.randoms(use_true_random=False), st.sampled_from(["at-least-once", "at-most-once"]))
def test_whatever_happens_nobody_is_forgotten_and_nothing_accepted_is_handed_over_again(
    tmp_path_factory: pytest.TempPathFactory, sending: Any, dice: random.Random, policy_: Any
) -> None:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('course')}/a.db")
    site = composed(store, *(subscriber(f"s{n}") for n in range(4)), site=config(mail=Mail(on_unknown=policy_)))
    accepted, lost = Counter[str](), Counter[str]()

    def answer(to: str) -> Outcome:
        assert not accepted[to] or lost[to], "the server had it, and said so"
        match dice.choice(["accepted", "accepted", "deferred", "refused", "unknown", "death"]):
            case "accepted":
                accepted[to] += 1
                return Outcome("accepted", "250 ok")
            case "refused":
                return Outcome("refused", "550 no")
            case "deferred":
                return Outcome("deferred", "450 later")
            case "unknown":
                lost[to] += 1
                return Outcome("unknown", "connection lost")
        lost[to] += 1
        raise Killed

    for run in range(60):
        handed = dice.randrange(8)
        stops: Any = dice.choice([lambda: False, iter([False] * handed + [True] * 99).__next__])
        with suppress(Killed):
            sending(FakeMail(answer), hours(7 * run), site, store=store, stopping=stops)
    by_address = {d.address: d.state for d in store.deliveries()}
    assert len(by_address) == 4
    assert {to for to, state in by_address.items() if state == "accepted"} <= accepted.keys()
    assert not {to for to, state in by_address.items() if state == "unknown"} & (accepted.keys() - lost.keys())
    assert set(by_address.values()) <= {"accepted", "refused", *(["unknown"] if policy_ == "at-most-once" else [])}
    assert policy_ == "at-least-once" or max(accepted.values(), default=0) <= 1
    assert issue_state(store) == "sent"
    store.close()
