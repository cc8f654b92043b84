"""Entries + rules -> Stories in sections: who may see what, where it belongs, what is the same news. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from aggregator.merge.cluster import Group, cluster, story
from aggregator.merge.route import route
from aggregator.merge.select import trimmed, visible
from aggregator.model import Area, Entry, Story
from aggregator.settings import Config


def grouped(entries: Iterable[Entry], config: Config) -> tuple[Group, ...]:
    """Every entry, placed, beside those that tell the same news. What may not be shown is still among them: news that
    was told is not told again because the entry that told it is over."""
    return cluster(route(entry, config) for entry in entries)


def stories(groups: Iterable[Group], config: Config, now: datetime, area: Area) -> tuple[Story, ...]:
    """Of each group what passes the gate."""
    shown = ([one for one in group if visible(one, config, now, area)] for group in groups)
    return tuple(story([replace(one, entry=trimmed(one.entry, config)) for one in group]) for group in shown if group)
