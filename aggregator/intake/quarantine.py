"""A document that turned new all at once -> whether it is set aside with a question, and what becomes of what it held.

After an outage everything is new as well. A change of CMS, or guids made up at each request, are known by this: the new
entries say what known ones say, word for word. Such entries are kept and shown to nobody until the admin has answered;
what else is new meanwhile waits with them. Once accepted, each is the known entry it repeats, under its new name: it is
seen once only, and its link leads somewhere. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.intake.identify import Identified
from aggregator.intake.keys import Keys, has, signature
from aggregator.model import Entry, Known

# Why a held entry is left out; a stored form.
REPEATED = "quarantine: says what an earlier entry says"
MEANWHILE = "quarantine: new while its source is set aside"
REJECTED = "rejected: says what an earlier entry says"
RENAMED = "renamed: is an earlier entry, which has its address now"

_WORDS = ("title", "text")
_VERY_MANY = 200
_FEW = 3  # so few that repeat others are no mass


def is_mass_change(told: Sequence[Identified], known: Iterable[Known]) -> bool:
    """Whether more than half of a document is new, and most of that repeats title and text of known entries."""
    new = [one for one in told if one.known is None]
    stored = _words_of(k.keys for k in known)
    if not stored or 2 * len(new) <= len(told):
        return False
    repeats = sum(_repeated(one.keys, stored) for one in new)
    return repeats >= _FEW and 2 * repeats > len(new)


def held(new: Iterable[tuple[Entry, Keys]], known: Sequence[Known]) -> Iterator[Entry]:
    """The new entries as they wait. Once very many do, what repeats one of them is not kept once more, or guids made up
    at each request would fill the store."""
    stored = _words_of(k.keys for k in known)
    repeats = [k.keys for k in known if k.left_out == REPEATED]
    waiting = _words_of(repeats) if len(repeats) >= _VERY_MANY else frozenset()
    for entry, keys in new:
        if not _repeated(keys, waiting):
            why = REPEATED if _repeated(keys, stored) else MEANWHILE
            yield replace(entry, left_out=entry.left_out or why)


def renamed(known: Sequence[Known], present: Collection[str]) -> Mapping[str, str]:
    """{id of a waiting entry: id of the known one that it repeats}, each one once; those its source shows now, whose
    ids are `present`, before those it showed, and the latest first."""
    waiting: dict[str, list[Known]] = defaultdict(list)
    for one in sorted(known, key=lambda k: (k.id in present, k.first_seen, k.id)):
        if one.left_out == REPEATED:
            waiting[signature(one.keys, _WORDS)].append(one)
    former = (k for k in known if has(k.keys, _WORDS) and k.left_out not in (REPEATED, MEANWHILE, REJECTED, RENAMED))
    return {same.pop().id: k.id for k in former if (same := waiting[signature(k.keys, _WORDS)])}


def swapped(former: Entry, twin: Entry) -> tuple[Entry, Entry]:
    """A known entry as its source shows it now, and the one that repeated it, which nobody needs any more. What it is
    called here, when it was posted and who was told of it stays; under its old name its source may still show it."""
    stays = {name: getattr(former, name) for name in _STAYS}
    after = replace(twin, **stays, revision=former.revision + 1)
    return after, replace(twin, left_out=RENAMED, fingerprint=former.fingerprint, revision=twin.revision + 1)


_STAYS = (
    "id guid slug first_seen shown archive left_out withdrawn revised updates restless published published_raw "
    "date_quality updated expires"
).split()


def is_held(left_out: str) -> bool:
    return left_out in (REPEATED, MEANWHILE)


def accepted(entry: Entry, now: datetime, *, announce: bool, present: Collection[str] = ()) -> Entry:
    """A held entry let in: what is new, or shall be announced, as news. What repeats others, and did not take the place
    of one, comes in as archive where its source shows it still (`present`); else there is nothing to let in."""
    if entry.left_out != REPEATED or announce:
        return replace(entry, left_out="", shown=max(now, entry.publish_at or now), archive=False)
    return replace(entry, left_out="" if entry.id in present else REJECTED, shown=None, archive=True)


def rejected(entry: Entry, now: datetime) -> Entry:
    """A held entry that stays out, unless it is new beside those that repeat others."""
    return replace(entry, left_out=REJECTED) if entry.left_out == REPEATED else accepted(entry, now, announce=True)


def _words_of(keys: Iterable[Keys]) -> frozenset[str]:
    return frozenset(signature(one, _WORDS) for one in keys if has(one, _WORDS))


def _repeated(keys: Keys, words: frozenset[str]) -> bool:
    """Whether both title and text are said already; a title alone repeats nothing: 68 acts had 16."""
    return has(keys, _WORDS) and signature(keys, _WORDS) in words
