"""Placed entries -> stories: entries of different sources that point at the same page tell the same news."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aggregator import urls
from aggregator.merge.route import Placed
from aggregator.model import Placement, Story

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def cluster(placed: Iterable[Placed]) -> tuple[Story, ...]:
    """Every entry in exactly one story; the order of the input does not matter."""
    ordered = sorted(placed, key=_seniority)
    groups: dict[tuple[str, ...], list[Placed]] = defaultdict(list)
    shared = _shared_within_a_source(ordered)
    for one in ordered:
        groups[_evidence(one, shared)].append(one)
    return tuple(_story(group) for group in groups.values())


def _seniority(one: Placed) -> tuple[datetime, str]:
    """Who leads: the one first seen, so that a latecomer never takes a story over."""
    return (one.entry.first_seen or _BEGINNING, one.entry.id)


def _shared_within_a_source(placed: Iterable[Placed]) -> frozenset[tuple[str, str]]:
    """(source, link) where a source points at one page again and again: such a link is no evidence."""
    counts = Counter((one.entry.source_id, urls.key(one.entry.url)) for one in placed if one.entry.url)
    return frozenset(pair for pair, n in counts.items() if n > 1)


def _evidence(one: Placed, shared: frozenset[tuple[str, str]]) -> tuple[str, ...]:
    entry = one.entry
    if entry.url and urlsplit(entry.url).path.strip("/"):
        link = urls.key(entry.url)
        if (entry.source_id, link) not in shared:
            # An entry of one area never leads, or mentions, one of another.
            return ("link", link, one.area)
    return ("entry", entry.id)


def _story(group: list[Placed]) -> Story:
    first: dict[str, Placement] = {}
    for one in group:
        for placement in one.placements:
            first.setdefault(placement.section, placement)
    return Story(group[0].entry, tuple(one.entry for one in group[1:]), tuple(first.values()))
