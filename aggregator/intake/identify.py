"""Entries of a document -> which stored entry each of them is, if any. Real sources forget, repeat, change and randomise their ids.

Every entry has up to five keys, short hashes: guid, link, title, date, text. What a key is worth depends on the
document it stands in: a link that all entries share names none of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

from aggregator import urls
from aggregator.markup import text as plain
from aggregator.model import Entry, Known

Identity = Literal["auto", "guid", "link", "guid+link", "title+date"]
Keys = Mapping[str, str]

# What names an entry for good, tried in this order until it is the only one in its document. Where a guid is given it
# comes first; without one a link alone is not enough, as index pages are linked again and again for new things.
_WITH_GUID = (("guid",), ("guid", "link"), ("guid", "link", "title", "date"), ("guid", "link", "title", "date", "text"))
_WITHOUT = (("link", "title", "date"), ("link", "title", "date", "text"))
_ALL = ("guid", "link", "title", "date", "text")


@dataclass(frozen=True, slots=True)
class Identified:
    """An entry with its id, its keys, and the stored entry it is."""

    entry: Entry
    keys: Keys
    known: Known | None = None


def keys_of(entry: Entry) -> dict[str, str]:
    """The entry's keys; what it lacks has none."""
    told = {
        "guid": _guid(entry.guid or ""),
        "link": urls.key(entry.url) if entry.url else "",
        "title": _folded(entry.title),
        "date": entry.published_raw.strip(),
        "text": _folded(plain(entry.content or entry.summary)),
    }
    return {kind: _hash(value) for kind, value in told.items() if value}


def identify(
    entries: Sequence[Entry], known: Iterable[Known], identity: Identity = "auto", home: str = ""
) -> tuple[Identified, ...]:
    """Each distinct entry of one document with its id; full repeats are told once.

    `home` is the feed's own page: a link to it names no entry. Matching goes from the surest evidence to the weakest,
    and no stored entry is taken twice.
    """
    told = list(_distinct(entries, urls.key(home) if home else ""))
    stored = tuple(known)
    matched = _match([keys for _, keys in told], stored, identity)
    taken = {k.id for k in stored}
    named = []
    for (entry, keys), match, name in zip(told, matched, _mint([k for _, k in told], identity), strict=True):
        entry_id = match.id if match else _new_id(entry.source_id, name, keys, taken)
        named.append(Identified(replace(entry, id=entry_id), keys, match))
    return tuple(named)


def names(entries: Sequence[Entry], home: str = "") -> list[str]:
    """The id of every entry of a document alone, full repeats included."""
    told = identify(entries, (), home=home)
    ids = {_signature(one.keys, _ALL): one.entry.id for one in told}
    return [ids[_signature(_keys(entry, urls.key(home) if home else ""), _ALL)] for entry in entries]


def _distinct(entries: Iterable[Entry], home: str) -> Iterator[tuple[Entry, Keys]]:
    seen = set()
    for entry in entries:
        keys = _keys(entry, home)
        signature = _signature(keys, _ALL)
        if signature not in seen:
            seen.add(signature)
            yield entry, keys


def _keys(entry: Entry, home: str) -> Keys:
    """The entry's keys, without the link where it is the feed's own page."""
    keys = keys_of(entry)
    if home and entry.url and urls.key(entry.url) == home:
        keys.pop("link")
    return keys


# --- names for new entries ---


def _mint(told: Sequence[Keys], identity: Identity) -> list[str]:
    """A name for each entry, made from its keys alone and different from every other name in the document."""
    wanted = tuple(identity.split("+"))
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for kinds in (*_WITH_GUID, *_WITHOUT):
        counts[kinds].update(_signature(keys, kinds) for keys in told)
    return [_name(keys, wanted if identity != "auto" and _has(keys, wanted) else None, counts) for keys in told]


def _name(keys: Keys, wanted: tuple[str, ...] | None, counts: Mapping[tuple[str, ...], Counter[str]]) -> str:
    if wanted:
        return _signature(keys, wanted)
    chain = _WITH_GUID if "guid" in keys else _WITHOUT
    kinds = next((k for k in chain if counts[k][_signature(keys, k)] == 1), _ALL)
    return _signature(keys, kinds)


def _new_id(source_id: str, name: str, keys: Keys, taken: Container[str]) -> str:
    """An id for what matched nothing: where its name once was another entry's, everything it says is its name."""
    entry_id = _hash(f"{source_id}\n{name}", size=10)
    return _hash(f"{source_id}\n{_signature(keys, _ALL)}", size=10) if entry_id in taken else entry_id


# --- which stored entry is it? ---


def _match(told: Sequence[Keys], known: Sequence[Known], identity: Identity) -> list[Known | None]:
    free = {k.id: k for k in known}
    exact = {_signature(k.keys, _ALL): k.id for k in known}
    matches = [free.pop(exact.get(_signature(keys, _ALL), ""), None) for keys in told]
    if None not in matches:
        return matches
    for kinds, agree in _evidence(told, identity):
        index = _index(free.values(), kinds)
        for place, keys in enumerate(told):
            if matches[place] is None and _has(keys, kinds):
                candidates = [k for k in index.get(_signature(keys, kinds), ()) if k.id in free and agree(keys, k.keys)]
                if len(candidates) == 1:
                    matches[place] = free.pop(candidates[0].id)
    return matches


Agreement = Callable[[Keys, Keys], bool]


def _evidence(told: Sequence[Keys], identity: Identity) -> Iterator[tuple[tuple[str, ...], Agreement]]:
    """What to match by, surest first, and what else must then agree."""
    if identity != "auto":
        yield tuple(identity.split("+")), lambda _mine, _theirs: True
        return
    guids, links = (Counter(k[kind] for k in told if kind in k) for kind in ("guid", "link"))

    def guid_names_one(mine: Keys, theirs: Keys) -> bool:
        return guids[mine["guid"]] == 1

    def same_words(mine: Keys, theirs: Keys) -> bool:
        return _agree(mine, theirs, "title", "date", "text")

    def no_rival_guid(mine: Keys, theirs: Keys) -> bool:
        return _agree(mine, theirs, "date") and not _differ(mine, theirs, "guid")

    def link_names_one(mine: Keys, theirs: Keys) -> bool:
        """A new guid on an old link is the old entry only if its words are the old ones; without guids a changed
        title or a changed date may pass, not both."""
        if links[mine["link"]] != 1:
            return False
        if _differ(mine, theirs, "guid"):
            return _agree(mine, theirs, "title", "date", "text")
        return _given(mine, theirs, "title") or _given(mine, theirs, "date")

    yield ("guid", "link"), same_words
    yield ("guid", "link"), guid_names_one
    yield ("guid",), guid_names_one
    yield ("link", "title"), no_rival_guid
    yield ("link",), link_names_one
    yield ("title",), lambda mine, theirs: _linkless(mine, theirs) and no_rival_guid(mine, theirs)
    yield ("title", "text"), lambda mine, theirs: _linkless(mine, theirs) and not _differ(mine, theirs, "guid")


def _index(known: Iterable[Known], kinds: tuple[str, ...]) -> Mapping[str, list[Known]]:
    index: dict[str, list[Known]] = defaultdict(list)
    for one in known:
        if _has(one.keys, kinds):
            index[_signature(one.keys, kinds)].append(one)
    return index


def _agree(mine: Keys, theirs: Keys, *kinds: str) -> bool:
    return all(mine.get(kind) == theirs.get(kind) for kind in kinds)


def _given(mine: Keys, theirs: Keys, kind: str) -> bool:
    return kind in mine and mine[kind] == theirs.get(kind)


def _differ(mine: Keys, theirs: Keys, kind: str) -> bool:
    return kind in mine and kind in theirs and mine[kind] != theirs[kind]


def _linkless(mine: Keys, theirs: Keys) -> bool:
    return "link" not in mine and "link" not in theirs


def _has(keys: Keys, kinds: tuple[str, ...]) -> bool:
    return all(kind in keys for kind in kinds)


def _signature(keys: Keys, kinds: tuple[str, ...]) -> str:
    return " ".join(f"{kind}:{keys.get(kind, '')}" for kind in kinds)


# --- keys ---


def guid_key(guid: str) -> str:
    """The key under which a guid is known."""
    return _hash(_guid(guid))


def _guid(guid: str) -> str:
    """A guid that is a web address is compared like one: http and https, with www or without."""
    stripped = guid.strip()
    return urls.key(stripped) if urls.is_web(stripped) else stripped


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _hash(value: str, size: int = 8) -> str:
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
