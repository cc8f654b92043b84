"""Two entries' traits -> why they tell the same news, or nothing: the same page, the same act, the same text. Pure.

In doubt they do not. A story told twice is a nuisance, an ordinance hidden behind another one is lost: the same text
counts only where nothing that matters differs, no number, day or name, no "not" and no "revoked".
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from rapidfuzz import fuzz

from aggregator.merge.traits import Traits

SAME_TEXT = "the same text"

_SHARED = 0.6  # of the words of both titles
_TOLD = 0.75  # of the shorter text's words, in the longer one
_TOLD_BRIEFLY = 0.5  # the same, of a text of a few words under the same title
_TEXT = 5  # words that tell something: fewer are no text
_NEARLY = 85  # of 100: one word, mistyped or with another ending
_SAME_TEXT = 92  # of 100
_ROWS = 0.5  # four words in a row, of the shorter text; where fewer are shared the texts differ by more than that


def why(one: Traits, other: Traits) -> str:
    """The evidence in words, or nothing."""
    if one.page and one.page == other.page:
        return "the same page"
    if _same_act(one, other):
        return f"the same act ({one.act})"
    return SAME_TEXT if _same_text(one, other) else ""


def _same_act(one: Traits, other: Traits) -> bool:
    """Whether both are one act, and what they say of it does not differ: comments on a law are news of their own."""
    if not one.act or one.act != other.act or one.turns != other.turns:
        return False
    mine, theirs = one.title or one.told, other.title or other.told
    return _all_told(mine, other) or _all_told(theirs, one)


def _same_text(one: Traits, other: Traits) -> bool:
    """Whether titles and texts, whoever wrote them, tell one thing."""
    if one.turns != other.turns or _both_local(one, other):
        return False
    if not (one.title_numbers <= other.numbers and other.title_numbers <= one.numbers):
        return False
    short, long = (one, other) if len(one.text) <= len(other.text) else (other, one)
    return short.numbers <= long.numbers and (_same_title(short, long) or _same_body(short, long))


def _same_title(short: Traits, long: Traits) -> bool:
    mine, theirs = short.title, long.title
    if short.is_notice or long.is_notice or min(len(mine), len(theirs)) < _SHARED * max(len(mine), len(theirs)):
        return False
    shared, told = _shared(mine, theirs), short.told
    if shared < _SHARED:
        return False
    if not (_all_told(mine, long) or _all_told(theirs, short)):
        return False  # each says something that the other does not: a street, a town
    if not told:
        return shared == 1 and _same_order(short, long)
    known = len(_known(told, long.words)) / len(told)
    return known >= _TOLD if len(told) >= _TEXT else (shared == 1 and known >= _TOLD_BRIEFLY)


def _same_order(one: Traits, other: Traits) -> bool:
    """The ministry's letter to the mayors is not the mayors' letter to the ministry."""
    mine, theirs = (" ".join(word for word in t.heading if word in t.title) for t in (one, other))
    return fuzz.ratio(mine, theirs) >= _SAME_TEXT


def _same_body(short: Traits, long: Traits) -> bool:
    """Whether a press release stands under two titles, to the word."""
    if (short.is_notice and long.is_notice) or not short.told <= long.words:
        return False
    if len(short.rows & long.rows) <= _ROWS * len(short.rows):  # most differ, or it is no long text
        return False
    return fuzz.partial_ratio(" ".join(short.text), " ".join(long.text)) >= _SAME_TEXT


def _both_local(one: Traits, other: Traits) -> bool:
    """Two municipalities speak each of its own streets, in the same words."""
    return bool(one.town and other.town) and one.town != other.town


def _all_told(title: Set[str], by: Traits) -> bool:
    return len(_known(title, by.words)) == len(title)


def _shared(one: Set[str], other: Set[str]) -> float:
    both = len(_known(one, other))
    return both / (len(one) + len(other) - both)


def _known(mine: Set[str], theirs: Set[str]) -> set[str]:
    """Those of mine that stand among theirs, a slip of the pen or an ending aside."""
    rest = theirs - mine
    return {word for word in mine if word in theirs or (len(word) > 5 and any(_near(word, rest)))}


def _near(word: str, others: Set[str]) -> Iterator[str]:
    for other in others:
        if other[0] == word[0] and -3 < len(other) - len(word) < 3 and fuzz.ratio(word, other) >= _NEARLY:
            yield other
