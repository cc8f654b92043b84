from __future__ import annotations

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import words
from aggregator.folding import fold


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("immigra*", "L'IMMIGRAZIONE in Italia"),
        ("immigra*", "dell’immigrato"),
        ("immigra*", "immi\u00adgrazione"),
        ("asilo", "Diritto d'asilo."),
        ("perché", "PERCHE' sì"),
        ("perche", "Perche\u0301 no"),
        ("città", "LA CITTÀ"),
        ("l'aquila", "Comune dell’Aquila e L’Aquila"),
        ("richiedent* asilo", "i richiedenti asilo"),
        ("richiedent* asilo", "Richiedente, \n «asilo»"),
        ("richiedent* asilo", "richiedenti_asilo"),
        ("permess* di soggiorno", "PERMESSI DI SOGGIORNO"),
        ("d.lgs.", "D.Lgs. 286/1998"),
        ("d.lgs.", "il D. Lgs. 286"),
        ("286/98", "legge n. 286/98"),
        ("strasse", "Straße"),
        (r"/sentenz[ae]\b/", "Due SENTENZE"),
        ("/perche/", "perché"),
        ("/perché/", "Perché"),
        ("/è+/", "È"),
    ],
)
def test_a_pattern_finds(pattern: str, text: str) -> None:
    assert words.compile([pattern]).matches(text) == pattern


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("immigra*", "la reimmigrazione"),
        ("asilo", "asili nido"),
        ("asilo", "casilo"),
        ("richiedent* asilo", "asilo richiedenti"),
        ("richiedent* asilo", "richiedenti un asilo"),
        ("d.lgs.", "d.lgsx"),
        ("/a{3}/", "aa"),
        ("asilo", ""),
    ],
)
def test_a_pattern_passes_over(pattern: str, text: str) -> None:
    assert words.compile([pattern]).matches(text) is None


def test_each_text_is_searched_alone() -> None:
    matcher = words.compile(["richiedent* asilo"])
    assert matcher.matches("i richiedenti", "asilo politico") is None
    assert matcher.matches("altro", "richiedenti asilo") == "richiedent* asilo"


def test_the_reason_is_the_pattern_as_it_was_written() -> None:
    matcher = words.compile(["Perché", "Immigra*", "immigrazione clandestina", "/leg+e/"])
    assert matcher.matches("sbarchi", "IMMIGRAZIONE clandestina") in ("Immigra*", "immigrazione clandestina")
    assert matcher.matches("perche' no") == "Perché"
    assert matcher.matches("la legge") == "/leg+e/"
    assert matcher.patterns == ("Perché", "Immigra*", "immigrazione clandestina", "/leg+e/")


def test_no_patterns_match_nothing() -> None:
    assert words.compile([]).matches("qualunque cosa") is None


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("/(/", "no regular expression"),
        ("/a{99999999999999}/", "no regular expression"),
        ("//", "empty"),
        ("*", "may only end a word"),
        ("*migra", "may only end a word"),
        ("mi*gra", "may only end a word"),
        ("", "no word"),
        (" ... ", "no word"),
    ],
)
def test_a_bad_pattern_is_named_with_what_is_wrong(pattern: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as error:
        words.compile(["asilo", pattern])
    assert repr(pattern) in str(error.value)


plain_words = st.text(alphabet="abcdeèéàùìòçñABCÈ0123", min_size=1, max_size=8)


@given(st.lists(plain_words, min_size=1, max_size=12), st.data())
def test_every_word_of_a_list_finds_itself_however_it_is_written(listed: list[str], data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(listed))
    matcher = words.compile(listed)
    for written in (
        word,
        word.upper(),
        unicodedata.normalize("NFD", word),
        fold(word),
        f"«{word}»",
        f"l'{word}!",
    ):
        found = matcher.matches(f"prima {written} dopo")
        assert found is not None
        assert fold(found) in (fold(word), "l", "prima", "dopo")


@given(st.lists(plain_words, min_size=1, max_size=12), plain_words)
def test_a_list_finds_exactly_what_its_patterns_find_one_by_one(listed: list[str], text: str) -> None:
    alone = {pattern for pattern in listed if words.compile([pattern]).matches(text)}
    found = words.compile(listed).matches(text)
    assert (found in alone) if alone else (found is None)


@given(st.text(), st.text())
def test_any_pattern_is_compiled_or_refused_as_a_wrong_value(pattern: str, text: str) -> None:
    with suppress(ValueError):
        assert words.compile([pattern, "asilo"]).matches(text, "asilo")


def test_a_long_run_of_near_matches_is_still_searched_in_linear_time() -> None:
    """Quadratic searching of these two million characters would run into the test's time limit."""
    matcher = words.compile(["a* a* a* b", "richiedent* asilo"])
    assert matcher.matches("a" * 1_000_000, "richiedenti " + "." * 1_000_000) is None
