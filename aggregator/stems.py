"""A text -> its words as a search compares them: folded, without the endings of number and gender. Pure.

The Italian ending is that of J. Savoy's light stemmer, from words of four letters on. `templates/site/search.js` says
the same in the reader's browser; tests/test_stems.py holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.folding import fold

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 200  # characters of what is asked for; nobody types more
_MOST = 12  # words of it

# {language: (ending, what stays)}: the first that fits is taken off.
_ENDINGS = {
    "it": ((re.compile(r"^(.{3,}?)(?:i|h(?=[ei]))?[aeio]$"), r"\1"),),  # permess|i cas|e uffic|io lung|hi citt|à
    "en": (
        (re.compile(r"^(.{2,})ies$"), r"\1y"),  # polic|ies
        (re.compile(r"^(.{2,}(?:ss|sh|ch|x|z))es$"), r"\1"),  # class|es
        (re.compile(r"^(.{2,}[^isu])s$"), r"\1"),  # permit|s, not th|is, stat|us, cla|ss
    ),
}


# Words that say nothing of what is sought, and that another way of putting it would not have.
SMALL = {
    "it": (
        "a ad agli ai al all alla alle con d da dagli dai dal dall dalla dalle degli dei del dell della delle di e ed"
        " gli i il in l la le lo negli nei nel nell nella nelle o per su sugli sui sul sull sulla sulle tra fra un una"
        " uno"
    ),
    "en": "a an and at by for from in of on or s the to with",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search wants: a text that has all these stems. The last word may be one that is still being typed: instead
    of its stem a text may have any that begins with `start`."""

    stems: tuple[str, ...] = ()
    start: str = ""


def stems(text: str, language: str) -> Iterator[str]:
    """The stem of each word, in their order; `language` is the site's."""
    return (_stem(word, language) for word in _WORD.findall(fold(text)))


def asked(text: str, language: str) -> Asked:
    """What somebody typed; nothing is asked for where there is no word in it."""
    words = _WORD.findall(fold(cut(text)))[:_MOST]
    small = SMALL[language].split()
    telling = [word for word in words if word not in small] or words
    return Asked(tuple(_stem(word, language) for word in telling), telling[-1] if telling else "")


def cut(text: str) -> str:
    """As much of what somebody typed as is read."""
    return text[:_LONGEST]


def _stem(word: str, language: str) -> str:
    for ending, rest in _ENDINGS[language]:
        if ending.match(word):
            return ending.sub(rest, word)
    return word
