"""Which changes of an entry readers are told of, and which are nobody's news."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.revise import judged, kind
from aggregator.model import Changes, Check, Enclosure, Entry, Event, Link
from tests.build import NOW, days, entry, hours

BODY = """
<p>Le domande si presentano <a href="https://www.example.it/a">online</a> entro 30 giorni dalla pubblicazione. Non sono
ammesse domande su carta. L'ufficio risponde il martedì e il giovedì mattina e riceve su appuntamento; chi non ha ancora
un indirizzo elettronico può rivolgersi allo sportello del proprio quartiere.</p>"""


def told(**fields: Any) -> Entry:
    return entry(**({"title": "Bando per i Comuni", "summary": "", "content": BODY} | fields))


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ({"content": BODY.replace(" e ", "\n e  ")}, "cosmetic"),
        ({"content": BODY.replace("domande", "DOMANDE")}, "cosmetic"),
        ({"content": BODY.replace("it/a", "it/a?utm_source=rss")}, "cosmetic"),
        ({"content": BODY.replace("riceve", "riceve solo")}, "cosmetic"),
        ({"title": "Bando per i comuni"}, "cosmetic"),
        ({"tags": ("bandi",), "authors": ("Rossi",), "licence": "CC0", "section": "atti"}, "cosmetic"),
        ({"published": days(-9), "published_raw": "x", "date_quality": "exact"}, "cosmetic"),
        ({"url": entry().url + "?utm_source=rss"}, "cosmetic"),
        ({"content": BODY.replace("30", "60")}, "text"),
        ({"content": BODY.replace("Non sono", "Sono")}, "text"),
        ({"content": BODY.replace("it/a", "it/b")}, "text"),
        ({"title": "Bando per i Comuni: revocato"}, "text"),
        ({"title": "Bando per i Comuni: prorogato"}, "text"),
        ({"content": BODY.replace("L'ufficio", "Il nuovo ufficio di via Milano")}, "text"),
        ({"url": "https://www.anci.example.it/altra-pagina"}, "text"),
        ({"links": (Link("https://www.example.it/c"),)}, "text"),
        ({"enclosures": (Enclosure("https://www.example.it/scheda.pdf"),)}, "attachment"),
        ({"deadline": date(2026, 7, 15)}, "date"),
        ({"events": (Event(days(9)),)}, "date"),
    ],
)  # fmt: skip
def test_the_kind_of_a_change(later: dict[str, Any], expected: str) -> None:
    assert kind(told(), told(**later)) == expected
    assert kind(told(**later), told()) == expected


def test_a_file_that_was_replaced_under_its_name_is_a_change_of_it() -> None:
    one, other = (told(enclosures=(Enclosure("https://www.example.it/s.pdf", length=n),)) for n in (100, 200))
    assert kind(one, other) == "attachment"


def test_another_file_of_an_announcement_is_a_change_of_it() -> None:
    """Its address is known at publish only."""
    one, other = (told(enclosures=(Enclosure(path=path, length=9),)) for path in ("a/bando.pdf", "a/modulo.pdf"))
    assert kind(one, other) == "attachment"
    assert kind(one, one) == "cosmetic"


def test_another_address_of_the_same_file_is_none() -> None:
    one, other = (told(enclosures=(Enclosure(f"{start}.example.it/a.pdf"),)) for start in ("https://www", "http://www"))
    assert kind(one, other) == "cosmetic"


def test_an_entry_that_stays_as_it_is_has_not_changed() -> None:
    assert kind(told(), told()) == "cosmetic"


# --- what is told ---


def changed(former: Entry, later: Entry, at: Any = NOW) -> tuple[Entry, Changes]:
    later = replace(later, revised=at, revision=former.revision + 1)
    found = judged(Changes("anci", at, Check("anci"), changed=(later,)), {former.id: former})
    return found.changed[0], found


def test_a_real_update_moves_the_moment_of_the_last_one() -> None:
    after, _ = changed(told(revised=days(-30)), told(content=BODY.replace("30", "60")))
    assert (after.revised, after.updates) == (NOW, 1)


@pytest.mark.parametrize("before", [None, days(-30)])
def test_a_cosmetic_change_is_kept_and_told_to_nobody(before: Any) -> None:
    after, _ = changed(told(revised=before), told(title="Bando per i comuni"))
    assert (after.title, after.revised, after.revision) == ("Bando per i comuni", before, 1)


def test_an_editors_own_sentence_makes_any_edit_an_update() -> None:
    after, _ = changed(told(), told(change="Corretto un refuso"))
    assert after.revised == NOW
    again, _ = changed(replace(after, revised=days(-20)), told(change="Corretto un refuso", title="Bando per i comuni"))
    assert again.revised == days(-20), "the sentence is of the edit before"


def test_a_flapping_entry_stops_counting_after_a_cap_with_a_word_and_counts_again_when_it_has_rested() -> None:
    one = told()
    for n in range(5):
        one, found = changed(one, told(content=BODY.replace("30", f"{n}")), hours(n))
        assert (one.revised, one.updates, found.check.remarks) == (hours(n), n + 1, ())

    restless, found = changed(one, told(content=BODY.replace("30", "99")), hours(9))
    assert (restless.revised, restless.restless) == (hours(4), hours(9))
    assert "change again and again" in found.check.remarks[0]

    cosmetic, found = changed(restless, told(title="Bando per i comuni", content=restless.content), hours(10))
    assert (cosmetic.restless, cosmetic.updates, found.check.remarks) == (hours(9), 5, ())

    still, found = changed(cosmetic, told(content=BODY.replace("30", "97")), days(7))
    assert (still.revised, still.restless) == (hours(4), days(7))

    rested, found = changed(still, told(content=BODY.replace("30", "98")), days(14))
    assert (rested.revised, rested.updates, rested.restless, found.check.remarks) == (days(14), 1, None, ())


def test_what_the_store_does_not_know_stays_as_it_was_decided() -> None:
    alone = Changes("anci", NOW, Check("anci"), changed=(told(revised=NOW),))
    assert judged(alone, {}) == alone


@given(st.text(), st.text())
def test_the_kind_of_a_change_does_not_depend_on_its_direction(one: str, other: str) -> None:
    assert kind(told(content=one), told(content=other)) == kind(told(content=other), told(content=one))
