"""Words as a search compares them: in Python for the web side, in JavaScript for a reader's browser, and both alike."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import unicodedata
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stems import SMALL, Asked, asked, stems

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "templates/site/search.js"


@pytest.mark.parametrize(
    "alike",
    [
        "permesso permessi Permessi PERMESSO",
        "città citta citta' Cittá",
        "asilo dell'asilo dell’asilo l'asilo?",
        "ufficio uffici",
        "lungo lunga lunghi lunghe",
        "amica amiche amici",
        "provincia province",
        "legge leggi",
        "bando bandi",
        "comune comuni",
        "straniero straniera stranieri straniere",
        "perché perche perche' PERCHÉ",
    ],
)
def test_number_gender_case_and_accents_make_no_difference(alike: str) -> None:
    assert len({tuple(stems(word, "it"))[-1] for word in alike.split()}) == 1


def test_other_words_stay_others() -> None:
    assert list(stems("via zio re 2017 PNRR d.lgs. comunicazione comune", "it")) == [
        "via", "zio", "re", "2017", "pnrr", "d", "lgs", "comunicazion", "comun",
    ]  # fmt: skip


def test_english_words_lose_their_plural_only() -> None:
    for several, one in {"permits": "permit", "policies": "policy", "classes": "class", "boxes": "box"}.items():
        assert list(stems(several, "en")) == list(stems(one, "en")) == [one]
    assert list(stems("this status is", "en")) == ["this", "status", "is"]


def test_what_is_asked_for_are_its_telling_words_and_the_beginning_of_the_last() -> None:
    assert asked("Il permesso di soggior", "it") == Asked(("permess", "soggior"), "soggior")
    assert asked("domande dell'asilo", "it") == Asked(("domand", "asil"), "asilo")
    assert asked("di", "it") == Asked(("di",), "di"), "where there are no others, small words count"
    assert asked(" «?!» \x00 😀 ", "it") == Asked()
    assert len(asked("parola " * 2000, "it").stems) == 12


@given(st.text(), st.sampled_from(sorted(SMALL)))
def test_any_text_has_stems_that_are_words(text: str, language: str) -> None:
    for one in stems(text, language):
        assert one
        assert one.isalnum()
    assert len(asked(text, language).stems) <= 12


# --- the same in the reader's browser ---


def letters() -> list[str]:
    """Every letter of the alphabets that names are written with here."""
    ranges = [(0x20, 0x250), (0x2B0, 0x530), (0x5D0, 0x700), (0x1E00, 0x2000), (0xFB00, 0xFB50), (0x2010, 0x2060)]
    return [chr(code) for first, last in ranges for code in range(first, last) if unicodedata.name(chr(code), "")]


def many() -> list[str]:
    """Every word of our own texts, endings of all kinds, and every letter in the midst and at the end of a word."""
    texts = [file.read_text(encoding="utf-8") for file in (*(ROOT / "docs").glob("*.md"), ROOT / "README.it.md")]
    samples = [file.read_text(encoding="utf-8") for file in (ROOT / "aggregator/demo").rglob("*.md")]
    own = " ".join([*texts, *samples]).split()
    made = ["".join(parts) for parts in product(("", "p", "cas", "amic"), ("", "s", "h", "i", "ss", "e"), "aeiouàòsyz")]
    return [*dict.fromkeys(own), *made, *(f"ab{letter}cde{letter}" for letter in letters())]


@pytest.mark.skipif(not shutil.which("node"), reason="no node here: apt-get install nodejs")
@pytest.mark.parametrize("language", sorted(SMALL))
def test_a_browser_makes_the_same_of_every_word(language: str) -> None:
    told = many()
    assert len(told) > 3000
    program = f"""{SCRIPT.read_text(encoding="utf-8")}
    const told = JSON.parse(require("fs").readFileSync(0, "utf8"));
    process.stdout.write(JSON.stringify(told.map(word => stems(word, {language!r}))));"""
    done = subprocess.run(["node", "-e", program], input=json.dumps(told), capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    ours = [list(stems(word, language)) for word in told]
    assert [found for found in zip(told, ours, theirs, strict=True) if found[1] != found[2]] == [], sys.version


ASKED = [
    "permess",
    "Permessi di sogg",
    "dell'asilo",
    "di",
    "case",
    "castello case",
    "",
    "?",
    "ü 😀",
    "x" * 300,
    "a " * 40,
]
TEXTS = [
    "Permesso di soggiorno, le domande",
    "Un castello",
    "Le case, il caso",
    "Richiesta d'asilo",
    "di",
    "xxx",
    "a b c",
]


@pytest.mark.skipif(not shutil.which("node"), reason="no node here: apt-get install nodejs")
def test_a_browser_finds_what_the_web_side_finds() -> None:
    program = f"""{SCRIPT.read_text(encoding="utf-8")}
    const {{asked, texts, small}} = JSON.parse(require("fs").readFileSync(0, "utf8"));
    const has = (one, text) => {{ const found = matcher(one, "it", small); return found ? found(text) : null; }};
    process.stdout.write(JSON.stringify(asked.map(one => texts.map(text => has(one, text)))));"""
    told = json.dumps({"asked": ASKED, "texts": TEXTS, "small": SMALL["it"].split()})
    done = subprocess.run(["node", "-e", program], input=told, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[has(asked(one, "it"), text) for text in TEXTS] for one in ASKED]


def has(wanted: Asked, text: str) -> bool | None:
    if not wanted.stems:
        return None
    found = list(stems(text, "it"))
    return all(stem in found for stem in wanted.stems[:-1]) and any(
        stem == wanted.stems[-1] or stem.startswith(wanted.start) for stem in found
    )
