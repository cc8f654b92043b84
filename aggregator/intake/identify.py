"""Entries of a document -> each with its id, and the stored entry it is, if any.

Real sources forget, repeat, change and randomise their ids: an entry is recognised by all it says (`keys`), as far as
that tells it from the others (`match`), and a new one is named by what distinguishes it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from aggregator.intake.keys import ALL, Keys, digest, keys_of, signature
from aggregator.intake.match import Identity, is_chosen, kinds_of, match
from aggregator.model import Entry, Known

# What names an entry for good, tried in this order until it is the only one in its document. Where a guid is given it
# comes first; without one a link alone is not enough, as index pages are linked again and again for new things.
_WITH_GUID = (("guid",), ("guid", "link"), ("guid", "link", "title", "date"), ALL)
_WITHOUT = (("link", "title", "date"), ALL)


@dataclass(frozen=True, slots=True)
class Identified:
    """An entry as it was told, its id, its keys, and the stored entry it is."""

    entry: Entry
    id: str
    keys: Keys
    known: Known | None = None


def identify(
    entries: Sequence[Entry], known: Iterable[Known], identity: Identity = "auto", home: str = ""
) -> tuple[Identified, ...]:
    """Each distinct entry of one document with its id, in the document's order; full repeats are told once.

    `home` is the feed's own page: a link to it names no entry. No id is given twice, whatever was stored before.
    """
    chosen, stored = kinds_of(identity), tuple(known)
    told = _distinct([(entry, keys_of(entry, home)) for entry in entries], chosen)
    keys = [keys for _, keys in told]
    taken = {k.id for k in stored}
    found = zip(told, match(keys, stored, identity), _names(keys, chosen), strict=True)
    return tuple(
        Identified(entry, one.id if one else _new_id(entry.source_id, name, mine, taken), mine, one)
        for (entry, mine), one, name in found
    )


def names(entries: Sequence[Entry], home: str = "") -> list[str]:
    """The id of every entry of a document alone, full repeats included."""
    ids = {signature(one.keys, ALL): one.id for one in identify(entries, (), home=home)}
    return [ids[signature(keys_of(entry, home), ALL)] for entry in entries]


def _distinct(told: Iterable[tuple[Entry, Keys]], chosen: tuple[str, ...]) -> list[tuple[Entry, Keys]]:
    """One of those that say the same, the same one in whatever order they stand. Where the admin chose what names an
    entry, the other addresses count for nothing, but what is read still does."""
    repeats: dict[str, list[tuple[Entry, Keys]]] = defaultdict(list)
    for entry, keys in told:
        repeats[signature(keys, _telling(keys, chosen))].append((entry, keys))
    return [some[0] if len(some) == 1 else min(some, key=repr) for some in repeats.values()]


def _telling(keys: Keys, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """All that tells an entry from another."""
    return (*chosen, "title", "date", "text") if is_chosen(keys, chosen) else ALL


def _names(told: Sequence[Keys], chosen: tuple[str, ...]) -> list[str]:
    """A name for each entry, made from its keys alone and different from every other name in the document."""

    @cache  # most are told apart by the first of them
    def counts(kinds: tuple[str, ...]) -> Counter[str]:
        return Counter(signature(keys, kinds) for keys in told)

    def name(keys: Keys) -> str:
        chain = _chain(keys, chosen)
        unique = (name for kinds in chain if counts(kinds)[name := signature(keys, kinds)] == 1)
        return next(unique, signature(keys, chain[-1]))

    return [name(keys) for keys in told]


def _chain(keys: Keys, chosen: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    if is_chosen(keys, chosen):
        return (chosen, _telling(keys, chosen))
    return _WITH_GUID if "guid" in keys else _WITHOUT


def _new_id(source_id: str, name: str, keys: Keys, taken: Container[str]) -> str:
    """An id for what matched nothing. Where its name once was another entry's, everything it says is its name; and
    where that was another's, too, before it was changed, the next best."""
    entry_id = digest(f"{source_id}\n{name}", size=10)
    while entry_id in taken:
        entry_id = digest(f"{source_id}\n{entry_id}\n{signature(keys, ALL)}", size=10)
    return entry_id
