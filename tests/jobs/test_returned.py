"""Mails that come back and complaints: whose they are, when they count, and what they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from time import process_time
from typing import Any

import pytest

from aggregator.jobs.people.signup import confirm
from aggregator.jobs.people.subscribe import subscribe
from aggregator.jobs.sending.returned import read_returns
from aggregator.model import Outcome, Report
from aggregator.ports import Store
from aggregator.returns import Returns
from aggregator.settings import Bounces
from tests.build import NOW, days, subscriber
from tests.fakes import FakeLetters, FakeMail
from tests.jobs.sending import KEYRING, POST, WEB, composed, office, states

RETURNS = Returns(b"un segreto di prova", "notizie@example.it")
VERP = replace(POST, returns=RETURNS)
FIRST, SECOND = "<issue.settimanale.1.ab@example.it>", "<issue.settimanale.2.ab@example.it>"


def original(message_id: str, who: str = "s1") -> str:
    return (
        f"Message-ID: {message_id}\r\nList-Unsubscribe: <mailto:notizie@example.it?subject={KEYRING.leave(who)}>\r\n"
        "Subject: Permessi n. 1\r\n"
    )


def bounce(message_id: str = FIRST, status: str = "5.1.1", action: str = "failed", to: str | None = None) -> bytes:
    """As Postfix writes it (RFC 3464)."""
    return (
        f"To: {to or RETURNS.path('s1', message_id)}\r\nFrom: MAILER-DAEMON@mx.example\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; anagrafe@comune.example\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} <anagrafe@comune.example>: unknown user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{original(message_id)}\r\n--b--\r\n"
    ).encode()


def complaint(kind: str = "abuse", who: str = "s1") -> bytes:
    """As providers send it (RFC 5965)."""
    return (
        "To: abuse@example.it\r\nFrom: fbl@provider.example\r\nSubject: complaint\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is a report.\r\n"
        f"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nVersion: 1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{original(FIRST, who)}\r\nCiao\r\n--b--\r\n"
    ).encode()


def read(store: Store, *letters: bytes, now: datetime = NOW, after: int = 2) -> tuple[Report, FakeLetters]:
    box = FakeLetters({str(n): letter for n, letter in enumerate(letters)})
    return read_returns(store, box, Bounces("m/", after), RETURNS, KEYRING, now), box


@pytest.mark.parametrize(
    ("answer", "is_noted"),
    [
        ("550 5.1.1 <address>: Recipient address rejected: User unknown", True),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("554 5.2.1 mailbox disabled", True),
        ("550 Unknown user", True),
        ("550 No such mailbox", True),
        ("550 5.7.1 Message rejected as spam", False),
        ("550 5.1.8 Sender address rejected: Domain not found", False),
        ("552 5.2.2 mailbox full", False),
        ("554 rejected, user unknown to reputation", False),
        ("450 4.1.1 unknown user, try later", False),
        ("the subscriber has left", False),
    ],
)
def test_who_is_refused_at_the_door_as_nobody_counts_as_returned(
    store: Store, sending: Any, answer: str, is_noted: bool
) -> None:
    site = composed(store, subscriber("s1"))
    site = replace(site, mail=replace(site.mail, bounces=Bounces("bounces/", after=1)))
    outcome = Outcome("deferred" if answer.startswith("4") else "refused", answer)
    sending(FakeMail(lambda _recipient: outcome), site=site, post=VERP)
    assert bool(store.returns()) is is_noted
    assert consent(store) == ("bounced" if is_noted else "confirmed")


def consent(store: Store) -> str:
    found = store.subscriber_by_id("s1")
    assert found is not None
    return found.consent


@pytest.fixture
def known(store: Store) -> Store:
    store.save_subscriber(subscriber("s1"))
    return store


def test_mails_that_come_back_for_good_end_a_subscription_when_there_are_enough(known: Store) -> None:
    report, box = read(known, bounce(FIRST))
    assert (report.counts, box.dealt_with) == ({"returned": 1, "complaints": 0, "suppressed": 0}, ["0"])
    assert consent(known) == "confirmed"
    told = known.returns()["s1"]
    assert (told.times, told.words) == (1, "smtp; 550 5.1.1 <address>: unknown user")
    assert read(known, bounce(SECOND), now=days(7))[0].counts["suppressed"] == 1
    assert consent(known) == "bounced"
    assert known.suppressed() == {RETURNS.hashed("anagrafe-s1@comune.example.it")}


def test_two_reports_of_one_mail_count_once(known: Store) -> None:
    read(known, bounce(FIRST), bounce(FIRST))
    assert consent(known) == "confirmed"


def test_what_came_back_long_ago_is_forgiven(known: Store) -> None:
    read(known, bounce(FIRST))
    read(known, bounce(SECOND), now=days(120))
    assert consent(known) == "confirmed"


@pytest.mark.parametrize(("status", "action"), [("4.2.2", "delayed"), ("4.4.1", "delayed")])
def test_not_yet_is_not_never(known: Store, status: str, action: str) -> None:
    _, box = read(known, bounce(status=status, action=action), after=1)
    assert (consent(known), known.returns(), box.dealt_with) == ("confirmed", {}, ["0"])


def test_a_complaint_ends_it_at_once(known: Store) -> None:
    assert read(known, complaint(), after=20)[0].counts == {"returned": 0, "complaints": 1, "suppressed": 1}
    assert consent(known) == "withdrawn"
    assert known.suppressed()


def test_this_is_no_spam_is_no_complaint(known: Store) -> None:
    read(known, complaint("not-spam"))
    assert consent(known) == "confirmed"


def test_a_return_without_its_path_is_known_by_the_mail_it_brings_back(known: Store) -> None:
    read(known, bounce(to="notizie@example.it"), after=1)
    assert consent(known) == "bounced"


def test_nobody_ends_anothers_subscription_by_a_report_he_made_up(known: Store) -> None:
    forged = bounce(to="notizie+s1.abcdef.0123456789@example.it").replace(KEYRING.leave("s1").encode(), b"s1.x")
    _, box = read(known, forged, complaint().replace(KEYRING.leave("s1").encode(), b"s1.x"), after=1)
    assert (consent(known), box.dealt_with) == ("confirmed", [])


ODD = [b"", b"\xff\x00", b"Subject: Ciao\r\n\r\nvorrei uscire", b"Content-Type: multipart/report\r\n\r\n--"]


@pytest.mark.parametrize("letter", ODD)
def test_other_letters_stay_for_whoever_reads_them(known: Store, letter: bytes) -> None:
    _, box = read(known, letter)
    assert box.dealt_with == []


def test_each_mail_has_a_return_path_of_its_own_and_nothing_goes_to_a_suppressed_address(
    store: Store, sending: Any
) -> None:
    composed(store, subscriber("s1"), subscriber("s2"))
    store.suppress(RETURNS.hashed("anagrafe-s2@comune.example.it"), "bounced", NOW)
    mail = FakeMail()
    sending(mail, post=VERP)
    assert states(store) == {"s1": "accepted", "s2": "refused"}
    assert [RETURNS.read(one) for one in mail.senders] == [("s1", RETURNS.about(_message_id(mail)))]


def test_who_comes_back_by_a_mail_of_ours_gets_mails_again(store: Store, sending: Any) -> None:
    desk = office(store, lambda: NOW, replace(WEB, returns=RETURNS))
    left = subscriber("s1", consent="bounced", since=NOW)
    composed(store, left)
    store.suppress(RETURNS.hashed(left.address), "bounced", NOW)
    store.save_pending(replace(left, consent="pending"))
    confirm(desk, KEYRING.confirm("s1", NOW))
    sending(post=VERP)
    assert states(store) == {"s1": "accepted"}


def test_what_came_back_before_somebody_confirmed_anew_counts_no_more(known: Store) -> None:
    read(known, bounce(FIRST))
    known.save_subscriber(subscriber("s1", since=days(1)))
    read(known, bounce(SECOND), now=days(2))
    assert consent(known) == "confirmed"
    read(known, bounce("<issue.settimanale.3.ab@example.it>"), now=days(3))
    assert consent(known) == "bounced"


def _message_id(mail: FakeMail) -> str:
    return str(message_from_bytes(mail.sent[0][1])["Message-ID"])


_LONG = 1_000_000  # bytes of a letter are read of a Maildir
_NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(150))


@pytest.mark.parametrize(
    "letter",
    [
        bounce().replace(b"I am sorry.", b"Status: " + b"a" * _LONG),
        bounce().replace(b"smtp; 550", b"a\r\n" + b" a\r\n" * (_LONG // 4)),
        b"From: a@b.example\r\n\r\nYour message could not be delivered to\r\n" + b"<" * _LONG,
        b"From: a@b.example\r\n\r\nFailed addresses follow:\r\n" + (b" " * 990 + b"\r\n") * 1000,
        b"Content-Type: message/rfc822\r\n\r\n" * (_LONG // 32),
        b'Content-Type: multipart/report; x="' + b'";' * (_LONG // 2) + b"\r\n\r\nx",
        _NESTED + b"\n" * _LONG,
        b"Subject: " + b"a " * (_LONG // 2) + b"\r\n\r\nx",
        b"Subject: a\r\n" + b" a\r\n" * (_LONG // 4) + b"\r\nx",
    ],
    ids=["status", "folded", "no address", "blanks", "nested mails", "parameters", "nested parts", "words", "lines"],
)
def test_a_letter_made_to_take_long_keeps_no_run_waiting(known: Store, letter: bytes) -> None:
    begun = process_time()
    read(known, letter)
    subscribe(office(known, lambda: NOW), FakeLetters({"1": letter}))
    assert process_time() - begun < 3
