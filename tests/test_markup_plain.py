"""What is plainly written is told without parsing it: always as nh3 would tell it."""

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
from aggregator.markup import cleaning
from aggregator.markup.plain import plainly
from tests.corpus.shelf import CORPUS

BASES = ("", "https://comune.example.it/bandi/2026")
REL = 'rel="noopener noreferrer"'


def by_nh3(html: str, base: str) -> str:
    """The safe form, by the parser alone and in as many readings as it takes."""
    before = html
    for _ in range(4):
        after = markup.legal(cleaning._sanitised(cleaning._harmless(before), base)).strip()
        if after == before:
            return after
        before = after
    return escape(markup.text(before), quote=False)


def assert_equal(html: str) -> bool:
    """Whether it was plain; if so, both ways say the same, and say it again of what they said."""
    before = markup.legal(html).replace("\r\n", "\n").replace("\r", "\n").strip()
    told = plainly(before)
    if told is None:
        return False
    for base in BASES:
        assert told == by_nh3(before, base)
    assert plainly(told) == told
    return True


PLAIN = [
    "Bilancio &amp; tributi",
    "<p>Uno</p>\n<p>due <strong>tre</strong></p>",
    '<p class="x" lang="it" onclick="f()">È "qui" &egrave; d\'ora in poi &lt;1&gt; &#8211; &#39;</p>',
    '<a href="https://www.example.it/a?b=1&amp;c=2#d" target="_blank" title="è">x</a> <a>y</a>',
    '<ul>\n<li>a<br/>b</li>\n<li><ol start="3"><li value="4">c</li></ol></li>\n</ul>',
    '<figure><img src="https://www.example.it/1.jpg" alt="&quot;d\'uso&quot;" width="800" loading="lazy">'
    "<figcaption>x</figcaption></figure>",
    '<img alt="x" height="9" src="https://www.example.it/1.jpg">',
    "<dl><dt>a</dt><dd><p>b</p></dd></dl><blockquote><h2>c</h2><hr></blockquote>",
    "a\xa0b&nbsp;c",
    '<p title="a\xa0b &lt; &quot;c&quot;">d</p>',
    '<a href="mailto:ufficio@comune.example.it">m</a> <a href="tel:+39-06123">t</a>',
    "<div><span><div><em>x</em></div></span></div>",
    "<b><p>x</p></b>",
]
NOT_PLAIN = [
    "<p>Uno<p>due",
    "<p><div>x</div></p>",
    "<h1><h2>x</h2></h1>",
    "<a href='https://www.example.it/'>x</a>",
    '<a href="/qui">x</a>',
    '<a href="javascript:f()">x</a>',
    '<a href="https://xn--a.example/">x</a>',
    '<a href="https://1.2.3.4.5/">x</a>',
    '<a href="https://www.example.it:99999/">x</a>',
    '<a href="https://www.example.it/a b">x</a>',
    '<a href="https://a.example/"><a href="https://b.example/">x</a></a>',
    "<li>x</li>",
    "<pre>\n\nx</pre>",
    "<script>f()</script>",
    "<svg></svg>",
    "<b>x</i>",
    "x > y",
    '<p\u2003lang="it">x</p>',
    "<p lang=it>x</p>",
    '<p lang="it" lang="en">x</p>',
    '<img src="https://www.example.it/1.jpg" data-src="https://www.example.it/2.jpg">',
    '<img src="https://www.example.it/spacer.gif">',
    '<img src="https://www.example.it/1.jpg" width="1" height="1">',
    '<img src="mailto:a@b.example">',
    "&#127;",
    "&#xFFFE;",
    "<!-- x -->",
    "<" + "div><" * 60,
    "<b>" * 60 + "</b>" * 60,
    "<table><tr><td>x</td></tr></table>",
    "</p>",
    "<br></br>",
]


@pytest.mark.parametrize("html", PLAIN)
def test_what_is_plain_is_told_as_by_nh3(html: str) -> None:
    assert assert_equal(html)


@pytest.mark.parametrize("html", NOT_PLAIN)
def test_what_is_not_plain_beyond_doubt_is_left_to_nh3(html: str) -> None:
    assert plainly(html) is None


# --- whatever can be made up of such pieces ---

PIECES = (
    "<p> </p> <div> </div> <b> </b> <a> </a> <ul> </ul> <li> </li> <h2> </h2> <h3> </h3> <em> </em> <span> </span> "
    "<br> "
    "<hr> <br/> <dl> </dl> <dt> </dt> <dd> </dd> <blockquote> </blockquote> <table> <td> </td> <pre> </pre> <code> "
    "</code> <section> </section> <details> </details> <q> </q> &amp; &nbsp; &lt; &gt; &quot; &egrave; &notit; &copy "
    "&#8211; &#127; &#x41; & \xa0 > < x \n città ' \" ]]> <![CDATA[ <!--"
).split(" ")
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
]


@settings(max_examples=2000)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_heap_of_pieces_is_told_alike(pieces: list[str]) -> None:
    assert_equal("".join(pieces))


def _nested(draw: st.DrawFn, depth: int) -> str:
    names = "p div b a ul li h2 em span blockquote code section dl dd q".split()
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
    plain = [assert_equal(html) for html in fragments()]
    assert sum(plain) > 1000
