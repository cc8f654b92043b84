"""keep_days | store: when entries are forgotten, and those whose time has come are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.intake.policy import kept_until
from aggregator.merge.route import Placed, route
from aggregator.model import Entry
from aggregator.ports import Store
from aggregator.reasons import FORGOTTEN
from aggregator.settings import Config, Source


def settle(source: Source, store: Store, now: datetime) -> None:
    """What a new `keep_days` means for the entries there are."""
    settled = [
        replace(entry, expires=kept_until(entry.posted(entry.first_seen or now), source.keep_days, now))
        for entry in store.entries(source=source.id)
        if entry.left_out != FORGOTTEN
    ]
    store.set_expiry(settled)


def forget(config: Config, store: Store, now: datetime) -> None:
    """Erase what entries said whose days are over, and keep by what they are recognised: they are never new again."""
    store.forget([_bare(route(entry, config)) for entry in store.over(now)])


def _bare(one: Placed) -> Entry:
    """The entry with what its words alone would tell: where it stands, and whether readers may know of it."""
    dropped = not one.placements
    section = "" if dropped else one.placements[0].section
    return replace(one.entry, section=section, area="reserved" if dropped else one.area)
