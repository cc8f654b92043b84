"""keep_days | store: when entries are forgotten, and those whose time has come are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.intake.policy import kept_until
from aggregator.ports import Store
from aggregator.settings import Source


def settle(source: Source, store: Store, now: datetime) -> None:
    """What a new `keep_days` means for the entries there are."""
    settled = [
        replace(entry, expires=kept_until(entry.posted(entry.first_seen or now), source.keep_days, now))
        for entry in store.entries(source=source.id)
    ]
    store.set_standing(settled)


def forget(store: Store, now: datetime) -> None:
    """Erase what entries said whose days are over, and keep by what they are recognised: they are never new again."""
    store.forget(tuple(store.over(now)))
