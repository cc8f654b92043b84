"""Documents that stand for many times their length are refused before anybody reads them; others are not."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from aggregator import parse
from aggregator.model import Feed, Fetched, Problem
from aggregator.parse.entities import swollen

ROME = ZoneInfo("Europe/Rome")


def feed(entities: str, title: str) -> str:
    return f"<!DOCTYPE rss [{entities}]><rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>"


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
QUADRATIC = f'<!ENTITY a "{"x" * 50_000}">'
CIRCLE = '<!ENTITY a "&b;"><!ENTITY b "&a;">'


@pytest.mark.parametrize(("entities", "title"), [(LAUGHS, "&a9;"), (QUADRATIC, "&a;" * 50_000), (CIRCLE, "&a;")])
def test_a_document_that_swells_is_refused_in_words(entities: str, title: str) -> None:
    found = parse.document(Fetched("anci", "https://anci.example.it/feed", feed(entities, title).encode()), ROME)
    assert isinstance(found, Problem)
    assert "swell it to many times its size" in found.text


def test_entities_that_only_name_letters_are_harmless() -> None:
    text = feed("<!ENTITY euro \"EUR\"><!ENTITY costo '10 &euro;'>", "Costa &costo; e &agrave; vista")
    declarations = "<!ENTITY euro \"EUR\"<!ENTITY costo '10 &euro;'"
    assert swollen(text) == len(text) - len(declarations) + len("10 &euro;") + len("EUR")
    found = parse.document(Fetched("anci", "https://anci.example.it/feed", text.encode()), ROME)
    assert isinstance(found, Feed)


def test_a_document_without_entities_is_as_long_as_it_is() -> None:
    assert swollen("&amp; &nbsp;") == 12
