"""What a document says beside its entries, and what both parsers say alike of them: wishes, mends, origins, bases."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from aggregator import parse
from aggregator.model import Feed, Fetched, Wishes
from aggregator.parse.wishes import wishes

ROME = ZoneInfo("Europe/Rome")
DAY = 86_400.0


def rss(*head: str, items: str = "<item><title>Bando</title></item>") -> str:
    return f"<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel>{''.join(head)}{items}</channel></rss>"


def read(body: bytes, charset: str = "") -> Feed:
    found = parse.document(Fetched("anci", "https://anci.example.it/feed", body, charset=charset), ROME)
    assert isinstance(found, Feed)
    return found


@pytest.mark.parametrize(
    ("head", "every"),
    [
        ("<ttl>90</ttl>", 5_400),
        ("<ttl> 60 </ttl>", 3_600),
        ("<ttl>0</ttl>", 0),
        ("<ttl>presto</ttl>", 0),
        ("<ttl>99999999</ttl>", 7 * DAY),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", DAY),
        ("<sy:updatePeriod> hourly\n</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1_800),
        ("<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 7 * DAY),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", 7 * DAY),
        ("<sy:updatePeriod>mai</sy:updatePeriod>", 0),
        ("<ttl>30</ttl><sy:updatePeriod>daily</sy:updatePeriod>", DAY),
        ("<!-- <ttl>90</ttl> -->", 0),
        ("<!--x:item --><ttl>60</ttl>", 3_600),
    ],
)
def test_the_pause_a_document_asks_for(head: str, every: float) -> None:
    assert wishes(rss(head).encode()) == Wishes(every)


def test_all_skipped_hours_and_days_count_and_nonsense_does_not() -> None:
    head = (
        "<skipHours><hour>1</hour><hour>22</hour><hour>24</hour><hour>25</hour><hour>1</hour></skipHours>",
        "<skipDays><day>Saturday</day><day>SUNDAY</day><day>domenica</day></skipDays>",
    )
    assert wishes(rss(*head).encode()) == Wishes(0.0, (0, 1, 22), (5, 6))


def test_an_entry_wishes_nothing_even_where_the_channel_goes_on_after_it() -> None:
    entry = "<item><title>Bando</title><description>&lt;ttl&gt;5&lt;/ttl&gt;</description><ttl>5</ttl></item>"
    assert wishes(rss(items=entry).encode()) == Wishes()
    assert wishes(rss(items=f"{entry}{entry}<ttl>60</ttl>").encode()) == Wishes(3_600)


def test_both_parsers_bring_them_along() -> None:
    assert read(rss("<ttl>90</ttl>").encode()).wishes == Wishes(5_400)
    assert read(rss("<ttl>90</ttl>").replace("</rss>", "").encode()).wishes == Wishes(5_400)


# --- what had to be done ---

TITLE = "<title>Città</title>"


@pytest.mark.parametrize(
    ("body", "charset", "words"),
    [
        (rss(TITLE).encode(), "", ()),
        (rss(TITLE).encode("latin-1"), "iso-8859-1", ()),
        (rss(TITLE).encode("cp1252"), "", ("read as windows-1252, though it does not say so",)),
        (rss(TITLE).encode("cp1252"), "utf-8", ("read as windows-1252, though it says utf-8",)),
        (rss(TITLE).encode(), "iso-8859-1", ("read as utf-8, though it says iso-8859-1",)),
        (rss("<title>News</title>").encode(), "iso-8859-1", ()),
        (rss(TITLE).encode("utf-16"), "utf-16", ()),
        (rss(TITLE).encode("utf-16"), "utf-8", ("read as utf-16, though it says utf-8",)),
        (rss("<title>a\x08b</title>").encode(), "", ("control characters were taken out",)),
        (f"\n <?xml version='1.0'?>{rss()}".encode(), "", ("blanks before its first line were taken out",)),
    ],
)
def test_what_was_done_to_read_it_is_said(body: bytes, charset: str, words: tuple[str, ...]) -> None:
    assert read(body, charset).mended == words


def test_broken_xml_is_said_with_its_place() -> None:
    [words] = read(rss("<title>a & b</title>").encode()).mended
    assert words.startswith("its XML is broken, and was read as well as may be: ")
    assert "line 1" in words


# --- where an entry was taken from, and in what language it is ---


@pytest.mark.parametrize("cut", ["", "</rss>"])
def test_the_source_of_an_entry_is_its_origin_unless_it_is_this_feed(cut: str) -> None:
    entries = (
        "<item><title>a</title><source url='https://inps.example.it/feed'>INPS</source></item>"
        "<item><title>b</title><source url='https://anci.example.it/feed'>ANCI</source></item><item><title>c</title></item>"
    )
    document = rss("<title>ANCI</title>", items=entries).replace(cut or "nothing", "")
    assert [entry.origin for entry in read(document.encode()).entries] == ["INPS", "", ""]


def test_atom_says_it_by_elements() -> None:
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>ANCI</title><entry><title>a</title>"
        "<source><id>urn:inps</id><title>INPS</title></source></entry></feed>"
    )
    assert [(e.title, e.origin) for e in read(atom.encode()).entries] == [("a", "INPS")]


def test_an_entry_may_be_in_a_language_of_its_own() -> None:
    dc = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    items = f"<item {dc}><title>a</title><dc:language>de</dc:language></item><item><title>b</title></item>"
    for document in (rss("<language>it</language>", items=items), rss("<language>it</language>", items=items)[:-6]):
        assert [entry.language for entry in read(document.encode()).entries] == ["de", "it"]


def test_a_notice_board_says_what_kind_of_act_it_is() -> None:
    domain = "http://albopop.it/specs#item-category-"
    items = (
        f"<item><title>Atto 2026/136</title><category domain='{domain}uid'>2026/136</category>"
        f"<category domain='{domain}type'>Delibera di Giunta</category></item>"
    )
    [act] = read(rss(items=items).encode()).entries
    assert (act.type, act.tags) == ("Delibera di Giunta", ("Delibera di Giunta",))


# --- addresses that are relative to an xml:base ---

BASED = (
    "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://b.example.it/x/'><title>ANCI</title>"
    "<entry xml:base='y/'><title>a</title><content type='html'>"
    '&lt;a href="z"&gt;q&lt;/a&gt; &lt;img src="/p.png"&gt; &lt;a href="#nota"&gt;n&lt;/a&gt;'
    "</content></entry>"
    "<entry><title>b</title><content type='xhtml' xml:base='https://d.example.it/'>"
    "<div xmlns='http://www.w3.org/1999/xhtml'><a href='w'>w</a></div></content></entry></feed>"
)


@pytest.mark.parametrize("cut", ["nothing", "</feed>"])
def test_links_in_a_text_are_joined_to_the_xml_base_it_stands_in(cut: str) -> None:
    first, second = read(BASED.replace(cut, "").encode()).entries
    assert first.content == (
        '<a href="https://b.example.it/x/y/z">q</a> <img src="https://b.example.it/p.png"> <a href="#nota">n</a>'
    )
    assert second.content == '<a href="https://d.example.it/w">w</a>'


def test_without_one_they_stay_for_intake_to_join_to_the_page() -> None:
    item = '<item><title>a</title><description>&lt;a href="z"&gt;q&lt;/a&gt;</description></item>'
    assert read(rss(items=item).encode()).entries[0].summary == '<a href="z">q</a>'
