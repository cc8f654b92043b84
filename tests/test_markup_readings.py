"""Short ways of cleaning say what the long one says: every reading there is, until nothing changes any more."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from html import escape, unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import markup
from aggregator.markup import cleaning, reading
from aggregator.markup.images import IMAGE, image
from aggregator.markup.nesting import is_plain
from tests.corpus.shelf import CORPUS

BASES = ("", "https://comune.example.it/bandi/2026")


def by_readings(html: str, base: str) -> str:
    """The safe form, in as many readings as it takes, each with a look at every picture first."""
    before = markup.legal(html).replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if "<" not in before and "&" not in before:
        return before
    for _ in range(4):
        if cleaning._is_hostile(before):
            break
        after = _reading(before, base)
        if after == before:
            return after
        before = after
    return escape(markup.text(before), quote=False)


def _reading(html: str, base: str) -> str:
    html = cleaning._harmless(html)
    if "<img" in html.lower():
        html = IMAGE.sub(image, cleaning._SEEING.clean(html))
    return markup.legal(cleaning._resolving(base).clean(html)).replace("\ufeff", "").strip()


def assert_equal(html: str) -> bool:
    """Both ways say the same; whether the short one was short."""
    for base in BASES:
        assert markup.clean(html, base) == by_readings(html, base)
    return is_plain(markup.clean(html))


PLAIN = [
    "<p>Uno</p>\n<p>due <strong>tre</strong><br>\xa0</p><hr>",
    '<a href="https://www.example.it/a?b=1&amp;c=2#d" title="è" rel="noopener noreferrer">x</a>',
    '<ul>\n<li>a<br>b</li>\n<li><ol start="3"><li value="4">c</li></ol></li>\n</ul>',
    '<figure><img src="https://www.example.it/1.jpg" alt="&quot;d\'uso"><figcaption>x</figcaption></figure>',
    "<dl><dt>a</dt><dd><p>b</p></dd></dl><blockquote><h2>c</h2><hr></blockquote><pre>x\n</pre>",
    "<div><span><div><em>x</em></div></span></div>",
    "<b><p>x</p></b>",
    '<table title="x">\n<caption>a</caption><thead><tr><th scope="col">b</th></tr></thead>'
    "<tbody>\n<tr><td><p>c</p><ul><li>d</li></ul></td> <td>e<br></td></tr></tbody></table>",
    "<b><table><tbody><tr><td>x</td></tr></tbody></table></b>",
]
NOT_PLAIN = [
    "<p>Uno<p>due",
    "<p><p>x</p></p>",
    "<p><div>x</div></p>",
    "<p><hr></p>",
    "<h1><h2>x</h2></h1>",
    '<a href="https://a.example/"><b><a href="https://b.example/">x</a></b></a>',
    "<li>x</li>",
    "<ul><b><li>x</li></b></ul>",
    "<dl><li>x</li></dl>",
    "<pre>\nx</pre>",
    '<pre lang="it">\nx</pre>',
    "<b>x</i>",
    "<b>" * 60 + "</b>" * 60,
    "<table><tr><td>x</td></tr></table>",
    "<table><tbody><tr>x<td>y</td></tr></tbody></table>",
    "<table><tbody><tr><td>y</td>x</tr></tbody></table>",
    "<table>\u3000</table>",
    "<table><tbody><br><tr><td>y</td></tr></tbody></table>",
    "<table><tbody><b><tr><td>y</td></tr></b></tbody></table>",
    "<table><p>x</p></table>",
    "<td>x</td>",
    "<p><table></table></p>",
    "</p>",
    "<br></br>",
    "<svg></svg>",
    "a < b",
    "a\rb",
]


@pytest.mark.parametrize("html", PLAIN)
def test_what_closes_in_order_needs_no_second_reading(html: str) -> None:
    assert is_plain(html)
    assert assert_equal(html)


@pytest.mark.parametrize("html", NOT_PLAIN)
def test_what_a_parser_may_see_otherwise_is_read_again(html: str) -> None:
    assert not is_plain(html)
    assert_equal(html)


def test_formatting_beyond_measure_is_read_again() -> None:
    assert_equal('<p><b lang="it">x</b></p>' * 41)


# --- whatever can be made up of such pieces ---

NAMES = "p div b a ul li h2 h3 em span dl dt dd blockquote table tbody tr td th pre code section details q"

PIECES = [f"<{slash}{name}>" for slash in ("", "/") for name in NAMES.split()]
PIECES += (
    "<br> <hr> <br/> &amp; &nbsp; &lt; &gt; &quot; &egrave; &notit; &copy &#8211; &#127; &#x41; &#13; & > <".split()
)
PIECES += "x città ' \" ]]> <![CDATA[ <!-- \xa0 \u3000 \x85 \ufeff &#65279; \n".split(" ")
PIECES += [
    " ",
    '<a href="https://www.example.it/?a=1&amp;b=2" class="x">',
    '<a href="/x">',
    '<a href="https://a..example/">',
    '<p title="a &quot;b&quot; \xa0" id="x">',
    '<p style="x">',
    '<b lang="it">',
    '<ol start="2" reversed="">',
    '<img src="https://www.example.it/a.jpg" alt="b" title="&amp;">',
    '<img alt="" width="1" src="https://www.example.it/lazy.png">',
    '<time datetime="2026-06-15">',
    "</time>",
    "<p lang=it>",
    "<A Href='https://www.example.it/'>",
    '<img src="https://www.example.it/a.jpg" style="width:1px; height: 1" data-x=1/>',
    "<script>f('>')</script>",
    "<style>",
    "</style>",
    "<iframe src=x></iframe>",
    "<!-- y -->",
    "<!---->",
    "<!-->",
    "-->",
    "</pre>",
    "\n",
]


@settings(max_examples=2000)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_heap_of_pieces_is_told_alike(pieces: list[str]) -> None:
    assert_equal("".join(pieces))


def _nested(draw: st.DrawFn, depth: int) -> str:
    names = NAMES.split()
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        if depth and draw(st.booleans()):
            name = draw(st.sampled_from(names))
            opening = draw(st.sampled_from([f"<{name}>", f'<{name} title="x">', f'<{name} class="y">']))
            parts.append(f"{opening}{_nested(draw, depth - 1)}</{name}>")
        else:
            parts.append(draw(st.sampled_from(["x", " ", "\n", "&amp;", "<br>", "&#39;", "perché"])))
    return "".join(parts)


@st.composite
def trees(draw: st.DrawFn) -> str:
    return _nested(draw, 5)


def slowly(html: str) -> str:
    """The text, tag by tag."""
    return reading._folded(reading._by_tags(reading._readable(reading.unwrapped(html)), strict=False))


@settings(max_examples=2000)
@given(st.lists(st.sampled_from([*PIECES, '"', "='", '="', ">", "<", "<b x=", "script"]), max_size=12))
def test_any_heap_of_pieces_has_the_same_text(pieces: list[str]) -> None:
    html = "".join(pieces)
    assert markup.text(html) == reading._folded(
        reading._by_tags(reading._readable(reading.unwrapped(html)), strict=False)
    )


@settings(max_examples=2000)
@given(trees())
def test_any_tree_is_told_alike(html: str) -> None:
    assert_equal(html)


# --- what is really written ---


def fragments() -> Iterator[str]:
    """Everything escaped or in CDATA in the corpus, a part of it in no order."""
    with (CORPUS / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    random.Random(7).shuffle(rows)
    for row in rows[:1500]:
        document = (CORPUS / row["path"]).read_bytes()[:300_000].decode("utf-8", "replace")
        yield from (found[:20_000] for found in re.findall(r"<!\[CDATA\[(.*?)\]\]>", document, re.S))
        yield from (unescape(found)[:20_000] for found in re.findall(r">([^<>]*&lt;[^<>]*)<", document))
        yield document[:20_000]


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus is not there: {CORPUS}")
def test_what_is_really_written_is_told_alike() -> None:
    plain = []
    for html in fragments():
        plain.append(assert_equal(html))
        assert markup.text(html) == slowly(html)
    assert sum(plain) > 1000
