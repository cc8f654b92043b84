"""Placed entries -> groups that tell the same news: entries of different sources that point at the same page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from aggregator import urls
from aggregator.merge.route import Placed
from aggregator.model import Entry, Placement, Story

Group = tuple[Placed, ...]

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_PAGE = re.compile(r"//[^/?#]+/[^?#]")  # a key of `urls`: a front page tells no news


def cluster(placed: Iterable[Placed]) -> tuple[Group, ...]:
    """Every entry in exactly one group, its senior first; the order of the input does not matter.

    An entry that comes later joins a group or stands alone: it never parts one, and never leads it.
    """
    ordered = sorted(placed, key=_seniority)
    links = {one.entry.id: _page(one.entry) for one in ordered}
    pointed = _first_to_point(ordered, links)
    groups: dict[tuple[str, ...], list[Placed]] = defaultdict(list)
    for one in ordered:
        groups[_evidence(one, links[one.entry.id], pointed)].append(one)
    return tuple(map(tuple, groups.values()))


def story(group: Sequence[Placed]) -> Story:
    """What these entries tell, in the sections of all of them; the senior leads."""
    first: dict[str, Placement] = {}
    for one in group:
        for placement in one.placements:
            first.setdefault(placement.section, placement)
    return Story(group[0].entry, tuple(one.entry for one in group[1:]), tuple(first.values()))


def mates(groups: Iterable[Group], ids: Collection[str]) -> frozenset[str]:
    """The ids, and those of every entry that tells the same news as one of them."""
    told = ([one.entry.id for one in group] for group in groups)
    return frozenset(ids).union(*(group for group in told if any(id_ in ids for id_ in group)))


def _seniority(one: Placed) -> tuple[datetime, datetime, str]:
    """Who leads: the one shown first, so that neither a latecomer nor one let in later takes a story over."""
    seen = one.entry.first_seen or _BEGINNING
    return (one.entry.shown or seen, seen, one.entry.id)


def _page(entry: Entry) -> str:
    link = urls.key(entry.url) if entry.url else ""
    return link if _PAGE.match(link) else ""


Pointer = tuple[str, str]  # source, page


def _first_to_point(placed: Iterable[Placed], links: dict[str, str]) -> dict[Pointer, str]:
    """{(source, page): id of the one entry by which the source pointed there first}.

    A source that points at one page again and again links an index: no later entry of it is told by that page, and
    none at all where the first came several at once. What it does later takes nothing back.
    """
    seen: dict[Pointer, Counter[datetime]] = defaultdict(Counter)
    first: dict[Pointer, tuple[datetime, str]] = {}
    for one in placed:
        pointer = (one.entry.source_id, links[one.entry.id])
        moment = one.entry.first_seen or _BEGINNING
        seen[pointer][moment] += 1
        first[pointer] = min(first.get(pointer, (moment, one.entry.id)), (moment, one.entry.id))
    return {pointer: id_ for pointer, (moment, id_) in first.items() if seen[pointer][moment] == 1}


def _evidence(one: Placed, link: str, pointed: dict[Pointer, str]) -> tuple[str, ...]:
    if link and pointed.get((one.entry.source_id, link)) == one.entry.id:
        # An entry of one area never leads, or mentions, one of another.
        return ("page", link, one.area)
    return ("entry", one.entry.id)
