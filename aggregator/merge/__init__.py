"""Entries + rules -> Stories in sections: who may see what, where it belongs, what is the same news. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aggregator.merge.cluster import cluster
from aggregator.merge.route import Placed, route
from aggregator.merge.select import trimmed, visible
from aggregator.model import Area, Entry, Story
from aggregator.settings import Config


def merge(entries: Iterable[Entry], config: Config, now: datetime, area: Area = "public") -> tuple[Story, ...]:
    """The stories that may be shown at `now` to readers of an area, each in its sections, texts cut to what may be
    republished. The order of `entries` does not matter."""
    placed = (route(entry, config) for entry in entries)
    shown = (one for one in placed if visible(one, config, now, area))
    return cluster(Placed(trimmed(one.entry, config), one.placements, one.area) for one in shown)
