from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import markup

PAGE = "https://comune.example.it/bandi/2026"
REL = 'rel="noopener noreferrer"'


class Inventory(HTMLParser):
    """Every tag and attribute another parser finds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str, str]] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name, value or "") for name, value in attrs}


def assert_safe(html: str) -> None:
    found = Inventory(html)
    assert not found.tags & set("script style svg math iframe object embed form input link meta base video".split())
    for tag, name, value in found.attributes:
        assert not name.startswith("on")
        assert name not in ("style", "srcset", "id", "class", "target", "formaction")
        if name == "href":
            assert (tag, urlsplit(value).scheme) in [("a", scheme) for scheme in ("http", "https", "mailto", "tel")]
        if name == "src":
            assert (tag, urlsplit(value).scheme) in [("img", "http"), ("img", "https")]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("Solo testo: 3 > 2", "Solo testo: 3 > 2"),
        ("Bilancio & tributi", "Bilancio &amp; tributi"),
        ("<p>Uno<p>due", "<p>Uno</p><p>due</p>"),
        ('<p class=x style="color:red" lang=it onclick=f()>x</p>', '<p lang="it">x</p>'),
        ("<main>uno</main><footer>due</footer>", "<div>uno</div><div>due</div>"),
        ("a<script>b</script><style>c</style><iframe src=/x>d</iframe>e", "ae"),
        ("a<!-- b -->c", "ac"),
        ("<![CDATA[<b>uno</b>]]>", "<b>uno</b>"),
        ("a\x00b&#1;c\x0bd\ud800e\ufffef<br>", "abcdef<br>"),
        ("<pre>\n\n\n\n\n\nuno\ndue</pre>", "<pre>uno\ndue</pre>"),
        ("uno\r\ndue\rtre", "uno\ndue\ntre"),
        ("", ""),
    ],
)
def test_html_is_reduced_to_what_is_allowed(html: str, expected: str) -> None:
    assert markup.clean(html, PAGE) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("bando.html", "https://comune.example.it/bandi/bando.html"),
        ("/bando", "https://comune.example.it/bando"),
        ("//altro.example/x?a=1&amp;b=2", "https://altro.example/x?a=1&amp;b=2"),
        ("#nota", f"{PAGE}#nota"),
        ("http://altro.example/Già Fatto", "http://altro.example/Già Fatto"),
        ("mailto:urp@comune.example.it", "mailto:urp@comune.example.it"),
        ("tel:+39061234", "tel:+39061234"),
    ],
)
def test_links_are_made_absolute_and_say_nothing_to_the_other_side(written: str, expected: str) -> None:
    link = markup.clean(f'<a href="{written}" target=_blank rel=me>x</a>', PAGE)
    assert link == f'<a href="{expected}" {REL}>x</a>'


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " java\tscript:alert(1)", "data:text/html,x", "ftp://a.example"]
)
def test_other_schemes_lose_the_link_and_keep_the_words(url: str) -> None:
    assert markup.clean(f'<a href="{url}">x</a>', PAGE) == f"<a {REL}>x</a>"


@pytest.mark.parametrize("base", ["", "bandi/", "javascript:alert(1)", "http://[", "https://a b/", "\ud800"])
def test_without_a_web_address_to_start_from_relative_addresses_are_dropped(base: str) -> None:
    assert markup.clean('<a href="/x">x</a><img src="y.png" alt="Stemma">', base) == f"<a {REL}>x</a>Stemma"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ('<img src="/a.png" width=300 height=200 alt="Municipio" loading=lazy>', "/a.png"),
        ('<img src="data:image/gif;base64,R0lGOD" data-src="/a.png">', "/a.png"),
        ('<img src="/img/blank.gif" data-lazy-src="/a.png">', "/a.png"),
        ('<img data-srcset="/a.png 1x, /b.png 2x">', "/a.png"),
        ('<img srcset="/a.png, /b.png 2x">', "/a.png"),
        ('<img src="/a.png" data-src="/b.png">', "/a.png"),
    ],
)
def test_a_picture_has_its_real_address(image: str, expected: str) -> None:
    assert ("img", "src", "https://comune.example.it" + expected) in Inventory(markup.clean(image, PAGE)).attributes


@pytest.mark.parametrize(
    "image",
    [
        '<img src="/x.gif" width=1 height=1 alt="apri">',
        '<img src="/x.gif" width="1px" height="0">',
        '<img src="/x.gif" style="border:0; width: 1px;height:1px">',
        '<img src="https://pixel.wp.com/b.gif?v=1" width=300>',
        '<img src="//www.google-analytics.com/collect?x">',
        '<img src="http://feeds.feedburner.com/~r/comune/~4/x">',
        '<img src="https://stat.example.it/matomo.php?idsite=1">',
        '<img src="https://www.facebook.com/tr?id=1">',
    ],
)
def test_trackers_are_dropped_whole(image: str) -> None:
    assert markup.clean(f"prima {image}dopo", PAGE) == "prima dopo"


def test_a_picture_that_cannot_be_shown_leaves_its_words() -> None:
    assert markup.clean('<img src="data:image/png;base64,x" alt="Stemma &lt;b&gt; &amp; motto">') == (
        "Stemma &lt;b&gt; &amp; motto"
    )


PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt/x src=//a.example></sCrIpT >",
    "<img src=x onerror=alert(1)>",
    "<img/src=`x`onerror=alert(1)//",
    "<svg onload=alert(1)><svg><style><img src=x onerror=alert(1)></style>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mi><table><mglyph><svg><mtext><textarea><path id='</textarea><img onerror=alert(1) src=1>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<noembed><img title='</noembed><img src=x onerror=alert(1)>'></noembed>",
    "<a href='jav&#x0A;ascript:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='vbscript:x'>x</a><a href='data:text/html;base64,PHN2Zz4='>y</a>",
    "<img src=x data-src='javascript:alert(1)' srcset='javascript:alert(1) 1x'>",
    "<img src='' data-src='https://a.example/x\" onerror=\"alert(1)'>",
    "<img alt='&lt;img src=x onerror=alert(1)&gt;' src='data:x'>",
    "<img alt='\"><script>alert(1)</script>' src='data:x'>",
    "<base href='javascript:/a/'><a href='/x'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data='javascript:1'></object><embed src='x'>",
    "<link rel=stylesheet href=//a.example><meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<div style='background:url(javascript:alert(1))' id=x class=y>z</div>",
    "<table background='javascript:alert(1)'><td><video poster=javascript:alert(1)><source onerror=alert(1)>",
    "<input autofocus onfocus=alert(1)><button formaction=javascript:alert(1)>x<isindex action=javascript:alert(1)>",
    "<<script>script>alert(1)<</script>/script>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<p><![CDATA[]]>scr<![CDATA[]]>ipt><scr]]>ipt>alert(1)</scr]]>ipt>",
    "<mai<main>n onclick=alert(1)><nav\x00 onclick=alert(1)>",
    "<template><script>alert(1)</script></template><xmp><img src=x onerror=alert(1)></xmp><plaintext><script>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("frame", ["{}", "<p>a{}b</p>", "<table><tr>{}", "<a title='{}", "<svg>{}", "&lt;p&gt;{}<img"])
def test_no_attack_gets_through(payload: str, frame: str) -> None:
    html = markup.clean(frame.replace("{}", payload), PAGE)
    assert_safe(html)
    assert markup.clean(html, PAGE) == html


pieces = st.one_of(
    st.sampled_from(PAYLOADS),
    st.sampled_from(
        "<p> </p> <a> <a\thref=/x> </a> <b> </b> <i\tclass=y> <table> <td> <tr> </table> <pre>\n".split(" ")
    ),
    st.sampled_from(["<img src=a.png ", "<svg>", "<math>", "<style>", "<select>", "<li>", "<ul>", "<![CDATA[", "]]>"]),
    st.sampled_from(["&lt;", "&amp;lt;", "&nbsp;", "<!--", "-->", '"', "'", ">", "<", "&", "=", "\n", "</", "è", "x"]),
    st.text(max_size=5),
)
anything = st.lists(pieces, max_size=12).map("".join)


@given(anything)
def test_whatever_comes_is_safe_after_the_first_cleaning_and_the_same_after_the_second(html: str) -> None:
    once = markup.clean(html, PAGE)
    assert_safe(once)
    assert once == markup.legal(once)
    assert markup.clean(once, PAGE) == once


HUGE = {
    "divs": "<div>" * 1_000_000,
    "open bold tags": "<b>" * 1_000_000,
    "bold tags opened again by every paragraph": "<p>"
    + "<b class=%d>" * 3000 % tuple(range(3000))
    + "</p>"
    + "<p>x" * 16_000,
    "divs kept open by tables": "<div><table></div></table>" * 4_900,
    "nested tables": "<table><tr><td>" * 6_000,
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x</p>",
    "signs": "<" * 5_000_000,
    "tags never closed": "<a<a" * 1_000_000,
    "quotes never closed": "<p title='" * 500_000 + ">",
    "comments never closed": "<!--" * 1_000_000 + ">",
    "scripts never closed": "<script>" * 500_000,
    "entities": "&lt;" * 1_000_000,
    "one line": "x" * 5_000_000,
}


@pytest.mark.parametrize("html", HUGE.values(), ids=HUGE.keys())
def test_a_weapon_is_disarmed_in_bounded_time(html: str) -> None:
    """Whatever grows faster than the text would run into the test's time limit or out of memory."""
    safe = markup.clean(html, PAGE)
    assert_safe(safe[:100_000])
    assert len(markup.excerpt(html, 100)) <= 100
    markup.title(html, is_html=True)


def test_what_is_too_big_keeps_its_words() -> None:
    row = "<tr><td>Rossi & Figli <td>a < b"
    assert markup.clean(f"<table>{row * 20_000}").startswith("Rossi &amp; Figli a &lt; b Rossi")


def test_what_is_too_deep_has_no_marks_that_a_second_cleaning_would_take_out() -> None:
    once = markup.clean("<b>" * 201 + "&#xFEFF; <h1>a &#xFEFF; b")
    assert once == markup.clean(once) == "a  b"


def test_the_bytes_are_the_same_in_every_process() -> None:
    program = (
        "import sys; from aggregator import markup; "
        "print(markup.clean('<a title=t href=/x lang=it>a</a><img alt=q title=t src=b.png width=9 dir=ltr height=9>"
        "<td rowspan=2 colspan=3 lang=it>x', 'https://a.example/'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "01234"
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Uno</p><p>due<br>tre</p>", "Uno due tre"),
        ("<b>im</b>migrazione e <a href='/x'>asilo</a>", "immigrazione e asilo"),
        ("  perch&eacute;&nbsp;\n no ", "perché no"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("a<script>b<p></script><style>c</style>d<!-- e -->f", "a df"),
        ('<img alt="a > b" src=x>c', "c"),
        ("<p title='dell'articolo'>l'atto</p>", "l'atto"),
        ("a < b e c", "a < b e c"),
        ("tronco <b", "tronco <b"),
        ("<![CDATA[Uno]]> due", "Uno due"),
        ("", ""),
    ],
)
def test_text_is_what_a_reader_sees_on_one_line(html: str, expected: str) -> None:
    assert markup.text(html) == expected


@given(anything, st.integers(-1, 60))
def test_an_excerpt_is_a_beginning_no_longer_than_asked(html: str, limit: int) -> None:
    whole, cut = markup.text(html), markup.excerpt(html, limit)
    assert len(cut) <= max(limit, 0)
    assert cut == whole or not cut or (cut[-1] == "…" and whole.startswith(cut[:-1]))


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (100, "Anci: al via il programma, adesioni"),
        (35, "Anci: al via il programma, adesioni"),
        (34, "Anci: al via il programma…"),
        (26, "Anci: al via il programma…"),
        (25, "Anci: al via il…"),
        (5, "Anci…"),
        (3, "An…"),
        (1, "…"),
        (0, ""),
    ],
)
def test_an_excerpt_ends_with_a_whole_word(limit: int, expected: str) -> None:
    assert markup.excerpt("<p>Anci: al via il <b>programma</b>, adesioni</p>", limit) == expected


@pytest.mark.parametrize(
    ("raw", "as_html", "as_text"),
    [
        ("Dell&#8217;asilo &amp; altro", "Dell’asilo & altro", "Dell&#8217;asilo &amp; altro"),
        ("<b>Bando</b><br>scuola", "Bando scuola", "<b>Bando</b><br>scuola"),
        ("a < b e c > d", "a < b e c > d", "a < b e c > d"),
        ("Circolare <INPS> n. 3", "Circolare <INPS> n. 3", "Circolare <INPS> n. 3"),
        ("Rossi <rossi@example.it>", "Rossi <rossi@example.it>", "Rossi <rossi@example.it>"),
        ("AT&amp;amp;T", "AT&amp;T", "AT&amp;amp;T"),
        ("<![CDATA[Avviso]]>", "Avviso", "<![CDATA[Avviso]]>"),
        (" due\n righe\x00\ud800 ", "due righe", "due righe"),
    ],
)
def test_a_title_is_plain_text_on_one_line(raw: str, as_html: str, as_text: str) -> None:
    assert markup.title(raw, is_html=True) == as_html
    assert markup.title(raw, is_html=False) == as_text


@given(st.text())
def test_legal_text_is_what_xml_takes(text: str) -> None:
    from lxml import etree

    element = etree.Element("a")
    element.text = markup.legal(text)
    assert (etree.fromstring(etree.tostring(element)).text or "") == element.text


@given(anything)
def test_no_markup_breaks_the_plain_texts(html: str) -> None:
    for plain in (markup.text(html), markup.title(html, is_html=True), markup.title(html, is_html=False)):
        assert plain == " ".join(plain.split()) == markup.legal(plain)
