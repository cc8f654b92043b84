"""Letters in, leaves done: who asks by mail to leave has left, however the mail program mangled the subject."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.jobs.people.subscribe import subscribe
from aggregator.jobs.post import Post
from aggregator.model import Report
from aggregator.ports import Store
from aggregator.returns import Returns
from aggregator.tokens import Keyring
from tests.build import NOW, days, subscriber
from tests.fakes import FakeLetters
from tests.jobs.sending import KEYRING, POST, WEB, office

TOKEN = KEYRING.leave("s1")


def letter(subject: str, body: str = "") -> bytes:
    return f"From: anagrafe@comune.example.it\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode()


def read(store: Store, letters: FakeLetters, now: datetime = NOW) -> Report:
    return subscribe(office(store, lambda: now), letters)


def consents(store: Store) -> dict[str, str]:
    return {s.id: s.consent for s in store.subscribers()}


@pytest.mark.parametrize(
    "subject",
    [
        TOKEN,
        f"  {TOKEN}  ",
        f"Re: {TOKEN}",
        f"R: I: {TOKEN} (inoltrato)",
        f"<{TOKEN}>",
        f"{TOKEN}.",
        f"{TOKEN[:30]}\r\n {TOKEN[30:]}",
        f"=?utf-8?q?{TOKEN.replace('_', '=5F')}?=",
        f"=?UTF-8?Q?Re=3A_{TOKEN.replace('_', '=5F')}?=",
    ],
)
def test_a_token_ends_the_subscription_however_it_arrives(store: Store, subject: str) -> None:
    store.save_subscriber(subscriber("s1"))
    store.save_subscriber(subscriber("s2"))
    letters = FakeLetters({"1": letter(subject)})
    report = read(store, letters, days(1))
    assert (report.job, report.counts, report.failures) == ("subscribe", {"left": 1, "back": 0, "waiting": 0}, ())
    assert consents(store) == {"s1": "withdrawn", "s2": "confirmed"}
    left = store.subscriber_by_id("s1")
    assert left is not None
    assert left.since == days(1)
    assert "asked by mail" in left.evidence
    assert letters.dealt_with == ["1"]


def test_asking_twice_is_leaving_once(store: Store) -> None:
    store.save_subscriber(subscriber("s1"))
    letters = FakeLetters({"1": letter(TOKEN), "2": letter(f"Re: {TOKEN}")})
    assert read(store, letters).counts["left"] == 1
    assert letters.dealt_with == ["1", "2"]
    assert read(store, letters, days(1)).counts["left"] == 0
    left = store.subscriber_by_id("s1")
    assert left is not None
    assert left.since == NOW


@pytest.mark.parametrize("consent", ["pending", "bounced"])
def test_who_was_not_confirmed_may_leave_too(store: Store, consent: str) -> None:
    store.save_subscriber(subscriber("s1", consent=consent))
    read(store, FakeLetters({"1": letter(TOKEN)}))
    assert consents(store) == {"s1": "withdrawn"}


@pytest.mark.parametrize(
    "raw",
    [
        letter("Cancellatemi per favore"),
        letter(""),
        letter(TOKEN[:-1]),
        letter(Keyring(b"la chiave di un altro sito").leave("s1")),
        letter(KEYRING.leave("nobody")),
        letter("Undelivered Mail Returned to Sender", body=TOKEN),
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?utf-8?b?*?=\r\n\r\n",
        b"Subject: =?nessuno?q?abc?=\r\n\r\n",
        b"No head at all",
    ],
    ids="words nothing cut foreign trial bounce empty noise base64 charset body".split(),
)
def test_other_letters_stay_where_they_are_and_nobody_leaves(store: Store, raw: bytes) -> None:
    store.save_subscriber(subscriber("s1"))
    letters = FakeLetters({"1": raw})
    assert read(store, letters).counts["left"] == 0
    assert (letters.dealt_with, consents(store)) == ([], {"s1": "confirmed"})


WORDS = [b"=?utf-8?q?", b"=?x?b?", b"=?idna?q?xn--?=", b"=?utf-16?b?AA==?=", b"=?", b"?=", b"a"]
MARKS = [b" ", b"\r\n ", b"\r", b"\n", b"\x00", b"\xff", b"=", b"(", b'"', b"<"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(WORDS + MARKS), max_size=10).map(b"".join))
def test_no_subject_keeps_the_letter_behind_it_from_being_read(store: Store, subject: bytes) -> None:
    store.save_subscriber(subscriber("s1"))
    letters = FakeLetters({"1": b"Subject: " + subject + b"\r\n\r\n", "2": letter(TOKEN)})
    assert read(store, letters).counts["left"] == 1


READ = replace(POST, returns=Returns(b"un segreto di prova", POST.leave_to))  # somebody reads what is mailed there


@pytest.mark.parametrize(("post", "goodbyes"), [(POST, 0), (READ, 1), (WEB, 1)], ids="unread mailbox web".split())
def test_who_leaves_gets_a_goodbye_where_there_is_a_way_back(store: Store, post: Post, goodbyes: int) -> None:
    store.save_subscriber(subscriber("s1"))
    subscribe(office(store, lambda: NOW, post), FakeLetters({"1": letter(TOKEN)}))
    assert [d.kind for d in store.deliveries()] == ["goodbye"] * goodbyes


def undo(store: Store) -> str:
    """The subject of a mail that answers the goodbye."""
    (goodbye,) = store.deliveries()
    text = message_from_bytes(goodbye.message, policy=email.policy.default).get_body(("plain",)).get_content()
    return re.search(rf"^mailto:{re.escape(POST.leave_to)}\?subject=(\S+)", text, re.MULTILINE)[1]


def test_a_leave_by_mail_is_undone_by_mail(store: Store) -> None:
    store.save_subscriber(subscriber("s1", sections=("news",)))
    desk = office(store, lambda: days(1), READ)
    subscribe(desk, FakeLetters({"1": letter(TOKEN)}))
    back = undo(store)
    letters = FakeLetters({"2": letter(f"Re: {back}"), "3": letter(back[:-1]), "4": letter("Torno?")})
    assert subscribe(desk, letters).counts == {"left": 0, "back": 1, "waiting": 2}
    assert letters.dealt_with == ["2"]
    one = store.subscriber_by_id("s1")
    assert (one.consent, one.sections) == ("confirmed", ("news",))
    assert "came back by the goodbye mail" in one.evidence


def test_an_old_goodbye_brings_nobody_back(store: Store) -> None:
    store.save_subscriber(subscriber("s1"))
    subscribe(office(store, lambda: NOW, READ), FakeLetters({"1": letter(TOKEN)}))
    back = undo(store)
    for when in (days(1), days(2)):  # back, and gone again
        subscribe(office(store, lambda when=when: when, READ), FakeLetters({"2": letter(back), "3": letter(TOKEN)}))
    assert consents(store) == {"s1": "withdrawn"}
    assert subscribe(office(store, lambda: days(9), READ), FakeLetters({"4": letter(back)})).counts["back"] == 0
    assert consents(store) == {"s1": "withdrawn"}


def test_nobody_joins_by_mail(store: Store) -> None:
    """A token to confirm by is made for who asked, or has left; of anybody else it says nothing."""
    letters = FakeLetters({"1": letter(KEYRING.confirm("nobody", NOW))})
    assert read(store, letters).counts == {"left": 0, "back": 0, "waiting": 0}
    assert consents(store) == {}


def test_a_wish_is_withdrawn_by_mail(store: Store) -> None:
    store.save_pending(subscriber("s1", consent="pending"))
    assert read(store, FakeLetters({"1": letter(TOKEN)})).counts == {"left": 1, "back": 0, "waiting": 0}
    assert list(store.all_pending()) == []
