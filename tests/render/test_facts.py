"""What feeds say in the text of an entry, because readers show nothing else: days, files, who else tells it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.disk import templates
from aggregator.model import Enclosure, Entry, Event, Link, Placement, Story
from aggregator.render.templates import Templates
from aggregator.settings import Config, Site
from tests.build import NOW, config, days, entry, hours
from tests.press import documents
from tests.rss20 import MEDIA

TITLES = {"anci": "ANCI", "interno": "Ministero dell'Interno"}


def told(*entries: Entry, site: Config | None = None) -> dict[str, bytes]:
    """{path: body} of the feeds in which these entries are one story."""
    where = site or config()
    story = Story(entries[0], entries[1:], (Placement("news", "source"),))
    look = Templates(templates(None), where.site.zone)
    return {d.path: d.body for d in documents(where, [story], look, titles=TITLES)}


def content(*entries: Entry, site: Config | None = None) -> str:
    found: Any = feedparser.parse(told(*entries, site=site)["feeds/news.atom"]).entries[0]
    return str(found.content[0].value if "content" in found else found.summary)


def test_what_has_nothing_to_say_stays_as_it_is() -> None:
    assert content(entry(content="<p>Testo</p>")) == "<p>Testo</p>"


def test_a_deadline_stands_before_the_text() -> None:
    assert content(entry(content="<p>Testo</p>", deadline=date(2026, 6, 30))) == (
        "<p><strong>Scadenza:</strong> martedì 30 giugno 2026</p>\n<p>Testo</p>"
    )


def test_a_deadline_that_was_read_in_the_text_says_so() -> None:
    told = content(entry(content="<p>Testo</p>", deadline=date(2026, 6, 30), deadline_found=True))
    assert "martedì 30 giugno 2026 (letta nel testo)</p>" in told


def test_an_event_says_when_and_where() -> None:
    event = Event(hours(4), hours(7), "Roma, via di Prova 46", "https://webinar.example.it/1")
    assert content(entry(content="<p>Testo</p>", events=(event,))) == (
        "<p><strong>Quando:</strong> lunedì 15 giugno 2026, dalle 12:00 alle 15:00<br />\n"
        "<strong>Dove:</strong> Roma, via di Prova 46<br />\n"
        '<strong>Online:</strong> <a href="https://webinar.example.it/1">https://webinar.example.it/1</a></p>\n'
        "<p>Testo</p>"
    )


def test_files_links_and_who_else_tells_it_stand_behind_the_text() -> None:
    lead = entry(
        content="<p>Testo</p>",
        enclosures=(Enclosure("https://anci.example.it/bando.pdf", "application/pdf", 80_000, "Bando"),),
        links=(Link("https://progetto.example.it/", "Il sito del progetto"),),
    )
    mate = entry("b", source_id="interno", title="Flussi", url="https://interno.example.it/flussi")
    told = content(lead, mate)
    assert told.startswith("<p>Testo</p>\n")
    assert '<a href="https://progetto.example.it/">Il sito del progetto</a>' in told
    assert '<a href="https://anci.example.it/bando.pdf">Bando</a> (PDF, 80 kB)' in told
    assert "<li>Ministero dell'Interno: " in told or "<li>Ministero dell&#39;Interno: " in told
    assert '<a href="https://interno.example.it/flussi">Flussi</a></li>' in told


def test_of_an_entry_with_a_summary_only_they_stand_around_that() -> None:
    assert content(entry(summary="<p>In breve</p>", content="", deadline=date(2026, 6, 30))) == (
        "<p><strong>Scadenza:</strong> martedì 30 giugno 2026</p>\n<p>In breve</p>"
    )


def test_what_an_edit_changed_is_said_first() -> None:
    assert content(entry(content="<p>Testo</p>", change="Termine prorogato")).startswith(
        "<p><strong>Aggiornamento:</strong> Termine prorogato</p>"
    )


def test_nothing_said_is_markup() -> None:
    odd = "<script>alert(1)</script>"
    lead = entry(
        content="<p>Testo</p>",
        change=odd,
        enclosures=(Enclosure("https://anci.example.it/a.pdf", title=odd), Enclosure("javascript:alert(1)")),
        links=(Link("javascript:alert(1)", odd),),
        events=(Event(NOW, place=odd, online="javascript:alert(1)"),),
    )
    told = content(lead, entry("b", source_id="interno", title=odd, url="https://interno.example.it/"))
    assert "<script" not in told
    assert 'href="javascript' not in told


def test_they_speak_the_site_s_language() -> None:
    english = config(site=Site("Prova", "https://notizie.example.it/", language="en"))
    told = content(entry(content="<p>Text</p>", deadline=date(2026, 6, 30)), site=english)
    assert told == "<p><strong>Due by:</strong> Tuesday 30 June 2026</p>\n<p>Text</p>"


@pytest.mark.parametrize("name", ["news", "all"])
def test_every_format_says_them(name: str) -> None:
    found = told(entry(content="<p>Testo</p>", deadline=date(2026, 6, 30)))
    assert all("Scadenza:" in found[f"feeds/{name}.{kind}"].decode() for kind in ("atom", "rss", "json"))


# --- what each format has words of its own for ---

FILES = (
    Enclosure("https://anci.example.it/bando.pdf", "application/pdf", 80_000, "Bando"),
    Enclosure("https://anci.example.it/modulo.doc", "application/msword"),
)


def test_rss_has_one_enclosure_and_all_files_as_media() -> None:
    item = etree.fromstring(told(entry(enclosures=FILES))["feeds/news.rss"]).find("channel/item")
    assert [dict(e.attrib) for e in item.findall("enclosure")] == [
        {"url": "https://anci.example.it/bando.pdf", "type": "application/pdf", "length": "80000"}
    ]
    assert [
        (m.get("url"), m.get("fileSize"), m.findtext(f"{MEDIA}title")) for m in item.findall(f"{MEDIA}content")
    ] == [
        ("https://anci.example.it/bando.pdf", "80000", "Bando"),
        ("https://anci.example.it/modulo.doc", None, None),
    ]


def test_json_has_all_files_as_attachments() -> None:
    (item,) = json.loads(told(entry(enclosures=FILES))["feeds/news.json"])["items"]
    assert item["attachments"] == [
        {
            "url": "https://anci.example.it/bando.pdf",
            "mime_type": "application/pdf",
            "title": "Bando",
            "size_in_bytes": 80_000,
        },
        {"url": "https://anci.example.it/modulo.doc", "mime_type": "application/msword"},
    ]


def test_one_entry_has_one_id_in_all_formats() -> None:
    found = told(entry("a1", guid="7"))
    own = "tag:notizie.example.it,2026:a1"
    assert feedparser.parse(found["feeds/news.atom"]).entries[0].id == own
    assert feedparser.parse(found["feeds/news.rss"]).entries[0].id == own
    assert json.loads(found["feeds/all.json"])["items"][0]["id"] == own


def test_dates_of_all_formats_are_one() -> None:
    found = told(entry(published=days(-1), revised=NOW))
    atom, rss = (feedparser.parse(found[f"feeds/news.{kind}"]).entries[0] for kind in ("atom", "rss"))
    (item,) = json.loads(found["feeds/news.json"])["items"]
    assert atom.published_parsed == rss.published_parsed
    assert atom.updated_parsed == rss.updated_parsed
    assert (item["date_published"], item["date_modified"]) == (atom.published, atom.updated)
