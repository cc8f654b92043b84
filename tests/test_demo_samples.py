"""The demo's material keeps what it promises, and its two servers are real."""

from __future__ import annotations

import csv
import http.client
import io
import json
import re
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import feedparser
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aggregator import dates
from aggregator.demo.servers import Running, letter_name, mail_sink, sample_server
from aggregator.demo.site import FEEDS, PULL_AT, SAMPLES, SEND_AT, lay_out
from aggregator.errors import ConfigError
from aggregator.rhythm import Rhythm
from aggregator.windows import Timetable

ROME = ZoneInfo("Europe/Rome")
NAMES = sorted(file.name for file in FEEDS.iterdir())
CONFIGURATION = yaml.safe_load((SAMPLES / "feeds.yaml").read_text(encoding="utf-8"))
ANNOUNCEMENTS = SAMPLES / "announcements"


def entries(name: str) -> list[dict[str, Any]]:
    """Title, link and raw date of every entry of a sample, as a lenient reader finds them."""
    body = (FEEDS / name).read_bytes()
    if name.endswith(".json"):
        items = json.loads(body)["items"]
        return [{"title": i.get("title", ""), "link": i["url"], "date": i["date_published"]} for i in items]
    found = feedparser.parse(body, response_headers={"content-location": "https://example.it/"})
    return [
        {"title": e.title, "link": e.get("link", ""), "date": dict.get(e, "published") or dict.get(e, "updated") or ""}
        for e in found.entries
    ]


def announced(text: str) -> dict[str, str]:
    """The front matter's one-line keys."""
    head = text.removeprefix("\ufeff").split("---", 2)[1]
    return dict(line.split(": ", 1) for line in head.split("\n") if ": " in line and not line.startswith(" "))


def announcements() -> Iterator[dict[str, str]]:
    for folder in (ANNOUNCEMENTS, ANNOUNCEMENTS / "domande"):
        for file in folder.iterdir():
            if file.name.endswith(".md"):
                yield announced(file.read_text(encoding="utf-8"))


# the clock


def test_the_issue_leaves_at_the_first_due_moment_after_the_pull() -> None:
    when = Rhythm.parse(CONFIGURATION["newsletters"][0]["when"])
    assert when.after(PULL_AT, ROME) == SEND_AT
    assert f"{PULL_AT.astimezone(ROME):%A %d %B %Y %H:%M}" == "Thursday 11 June 2026 09:00"


# the sources


@pytest.mark.parametrize("name", NAMES)
def test_every_source_has_a_handful_of_entries(name: str) -> None:
    assert 4 <= len(entries(name)) <= 8


@pytest.mark.parametrize("name", NAMES)
def test_every_link_points_to_a_host_that_does_not_exist(name: str) -> None:
    hosts = [urlsplit(e["link"]).hostname or "" for e in entries(name)]
    assert all(host.endswith((".example.it", ".example")) for host in hosts)


WARTS = [
    ("ministero-accoglienza.xml", rb"<pubDate>\w{3}, \d\d \w{3} 2026 [\d:]+ CEST</pubDate>"),
    ("ministero-accoglienza.xml", rb"<!\[CDATA\[[^\]]*&quot;[^\]]*\]\]></title>"),
    ("ministero-integrazione.xml", rb"\A\n<\?xml"),
    ("ministero-integrazione.xml", rb"<title>[^<]*&lt;script&gt;"),
    ("ministero-integrazione.xml", rb"onerror="),
    ("ministero-integrazione.xml", rb'href="javascript:'),
    ("ministero-integrazione.xml", rb"<pubDate>\(error\)</pubDate>"),
    ("ministero-integrazione.xml", rb"\?utm_source="),
    ("regione-valdesempio.xml", rb'encoding="UTF-8"'),
    ("regione-valdesempio.xml", rb"<pubDate>\d\d/\d\d/2026\t\w{3}, "),
    ("regione-valdesempio.xml", rb"</rss>\n<script"),
    ("unione-municipi.atom", rb'rel="enclosure" type="application/pdf" length="\d+" title="'),
    ("unione-municipi.atom", rb"<title>[^<]{300,}</title>"),
    ("giornale-ufficiale.rdf", rb";jsessionid="),
    ("giornale-ufficiale.rdf", rb"<dc:date>2026-06-10</dc:date>"),
    ("albo-borgo-esempio.xml", rb"<pubDate>10 giugno 2026</pubDate>"),
    ("centro-interculturale.xml", rb"<ev:startdate>2026-06-24T09:30:00\+02:00</ev:startdate>"),
    ("centro-interculturale.xml", rb"<ev:startdate>"),
    ("agenzia-dati.json", rb'"size_in_bytes": \d+'),
]


@pytest.mark.parametrize(("name", "wart"), WARTS)
def test_the_warts_of_real_sources_are_still_there(name: str, wart: bytes) -> None:
    """Nobody has tidied the samples up."""
    assert re.search(wart, (FEEDS / name).read_bytes())


def test_the_region_says_utf_8_and_sends_latin_1() -> None:
    body = (FEEDS / "regione-valdesempio.xml").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert "Perché un mediatore in ogni città" in body.decode("latin-1")


def test_the_notice_board_gives_no_guid_and_one_link_for_all() -> None:
    assert b"<guid" not in (FEEDS / "albo-borgo-esempio.xml").read_bytes()
    assert len({e["link"] for e in entries("albo-borgo-esempio.xml")}) == 1


def test_the_official_journal_has_titles_that_identify_nothing() -> None:
    found = [e for e in entries("giornale-ufficiale.rdf") if e["title"] == "Atto numero 2026/136"]
    assert len({e["link"] for e in found}) == 2


def test_two_ministries_tell_one_story_under_one_address_but_for_scheme_and_tracking_words() -> None:
    first, second = (
        {re.sub(r"^https?", "", e["link"]).partition("?")[0]: e["link"] for e in entries(f"ministero-{name}.xml")}
        for name in ("accoglienza", "integrazione")
    )
    [shared] = first.keys() & second.keys()
    assert first[shared] != second[shared]


def test_one_entry_is_undated_and_one_is_dated_after_the_issue() -> None:
    assert [e["date"] for e in entries("ministero-integrazione.xml")].count("") == 1
    moments = [dates.parse(e["date"], ROME).value for e in entries("centro-interculturale.xml")]
    assert sum(1 for m in moments if m and m > SEND_AT) == 1


# the site


def test_every_section_has_news_of_the_open_week_and_older_things() -> None:
    """By the source's own section; rules only add to it."""
    window = Timetable(Rhythm.parse("mon 08:00"), None, ROME).latest(SEND_AT)
    raw = [(a.get("section", ""), a["date"]) for a in announcements() if "draft" not in a and "publish_at" not in a]
    for source in CONFIGURATION["sources"]:
        section = source.get("section", CONFIGURATION["defaults"]["section"])
        raw += [(section, e["date"]) for e in entries(Path(source["url"]).name)]
    for section in (s["id"] for s in CONFIGURATION["sections"]):
        moments = [dates.parse(date, ROME).value or datetime.min.replace(tzinfo=UTC) for s, date in raw if s == section]
        assert any(window.opens <= moment <= PULL_AT for moment in moments), section
        assert any(moment < window.opens for moment in moments), section


def test_every_sample_is_a_source_and_every_source_a_sample() -> None:
    assert sorted(source["url"].rpartition("/")[2] for source in CONFIGURATION["sources"]) == NAMES


def test_the_announcements_hold_an_event_a_deadline_two_questions_a_draft_and_one_for_later() -> None:
    heads = list(announcements())
    assert sum(1 for h in heads if h["section"] == "domande") == 2
    for key in ("deadline", "draft", "publish_at"):
        assert sum(1 for h in heads if key in h) == 1, key
    [later] = [h["publish_at"] for h in heads if "publish_at" in h]
    assert dates.parse(later, ROME).value > SEND_AT
    assert any(h.get("title", "").count(":") and h["title"].count('"') == 2 for h in heads)
    assert "event:" in (ANNOUNCEMENTS / "webinar-conversioni.md").read_text(encoding="utf-8")


def test_one_announcement_comes_from_notepad() -> None:
    body = (ANNOUNCEMENTS / "orari-estivi.md").read_bytes()
    assert body.startswith(b"\xef\xbb\xbf---\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")


def test_the_attachment_is_a_sound_pdf() -> None:
    """Its table of contents names the place of every object (PDF 1.4, 3.4.3)."""
    body = (ANNOUNCEMENTS / "scheda-adesione.pdf").read_bytes()
    table = int(re.findall(rb"startxref\n(\d+)\n%%EOF", body)[0])
    assert body[table:].startswith(b"xref\n")
    places = [int(offset) for offset in re.findall(rb"(\d{10}) 00000 n ", body[table:])]
    assert places
    for number, offset in enumerate(places, 1):
        assert body[offset:].startswith(b"%d 0 obj\n" % number)


def test_the_subscribers_are_six_municipalities_two_of_them_choosing_and_one_english() -> None:
    text = (SAMPLES / "subscribers.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == len({r["address"] for r in rows}) == 6
    assert all(r["address"].endswith(".example.it") and r["municipality"] for r in rows)
    chosen = [r["sections"].split("|") for r in rows if r["sections"]]
    assert len(chosen) == 2
    assert {s for sections in chosen for s in sections} <= {s["id"] for s in CONFIGURATION["sections"]}
    assert [r["language"] for r in rows].count("en") == 1


# laying it out


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_site_is_laid_out_with_its_ports_filled_in(tmp_path: Path) -> None:
    path = lay_out(tmp_path / "new" / "demo", 8081, 2525)
    text = path.read_text(encoding="utf-8")
    assert path == tmp_path / "new" / "demo" / "feeds.yaml"
    assert "PORT" not in text
    laid = yaml.safe_load(text)
    assert laid["mail"]["smtp"]["port"] == 2525
    assert {urlsplit(source["url"]).netloc for source in laid["sources"]} == {"127.0.0.1:8081"}
    assert {"subscribers.csv", "announcements/scheda-adesione.pdf"} < tree(path.parent).keys()
    assert len(list((path.parent / "announcements" / "domande").iterdir())) == 2


def test_english_is_the_sites_language_and_nobody_elses(tmp_path: Path) -> None:
    italian, english = (
        yaml.safe_load(lay_out(tmp_path / language, 1, 2, language).read_text(encoding="utf-8"))
        for language in ("it", "en")
    )
    assert (italian["site"].pop("language"), english["site"].pop("language")) == ("it", "en")
    assert italian == english


def test_a_folder_that_is_no_demo_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("site: {title: A real site}\n")
    before = tree(tmp_path)
    with pytest.raises(ConfigError, match=r"no former demo.*--folder"):
        lay_out(tmp_path, 1, 2)
    assert tree(tmp_path) == before


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(ConfigError, match="--folder"):
        lay_out(tmp_path / "demo", 1, 2)
    assert (tmp_path / "demo").read_text() == "mine"


def test_a_former_demo_starts_afresh_and_strangers_files_stay(tmp_path: Path) -> None:
    lay_out(tmp_path, 1, 2)
    fresh = tree(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "outbox").mkdir()
    for name in ("data/aggregator.db", "data/aggregator.db-wal", "data/aggregator.db-shm"):
        (tmp_path / name).write_bytes(b"old")
    (tmp_path / "outbox" / "old.eml").write_bytes(b"From: Permessi di soggiorno <notizie@example.it>\r\n\r\nold")
    mine = {
        "notes.txt": b"mine",
        "announcements/mine.md": b"---\ntitle: Mine\n---\n",
        "outbox/mine.eml": b"From: me@example.it\r\n\r\n",
    }
    for name, body in mine.items():
        (tmp_path / name).write_bytes(body)
    lay_out(tmp_path, 1, 2)
    assert tree(tmp_path) == fresh | mine


# the servers


@pytest.fixture
def web() -> Iterator[Running]:
    with sample_server(FEEDS) as server:
        yield server


def ask(server: Running, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_a_sample_is_served_byte_by_byte(web: Running) -> None:
    for name in NAMES:
        response, body = ask(web, f"/{name}")
        assert response.status == 200
        assert body == (FEEDS / name).read_bytes()


def test_who_has_it_already_is_told_so_with_the_etag_again(web: Running) -> None:
    etag = ask(web, "/agenzia-dati.json")[0].headers["ETag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        response, body = ask(web, "/agenzia-dati.json", If_None_Match=known)
        assert (response.status, body, response.headers["ETag"]) == (304, b"", etag)
    assert ask(web, "/agenzia-dati.json", If_None_Match='"other"')[0].status == 200


def test_a_head_has_the_length_and_no_body(web: Running) -> None:
    response, body = ask(web, "/unione-municipi.atom", "HEAD")
    assert body == b""
    assert int(response.headers["Content-Length"]) == len((FEEDS / "unione-municipi.atom").read_bytes())


@pytest.mark.parametrize("path", ["/", "/nothing.xml", "/../feeds.yaml", "/%2e%2e/feeds.yaml"])
def test_nothing_but_the_samples_is_served(web: Running, path: str) -> None:
    assert ask(web, path)[0].status == 404


def test_some_media_types_are_as_wrong_as_in_life(web: Running) -> None:
    assert ask(web, "/albo-borgo-esempio.xml")[0].headers["Content-Type"].startswith("text/html")
    assert ask(web, "/agenzia-dati.json")[0].headers["Content-Type"].startswith("text/plain")
    assert ask(web, "/unione-municipi.atom")[0].headers["Content-Type"].startswith("application/atom+xml")


def test_a_connection_left_open_does_not_keep_the_server(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"<rss/>")
    with sample_server(tmp_path) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/a.xml")
        assert connection.getresponse().read() == b"<rss/>"
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=10).connect()
    connection.close()


def letter(message_id: str, text: str = "Buongiorno.") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Message-ID"] = "a@example.it", "b@example.it", message_id
    message.set_content(f".{text}\n", cte="quoted-printable")
    return message.as_bytes()


def test_a_mail_arrives_byte_by_byte_under_its_own_name(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    sent = letter("<settimanale-1.7f3a@notizie.example.it>", "Perché sì")
    with mail_sink(folder) as sink, smtplib.SMTP("127.0.0.1", sink.port, local_hostname="localhost") as client:
        for recipient in ("b@example.it", "c@example.it"):
            assert client.sendmail("a@example.it", recipient, sent) == {}
    assert tree(folder) == {"settimanale-1.7f3a@notizie.example.it.eml": sent}


def test_large_mails_and_several_connections_are_taken(tmp_path: Path) -> None:
    with mail_sink(tmp_path) as sink:
        clients = [smtplib.SMTP("127.0.0.1", sink.port, local_hostname="localhost") for _ in range(3)]
        for number, client in enumerate(clients):
            client.sendmail("a@example.it", "b@example.it", letter(f"<{number}@example.it>", "x " * 400_000))
            client.quit()
    assert sorted(tree(tmp_path)) == ["0@example.it.eml", "1@example.it.eml", "2@example.it.eml"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=300))
def test_no_message_id_leads_out_of_the_folder(message_id: str) -> None:
    name = letter_name(f"Message-ID: <{message_id}>\r\n\r\ntext".encode())
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9@._=+-]{0,140}\.eml", name)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (b"Message-ID: <a/b@x.example>\r\n\r\n", b"Message-ID: <a b@x.example>\r\n\r\n"),
        (b"Message-ID: <%s1@x>\r\n\r\n" % (b"a" * 200), b"Message-ID: <%s2@x>\r\n\r\n" % (b"a" * 200)),
        (b"Subject: one\r\n\r\n", b"Subject: two\r\n\r\n"),
    ],
)
def test_two_messages_never_share_a_name(one: bytes, two: bytes) -> None:
    assert letter_name(one) != letter_name(two)
    assert letter_name(one) == letter_name(one)
