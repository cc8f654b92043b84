"""What we publish is what we read in it: parse(render(feed)) == feed, on what Atom, RSS and JSON Feed can carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import markup, parse
from aggregator.model import Enclosure, Entry, Feed, Fetched
from aggregator.render.feeds import atom, jsonfeed, rss
from aggregator.render.view import plain
from tests import jsonfeed11, rfc4287, rss20

ROME = ZoneInfo("Europe/Rome")
ADDRESS = "https://notizie.example.it/feeds/news.atom"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Everything that has ever broken a feed: markup, entities, CDATA, forbidden and invisible characters, both directions.
NASTY = (
    "<", ">", "&", "&amp;", "&lt;script&gt;", "]]>", "<![CDATA[", "<!--", "-->", "<b>", "</b>", "<p>", "</p>", "<br>",
    '"', "'", "`", "%", "\\", "\x00", "\x01", "\x0b", "\x1f", "\x7f", "\xa0", "\xad", "\u200b", "\u2028", "\u202e",
    "\ufeff", "\ufffe", "\uffff", "\ud800", "\U0001f600", "\r\n", "\r", "\n", "\t", "  ", "perché", "l’asilo",
    "CO-AliZIONE", "142\\2015",
)  # fmt: skip


def twice_encoded(text: str) -> bool:
    """Whether it could be UTF-8 once mistaken for Latin-1; feedparser mends such text, here by mistake."""
    try:
        return text.encode("latin-1").decode("utf-8") != text
    except UnicodeError:
        return False


def block(text: str) -> str:
    """Blanks around a text are nobody's."""
    return markup.legal(text).strip()


def one_line(text: str) -> str:
    return " ".join(block(text).split())


# No other control characters: feedparser takes U+0080 to U+009F for the windows-1252 they once were.
letters = st.text(st.characters(exclude_categories=["Cc"]), max_size=6)
words = st.lists(st.one_of(st.sampled_from(NASTY), letters), max_size=8).map("".join)
words = words.filter(lambda text: not twice_encoded(block(text)))
moments = st.integers(0, 4_000_000_000_000).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
addresses = st.from_regex(r"https://[a-z]{1,8}\.example\.it/([A-Za-z0-9/_.~=?&%@:+-]{0,20}[a-z])?", fullmatch=True)
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
        title=one_line(entry.title) or entry.url or entry.guid or "",
        summary=summary,
        content=content if content != summary else "",
        authors=tuple(dict.fromkeys(filter(None, map(block, entry.authors)))),
        tags=tuple(dict.fromkeys(filter(None, map(block, entry.tags)))),
        language=entry.language or feed.language,
        published=published,
        published_raw=published.isoformat(),
        date_quality="exact",
        updated=updated,
        enclosures=tuple(replace(e, title=markup.legal(e.title)) for e in entry.enclosures),
        licence=block(entry.licence),
    )


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(one_line, words))))


# --- RSS ---


def carried_by_rss(feed: Feed) -> Feed:
    """Titles are HTML to whoever reads RSS, dates have seconds, and one file an item says all of itself."""
    return replace(
        feed,
        id="",
        title=markup.title(one_line(feed.title), is_html=True),
        description=markup.title(one_line(feed.description) or one_line(feed.title), is_html=True),
        updated=feed.updated and feed.updated.replace(microsecond=0),
        entries=tuple(_carried_by_rss(entry, feed) for entry in feed.entries),
    )


def _carried_by_rss(entry: Entry, feed: Feed) -> Entry:
    moment = entry.published or entry.updated
    published = moment and moment.replace(microsecond=0)
    summary, content = block(entry.summary), block(entry.content)
    return replace(
        entry,
        title=markup.title(one_line(entry.title) or entry.url or entry.guid or "", is_html=True),
        summary=summary or content,
        content=content if summary and content != summary else "",
        authors=distinct(entry.authors),
        tags=distinct(entry.tags),
        language=entry.language or feed.language,
        published=published,
        published_raw=published.strftime("%a, %d %b %Y %H:%M:%S GMT") if published else "",
        date_quality="exact" if published else "missing",
        enclosures=tuple(_files_of_rss(entry.enclosures)),
        licence=one_line(entry.licence),
    )


def _files_of_rss(files: Iterable[Enclosure]) -> Iterable[Enclosure]:
    told = {file.url: Enclosure(file.url, file.type, file.length) for file in reversed(tuple(files))}
    for number, url in enumerate(dict.fromkeys(file.url for file in files)):
        one = told[url]
        yield replace(one, type=one.type or "application/octet-stream", length=one.length or 0) if number == 0 else one


# --- JSON Feed ---


def carried_by_json(feed: Feed) -> Feed:
    """Of a summary beside a content the words alone; no moment of its own last change."""
    return replace(
        feed,
        title=markup.title(one_line(feed.title), is_html=False),
        description=markup.title(one_line(feed.description), is_html=False),
        updated=None,
        entries=tuple(_carried_by_json(entry, feed) for entry in feed.entries),
    )


def _carried_by_json(entry: Entry, feed: Feed) -> Entry:
    summary, content = block(entry.summary), block(entry.content)
    moment = entry.published or entry.updated
    return replace(
        entry,
        title=one_line(entry.title),
        summary=escape(plain(summary).strip(), quote=False) if content else "",
        content=content or summary,
        authors=distinct(entry.authors),
        tags=distinct(entry.tags),
        language=entry.language or feed.language,
        published=moment,
        published_raw=moment.isoformat() if moment else "",
        date_quality="exact" if moment else "missing",
        enclosures=tuple(
            replace(e, type=e.type or "application/octet-stream", title=one_line(e.title)) for e in entry.enclosures
        ),
        licence="",
    )


# --- there and back ---


@given(feeds)
@settings(max_examples=150, deadline=None)
def test_what_is_rendered_as_rss_is_read_back(feed: Feed) -> None:
    body = rss.render(feed)
    assert rss20.violations(body) == []
    assert parse.document(Fetched("noi", ADDRESS, body, "application/rss+xml"), ROME) == carried_by_rss(feed)


@given(feeds)
@settings(max_examples=150, deadline=None)
def test_what_is_rendered_as_json_is_read_back(feed: Feed) -> None:
    body = jsonfeed.render(feed)
    assert jsonfeed11.violations(body) == []
    assert parse.document(Fetched("noi", ADDRESS, body, "application/feed+json"), ROME) == carried_by_json(feed)


@given(feeds)
@settings(max_examples=150, deadline=None)
def test_what_is_rendered_as_atom_is_read_back(feed: Feed) -> None:
    body = atom.render(feed)
    assert rfc4287.violations(body) == []
    assert parse.document(Fetched("noi", ADDRESS, body, "application/atom+xml"), ROME) == carried(feed)
