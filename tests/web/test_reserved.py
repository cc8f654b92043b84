"""/r/TOKEN/SECTION.atom: what is reserved reaches who may see it, at an address of their own, until that is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator import parse
from aggregator.errors import SubscriptionError
from aggregator.model import Feed, Fetched
from aggregator.web.reserved import Feeds
from tests import rfc4287
from tests.rfc4287 import ATOM
from tests.web.people import SITE, Desk

RESERVED = """---
title: Circolare interna sulle graduatorie
area: reserved
attachments: circolare.pdf La circolare
---
Solo per gli uffici.
"""
PDF = b"%PDF-1.7 circolare"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(
        tmp_path / "site", SITE.replace("{id: atti, title: Atti}", "{id: atti, title: Atti, formerly: [leggi]}")
    )
    folder = made.app.root / "announcements"
    folder.mkdir()
    (folder / "interna.md").write_text(RESERVED.replace("---\nSolo", "section: atti\n---\nSolo"), encoding="utf-8")
    (folder / "circolare.pdf").write_bytes(PDF)
    (folder / "festa.md").write_text("---\ntitle: Festa in piazza\nsection: news\n---\nPer tutti.\n", encoding="utf-8")
    (folder / "bando.md").write_text("---\ntitle: Bando per tutti\nsection: atti\n---\nUn bando.\n", encoding="utf-8")
    made.app.publish()
    with made.served():
        yield made


def join(desk: Desk, address: str = "ufficio@comune.example.it", area: str = "reserved") -> str:
    return desk.app.add_subscriber({"address": address, "area": area}, "").id


def path(desk: Desk, name: str = "all", address: str = "ufficio@comune.example.it") -> str:
    return desk.app.feeds_of(address)[name].removeprefix("https://notizie.example.it")


def titles(text: str) -> list[str]:
    return [str(entry.findtext(f"{ATOM}title")) for entry in etree.fromstring(text.encode()).findall(f"{ATOM}entry")]


def read(text: str) -> Feed:
    found = parse.document(Fetched("noi", "https://notizie.example.it/", text.encode()), ZoneInfo("Europe/Rome"))
    assert isinstance(found, Feed)
    return found


def test_a_reader_gets_what_is_reserved_beside_what_is_public(desk: Desk) -> None:
    join(desk)
    told = desk.get(path(desk, "atti"))
    assert (told.status, told.headers["content-type"]) == (200, "application/atom+xml")
    assert sorted(titles(told.text)) == ["Bando per tutti", "Circolare interna sulle graduatorie"]
    assert titles(desk.get(path(desk, "news")).text) == ["Festa in piazza"]
    assert len(titles(desk.get(path(desk)).text)) == 3
    assert rfc4287.violations(told.text.encode()) == []
    selves = [link.get("href") for link in etree.fromstring(told.text.encode()).findall(f"{ATOM}link[@rel='self']")]
    assert selves == ["https://notizie.example.it" + path(desk, "atti")]


def test_the_address_of_a_section_that_was_called_otherwise_leads_there(desk: Desk) -> None:
    join(desk)
    assert titles(desk.get(path(desk, "atti").replace("atti.atom", "leggi.atom")).text) == titles(
        desk.get(path(desk, "atti")).text
    )


def test_nobody_else_keeps_it(desk: Desk) -> None:
    join(desk)
    for asked in (path(desk), path(desk).replace("all.atom", "nulla.atom"), "/r/forged/all.atom"):
        told = desk.get(asked)
        assert told.headers["cache-control"] == "private, no-cache"
        assert (told.headers["x-robots-tag"], told.headers["referrer-policy"]) == ("noindex", "no-referrer")
        assert "access-control-allow-origin" not in told.headers


def test_what_has_not_changed_is_not_sent_again(desk: Desk) -> None:
    join(desk)
    tag = desk.get(path(desk)).headers["etag"]
    again = desk.get(path(desk), If_None_Match=tag)
    assert (again.status, again.text) == (304, "")
    assert desk("HEAD", path(desk)).headers["etag"] == tag


def test_what_is_reserved_has_no_page_but_its_files_lie_beside_the_feed(desk: Desk) -> None:
    join(desk)
    text = desk.get(path(desk, "atti")).text
    (entry,) = (e for e in read(text).entries if "interna" in e.title)
    assert not entry.url
    (enclosure,) = entry.enclosures
    file = enclosure.url.removeprefix("https://notizie.example.it")
    assert file.startswith(path(desk).removesuffix("all.atom"))
    told = desk.get(file)
    assert (told.status, told.text, told.headers["content-type"]) == (200, PDF.decode(), "application/pdf")
    assert (told.headers["x-content-type-options"], "sandbox" in told.headers["content-security-policy"]) == (
        "nosniff",
        True,
    )
    for other in ("altro.pdf", "..%2Fcircolare.pdf", "%2e%2e", "interna.md"):
        assert desk.get(f"{file.rpartition('/')[0]}/{other}").status == 404
    assert not [p for p in (desk.app.root / "public").rglob("*") if p.is_file() and b"circolare" in p.read_bytes()]


@pytest.mark.parametrize("change", ["rotated", "revoked", "left", "erased", "public"])
def test_an_address_is_worth_nothing_any_more_once(desk: Desk, change: str) -> None:
    one, other = join(desk), join(desk, "altro@comune.example.it")
    old, kept = path(desk), path(desk, address="altro@comune.example.it")
    assert one != other
    assert desk.get(old).status == 200
    if change == "rotated":
        desk.app.feeds_of("ufficio@comune.example.it", rekey=True)
        assert desk.get(path(desk)).status == 200
    elif change == "revoked":
        assert desk.app.feeds_of("ufficio@comune.example.it", revoke=True) == {}
    elif change == "left":
        desk.post(f"/leave/{desk.app.keyring.leave(one)}")
    elif change == "erased":
        desk.app.erase_subscriber("ufficio@comune.example.it")
        join(desk)
        assert desk.get(path(desk)).status == 200
    else:
        desk.app.add_subscriber({"address": "ufficio@comune.example.it", "area": "public"}, "")
    told = desk.get(old)
    assert (told.status, "interna" in told.text) == (404, False)
    assert desk.get(kept).status == 200, "one by one"


def test_what_was_taken_away_comes_back_by_the_administrator_only(desk: Desk) -> None:
    one = join(desk)
    old = path(desk)
    desk.app.feeds_of("ufficio@comune.example.it", revoke=True)
    preferences = f"/preferences/{desk.app.keyring.preferences(one)}"
    assert "feed riservati" not in desk.get(preferences).text
    for act in ("feeds", "new-feeds"):
        assert desk.post(preferences, act=act).status == 422
    join(desk)
    assert desk.app.feeds_of("ufficio@comune.example.it") == {}
    assert desk.owed("export") == []
    desk.app.feeds_of("ufficio@comune.example.it", rekey=True)
    assert (desk.get(old).status, desk.get(path(desk)).status) == (404, 200)


def test_who_is_admitted_anew_has_new_addresses(desk: Desk) -> None:
    join(desk)
    old = path(desk)
    for area in ("public", "reserved"):
        join(desk, area=area)
    assert (desk.get(old).status, desk.get(path(desk)).status) == (404, 200)


def test_who_leaves_and_subscribes_anew_has_the_addresses_there_were(desk: Desk) -> None:
    one = join(desk)
    old = path(desk)
    desk.post(f"/leave/{desk.app.keyring.leave(one)}")
    assert desk.get(old).status == 404
    desk.later(hours=1)
    desk.ask("ufficio@comune.example.it")
    desk.post(desk.link("confirmation"))
    assert desk.get(old).status == 200


def test_entering_somebody_again_changes_no_address(desk: Desk) -> None:
    join(desk)
    old = path(desk)
    join(desk)
    assert path(desk) == old


def test_tokens_of_other_kinds_and_made_up_ones_open_nothing(desk: Desk) -> None:
    one, ring = join(desk), desk.app.keyring
    good = path(desk).split("/")[2]
    tokens = [
        ring.leave(one),
        ring.preferences(one),
        ring.feeds(one, ""),
        ring.feeds("nobody", "x"),
        good[:-1],
        good + "A",
    ]
    tokens += ["", ".", "..", "%00", "%2e%2e%2f", good.upper()]
    for token in tokens:
        assert desk.get(f"/r/{token}/all.atom").status in (400, 404), token


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(alphabet="abz09-_.~%/ù", max_size=60), st.text(alphabet="alnews.-%/", max_size=20))
def test_whatever_is_asked_below_r_is_answered_with_nothing(desk: Desk, token: str, name: str) -> None:
    assert desk.get(f"/r/{quote(token, safe='/%')}/{quote(name, safe='/%')}.atom").status in (400, 404)


def test_who_sees_the_public_area_only_is_told_no_address(desk: Desk) -> None:
    one = join(desk, area="public")
    with pytest.raises(SubscriptionError, match="public area: only who is confirmed, and reserved"):
        desk.app.feeds_of("ufficio@comune.example.it")
    page = desk.get(f"/preferences/{desk.app.keyring.preferences(one)}")
    assert "feed riservati" not in page.text
    assert desk.post(f"/preferences/{desk.app.keyring.preferences(one)}", act="feeds").status == 422


def test_the_addresses_are_mailed_and_never_shown(desk: Desk) -> None:
    preferences = f"/preferences/{desk.app.keyring.preferences(join(desk))}"
    old = path(desk)
    shown = desk.get(preferences).text
    assert "feed riservati" in shown
    assert "/r/" not in shown
    assert "/r/" not in desk.post(preferences, act="feeds").text
    assert f"https://notizie.example.it{old}" in re.sub(r"\s", "", desk.text("export"))
    assert desk.get(old).status == 200
    desk.post(preferences, act="export")
    assert old in re.sub(r"\s", "", desk.text("export")), "it is all we know"
    desk.later(days=1)
    desk.post(preferences, act="new-feeds")
    assert desk.get(old).status == 404
    assert desk.get(path(desk)).status == 200


def test_it_tells_what_is_hidden_within_a_minute_and_says_that_it_went(desk: Desk) -> None:
    join(desk)
    text = desk.get(path(desk, "atti")).text
    (entry,) = (e for e in desk.store.entries() if "interna" in e.title)
    desk.later(hours=1)
    desk.app.hide(entry.id)
    desk.app.publish()
    desk.later(minutes=2)
    told = desk.get(path(desk, "atti")).text
    assert titles(told) == ["Bando per tutti"]
    (went,) = etree.fromstring(told.encode()).xpath("//*[local-name()='deleted-entry']/@ref")
    assert went in text
    public = (desk.app.root / "public" / "feeds" / "atti.atom").read_text(encoding="utf-8")
    assert went not in public


def test_no_entry_leads_away_with_the_token(desk: Desk) -> None:
    """The place of the token in what is made once has a name that nobody can know."""
    marks = {Feeds(desk.app)._mark for _ in range(3)}
    assert len(marks) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", mark) for mark in marks)


def test_before_anything_was_published_it_says_try_later(tmp_path: Path) -> None:
    made = Desk(tmp_path / "site")
    with made.served():
        join(made)
        told = made.get(path(made))
        assert (told.status, told.headers["retry-after"]) == (503, "60")
