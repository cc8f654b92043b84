"""An entry | the admin's word | store: out of every output, or shown again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.errors import ConfigError
from aggregator.intake.decide import by_words
from aggregator.model import Entry, Failure, Report
from aggregator.ports import Store
from aggregator.reasons import hidden, hidden_at
from aggregator.settings import Source


def hide(entry: Entry, store: Store, now: datetime) -> Report:
    """Out of every output from the next publish on; what changes in it meanwhile changes nothing of that."""
    if entry.left_out:
        raise ConfigError(f"{entry.id} is shown nowhere as it is: {entry.left_out}")
    store.set_standing([replace(entry, left_out=hidden(now))])
    store.touch(now)
    return Report("hide", now, now, {"hidden": 1})


def unhide(entry: Entry, store: Store, now: datetime, source: Source | None = None) -> Report:
    """Shown again, from now on, unless it came to hold words that its source leaves out: a newsletter that has not
    carried it owes it. What was archive stays archive."""
    if not hidden_at(entry.left_out):
        raise ConfigError(f"{entry.id} is not hidden; `aggregator explain {entry.id}` says where it is")
    shown = None if entry.archive else max(now, entry.publish_at or now)
    judged = by_words(replace(entry, left_out="", shown=shown), source)
    store.set_standing([judged])
    store.touch(now)
    failures = (Failure(entry.id, f"stays out: {judged.left_out}"),) if judged.left_out else ()
    return Report("unhide", now, now, {"shown": 0 if failures else 1}, failures)
