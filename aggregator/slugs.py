"""A title -> a name fit for paths and addresses. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
NAMELESS = "senza-titolo"


def slug(text: str) -> str:
    """Small ASCII letters and digits parted by hyphens, at most 60 of them, cut between words; never empty.

    `Più Comuni: l’accordo` -> `piu-comuni-l-accordo`; a title without a Latin letter or digit is `senza-titolo`.
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = decomposed if decomposed.isascii() else _FOREIGN.sub(_unmarked, decomposed)
    return _cut(_OTHERS.sub("-", letters).strip("-")) or NAMELESS


_FOREIGN, _OTHERS = re.compile(r"[^\x00-\x7f]"), re.compile(r"[^a-z0-9]+")


def _unmarked(letter: re.Match[str]) -> str:
    """An accent that stood on a letter goes without a trace."""
    return "" if unicodedata.combining(letter[0]) else letter[0]


def _cut(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    # One character more than allowed: a hyphen there means that the last word fits as a whole.
    whole_words, _, _ = name[: LONGEST + 1].rpartition("-")
    return whole_words or name[:LONGEST]
