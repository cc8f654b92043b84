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
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _cut(re.sub(r"[^a-z0-9]+", "-", letters).strip("-")) or NAMELESS


def _cut(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    # One character more than allowed: a hyphen there means that the last word fits as a whole.
    whole_words, _, _ = name[: LONGEST + 1].rpartition("-")
    return whole_words or name[:LONGEST]
