"""What we publish as Atom is what we read in it: parse(render(feed)) == feed, on what Atom can carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator import markup, parse
from aggregator.model import Enclosure, Entry, Feed, Fetched
from aggregator.render import atom

ROME = ZoneInfo("Europe/Rome")
ADDRESS = "https://notizie.example.it/feeds/news.atom"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Everything that has ever broken a feed: markup, entities, CDATA, forbidden and invisible characters, both directions.
NASTY = (
    "<", ">", "&", "&amp;", "&lt;script&gt;", "]]>", "<![CDATA[", "<!--", "-->", "<b>", "</b>", "<p>", "</p>", "<br>", "\"", "'", "`",
    "%", "\\", "\x00", "\x01", "\x0b", "\x1f", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u2028", "\u202e", "\ufeff",
    "\ufffe", "\uffff", "\ud800", "\U0001f600", "\r\n", "\r", "\n", "\t", "  ", "perché", "l’asilo", "CO-AliZIONE", "142\\2015",
)  # fmt: skip
words = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=6)), max_size=8).map("".join)
moments = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
addresses = st.from_regex(r"https://[a-z]{1,8}\.example\.it/[A-Za-z0-9/_.~;=?&%@:+-]{0,20}", fullmatch=True)
languages = st.sampled_from(["", "it", "en", "de-AT", "zh-Hant"])
enclosures = st.builds(
    Enclosure,
    url=addresses,
    type=st.sampled_from(["", "application/pdf", "text/calendar"]),
    length=st.none() | st.integers(0, 10**15 - 1),
    title=words,
)
entries = st.builds(
    Entry,
    source_id=st.just("noi"),
    guid=st.uuids().map("urn:uuid:{}".format),
    url=st.none() | addresses,
    title=words,
    summary=words,
    content=words,
    authors=st.lists(words, max_size=3).map(tuple),
    tags=st.lists(words, max_size=3).map(tuple),
    language=languages,
    published=st.none() | moments,
    updated=st.none() | moments,
    enclosures=st.lists(enclosures, max_size=2).map(tuple),
    licence=words,
)
feeds = st.builds(
    Feed,
    id=st.just(ADDRESS),
    title=words.filter(lambda title: one_line(title) != ""),
    home=addresses,
    self_url=st.just(ADDRESS),
    language=languages,
    description=words,
    updated=st.none() | moments,
    entries=st.lists(entries, max_size=4).map(tuple),
)


def one_line(text: str) -> str:
    return " ".join(markup.legal(text).split())


def block(text: str) -> str:
    """XML knows one kind of line end, and blanks around a text are nobody's."""
    return markup.legal(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def carried(feed: Feed) -> Feed:
    """The feed as far as Atom can carry it."""
    return replace(
        feed,
        title=one_line(feed.title),
        description=one_line(feed.description),
        updated=feed.updated or EPOCH,
        entries=tuple(_carried(entry, feed) for entry in feed.entries),
    )


def _carried(entry: Entry, feed: Feed) -> Entry:
    updated = entry.updated or entry.published or EPOCH
    published = entry.published or updated
    summary, content = block(entry.summary), block(entry.content)
    return replace(
        entry,
        title=one_line(entry.title) or entry.url or entry.id,
        summary=summary or content,
        content=content if content != summary and summary else "",
        authors=tuple(dict.fromkeys(filter(None, map(one_line, entry.authors)))),
        tags=tuple(dict.fromkeys(filter(None, map(one_line, entry.tags)))),
        language=entry.language or feed.language,
        published=published,
        published_raw=published.isoformat(),
        date_quality="exact",
        updated=updated,
        enclosures=tuple(replace(e, title=one_line(e.title)) for e in entry.enclosures),
        licence=one_line(entry.licence),
    )


@given(feeds)
@settings(max_examples=300)
def test_what_is_rendered_as_atom_is_read_back(feed: Feed) -> None:
    body = atom.render(feed)
    assert parse.document(Fetched("noi", ADDRESS, body, "application/atom+xml"), ROME) == carried(feed)
