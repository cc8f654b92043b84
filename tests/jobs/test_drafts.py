"""Drafts as the editors get them, and what they do with an issue that waits."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Any

import pytest

from aggregator.errors import AddressError, ConfigError
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.issues.resend import resend
from aggregator.jobs.issues.skip import skip
from aggregator.model import Entry
from aggregator.ports import Store
from tests.build import NOW, changes, config, days, entry, hours, newsletter, subscriber
from tests.fakes import FakeDesk, FakeMail
from tests.jobs.sending import KEYRING, POST, issue_state, news, states

EDITORS = ("redazione@example.it", "capo@example.it")
FRIDAY = hours(-68)  # 12:00 in Rome, when the window closes
SITE = config(newsletters=(newsletter(draft="fri 12:00", editors=EDITORS),))
REQUIRED = config(newsletters=(newsletter(draft="fri 12:00", editors=EDITORS, approval="required"),))


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def week(store: Store, desk: FakeDesk) -> Store:
    """Two notices and a subscriber; the draft is composed on Friday."""
    store.opened("settimanale", days(-10))
    seen = {"first_seen": days(-4), "shown": days(-4)}
    news(store, entry("a", title="Bando per i Comuni", **seen), entry("b", title="Decreto flussi", **seen))
    store.save_subscriber(subscriber())
    assert compose(SITE, store, desk, FRIDAY).issues
    return store


def parts(mail: FakeMail, recipient: str) -> tuple[str, str]:
    """Subject and text of the one mail to this address."""
    (raw,) = [raw for to, raw in mail.sent if to == recipient]
    told = message_from_bytes(raw, policy=policy.default)
    body = told.get_body(("plain",))
    assert body is not None
    return str(told["Subject"]), " ".join(str(body.get_content()).split())


def test_the_draft_goes_to_every_editor_and_to_nobody_else(week: Store, desk: FakeDesk, sending: Any) -> None:
    mail = FakeMail()
    sending(mail, FRIDAY, SITE, desk=desk)
    assert mail.recipients == sorted(EDITORS)
    subject, text = parts(mail, EDITORS[0])
    assert subject.startswith("Bozza: Permessi di soggiorno n. 1/2026")
    assert "Questa è una bozza. Parte lunedì 15 giugno alle 08:00, se nessuno la trattiene." in text
    assert "newsletters/settimanale/1.md" in text
    assert "Bando per i Comuni" in text
    assert issue_state(week) == "draft"


def test_the_same_draft_is_mailed_once(week: Store, desk: FakeDesk, sending: Any) -> None:
    sending(now=FRIDAY, site=SITE, desk=desk)
    mail = FakeMail()
    sending(mail, hours(-60), SITE, desk=desk)
    assert mail.sent == []


def test_what_changed_since_is_said_in_the_next_draft(week: Store, desk: FakeDesk, sending: Any) -> None:
    sending(now=FRIDAY, site=SITE, desk=desk)
    desk.notes["settimanale/1"] = "---\nskip: Decreto flussi\n---\nCare colleghe"
    (call,) = week.entries(ids=["a"])
    mended = Entry(**{**_fields(call), "title": "Bando corretto", "revision": 1, "fingerprint": "x"})
    week.save(changes(changed=[mended], at=hours(-66)))
    soon = FakeMail()
    sending(soon, hours(-67.5), SITE, desk=desk)
    assert soon.sent == [], "half an hour after the last one"
    mail = FakeMail()
    sending(mail, hours(-60), SITE, desk=desk)
    _, text = parts(mail, EDITORS[1])
    assert "Tolte: Decreto flussi" in text
    assert "Cambiate: Bando corretto" in text
    assert "La nota della redazione è cambiata." in text
    assert "Care colleghe" in text


def _fields(one: Entry) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Entry.__dataclass_fields__}


def test_subscribers_get_the_issue_without_what_is_the_editors_own(week: Store, desk: FakeDesk, sending: Any) -> None:
    desk.notes["settimanale/1"] = "Care **colleghe**, ecco il [programma](/programma.html)"
    sending(now=FRIDAY, site=SITE, desk=desk)
    mail = FakeMail()
    sending(mail, NOW, SITE, desk=desk)
    assert mail.recipients == ["anagrafe-s1@comune.example.it"]
    subject, text = parts(mail, mail.recipients[0])
    assert subject.startswith("Permessi di soggiorno n. 1/2026")
    assert "bozza" not in text.lower()
    assert "Care colleghe, ecco il programma https://notizie.example.it/programma.html" in text


def test_a_draft_that_needs_approval_says_so_and_waits(week: Store, desk: FakeDesk, sending: Any) -> None:
    mail = FakeMail()
    sending(mail, FRIDAY, REQUIRED, desk=desk)
    assert "se per allora è stata approvata" in parts(mail, EDITORS[0])[1]
    sending(now=NOW, site=REQUIRED, desk=desk)
    assert issue_state(week) == "draft"


def test_hold_in_the_note_keeps_the_issue_until_it_is_approved(week: Store, desk: FakeDesk, sending: Any) -> None:
    desk.notes["settimanale/1"] = "---\nhold: true\n---\n"
    mail = FakeMail()
    sending(mail, NOW, SITE, desk=desk)
    assert issue_state(week) == "held"
    assert "è trattenuta" in parts(mail, EDITORS[0])[1]
    week.set_issue_state("settimanale", 1, "approved")
    sending(mail := FakeMail(), hours(1), SITE, desk=desk)
    assert "anagrafe-s1@comune.example.it" in mail.recipients


def test_a_note_that_is_wrong_is_told_to_the_editors_and_nothing_is_sent(
    week: Store, desk: FakeDesk, sending: Any
) -> None:
    desk.notes["settimanale/1"] = "---\nskip: Decreto flusso\n---\n"
    mail = FakeMail()
    sending(mail, FRIDAY, SITE, desk=desk)
    wrong = "newsletters/settimanale/1.md:2 skip: no entry is called 'Decreto flusso'; did you mean 'decreto flussi'?"
    _, text = parts(mail, EDITORS[0])
    assert wrong in text
    assert "finché non è corretto non parte nulla" in text
    assert "se nessuno la trattiene" not in text
    report = sending(now=NOW, site=SITE, desk=desk)
    assert [wrong in failure.error for failure in report.failures] == [True]
    assert issue_state(week) == "draft"
    desk.notes["settimanale/1"] = "---\nskip: Decreto flussi\n---\n"
    sending(now=hours(1), site=SITE, desk=desk)
    assert issue_state(week) == "sent"


# --- skip and resend ---


def test_what_is_skipped_is_never_carried(week: Store, desk: FakeDesk, sending: Any) -> None:
    (decree,) = week.entries(ids=["b"])
    assert skip(decree, SITE.newsletters[0], SITE, week, FRIDAY, later=False)
    sending(now=NOW, site=SITE, desk=desk)
    assert [i.entries for i in week.issues()] == [("a",)]
    assert compose(SITE, week, desk, days(4.5)).issues == ()


def test_what_is_put_off_comes_with_the_next(week: Store, desk: FakeDesk, sending: Any) -> None:
    (decree,) = week.entries(ids=["b"])
    skip(decree, SITE.newsletters[0], SITE, week, FRIDAY, later=True)
    sending(now=NOW, site=SITE, desk=desk)
    assert [i.entries for i in compose(SITE, week, desk, days(4.5)).issues] == [("b",)]


def test_an_issue_from_which_all_is_taken_is_skipped(week: Store, desk: FakeDesk, sending: Any) -> None:
    for one in tuple(week.entries(ids=["a", "b"])):
        skip(one, SITE.newsletters[0], SITE, week, FRIDAY, later=one.id == "b")
    mail = FakeMail()
    sending(mail, NOW, SITE, desk=desk)
    assert (issue_state(week), mail.sent) == ("skipped", [])
    assert [i.entries for i in compose(SITE, week, desk, days(4.5)).issues] == [("b",)]


def test_what_was_sent_cannot_be_skipped_nor_put_off_from_no_issue(week: Store, desk: FakeDesk, sending: Any) -> None:
    sending(now=NOW, site=SITE, desk=desk)
    (call,) = week.entries(ids=["a"])
    with pytest.raises(ConfigError, match=r"n\. 1 has carried it already"):
        skip(call, SITE.newsletters[0], SITE, week, NOW, later=False)
    news(week, entry("c", first_seen=hours(1), shown=hours(1)))
    (fresh,) = week.entries(ids=["c"])
    with pytest.raises(ConfigError, match=r"write `later:` in newsletters/settimanale/next\.md"):
        skip(fresh, SITE.newsletters[0], SITE, week, hours(1), later=True)


def test_an_issue_is_sent_again_to_who_says_it_never_came(week: Store, desk: FakeDesk, sending: Any) -> None:
    sending(first := FakeMail(), NOW, SITE, desk=desk)
    letter = SITE.newsletters[0]
    resend(letter, 1, subscriber(), SITE, week, POST, KEYRING, days(1))
    sending(again := FakeMail(), days(1), SITE, desk=desk, freeze=False)
    (before, after) = (message_from_bytes(mail.sent[0][1]) for mail in (first, again))
    assert before["Subject"] == after["Subject"]
    assert before["Message-ID"] != after["Message-ID"]
    assert after["List-Unsubscribe"]
    assert list(states(week).values()).count("accepted") == 1


def test_it_is_not_sent_to_who_does_not_read_it_nor_an_issue_that_was_not_sent(week: Store) -> None:
    letter = SITE.newsletters[0]
    with pytest.raises(AddressError, match=r"comune\.example\.it does not read settimanale"):
        resend(letter, 1, subscriber(consent="withdrawn"), SITE, week, POST, KEYRING, NOW)
    with pytest.raises(ConfigError, match=r"n\. 1 was not sent; `aggregator newsletter list`"):
        resend(letter, 1, subscriber(), SITE, week, POST, KEYRING, NOW)


def test_who_reads_as_nobody_did_is_named_with_what_to_do(week: Store, desk: FakeDesk, sending: Any) -> None:
    sending(FakeMail(), NOW, SITE, desk=desk)
    with pytest.raises(
        ConfigError, match=r"agenda in it, as anagrafe-s1@comune\.example\.it is now.*newsletter/settimanale/1/"
    ):
        resend(SITE.newsletters[0], 1, subscriber(sections=("agenda",)), SITE, week, POST, KEYRING, NOW)
