"""feedparser's answers, mended: what tests/feeds does not show."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model import Enclosure, Entry, Event, Feed, Fetched
from aggregator.parse import loose

ROME = ZoneInfo("Europe/Rome")
URL = "https://www.example.it/avvisi/feed.xml"
FEEDS = Path(__file__).parents[1] / "feeds"


def read(text: str, url: str = URL) -> Feed:
    return loose.parse(text.encode(), Fetched("anci", url, b""), ROME)


def rss(item: str, channel: str = "") -> Entry:
    spaces = (
        'xmlns:ev="http://purl.org/rss/1.0/modules/event/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    )
    feed = read(
        f'<rss version="2.0" {spaces}><channel><title>Prova</title>{channel}<item>{item}</item></channel></rss>'
    )
    return feed.entries[0]


def atom(entry: str) -> Entry:
    return read(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Prova</title><entry>{entry}</entry></feed>').entries[
        0
    ]


@pytest.mark.parametrize("guid", ["4821", "/atti/4821", "?id=4821", "tag:example.it,2026:1", "urn:uuid:1", "a b"])
@pytest.mark.parametrize("permalink", ["", ' isPermaLink="false"'])
def test_a_guid_is_kept_as_written_wherever_the_document_lies(guid: str, permalink: str) -> None:
    text = f'<rss version="2.0"><channel><item><guid{permalink}>{guid}</guid></item></channel></rss>'

    for url in (URL, "http://altro.example.it/"):
        assert read(text, url).entries[0].guid == guid


def test_an_atom_id_is_kept_as_written() -> None:
    assert atom("<id>avviso-1</id>").guid == "avviso-1"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/atti/1", "https://www.example.it/atti/1"),
        ("atto", "https://www.example.it/avvisi/atto"),
        ("?id=1", "https://www.example.it/avvisi/feed.xml?id=1"),
        ("//cdn.example.it/1", "https://cdn.example.it/1"),
        ("http://altro.example.it/1", "http://altro.example.it/1"),
        ("mailto:urp@example.it", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("", None),
    ],
)
def test_a_link_is_a_web_address_or_none(link: str, url: str | None) -> None:
    assert rss(f"<title>Avviso</title><link>{link}</link>").url == url


def test_a_guid_that_is_no_permalink_is_no_link() -> None:
    assert rss('<guid isPermaLink="false">https://www.example.it/1</guid>').url is None


def test_of_summary_and_content_what_is_the_same_is_told_once() -> None:
    twice = rss("<description>Testo</description><content:encoded>Testo</content:encoded>")
    both = rss("<description>Breve</description><content:encoded>&lt;p&gt;Intero&lt;/p&gt;</content:encoded>")

    assert (twice.summary, twice.content) == ("Testo", "")
    assert (both.summary, both.content) == ("Breve", "<p>Intero</p>")


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ('<content type="text">a &lt;b&gt; &amp; c</content>', "a &lt;b&gt; &amp; c"),
        ('<content type="html">&lt;p&gt;a&lt;/p&gt;</content>', "<p>a</p>"),
        ('<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a</p></div></content>', "<p>a</p>"),
        ('<content type="image/png" src="https://www.example.it/1.png"/>', ""),
        ('<content type="image/png">aGVsbG8=</content>', ""),
        ("<content/>", ""),
    ],
)
def test_content_is_html_or_nothing(content: str, html: str) -> None:
    assert html in atom(f"<id>1</id>{content}").content
    assert bool(html) == bool(atom(f"<id>1</id>{content}").content)


def test_the_time_of_change_is_not_made_up_of_the_date() -> None:
    assert rss("<pubDate>Mon, 08 Jun 2026 09:00:00 +0200</pubDate>").updated is None


def test_a_date_that_is_none_gives_way_to_the_time_of_change() -> None:
    entry = atom("<id>1</id><published>ieri</published><updated>2026-06-08T09:00:00Z</updated>")

    assert (entry.published, entry.published_raw) == (datetime(2026, 6, 8, 9, tzinfo=UTC), "2026-06-08T09:00:00Z")
    assert entry.updated == entry.published


def test_where_no_date_can_be_read_the_first_is_shown_as_written() -> None:
    entry = atom("<id>1</id><published>ieri</published><updated>oggi</updated>")

    assert (entry.published, entry.published_raw, entry.date_quality) == (None, "ieri", "refused")


@pytest.mark.parametrize(
    ("length", "size"),
    [
        ("1200", 1200),
        (" 1200 ", 1200),
        ("0", 0),
        ("", None),
        ("1.2 MB", None),
        ("-1", None),
        ("٣", None),
        ("9" * 40, None),
    ],
)
def test_the_size_of_a_file_is_a_number_or_unknown(length: str, size: int | None) -> None:
    file = f'<enclosure url="a.pdf" type="application/pdf" length="{length}"/>'

    assert rss(file).enclosures == (Enclosure("https://www.example.it/avvisi/a.pdf", "application/pdf", size),)


def test_an_enclosure_without_a_web_address_is_none() -> None:
    assert rss('<enclosure url="javascript:x()"/><enclosure type="audio/mpeg"/>').enclosures == ()


def test_tags_are_told_once_and_empty_ones_not_at_all() -> None:
    tags = "<category>Bandi</category><category> Bandi </category><category/><category>Gare</category>"

    assert rss(tags).tags == ("Bandi", "Gare")


@pytest.mark.parametrize(
    ("item", "event"),
    [
        ("<ev:startdate>12/07/2026</ev:startdate>", Event(datetime(2026, 7, 11, 22, tzinfo=UTC), all_day=True)),
        (
            "<ev:startdate>2026-07-12T10:00:00+02:00</ev:startdate><ev:enddate>2026-07-12T13:00:00+02:00</ev:enddate>"
            "<ev:location>Sala  consiliare &amp; online</ev:location>",
            Event(
                datetime(2026, 7, 12, 8, tzinfo=UTC), datetime(2026, 7, 12, 11, tzinfo=UTC), "Sala consiliare & online"
            ),
        ),
    ],
)
def test_the_event_module_is_read(item: str, event: Event) -> None:
    assert rss(item).events == (event,)


def test_an_event_without_a_day_is_none() -> None:
    assert rss("<ev:startdate>presto</ev:startdate><ev:location>Roma</ev:location>").events == ()


@pytest.mark.parametrize(
    ("item", "authors"),
    [
        ("<author>urp@example.it (Ufficio stampa)</author>", ("Ufficio stampa",)),
        ("<author>urp@example.it</author>", ("urp@example.it",)),
        ("<author>Ufficio stampa</author>", ("Ufficio stampa",)),
        ("<author/>", ()),
    ],
)
def test_an_author_is_a_name_or_an_address(item: str, authors: tuple[str, ...]) -> None:
    assert rss(item).authors == authors


def test_several_authors_are_told_in_their_order_and_once() -> None:
    people = "".join(f"<author><name>{name}</name></author>" for name in ("Rossi", "Bianchi", "Rossi"))

    assert atom(f"<id>1</id>{people}").authors == ("Rossi", "Bianchi")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("<!DOCTYPE html><html><body>Manutenzione</body></html>", "web page"),
        ("<HTML><head></head></HTML>", "web page"),
        ("Service unavailable", "no RSS"),
        ("/etc/passwd", "no RSS"),
        ("http://127.0.0.1:9/feed", "no RSS"),
        ("<urlset><url/></urlset>", "a sitemap"),
        ("<a>" * 3000, "web page"),
    ],
)
def test_what_is_no_feed_is_named(text: str, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        read(text)


def test_entities_are_neither_expanded_nor_read_from_files() -> None:
    text = (
        '<!DOCTYPE rss [<!ENTITY a "boom"><!ENTITY file SYSTEM "file:///etc/hostname">]>'
        '<rss version="2.0"><channel><item><title>Bando</title><description>&file;</description></item></channel></rss>'
    )
    assert read(text).entries[0].summary in ("", "&file;", "&amp;file;")


whole = (FEEDS / "format-rss-20.xml").read_text() + (FEEDS / "format-atom-10.atom").read_text()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(whole)), st.integers(0, len(whole)), st.text("<>&;/![]\"'=a \x85\ufffd", max_size=12))
def test_no_damage_to_a_document_is_a_crash(start: int, end: int, junk: str) -> None:
    with suppress(ParseError):
        assert all(entry.source_id == "anci" for entry in read(whole[:start] + junk + whole[end:]).entries)
