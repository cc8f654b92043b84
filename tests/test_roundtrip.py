"""What we publish as Atom is what we read in it: parse(render(feed)) == feed, on what Atom can carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import markup, parse
from aggregator.model import Enclosure, Entry, Feed, Fetched
from aggregator.render import atom

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


@given(feeds)
@settings(max_examples=150, deadline=None)
def test_what_is_rendered_as_atom_is_read_back(feed: Feed) -> None:
    body = atom.render(feed)
    assert parse.document(Fetched("noi", ADDRESS, body, "application/atom+xml"), ROME) == carried(feed)
