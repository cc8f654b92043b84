"""Only what is safe to print is ever stored."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.clean import safe
from aggregator.model import Enclosure, Entry
from tests.build import entry

HOSTILE = '<p onclick="x()">Testo<script>alert(1)</script> <a href="javascript:x()">qui</a></p>'


def test_html_of_summary_and_content_is_safe() -> None:
    clean = safe(entry(summary=HOSTILE, content=HOSTILE))

    for html in (clean.summary, clean.content):
        assert "Testo" in html
        assert not any(word in html for word in ("onclick", "script", "alert"))


def test_links_are_those_of_the_entrys_page_or_of_the_base() -> None:
    link = '<a href="atto">x</a>'

    assert 'href="https://a.example.it/b/atto"' in safe(entry(url="https://a.example.it/b/", summary=link)).summary
    assert 'href="https://c.example.it/atto"' in safe(entry(url=None, summary=link), "https://c.example.it/").summary
    assert "href" not in safe(entry(url=None, summary=link)).summary


def test_every_text_is_one_line_without_control_characters() -> None:
    dirty = "  Uno\x00\x0b\ndue\ud800  tre\t"
    clean = safe(
        entry(title=dirty, authors=(dirty, "\x01"), tags=(dirty, " "), language=dirty, origin=dirty, licence=dirty)
    )

    assert {clean.title, clean.language, clean.origin, clean.licence} == {"Uno due tre"}
    assert (clean.authors, clean.tags) == (("Uno due tre",), ("Uno due tre",))


def test_what_is_far_too_long_for_its_place_is_cut() -> None:
    clean = safe(entry(title="x" * 5000, language="y" * 100, published_raw="z" * 500))

    assert (len(clean.title), len(clean.language), len(clean.published_raw)) == (1000, 35, 200)


def test_markup_in_a_title_is_text() -> None:
    assert safe(entry(title="Circolare <INPS> & <b>altro</b>")).title == "Circolare <INPS> & <b>altro</b>"


@given(st.builds(Entry, st.just("anci"), title=st.text(), summary=st.text(), authors=st.tuples(st.text())))
def test_cleaning_twice_changes_nothing_more(raw: Entry) -> None:
    once = safe(raw)

    assert safe(once) == once


def test_names_and_types_of_files_are_one_line_of_legal_text() -> None:
    file = Enclosure("https://www.example.it/a.pdf", " application/pdf\n", 9, "Il  bando\x08 ")
    [cleaned] = safe(Entry("anci", enclosures=(file,))).enclosures
    assert cleaned == Enclosure("https://www.example.it/a.pdf", "application/pdf", 9, "Il bando")
    assert safe(Entry("anci", enclosures=(cleaned,))).enclosures[0] is cleaned
    [untitled] = safe(
        Entry("anci", enclosures=(Enclosure("https://www.example.it/b", "a/b", title="x\ty"),))
    ).enclosures
    assert (untitled.type, untitled.title) == ("a/b", "x y")


def test_of_thousands_of_tags_and_authors_the_first_are_kept() -> None:
    """Each tag has a page and three feeds."""
    names = tuple(f"Etichetta {n} {'x' * 300}" for n in range(3000))
    cleaned = safe(entry("a", tags=names, authors=names))
    assert len(cleaned.tags) == len(cleaned.authors) == 50
    assert {len(tag) for tag in cleaned.tags} == {200}
