"""strict(x) == loose(x) for every x that strict reads: our own fixtures, and documents nobody would think of."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import NotWellFormed
from aggregator.model import Feed, Fetched
from aggregator.parse import encoding, loose, strict

FOLDER = Path(__file__).parent / "feeds"
DOCUMENTS = sorted(path.name for path in FOLDER.iterdir() if path.suffix not in (".expect", ".json"))
ROME = ZoneInfo("Europe/Rome")
URL = "https://www.example.it/feeds/notizie.xml"


def strictly(document: bytes) -> Feed | None:
    try:
        return strict.parse(document, Fetched("s", URL, b""), ROME)
    except NotWellFormed:
        return None


def loosely(document: bytes) -> Feed:
    return loose.parse(document, Fetched("s", URL, b""), ROME)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_fixture_is_the_same_to_both_parsers(name: str) -> None:
    document = encoding.read((FOLDER / name).read_bytes())[0]
    feed = strictly(document)
    if feed is not None:
        assert feed == loosely(document)


@pytest.mark.parametrize(
    "kind",
    "date- format-rss-090 format-rss-092 format-rss-20 format-rdf-10 format-atom-10 identity- link- text-".split(),
)
def test_well_formed_fixtures_are_read_strictly(kind: str) -> None:
    documents = {name: encoding.read((FOLDER / name).read_bytes())[0] for name in DOCUMENTS if name.startswith(kind)}
    assert documents
    assert [name for name, document in documents.items() if strictly(document) is None] == []


# Elements in all orders and depths, with the attributes of others: what strict does not read it must refuse.
NAMES = (
    "title link description guid pubDate category author enclosure source image comments copyright language id "
    "updated summary content rights published name email uri foo lastBuildDate managingEditor "
    "dc:creator dc:date dc:subject dc:title dc:description dc:language dc:rights content:encoded "
    "media:group media:content media:title media:description media:thumbnail media:category media:keywords "
    "itunes:summary itunes:subtitle itunes:author itunes:keywords itunes:category "
    "atom:link atom:updated atom:author atom:summary atom:content atom:title atom:id atom:source "
    "georss:point slash:comments x:title ev:startdate ev:location"
).split()
NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ev": "http://purl.org/rss/1.0/modules/event/",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "x": "urn:x",
}
ATTRIBUTES = (
    'type="html"', 'type="text"', 'type="xhtml"', 'rel="enclosure" href="a.pdf"', 'href="b.html"', 'href=""',
    'rel="alternate" href="https://www.example.it/c"', 'rel="self" href="d"',
    'url="e.mp3" type="audio/mpeg" length="9"', 'url="f.mp4" type="Video/MP4" medium="video" fileSize="7"',
    'url="g.jpg" medium="image"', 'isPermaLink="false"', 'term="t"',
    'term="u" label="L" scheme="s"', 'domain="d"', 'label="l"', 'text="Arti"',
    'domain="http://albopop.it/specs#item-category-uid"', 'xml:lang="de_AT"', 'xml:lang=""', 'lang="fr"',
    'xml:base="https://albo.example.it/a/"', 'xml:base="sub/"', 'base="q/"', 'x:count="3"',
)  # fmt: skip
TEXTS = (
    "", " \n ", "ciao", "Però è così", "&lt;p&gt;uno &lt;b&gt;due&lt;/b&gt;&lt;/p&gt;", "perchÃ© no", "\x93a\x94",
    "<![CDATA[<p>a</p> &amp; b &egrave;]]>", "http://www.example.it/a?b=1&amp;c=2", "/rel/x",
    "http:////www.example.it/", "http://[x/", "javascript:x", "Mon, 15 Jun 2026 10:00:00 CEST",
    "2026-06-15T10:00:00Z", "15 giugno 2026",
    "urp@example.it (Ufficio stampa)", "URP &lt;urp@example.it&gt;", "a, b ,c", "&amp;amp;x&amp;b;",
    "&amp;#232; &amp;nbsp;", "&lt;foo&gt;x&lt;/foo&gt;",
)  # fmt: skip


def elements(names: st.SearchStrategy[str], attributes: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def element(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.builds("<{0} {1}>{2}</{0}>".format, names, attributes, inside)

    texts = st.sampled_from(TEXTS)
    return element(st.one_of(texts, texts, texts, texts, st.lists(element(texts), max_size=3).map("".join)))


@st.composite
def feeds(draw: st.DrawFn) -> str:
    """A few kinds of elements each, so that they meet often, and not one in every document is refused."""
    names = st.sampled_from(draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=6)))
    attributes = st.sampled_from(["", "", "", *draw(st.lists(st.sampled_from(ATTRIBUTES), max_size=3))])
    some = st.lists(elements(names, attributes), max_size=5).map("".join)
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    head, inner, entry = draw(st.sampled_from(["", draw(some)])), [draw(some) for _ in range(2)], draw(attributes)
    if draw(st.booleans()):
        entries = "".join(f"<entry {entry}>{one}</entry>" for one in inner)
        return f'<feed xmlns="http://www.w3.org/2005/Atom"{declared} xml:lang="it">{head}{entries}</feed>'
    entries = "".join(f"<item {entry}>{one}</item>" for one in inner)
    return f'<rss version="2.0"{declared}><channel>{head}{entries}</channel></rss>'


@settings(max_examples=400, deadline=None)
@given(feeds())
def test_a_document_that_strict_reads_is_the_same_to_loose(text: str) -> None:
    feed = strictly(text.encode())
    if feed is not None:
        assert feed == loosely(text.encode())
