"""The strict parser: what it reads in well-formed feeds, always as the loose one does, and what it leaves to that."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.errors import NotWellFormed
from aggregator.model import Enclosure, Entry, Feed, Fetched
from aggregator.parse import encoding, loose, strict

ROME = ZoneInfo("Europe/Rome")
URL = "https://www.example.it/feeds/notizie.xml"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "atom": "http://www.w3.org/2005/Atom",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "ev": "http://purl.org/rss/1.0/modules/event/",
        "georss": "http://www.georss.org/georss",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "media": "http://search.yahoo.com/mrss/",
    }.items()
)


def rss(*items: str, head: str = "<title>Comune</title>") -> str:
    entries = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {NAMESPACES}><channel>{head}{entries}</channel></rss>'


def atom(*entries: str, head: str = "", attributes: str = "") -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{head}{inner}</feed>'


def both(document: str) -> Feed:
    """What the strict parser says, which is what the loose one says."""
    body, fetched = encoding.read(document.encode("utf-8"))[0], Fetched("s", URL, b"")
    feed = strict.parse(body, fetched, ROME)
    assert feed == loose.parse(body, fetched, ROME)
    return feed


def first(document: str) -> Entry:
    return both(document).entries[0]


READINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "a title with markup": (rss("<title>Il &lt;b&gt;bando&lt;/b&gt;</title>"), {"title": "Il bando"}),
    "an Atom title that is plain": (atom("<title>1 &lt; 2</title>"), {"title": "1 < 2"}),
    "a title after the one of a picture": (
        rss("<media:content url='a.jpg'><media:title>Foto</media:title></media:content><title>Bando</title>"),
        {"title": "Bando"},
    ),
    "the first of two titles": (rss("<title>Bando</title><dc:title>Il bando</dc:title>"), {"title": "Bando"}),
    "a link that is escaped twice": (
        rss("<link>https://www.example.it/?a=1&amp;amp;b=2</link>"),
        {"url": "https://www.example.it/?a=1&b=2"},
    ),
    "the title of a media group": (
        atom("<media:group><media:title>Consiglio</media:title></media:group>", attributes=NAMESPACES),
        {"title": "Consiglio"},
    ),
    "summary and content": (
        rss("<description>In breve</description><content:encoded>&lt;p&gt;Tutto&lt;/p&gt;</content:encoded>"),
        {"summary": "In breve", "content": "<p>Tutto</p>"},
    ),
    "a second summary is the content": (
        rss("<description>In breve</description><itunes:summary>Per esteso &amp; a voce</itunes:summary>"),
        {"summary": "In breve", "content": "Per esteso &amp; a voce"},
    ),
    "XHTML without the div around it": (
        atom('<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>e</b> B<br/></div></content>'),
        {"content": "A <b>e</b> B<br></br>"},
    ),
    "a guid that is the link": (
        rss("<guid>https://www.example.it/1</guid>"),
        {"guid": "https://www.example.it/1", "url": "https://www.example.it/1"},
    ),
    "a guid that is none": (rss('<guid isPermaLink="false">atto-1</guid>'), {"guid": "atto-1", "url": None}),
    "a relative guid": (rss("<guid>/atti/1</guid>"), {"guid": "/atti/1", "url": "https://www.example.it/atti/1"}),
    "an inherited base": (
        atom('<link href="1.html"/>', attributes='xml:base="https://albo.example.it/atti/"'),
        {"url": "https://albo.example.it/atti/1.html"},
    ),
    "a base below another": (
        atom('<link xml:base="2026/" href="1.html"/>', attributes='xml:base="https://albo.example.it/atti/"'),
        {"url": "https://albo.example.it/atti/2026/1.html"},
    ),
    "a language of the title": (
        atom('<title xml:lang="de_IT">Amtstafel</title>', attributes='xml:lang="it"'),
        {"language": "de-IT"},
    ),
    "a language of the feed": (atom("<title>Albo</title>", attributes='xml:lang="it"'), {"language": "it"}),
    "authors of Atom": (
        atom("<author><name>Ufficio tributi</name></author><author><name>Anagrafe</name></author>"),
        {"authors": ("Ufficio tributi", "Anagrafe")},
    ),
    "an author by mail": (rss("<author>urp@example.it (Ufficio stampa)</author>"), {"authors": ("Ufficio stampa",)}),
    "an author without a name": (atom("<author><email>a@b.example</email></author>"), {"authors": ("a@b.example",)}),
    "creators": (rss("<dc:creator>URP</dc:creator><dc:creator>SUAP</dc:creator>"), {"authors": ("URP", "SUAP")}),
    "tags of every kind": (
        rss("<category>Bandi</category><dc:subject>Scuola</dc:subject><media:keywords>a, b</media:keywords>"),
        {"tags": ("Bandi", "Scuola", "a", "b")},
    ),
    "tags of AlboPOP": (
        rss(
            '<category domain="http://albopop.it/specs#item-category-uid">2026/1</category>'
            '<category domain="http://albopop.it/specs#item-category-type">Ordinanza</category>'
            '<category domain="http://albopop.it/specs#item-category-pubEnd">Fri, 26 Jun 2026 00:00:00 +0200</category>'
        ),
        {"tags": ("Ordinanza",), "type": "Ordinanza", "deadline": date(2026, 6, 26)},
    ),
    "an enclosure and an Atom link to a file": (
        rss(
            '<enclosure url="atto.pdf" type="Application/PDF" length="12"/>'
            '<atom:link rel="enclosure" href="https://www.example.it/b.ods" title="Tabella"/>'
        ),
        {
            "enclosures": (
                Enclosure("https://www.example.it/feeds/atto.pdf", "application/pdf", 12),
                Enclosure("https://www.example.it/b.ods", "text/html", None, "Tabella"),
            )
        },
    ),
    "files of Media RSS, but for pictures, dead players and what is attached already": (
        rss(
            '<media:content url="e.mp3" type="audio/mpeg"/><enclosure url="e.mp3" type="audio/mpeg" length="9"/>'
            '<media:group><media:content url="f.mp4" type="video/mp4" fileSize="7"><media:title>Film</media:title>'
            '</media:content><media:content url="g.jpg" type="image/jpeg"/></media:group>'
            '<media:content url="h" medium="image"/><media:content url="i.png?x=1"/><media:content medium="video"/>'
            '<media:content url="https://video.example/v/1" type="application/x-shockwave-flash"/>'
            '<media:content url="atto.pdf" fileSize="molti"/>'
        ),
        {
            "enclosures": (
                Enclosure("https://www.example.it/feeds/e.mp3", "audio/mpeg", 9),
                Enclosure("https://www.example.it/feeds/f.mp4", "video/mp4", 7),
                Enclosure("https://www.example.it/feeds/atto.pdf"),
            )
        },
    ),
    "text in UTF-8 twice": (rss("<title>PerchÃ© no</title>"), {"title": "Perché no"}),
    "quotes of windows-1252": (rss("<title>\x93bando\x94</title>"), {"title": "“bando”"}),
    "a source is not the entry": (
        atom(
            "<source><title>ANCI</title><id>x</id><link href='http://anci.example.it/'/></source><title>Bando</title>"
        ),
        {"title": "Bando", "guid": None, "url": None},
    ),
    "a place on the map changes nothing": (rss("<georss:point>45 9</georss:point>"), {"title": ""}),
    "rights": (rss("<dc:rights>CC BY 4.0</dc:rights>"), {"licence": "CC BY 4.0"}),
}


@pytest.mark.parametrize("case", READINGS)
def test_it_reads_what_the_loose_parser_reads(case: str) -> None:
    document, expected = READINGS[case]
    entry = first(document)
    assert {key: getattr(entry, key) for key in expected} == expected


def test_it_reads_the_event_module() -> None:
    dates = "<ev:startdate>2026-06-12T10:00:00</ev:startdate><ev:enddate>2026-06-12T13:00:00</ev:enddate>"
    (event,) = first(rss(f"{dates}<ev:location>Sala consiliare</ev:location>")).events
    assert event.start.isoformat() == "2026-06-12T08:00:00+00:00"
    assert event.place == "Sala consiliare"


def test_it_reads_the_head() -> None:
    head = (
        "<title>Albo</title><link>https://www.example.it/</link><description>Atti &amp;amp; avvisi</description>"
        "<image><title>Stemma</title><url>s.png</url><link>/</link></image><language>it</language>"
        "<itunes:owner><itunes:name>URP</itunes:name></itunes:owner>"
    )
    feed = both(rss(head=head))
    assert (feed.title, feed.home, feed.description) == ("Albo", "https://www.example.it/", "Atti & avvisi")
    assert feed.language == "it"


def test_it_reads_rss_1_0_whose_entries_stand_beside_the_channel() -> None:
    feed = both(
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        "<channel rdf:about='https://www.example.it/'><title>Albo</title><items><rdf:Seq/></items></channel>"
        "<item rdf:about='https://www.example.it/1'><title>Avviso</title></item></rdf:RDF>"
    )
    assert (feed.title, feed.entries[0].guid) == ("Albo", "https://www.example.it/1")


def test_prefixes_are_the_documents_own_choice() -> None:
    purl = "http://purl.org/dc/elements/1.1/"
    entry = first(f'<rss xmlns:x="{purl}"><channel><item><x:creator>URP</x:creator></item></channel></rss>')
    assert entry.authors == ("URP",)


def test_it_reads_rss_0_91_with_its_document_type() -> None:
    assert first(f'<?xml version="1.0"?>\n<!DOCTYPE rss SYSTEM "rss-0.91.dtd">\n{rss("<title>Avviso</title>")}')


def test_an_encoding_that_is_still_declared_counts_for_nothing() -> None:
    document = "<?xml version='1.0' encoding='iso-8859-1'?>" + rss("<title>Città</title>")
    assert strict.parse(document.encode(), Fetched("s", URL, b""), ROME).entries[0].title == "Città"


REFUSED = {
    "no end": "<rss><channel><item><title>Bando",
    "two roots": rss() + rss(),
    "an entity": '<!DOCTYPE rss [<!ENTITY a "b">]>' + rss("<title>&a;</title>"),
    "a document type": '<!DOCTYPE feed SYSTEM "atom.dtd">' + atom(),
    "an entity of a DTD we do not read": f'<!DOCTYPE rss SYSTEM "rss-0.91.dtd">{rss("<title>Citt&agrave;</title>")}',
    "a page": "<html><body><p>Manutenzione</p></body></html>",
    "an undeclared prefix": "<rss><channel><item><foo:bar/></item></channel></rss>",
    "Atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"/>',
    "one entry alone": '<entry xmlns="http://www.w3.org/2005/Atom"/>',
    "no channel": "<rss><item/></rss>",
    "entries beside the channel": "<rss><channel/><item/></rss>",
    "CDF": '<CHANNEL HREF="https://www.example.it/"/>',
    "a known prefix for something else": '<rss xmlns:dc="urn:x"><channel><item><dc:creator/></item></channel></rss>',
    "HTML that is not escaped": rss("<description>Il <em>bando</em></description>"),
    "content in base64": rss('<content:encoded mode="base64">YQ==</content:encoded>'),
    "content that is a picture": atom('<content type="image/png">AAAA</content>'),
    "a drawing in XHTML": atom('<content type="xhtml"><svg xmlns="http://www.w3.org/2000/svg"/></content>'),
    "a summary of the podcast before its description": rss(
        head="<itunes:summary>A</itunes:summary><description>B</description>"
    ),
    "two titles of the feed": rss(head="<title>A</title><title>B</title>"),
    "an entry inside an entry": rss("<item><title>A</title></item>"),
    "an address by another scheme as the base": atom(attributes='xml:base="javascript:alert(1)"'),
    "authors of several kinds": rss("<author>A</author><atom:author><atom:name>B</atom:name></atom:author>"),
    "an element feedparser keeps its own things under": rss("<links>A</links>"),
    "plain text that may be HTML": rss("<itunes:summary>&lt;marquee&gt;A&lt;/marquee&gt;</itunes:summary>"),
    "elements too deep": rss("<x>" * 300 + "</x>" * 300),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_leaves_to_the_loose_parser(case: str) -> None:
    with pytest.raises(NotWellFormed) as refusal:
        strict.parse(REFUSED[case].encode(), Fetched("s", URL, b""), ROME)
    assert str(refusal.value)


def test_an_entry_with_very_many_tags_is_read_in_time() -> None:
    document = rss("".join(f"<category>t{n}</category>" for n in range(100_000)))
    entry = strict.parse(document.encode(), Fetched("s", URL, b""), ROME).entries[0]
    assert len(entry.tags) == 100_000
