"""Issues into mails: when, with whose leave, what the server says, and our own faults."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from aggregator import disk as folders
from aggregator.errors import ConfigError
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.sending.hands import IN_HAND, pause, waited
from aggregator.model import Failure, Outcome, Report
from aggregator.ports import Store
from aggregator.render.templates import Templates
from aggregator.settings import Mail
from tests.build import NOW, changes, config, days, delivery, entry, hours, newsletter, subscriber
from tests.fakes import FakeDesk, FakeMail
from tests.jobs.sending import KEYRING, POST, composed, issue_state, news, states, three, told

# --- the plain case ---


def test_every_reader_gets_one_mail_and_the_issue_is_sent(store: Store, sending: Any) -> None:
    composed(store, *three())
    mail = FakeMail()
    report = sending(mail)
    assert told(report) == {"accepted": 3}
    assert (report.job, report.failures, report.broken) == ("newsletter send", (), ())
    assert mail.recipients == [f"anagrafe-s{n}@comune.example.it" for n in (1, 2, 3)]
    assert issue_state(store) == "sent"


def test_a_second_run_sends_nothing_again(store: Store, sending: Any) -> None:
    composed(store, *three())
    sending()
    mail = FakeMail()
    assert told(sending(mail, hours(1))) == {}
    assert mail.sent == []


def test_each_mail_names_its_own_reader_and_carries_a_way_to_leave(store: Store, sending: Any) -> None:
    composed(store, *three())
    mail = FakeMail()
    sending(mail)
    ids = set()
    for recipient, raw in mail.sent:
        read = message_from_bytes(raw, policy=policy.default)
        assert read["To"] == recipient
        (token,) = re.findall(r"subject=([\w.-]+)", read["List-Unsubscribe"])
        assert KEYRING.read_leave(token) == recipient.partition("@")[0].removeprefix("anagrafe-")
        ids.add(read["Message-ID"])
    assert len(ids) == 3


def test_nobody_subscribed_is_a_sent_issue_without_mails(store: Store, sending: Any) -> None:
    composed(store)
    assert told(sending()) == {}
    assert issue_state(store) == "sent"


def test_who_subscribes_after_the_issue_froze_gets_the_next(store: Store, sending: Any) -> None:
    composed(store, subscriber("s1"))
    sending(FakeMail(lambda _to: Outcome("deferred", "450 later")))
    store.save_subscriber(subscriber("s2"))
    mail = FakeMail()
    sending(mail, hours(1))
    assert mail.recipients == ["anagrafe-s1@comune.example.it"]


# --- when, and with whose leave ---


def test_an_issue_waits_for_its_hour(store: Store, sending: Any) -> None:
    news(store, entry("a", first_seen=days(-4), shown=days(-4)))
    friday = hours(-68)  # 12:00 in Rome
    site = composed(store, subscriber(), site=config(newsletters=(newsletter(draft="fri 12:00"),)), now=friday)
    mail = FakeMail()
    sending(mail, NOW - timedelta(seconds=1), site)
    assert (mail.sent, issue_state(store)) == ([], "draft")
    sending(mail, NOW, site)
    assert (len(mail.sent), issue_state(store)) == (1, "sent")


@pytest.mark.parametrize(
    ("approval", "state", "leaves"),
    [
        ("none", "draft", True),
        ("none", "held", False),
        ("unless-held", "draft", True),
        ("unless-held", "held", False),
        ("unless-held", "approved", True),
        ("required", "draft", False),
        ("required", "held", False),
        ("required", "approved", True),
        ("none", "skipped", False),
    ],
)
def test_an_issue_leaves_with_the_approval_its_newsletter_asks_for(
    store: Store, sending: Any, approval: Any, state: Any, leaves: bool
) -> None:
    site = composed(store, subscriber(), site=config(newsletters=(newsletter(approval=approval),)))
    store.set_issue_state("settimanale", 1, state)
    mail = FakeMail()
    sending(mail, site=site)
    assert bool(mail.sent) is leaves
    assert issue_state(store) == ("sent" if leaves else state)


def test_a_draft_of_a_newsletter_taken_out_stays_and_what_was_frozen_still_goes(store: Store, sending: Any) -> None:
    composed(store, *three())
    nothing = config(newsletters=())
    mail = FakeMail()
    sending(mail, site=nothing)
    assert (mail.sent, issue_state(store)) == ([], "draft")
    sending(FakeMail(lambda _to: Outcome("deferred", "450 later")))
    store.save_subscriber(replace(subscriber("s2"), consent="withdrawn"))
    sending(mail, hours(1), nothing)
    assert mail.recipients == ["anagrafe-s1@comune.example.it", "anagrafe-s3@comune.example.it"]


def test_only_the_named_newsletter_is_frozen_and_all_that_is_owed_goes(store: Store, sending: Any) -> None:
    site = config(newsletters=(newsletter("settimanale"), newsletter("altra")))
    store.opened("altra", days(-7))
    composed(store, subscriber(), site=site)
    store.queue(delivery("t1", kind="test", subscriber_id="", message=b"Subject: prova\r\n\r\nprova\r\n"))
    mail = FakeMail()
    assert told(sending(mail, site=site, only="altra")) == {"accepted": 2}
    assert {i.newsletter: i.state for i in store.issues()} == {"altra": "sent", "settimanale": "draft"}


def test_a_test_mail_goes_out_without_its_issue(store: Store, sending: Any) -> None:
    composed(store, *three())
    store.queue(
        delivery("t1", kind="test", subscriber_id="", address="prova@example.it", message=b"Subject: x\r\n\r\n")
    )
    mail = FakeMail()
    assert told(sending(mail, freeze=False)) == {"accepted": 1}
    assert mail.sent == [("prova@example.it", b"Subject: x\r\n\r\n")]
    assert issue_state(store) == "draft"


# --- the server's answers ---


def test_a_deferred_mail_is_tried_again_after_a_pause_that_grows_until_two_days_are_over(
    store: Store, sending: Any
) -> None:
    composed(store, subscriber())
    later = FakeMail(lambda _to: Outcome("deferred", "450 greylisted"))
    now, waits = NOW, []
    report = sending(later, now)
    while store and states(store)["s1"] == "deferred":
        assert told(report) == {"deferred": 1}
        assert report.failures == ()
        (owed,) = store.deliveries()
        assert owed.next_try is not None
        waits.append(owed.next_try - now)
        assert told(sending(later, owed.next_try - timedelta(seconds=1))) == {}
        now = owed.next_try
        report = sending(later, now)
    minutes = [w.total_seconds() / 60 for w in waits]
    assert minutes[:8] == [5, 10, 20, 40, 80, 160, 320, 360]
    assert timedelta(days=2) <= now - NOW < timedelta(days=2, hours=7)
    assert told(report) == {"refused": 1}
    assert "450 greylisted" in report.failures[0].error
    assert issue_state(store) == "sent"


def test_a_refused_mail_is_a_failure_that_names_the_recipient_and_costs_nobody_else(store: Store, sending: Any) -> None:
    composed(store, *three())
    refuse = Outcome("refused", "550 no such user")
    mail = FakeMail(lambda to: refuse if "s2" in to else Outcome("accepted", "250 ok"))
    report = sending(mail)
    assert told(report) == {"accepted": 2, "refused": 1}
    assert report.failures == (Failure("settimanale", "anagrafe-s2@comune.example.it: 550 no such user", once=True),)
    assert told(sending(mail, days(1))) == {}


@pytest.mark.parametrize(("policy_", "state"), [("at-least-once", "deferred"), ("at-most-once", "unknown")])
def test_a_lost_answer_is_sent_again_or_not_as_configured(store: Store, sending: Any, policy_: Any, state: str) -> None:
    site = composed(store, subscriber(), site=config(mail=Mail(on_unknown=policy_)))
    mail = FakeMail(lambda _to: Outcome("unknown", "connection lost"))
    assert told(sending(mail, site=site)) == {"unknown": 1}
    assert states(store) == {"s1": state}
    sending(mail, days(1), site)
    assert len(mail.sent) == (2 if state == "deferred" else 1)
    ids = {message_from_bytes(raw)["Message-ID"] for _, raw in mail.sent}
    assert len(ids) == 1, "the same message at every attempt"


@pytest.mark.parametrize(("state", "minutes"), [("deferred", 15), ("refused", 360)])
def test_a_burst_of_failures_pauses_the_newsletter_and_says_so(
    store: Store, sending: Any, state: Any, minutes: int
) -> None:
    composed(store, *(subscriber(f"s{n}") for n in range(60)))
    mail = FakeMail(lambda _to: Outcome(state, "no"))
    report = sending(mail)
    assert len(mail.sent) <= 16 + IN_HAND
    (paused,) = [f for f in report.failures if "paused" in f.error]
    assert paused.source == "settimanale"
    assert paused.error.startswith("16 of its last mails were refused or put off (no): paused until 2026-06-15 ")
    assert paused.until == NOW + timedelta(minutes=minutes)
    assert issue_state(store) == "sending"
    waiting = [d for d in store.deliveries() if not d.attempts]
    assert {d.next_try for d in waiting} == {NOW + timedelta(minutes=minutes)}
    soon = FakeMail()
    sending(soon, NOW + timedelta(minutes=minutes))
    assert {d.address for d in waiting} <= {*soon.recipients}


def test_a_few_failures_pause_nothing(store: Store, sending: Any) -> None:
    composed(store, *(subscriber(f"s{n}") for n in range(60)))
    refuse = Outcome("refused", "550 no such user")
    report = sending(FakeMail(lambda to: refuse if "1" in to else Outcome("accepted", "250 ok")))
    assert not [f for f in report.failures if "paused" in f.error]
    assert issue_state(store) == "sent"


def test_a_mail_is_given_up_by_the_clock_however_seldom_it_was_tried(store: Store, sending: Any) -> None:
    composed(store, subscriber())
    later = FakeMail(lambda _to: Outcome("deferred", "450 greylisted"))
    sending(later)
    assert told(sending(later, days(1))) == {"deferred": 1}
    assert told(sending(later, days(2.01))) == {"refused": 1}


DEAD = Outcome("deferred", "[Errno 111] Connection refused", about_us=True)


def recorded(store: Store, report: Report) -> list[str]:
    store.save_report(report)
    return [failure.source for failure in report.failures]


def test_a_server_that_takes_nothing_from_us_is_a_failure_until_it_takes_something(store: Store, sending: Any) -> None:
    composed(store, *three())
    report = sending(FakeMail(lambda _to: DEAD))
    (failure,) = report.failures
    assert failure.source == "mail.folder"
    assert "[Errno 111] Connection refused" in failure.error
    store.save_report(report)
    assert recorded(store, sending(FakeMail(), NOW + timedelta(minutes=1))) == ["mail.folder"], "nothing was due"
    greylisted = FakeMail(lambda _to: Outcome("deferred", "450 greylisted"))
    assert recorded(store, sending(greylisted, NOW + timedelta(minutes=5))) == ["mail.folder"]
    assert recorded(store, sending(FakeMail(), NOW + timedelta(minutes=20))) == []


def test_a_pause_stands_until_its_end(store: Store, sending: Any) -> None:
    composed(store, *(subscriber(f"s{n}") for n in range(60)))
    assert recorded(store, sending(FakeMail(lambda _to: Outcome("deferred", "no")))) == ["settimanale"]
    assert recorded(store, sending(FakeMail(), NOW + timedelta(minutes=14))) == ["settimanale"]
    assert recorded(store, sending(FakeMail(), NOW + timedelta(minutes=15))) == []


def test_a_test_mail_mends_no_issue_that_cannot_be_sent(store: Store, sending: Any) -> None:
    composed(store, subscriber())
    desk = FakeDesk({"settimanale/1": "---\nskip: Nessuna\n---\n"})
    assert recorded(store, sending(desk=desk)) == ["settimanale"]
    assert recorded(store, sending(desk=desk, freeze=False)) == ["settimanale"]
    assert recorded(store, sending(desk=desk, only="altra")) == ["settimanale"]
    assert recorded(store, sending(desk=FakeDesk())) == []


# --- our own faults ---


def test_a_broken_template_sends_nothing_is_a_failure_and_loses_nothing(
    store: Store, sending: Any, templates: Templates
) -> None:
    composed(store, subscriber())
    broken = folders.templates(None) | {"newsletter/default/issue.txt": "{{ nobody.knows }}"}
    report = sending(look=Templates(broken, config().site.zone))
    (failure,) = report.failures
    assert (failure.source, told(report)) == ("settimanale", {})
    assert "issue 1 was not sent" in failure.error
    assert "newsletter/default/issue.txt:1" in failure.error
    assert issue_state(store) == "draft"
    mail = FakeMail()
    assert told(sending(mail, hours(1))) == {"accepted": 1}


@pytest.mark.parametrize("sender", ["Comune di Prova, Ufficio <notizie@example.it>", "nobody", ""])
def test_a_sender_that_is_no_address_touches_no_delivery(store: Store, sending: Any, sender: str) -> None:
    composed(store, *three())
    with pytest.raises(ConfigError, match=r"mail\.from"):
        sending(post=replace(POST, sender=sender))
    assert issue_state(store) == "draft"
    with pytest.raises(ConfigError, match=r"mail\.reply_to"):
        sending(post=replace(POST, reply_to="a@b@c"))
    assert told(sending(post=replace(POST, reply_to=""))) == {"accepted": 3}


def test_an_address_nobody_can_write_to_costs_its_own_mail_only(store: Store, sending: Any) -> None:
    composed(store, subscriber("s1", address="uno@comune.example.it\r\nBcc: tutti@example.it"), subscriber("s2"))
    mail = FakeMail()
    report = sending(mail)
    assert told(report) == {"accepted": 1, "refused": 1}
    assert mail.recipients == ["anagrafe-s2@comune.example.it"]
    assert len(report.failures[0].error.splitlines()) == 1


def test_an_edition_that_is_missing_is_a_refusal_with_its_reason(store: Store, sending: Any) -> None:
    store.save_subscriber(subscriber("s1"))
    store.queue(delivery("d1", number=7))
    report = sending()
    assert "edition is missing" in report.failures[0].error


def test_pauses_double_up_to_six_hours() -> None:
    assert [pause(n).total_seconds() / 60 for n in (1, 2, 3, 7, 8, 99)] == [5, 10, 20, 320, 360, 360]
    assert waited(1) == timedelta()
    assert waited(3) == timedelta(minutes=15)


def test_what_is_kept_back_after_it_was_composed_goes_into_a_later_issue(store: Store, sending: Any) -> None:
    kept_back = entry("b", first_seen=days(-1), shown=days(-1))
    news(store, entry("a", first_seen=days(-1), shown=days(-1)), kept_back)
    site = composed(store, *three())
    later = replace(kept_back, publish_at=days(3), revision=1, revised=NOW, fingerprint="other")
    store.save(changes(kept_back.source_id, changed=[later], at=NOW))
    sending()
    assert store.carried("settimanale", "ab") == {"a"}

    [issue] = compose(site, store, FakeDesk(), days(7)).issues
    assert issue.entries == ("b",)


def test_a_story_told_by_another_entry_is_not_owed_again(store: Store, sending: Any) -> None:
    """The entry that was composed is withdrawn before the hour, and another source's tells the same page."""
    page = "https://www.interno.example.it/notizie/portale-unico"
    news(store, entry("a", source_id="anci", url=page, first_seen=days(-2), shown=days(-2)))
    site = composed(store, *three())
    later = entry("b", source_id="agid", guid="b", url=page, first_seen=hours(1), shown=hours(1))
    store.save(changes("agid", new=[later], at=hours(1)))
    store.save(changes("anci", withdrawn=["a"], at=hours(1)))
    mail = FakeMail()
    sending(mail, hours(2))
    assert len(mail.sent) == 3
    assert store.carried("settimanale", "ab") == {"a"}
    assert compose(site, store, FakeDesk(), days(7)).issues == ()


def test_an_issue_held_while_its_editions_are_made_does_not_leave(store: Store, sending: Any) -> None:
    composed(store, *three())
    seen = store.issues("settimanale")[0]
    store.set_issue_state("settimanale", seen.number, "held")
    assert store.queue_issue(seen, [], [delivery("d1")]) == 0
    assert (issue_state(store), states(store)) == ("held", {})
