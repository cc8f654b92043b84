"""Until when: only what cannot be mistaken."""

from __future__ import annotations

from datetime import date
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.deadlines import deadline

POSTED = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Entro il prossimo 30 giugno i Comuni potranno aderire al programma", (6, 30)),
        ("domande entro il 15/07/2026", (7, 15)),
        ("ENTRO IL 30 GIUGNO 2026", (6, 30)),
        ("entro e non oltre le ore 12.00 del 15 luglio 2026", (7, 15)),
        ("entro e non oltre le ore 12:00 di venerdì 3 luglio", (7, 3)),
        ("entro le 12 del 30 giugno", (6, 30)),
        ("entro lunedì 6.7.26", (7, 6)),
        ("entro il 1° luglio", (7, 1)),
        ("entro il 30 novembre 2026", (11, 30)),
        ("entro il 1° dicembre", (12, 1)),
        ("entro la data del 30 giugno 2026", (6, 30)),
        ("Scadenza: 15/07/2026", (7, 15)),
        ("scadenza presentazione domande: 15 luglio 2026", (7, 15)),
        ("Il bando scade il 15 luglio", (7, 15)),
        ("La scadenza è fissata al 30 giugno 2026", (6, 30)),
        ("il termine per la presentazione delle domande è il 20 luglio 2026", (7, 20)),
        ("Termine ultimo: 20-07-2026", (7, 20)),
        ("iscrizioni entro il 30 giugno; la graduatoria esce il 15 luglio", (6, 30)),
        ("Entro il 30 giugno 2026. Si ricorda: scadenza 30/06/2026", (6, 30)),
    ],
)
def test_a_day_that_is_named_as_one(text: str, day: tuple[int, int]) -> None:
    assert deadline("", f"<p>{text}</p>", POSTED) == date(2026, *day)
    assert deadline(text, "", POSTED) == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    [
        "entro 30 giorni dalla pubblicazione",
        "entro il 2030",
        "entro il 30 giugno di ogni anno",
        "scadenza 30 giugno 2026 di ciascun anno",
        "entro il 2 dicembre",
        "entro il 3 giugno 2027",
        "entro il 30 giugno, e i ritardatari entro il 15 luglio",
        "in scadenza il 30 giugno 2025",
        "entro il 31 febbraio 2026",
        "entro il 45/13/2026",
        "entro il 30 novembre 2029",
        "entro il 20 gennaio",
        "la scadenza è prorogata dal 10 giugno 2026 al 30 giugno 2026",
        "Il centro apre il 30 giugno 2026",
        "l'incontro del 30 giugno 2026, al termine del quale si brinda",
        "rinnovo del permesso di soggiorno scaduto",
        "entro",
    ],
)
def test_a_day_that_may_be_mistaken_is_none(text: str) -> None:
    assert deadline("", f"<p>{text}</p>", POSTED) is None


def test_a_day_is_read_beside_any_sign_and_never_in_a_tag() -> None:
    assert deadline("a < b, entro il 30 giugno > c", "", POSTED) == date(2026, 6, 30)
    assert deadline("", "entro il 30 giugno > il resto", POSTED) == date(2026, 6, 30)
    assert deadline("", '<a href="/entro-il-30-giugno">entro il termine</a>', POSTED) is None


def test_a_day_without_a_year_is_the_next_one() -> None:
    assert deadline("", "entro il 10 gennaio", date(2026, 12, 20)) == date(2027, 1, 10)
    assert deadline("", "entro il 30 giugno", date(2017, 5, 29)) == date(2017, 6, 30)
    assert deadline("", "entro il 30 giugno", date(2026, 6, 30)) == date(2026, 6, 30)


@given(
    st.lists(
        st.sampled_from("entro il le ore 12 scadenza termine del 30 giugno 15/07/2026 e non oltre : , ( a".split())
    )
)
def test_any_heap_of_words_is_read_and_what_is_found_is_to_come(words: list[str]) -> None:
    found = deadline("", " ".join(words), POSTED)
    assert found is None or found in (date(2026, 6, 12), date(2026, 6, 30), date(2026, 7, 15))


@pytest.mark.parametrize(
    "text", ["entro" + " le" * 100_000, "scadenza " * 50_000, "entro il 3" * 30_000, "termine a" * 50_000]
)
def test_a_text_made_to_take_long_does_not(text: str) -> None:
    start = process_time()
    deadline("", text, POSTED)
    assert process_time() - start < 5
