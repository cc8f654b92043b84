"""/leave/TOKEN: a page with a button, one click for mail providers, a goodbye with the way back; nothing by GET."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from aggregator.jobs.people.leave import leave
from aggregator.render.mail.message import LEAVE_MARK, PREFERENCES_MARK, build
from aggregator.tokens import Keyring
from tests.build import NOW, days, delivery, edition
from tests.web.people import FORM, Desk

ONE_CLICK = b"List-Unsubscribe=One-Click"
PARTS = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'


def path(people: Desk, id: str = "s1") -> str:
    return f"/leave/{people.app.keyring.leave(id)}"


def test_looking_changes_nothing_and_masks_the_address(people: Desk) -> None:
    one = people.join()
    told = people.get(path(people))
    assert told.status == 200
    assert "<button" in told.text
    assert "a•••@comune.example.it" in told.text
    assert one.address not in told.text
    assert people("HEAD", path(people)).status == 200
    assert people.consent(one.address) == "confirmed"
    assert people.store.newest() is None


def test_the_button_acts_at_once_and_again_does_no_harm(people: Desk) -> None:
    one = people.join()
    for _ in range(2):
        told = people("POST", path(people), content_type=FORM)
        assert (told.status, "Iscrizione annullata" in told.text) == (200, True)
    left = people.store.subscriber_by_id("s1")
    assert left is not None
    assert (left.consent, left.since, left.evidence) == ("withdrawn", NOW, "left by the page of a mail's link")
    assert len(people.owed("goodbye")) == 1
    assert people.mail("goodbye")["To"] == one.address


@pytest.mark.parametrize(("body", "kind"), [(ONE_CLICK, FORM), (PARTS, "multipart/form-data; boundary=x")])
def test_a_click_in_the_mail_program_is_answered_without_a_redirect(people: Desk, body: bytes, kind: str) -> None:
    people.join()
    told = people("POST", path(people), body, content_type=kind)
    assert (told.status, "set-cookie" in told.headers, "location" in told.headers) == (200, False, False)
    left = people.store.subscriber_by_id("s1")
    assert left is not None
    assert (left.consent, left.evidence) == ("withdrawn", "left by one click of a mail's link")


def test_fifty_from_one_machine_in_a_minute_all_leave_and_are_reported(
    people: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    ids = [f"s{number}" for number in range(50)]
    for id in ids:
        people.join(id)
    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(lambda id: people("POST", path(people, id), ONE_CLICK, content_type=FORM).status, ids))
    assert told == [200] * 50
    assert {one.consent for one in people.store.subscribers()} == {"withdrawn"}
    assert len(people.owed("goodbye")) == 50
    (line,) = [record.getMessage() for record in caplog.records if "leave" in record.getMessage()]
    assert "more than 30 in a minute" in line


def test_a_goodbye_carries_the_way_back_for_seven_days(people: Desk) -> None:
    one = people.join(sections=("atti",))  # type: ignore[arg-type]
    people("POST", path(people), ONE_CLICK)
    back = people.link("goodbye")
    people.later(days=6)
    shown = people.get(back)
    assert (shown.status, people.consent(one.address)) == (200, "withdrawn")
    assert "a•••@comune.example.it" in shown.text
    assert people.post(back).status == 200
    came = people.store.subscriber_by_id("s1")
    assert came is not None
    assert (came.consent, came.since, came.sections) == ("confirmed", days(6), ("atti",))
    people.later(hours=1)
    people("POST", path(people), ONE_CLICK)
    assert people.post(back).status == 404, "an old goodbye brings nobody back"
    assert people.consent(one.address) == "withdrawn"


def test_after_seven_days_there_is_no_way_back(people: Desk) -> None:
    one = people.join()
    people("POST", path(people), ONE_CLICK)
    back = people.link("goodbye")
    people.later(days=7, seconds=1)
    assert (people.get(back).status, people.post(back).status) == (404, 404)
    assert people.consent(one.address) == "withdrawn"


def tokens(people: Desk) -> list[str]:
    ring = people.app.keyring
    good = ring.leave("s1")
    return [
        "x", good[:-1], good[1:], good + "a", good.swapcase(), ring.preferences("s1"), ring.confirm("s1", NOW),
        Keyring(b"the key of another site, and long").leave("s1"), "%00", "%FF", "a" * 5_000, "..", "%2e%2e",
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["leave", "confirm", "preferences"])
def test_forged_cut_and_foreign_tokens_get_a_plain_page(people: Desk, place: str) -> None:
    one = people.join()
    for token in tokens(people):
        if (place, token[:9]) == ("preferences", people.app.keyring.preferences("s1")[:9]):
            continue
        for method in ("GET", "POST"):
            if place == "confirm" and token == people.app.keyring.confirm("s1", NOW):
                continue
            told = people(method, f"/{place}/{token}", ONE_CLICK if method == "POST" else b"")
            assert 400 <= told.status < 500, (method, token)
            assert "Traceback" not in told.text
    assert people.consent(one.address) == "confirmed"
    assert people.owed("goodbye") == []


def test_a_page_of_a_person_is_not_kept_framed_or_told_on(people: Desk) -> None:
    people.join()
    told = people.get(path(people))
    assert told.headers["referrer-policy"] == "no-referrer"
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in told.headers["content-security-policy"]
    assert "script-src" not in told.headers["content-security-policy"]
    assert "<script" not in told.text
    assert not re.search(r'(?:src|href)="https?://(?!notizie\.example\.it)', told.text)
    assert people.app.keyring.leave("s1") not in told.text, "no page tells its own address"


def test_who_asks_for_another_site_is_not_answered(people: Desk) -> None:
    people.join()
    assert people.get(path(people), Host="evil.example").status == 400
    assert people.get(path(people), Host="notizie.example.it").status == 200


def issue(people: Desk, id: str) -> None:
    """A mail such as every issue is, owed to a subscriber."""
    marks = f"{LEAVE_MARK}\n{PREFERENCES_MARK}\n"
    raw = build(
        edition(text=marks, html=f"<p>{marks}</p>"),
        sender=people.app.post.sender,
        recipient="anagrafe-s3@comune.example.it",
        reply_to="",
        message_id="<1@notizie.example.it>",
        date=NOW,
        list_id="<settimanale.notizie.example.it>",
        **people.app.post.links(people.app.keyring, id),
    )
    people.store.queue(delivery("issue", subscriber_id=id, message=raw))


def test_a_scanner_that_opens_every_link_changes_nothing(people: Desk) -> None:
    people.join()
    people.ask("nuovo@comune.example.it")
    people.post(people.link("confirmation"))
    leave(people.app.office, "s1", "test")
    people.ask("altro@comune.example.it")
    preferences = people.app.keyring.preferences(people.join("s3").id)
    people.post(f"/preferences/{preferences}", act="export")
    people.post(f"/preferences/{preferences}", act="erase")
    issue(people, "s3")
    before = {one.id: one for one in people.store.subscribers()}
    waiting = list(people.store.all_pending())
    found = set()
    for owed in people.store.deliveries():
        raw = owed.message.decode().replace("=\r\n", "")
        found |= set(re.findall(r"https://notizie\.example\.it(/[\w./-]+)", raw))
    assert {link.split("/")[1] for link in found if link != "/"} == {"leave", "confirm", "preferences"}
    assert len(found) == 9, "three to confirm, four to leave by, one to change, one to erase"
    for link in found:
        for method in ("GET", "HEAD"):
            people(method, link)
    assert {one.id: one for one in people.store.subscribers()} == before
    assert list(people.store.all_pending()) == waiting
