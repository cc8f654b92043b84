"""A document that turned new all at once -> whether it is set aside with a question, and what becomes of what it held.

After an outage everything is new as well. A change of CMS, or guids made up at each request, are known by this: the new
entries say what known ones say, word for word. Such entries are kept and shown to nobody until the admin has answered;
what else is new meanwhile waits with them. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.intake.identify import Identified
from aggregator.intake.keys import Keys, has, signature
from aggregator.model import Entry, Known
from aggregator.reasons import hidden_at

# Why a held entry is left out; a stored form.
REPEATED = "quarantine: says what an earlier entry says"
MEANWHILE = "quarantine: new while its source is set aside"
REJECTED = "rejected: says what an earlier entry says"

_WORDS = ("title", "text")
_DAY = ("title", "words", "date")
_VERY_MANY = 200
_FEW = 3  # so few that repeat others are no mass


def is_mass_change(told: Sequence[Identified], known: Sequence[Known]) -> bool:
    """Whether more than half of a document is new, and most of that repeats known entries."""
    new = [one.keys for one in told if one.known is None]
    if 2 * len(new) <= len(told):
        return False
    repeats = sum(_repeating(new, known))
    return repeats >= _FEW and 2 * repeats > len(new)


def held(new: Sequence[tuple[Entry, Keys]], known: Sequence[Known]) -> Iterator[Entry]:
    """The new entries as they wait. Once very many do, what repeats one of them is not kept once more, or guids made up
    at each request would fill the store."""
    waiting = [k.keys for k in known if k.left_out == REPEATED]
    enough = _said(waiting) if len(waiting) >= _VERY_MANY else frozenset()
    for (entry, keys), repeats in zip(new, _repeating([keys for _, keys in new], known), strict=True):
        if not _says(keys, enough):
            yield replace(entry, left_out=entry.left_out or (REPEATED if repeats else MEANWHILE))


def shadowed(known: Sequence[Known]) -> Mapping[str, str]:
    """{id of a held entry: why what it repeats is hidden}, where the admin hides all that says so: it stays hidden,
    whatever its site calls it."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for one in known:
        if one.left_out not in (REPEATED, MEANWHILE, REJECTED):
            for said in _sayings(one.keys):
                reasons[said].append(one.left_out)
    found = {k.id: [why for said in _sayings(k.keys) for why in reasons[said]] for k in known if k.left_out == REPEATED}
    return {id_: whys[0] for id_, whys in found.items() if whys and all(map(hidden_at, whys))}


def _sayings(keys: Keys) -> list[str]:
    return [signature(keys, kinds) for kinds in (_WORDS, _DAY) if has(keys, kinds)]


def is_held(left_out: str) -> bool:
    return left_out in (REPEATED, MEANWHILE)


def accepted(entry: Entry, now: datetime, *, announce: bool) -> Entry:
    """A held entry let in: what repeats others as archive, unless it shall be announced; what is new, as news."""
    if entry.left_out == REPEATED and not announce:
        return replace(entry, left_out="", shown=None, archive=True)
    return replace(entry, left_out="", shown=max(now, entry.publish_at or now), archive=False)


def rejected(entry: Entry, now: datetime) -> Entry:
    """A held entry that stays out, unless it is new beside those that repeat others."""
    return replace(entry, left_out=REJECTED) if entry.left_out == REPEATED else accepted(entry, now, announce=True)


def _repeating(new: Sequence[Keys], known: Sequence[Known]) -> list[bool]:
    """Of each whether it says what a known one says, files and all. Those of a board move with its site: then title,
    words and day count, where one entry has them here, and one there."""
    said = _said(k.keys for k in known)
    here, there = _days(new), _days(k.keys for k in known if not is_held(k.left_out))
    days = [signature(one, _DAY) for one in new]
    return [_says(one, said) or here[day] == there[day] == 1 for one, day in zip(new, days, strict=True)]


def _days(keys: Iterable[Keys]) -> Counter[str]:
    return Counter(signature(one, _DAY) for one in keys if has(one, _DAY))


def _said(keys: Iterable[Keys]) -> frozenset[str]:
    return frozenset(signature(one, _WORDS) for one in keys if has(one, _WORDS))


def _says(keys: Keys, said: frozenset[str]) -> bool:
    """Both title and text; a title alone repeats nothing: 68 acts had 16."""
    return has(keys, _WORDS) and signature(keys, _WORDS) in said
