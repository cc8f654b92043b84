"""One feed as Atom: valid by RFC 4287 whatever it holds, and whole when a reader reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings

from aggregator.model import Enclosure, Entry, Feed, Link
from aggregator.render.feeds import atom
from tests.build import NOW, entry, feed, hours
from tests.rfc4287 import violations
from tests.test_roundtrip import feeds

SELF = "https://notizie.example.it/feeds/news.atom"
NOTHING = atom.Context({}, {})
SCHEDA = Enclosure(
    "https://anci.example.it/scheda.pdf", "application/pdf", 81920, "Scheda di adesione <modulo A> & allegati"
)
FULL = entry(
    "a1",
    title="Anci: al via “Co-Alizione” <per i Comuni> & le reti",
    content="<p>Prenderà il via a luglio; info: <a href='https://anci.example.it/?a=1&amp;b=2'>qui</a>.</p>",
    authors=("Matteo Bianchi", "Redazione"),
    tags=("Anci", "Diritto & prassi"),
    language="it",
    published=hours(-3),
    updated=hours(-1),
    enclosures=(SCHEDA, Enclosure("https://anci.example.it/atti.zip")),
    links=(Link("https://progetto.example.it/", "Internet sito progetto"), Link("https://altro.example.it/")),
    licence="CC BY 4.0",
)


def rendered(*entries: Entry, context: atom.Context = NOTHING, **fields: Any) -> bytes:
    facts = {"id": SELF, "self_url": SELF, "title": "Permessi di soggiorno – News", "updated": NOW}
    return atom.render(feed(*entries, **(facts | fields)), context)


def read(body: bytes) -> Any:
    found = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def only(body: bytes) -> Any:
    (found,) = read(body).entries
    return found


# --- what a reader reads ---


def test_a_reader_finds_every_part_of_an_entry() -> None:
    found = only(rendered(FULL))
    assert (found.id, found.link, found.title) == (FULL.guid, FULL.url, FULL.title)
    assert (found.summary, found.content[0].value) == (FULL.summary, FULL.content)
    assert [a.name for a in found.authors] == ["Matteo Bianchi", "Redazione"]
    assert [t.term for t in found.tags] == ["Anci", "Diritto & prassi"]
    assert (found.published, found.updated) == ("2026-06-15T03:00:00+00:00", "2026-06-15T05:00:00+00:00")
    assert found.rights == "CC BY 4.0"


def test_an_attachment_keeps_its_type_length_and_title() -> None:
    scheda, archive = only(rendered(FULL)).enclosures
    assert (scheda.href, scheda.type, scheda.length, scheda.title) == (SCHEDA.url, SCHEDA.type, "81920", SCHEDA.title)
    assert archive.href == "https://anci.example.it/atti.zip"
    assert b'length="None"' not in rendered(FULL)
    assert b'length=""' not in rendered(FULL)


def test_a_file_of_no_bytes_has_a_length() -> None:
    empty = Enclosure("https://anci.example.it/vuoto.txt", length=0)
    assert only(rendered(entry(enclosures=(empty,)))).enclosures[0].length == "0"


def test_a_labelled_link_is_related_and_never_a_second_alternate() -> None:
    links = only(rendered(FULL)).links
    assert [link.href for link in links if link.rel == "alternate"] == [FULL.url]
    related = [(link.href, link.get("title")) for link in links if link.rel == "related"]
    assert related == [("https://progetto.example.it/", "Internet sito progetto"), ("https://altro.example.it/", None)]


def test_the_feed_says_who_it_is_and_where() -> None:
    head = read(rendered(FULL, description="Le notizie <della rete>", language="it")).feed
    assert (head.id, head.title, head.subtitle) == (SELF, "Permessi di soggiorno – News", "Le notizie <della rete>")
    assert {link.rel: (link.href, link.type) for link in head.links} == {
        "self": (SELF, "application/atom+xml"),
        "alternate": ("https://anci.example.it/", "text/html"),
    }
    assert (head.language, head.updated) == ("it", "2026-06-15T06:00:00+00:00")


def test_an_entry_in_another_language_says_so_and_one_in_the_feed_s_own_does_not() -> None:
    body = rendered(entry("a", language="en"), entry("b", language="it"), language="it")
    assert [e.title_detail.language for e in read(body).entries] == ["en", "it"]
    assert body.count(b"xml:lang") == 2


def test_entries_stay_in_their_order() -> None:
    assert [e.title for e in read(rendered(*(entry(f"e{n}", title=str(n)) for n in (2, 3, 1)))).entries] == [*"231"]


def test_a_date_in_another_zone_is_the_same_moment() -> None:
    rome = datetime(2026, 6, 15, 8, tzinfo=timezone(timedelta(hours=2)))
    assert only(rendered(entry(published=rome))).published_parsed[:5] == (2026, 6, 15, 6, 0)


# --- where it came from ---

SOURCE = Feed(
    "https://anci.example.it/feed",
    "ANCI & Comuni",
    home="https://anci.example.it/?p=1&q=2",
    self_url="https://anci.example.it/feed",
    updated=hours(-2),
)
FROM_ANCI = atom.Context({"anci": SOURCE}, {})


def test_the_source_is_whole() -> None:
    source = only(rendered(FULL, context=FROM_ANCI)).source
    assert (source.id, source.title, source.updated) == (SOURCE.id, SOURCE.title, "2026-06-15T04:00:00+00:00")
    assert {link.rel: link.href for link in source.links} == {"self": SOURCE.self_url, "alternate": SOURCE.home}


def test_an_entry_that_names_nobody_is_its_source_s_and_not_the_site_s() -> None:
    found = only(rendered(entry(), context=FROM_ANCI))
    assert "author" not in found
    assert found.source.author == "ANCI & Comuni"


def test_an_announcement_has_no_other_source() -> None:
    assert "source" not in only(rendered(entry(source_id="announcements"), context=FROM_ANCI))


def test_the_other_entries_of_a_story_are_related() -> None:
    mate = entry("b", title="La stessa notizia", url="https://interno.example.it/7")
    links = only(rendered(entry("a"), context=atom.Context({}, {"a": (mate,)}))).links
    told = [(link.rel, link.href, link.title) for link in links if link.rel == "related"]
    assert told == [("related", "https://interno.example.it/7", "La stessa notizia")]


# --- RFC 4287 ---

ODD = [
    entry(title="", summary="", content=""),
    entry(title="\x00\x0b", url=None, summary="", content=""),
    entry(title="\ud800 \ufffe", authors=("\x01", ""), tags=("\x02", "", "a\x03b"), licence="\x1b[0m CC0"),
    entry(published=None, updated=None),
    entry(language="italiano standard"),
    entry(language="it_IT"),
    entry(url="https://anci.example.it/Delibera n. 7|2026\\<bozza>.pdf"),
    entry(enclosures=(Enclosure("https://anci.example.it/a b.pdf", "application/\x01pdf", 1, "\ufffe"),)),
    entry(links=(Link("https://anci.example.it/{x}", "\x00"),)),
]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_entry_does_not_break_the_feed(odd: Entry) -> None:
    body = rendered(odd)
    assert violations(body) == []
    assert only(body).title


def test_an_address_is_only_encoded_where_it_must_be() -> None:
    """Percent signs, brackets and letters beyond ASCII are the source's business."""
    kept = "https://anci.example.it/perch%C3%A9/più/;jsessionid=A1?id[]=1&x=(2)#!/c"
    assert only(rendered(entry(url=kept))).link == kept
    encoded = "https://anci.example.it/Delibera%20n.%207%7C2026.pdf"
    assert only(rendered(entry(url="https://anci.example.it/Delibera n. 7|2026.pdf"))).link == encoded


def test_a_whole_feed_is_valid() -> None:
    mate = entry("b", url="https://interno.example.it/7")
    assert violations(rendered(FULL, context=atom.Context({"anci": SOURCE}, {"a1": (mate,)}))) == []


def test_a_feed_without_entries_is_valid() -> None:
    assert violations(rendered(updated=None)) == []


@given(feeds)
@settings(max_examples=50, deadline=None)
def test_no_text_makes_a_feed_invalid(told: Feed) -> None:
    assert violations(atom.render(told)) == []


def test_the_same_feed_gives_the_same_bytes() -> None:
    assert rendered(FULL, entry("b")) == rendered(FULL, entry("b"))
    assert rendered(FULL) != rendered(replace(FULL, updated=datetime(2026, 6, 16, tzinfo=UTC)))
