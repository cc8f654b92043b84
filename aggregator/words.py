"""Words as feeds.yaml writes them -> a Matcher over titles, summaries and tags (contract.md, *Words*)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from aggregator.folding import fold

# A letter or digit; an underscore separates words here, unlike in \w, so that letters and gaps never overlap and the
# possessive quantifiers below cannot miss a match nor walk back: every search is linear.
_LETTER = r"[^\W_]"
_GAP = r"[\W_]++"
_START = f"(?<!{_LETTER})"
_END = f"(?!{_LETTER})"
_REST = f"{_LETTER}*+"

_WORD = re.compile(rf"({_LETTER}+)(\*?)")
_MISPLACED_STAR = re.compile(rf"\*{_LETTER}|(?<!{_LETTER})\*")


@dataclass(frozen=True, slots=True)
class Matcher:
    """Patterns made ready once. `patterns` are as the admin wrote them."""

    patterns: tuple[str, ...]
    _plain: re.Pattern[str] | None
    _written: tuple[str, ...]  # the pattern behind each group of `_plain`
    _regexes: tuple[tuple[str, re.Pattern[str]], ...]

    def matches(self, *texts: str) -> str | None:
        """The pattern, as written, that matches one of the plain texts, each searched alone; None if none does."""
        for text in texts:
            if not text:
                continue
            folded = fold(text)
            if self._plain and (found := self._plain.search(folded)):
                return self._written[(found.lastindex or 1) - 1]
            for pattern, regex in self._regexes:
                if regex.search(folded) or regex.search(text):
                    return pattern
        return None


def compile(patterns: Sequence[str]) -> Matcher:
    """The matcher of a list of patterns: words, stems (`immigra*`), sequences of them, `/regular expressions/`.

    ValueError names the pattern and what is wrong with it. No pattern matches nothing.
    """
    regexes: list[tuple[str, re.Pattern[str]]] = []
    plain: dict[str, str] = {}
    for pattern in patterns:
        if _is_regex(pattern):
            regexes.append((pattern, _regex(pattern)))
        else:
            plain.setdefault(_sequence(pattern), pattern)
    ordered = sorted(plain)
    choice = re.compile(_START + _choice(ordered)) if ordered else None
    return Matcher(tuple(patterns), choice, tuple(plain[sequence] for sequence in ordered), tuple(regexes))


@cache
def matcher(patterns: tuple[str, ...]) -> Matcher:
    """The same, made once for each list: feeds.yaml has few, and every entry asks."""
    return compile(patterns)


def turns(folded: str) -> list[str]:
    """The beginnings of the words that turn news into its contrary, or into other news: `non`, `revoc`, `proro`."""
    return [word[:5] for word in _TURN.findall(folded)]


_TURN = re.compile(
    r"\b(?:non|senza|mai|not|without|never|nessun|annulla|revoca|sospe[ns]|proroga|differi|rinvi[ao]|rettific|errata"
    r"|corrige|integrazion|chiariment|abroga|respin|accol[gt]|riap[er]{2}|scadut|aggiorna|modific)[^\W\d_]*"
)


def _is_regex(pattern: str) -> bool:
    return len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/")


def _regex(pattern: str) -> re.Pattern[str]:
    if pattern == "//":
        raise ValueError("'//' is empty; write a regular expression between the slashes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of `[[`: no fault of the admin
            return re.compile(pattern[1:-1], re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


def _sequence(pattern: str) -> str:
    """The expression of one pattern, without the start of its first word: `richiedent* asilo`, `d.lgs.`."""
    folded = fold(pattern)
    if _MISPLACED_STAR.search(folded):
        raise ValueError(f"{pattern!r}: a * may only end a word, as in immigra*")
    words = _WORD.findall(folded)
    if not words:
        raise ValueError(f"{pattern!r} has no word in it")
    return _GAP.join(word + (_REST if star else _END) for word, star in words)


def _choice(sequences: Iterable[str]) -> str:
    """One alternation, a group a sequence, in this order. Grouped by first letter: ten times faster than a flat one."""
    by_letter = groupby(sequences, key=lambda sequence: sequence[0])
    letters = (f"{letter}(?:{'|'.join(f'({s[1:]})' for s in group)})" for letter, group in by_letter)
    return f"(?:{'|'.join(letters)})"
