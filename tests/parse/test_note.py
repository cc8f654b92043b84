"""The editor's note to an issue: front matter if it has one, an introduction in Markdown, every fault by its line."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.parse.note import Written, parse

ROME = ZoneInfo("Europe/Rome")


def note(text: str | bytes) -> Written:
    return parse(text if isinstance(text, bytes) else text.encode(), ROME, "https://notizie.example.it/")


def faults(text: str) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.key, fault.text) for fault in note(text).faults]


FULL = """---
lead: Bando FAMI: le domande
skip: [Avviso 1, avviso-2]
later:
  - https://anci.example.it/notizie/3
  - Avviso 4, con virgola
hold: true
signed: La redazione
---
Buona *settimana*.
"""


def test_a_note_says_who_leads_who_is_left_out_and_who_signs() -> None:
    assert note(FULL) == Written(
        html="<p>Buona <em>settimana</em>.</p>",
        signed="La redazione",
        lead=((2, "Bando FAMI: le domande"),),
        skip=((3, "Avviso 1"), (3, "avviso-2")),
        later=((5, "https://anci.example.it/notizie/3"), (6, "Avviso 4, con virgola")),
        hold=True,
    )


def test_without_front_matter_all_of_it_is_the_introduction() -> None:
    assert note("Buongiorno.\n\nDue scadenze.") == Written(html="<p>Buongiorno.</p>\n<p>Due scadenze.</p>")


@pytest.mark.parametrize("empty", ["", "\n \n", "---\n---\n"])
def test_an_empty_note_says_nothing(empty: str) -> None:
    assert note(empty) == Written()


def test_front_matter_alone_has_no_introduction() -> None:
    assert note("---\nhold: true\n---\n") == Written(hold=True)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_a_note_is_read_as_editors_save_it(codec: str) -> None:
    body = "---\r\nsigned: Niccolò\r\n---\r\nPerché «sì»: 10 €\r\n".encode(codec)
    assert (note(body).signed, note(body).html) == ("Niccolò", "<p>Perché «sì»: 10 €</p>")


# --- faults ---


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("---\nskp: a\n---\n", [(2, "skp", "no such key; did you mean skip?")]),
        ("---\nhold: sì\n---\n", [(2, "hold", "'sì' is unknown; expected one of true, false")]),
        ("---\nhold:\n---\n", [(2, "hold", "nothing stands here; write a value or take the line out")]),
        (
            "---\nskip: a\n hold: true\n---\n",
            [(3, "hold", "stands below `skip:` and is read as part of it; begin it at the margin")],
        ),
        (
            "---\nlater: [a, b\n---\n",
            [(2, "later", "a bracket of the list is missing; write it whole on this line: [a, b]")],
        ),
        ("---\nlead:\n  - a\n  - b\n---\n", [(4, "lead", "one entry leads; name one")]),
        ("---\nskip: a\nskip: b\n---\n", [(3, "skip", "stands in line 2 already; keep one of them")]),
        (
            "---\nnessuna chiave\n---\n",
            [(2, "front matter", "expected `key: text` on one line; longer text goes below ---")],
        ),
        ("---\nsigned: Anna\n  Bianchi\n---\n", [(3, "signed", "expected one line; write it all after `signed:`")]),
    ],
)
def test_a_fault_is_told_with_its_line_and_its_remedy(text: str, told: Any) -> None:
    assert faults(text) == told


def test_all_faults_are_told_at_once_in_the_order_of_their_lines() -> None:
    found = faults("---\nhold: forse\nlead: [a, b]\ntitle: Titolo\n---\nTesto")
    assert [(line, key) for line, key, _ in found] == [(2, "hold"), (3, "lead"), (4, "title")]


def test_front_matter_without_an_end_is_a_fault() -> None:
    ((line, key, text),) = faults("---\nhold: true\nBuona settimana\n")
    assert (line, key) == (1, "front matter")
    assert "the line --- that ends it is missing" in text


# --- what a mail may hold ---


def test_headings_are_lines_in_bold_as_the_issue_has_its_own() -> None:
    assert note("# Novità\n\nTesto\n\n### In breve").html == (
        "<p><strong>Novità</strong></p>\n<p>Testo</p>\n<p><strong>In breve</strong></p>"
    )


def test_a_picture_is_not_loaded_from_anywhere() -> None:
    assert "<img" not in note("Guarda: ![foto](https://traccia.example/p.gif)").html


def test_links_are_resolved_against_the_site() -> None:
    html = note("[Calendario](calendar/2026-06.html) e [Regione](https://regione.example.it/)").html
    assert 'href="https://notizie.example.it/calendar/2026-06.html"' in html
    assert 'href="https://regione.example.it/"' in html


def test_html_of_an_editor_s_own_is_text() -> None:
    assert "<script" not in note("Ciao <script>alert(1)</script>").html
    assert "href" not in note("[x](javascript:alert(1))").html
