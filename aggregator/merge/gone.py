"""Placed entries -> those that readers of an area's feeds have had and that are shown no longer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from aggregator.merge.route import Placed
from aggregator.merge.select import over_at
from aggregator.model import Area, Entry, Gone
from aggregator.reasons import FORGOTTEN, hidden_at
from aggregator.settings import Config

_TOLD = timedelta(days=60)  # so long feeds say so: whoever reads them less often has forgotten the entry as well


def gone(placed: Iterable[Placed], config: Config, now: datetime, area: Area = "public") -> Iterator[Gone]:
    """What went within the last sixty days. What no reader of the area ever saw is not among it: neither what is
    dropped or reserved, nor what went before its hour had come."""
    for one in placed:
        if not one.placements or (one.area != "public" and area != "reserved"):
            continue
        at = _since(one.entry, config)
        if at and now - _TOLD < at <= now and _was_shown(one.entry, at):
            yield Gone(one.entry, tuple(p.section for p in one.placements), at)


def next_turn(one: Placed, config: Config, now: datetime) -> datetime | None:
    """When the hour alone will next change what readers see of an entry, or are told of its going."""
    entry = one.entry
    went = _since(entry, config)
    moments = (entry.first_seen, entry.shown, entry.publish_at, went, went + _TOLD if went else None)
    return min((moment for moment in moments if moment and moment > now), default=None)


def _since(entry: Entry, config: Config) -> datetime | None:
    """When it went, if it did."""
    if entry.left_out == FORGOTTEN:
        return entry.expires
    if entry.left_out:
        return hidden_at(entry.left_out)
    ends = (entry.withdrawn, over_at(entry, config.source(entry.source_id)))
    return min(filter(None, ends), default=None)


def _was_shown(entry: Entry, until: datetime) -> bool:
    return all(moment < until for moment in (entry.first_seen, entry.shown, entry.publish_at) if moment)
