"""What a source asks | the admin's word | store: entries that waited are let in or kept out, a move is made or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from aggregator.errors import ConfigError
from aggregator.intake import moves, quarantine
from aggregator.intake.decide import by_words
from aggregator.jobs.pulling.asking import address
from aggregator.model import Changes, Check, Entry, Report
from aggregator.ports import Store
from aggregator.settings import Source

Verdict = Callable[[Entry], Entry]


def accept(
    source: Source, store: Store, now: datetime, move: Callable[[str], None], *, announce: bool = False
) -> Report:
    """Let in what waits, as archive or as news; or else write the new address into feeds.yaml by `move`."""
    check = _asking(source, store, now)
    if check.quarantined:
        accepted = partial(quarantine.accepted, now=now, announce=announce)
        return _settled("accept", source, check, store, now, accepted)
    assert check.move is not None
    move(check.move.to)
    return Report("accept", now, now, {"moved": 1})


def reject(source: Source, store: Store, now: datetime) -> Report:
    """Keep out what waits; or else stay with the old address, and never ask about that new one again."""
    check = _asking(source, store, now)
    if check.quarantined:
        return _settled("reject", source, check, store, now, partial(quarantine.rejected, now=now))
    assert check.move is not None
    refused = (*check.stays_from, check.move.to)
    store.save(Changes(source.id, now, replace(check, move=None, stays_from=refused)))
    return Report("reject", now, now, {"stays": 1})


def _asking(source: Source, store: Store, now: datetime) -> Check:
    """What is known of a source that has a question; ConfigError where it has none."""
    check = store.checks().get(source.id, Check(source.id))
    moved = check.url == address(source) and moves.is_settled(check.move, now)
    if not check.quarantined and not moved:
        raise ConfigError(f"{source.id} asks nothing; `aggregator sources {source.id}` says how it fares")
    return check


def _settled(job: str, source: Source, check: Check, store: Store, now: datetime, verdict: Verdict) -> Report:
    hidden = quarantine.shadowed(store.known(check.source_id))
    waiting = [e for e in store.entries(source=check.source_id) if quarantine.is_held(e.left_out)]
    judged = [
        replace(entry, left_out=hidden[entry.id]) if entry.id in hidden else by_words(verdict(entry), source)
        for entry in waiting
    ]
    store.set_standing(judged)
    store.save(Changes(check.source_id, now, replace(check, quarantined=None)))
    return Report(job, now, now, {"archived": 0, "shown": 0, "kept out": 0} | Counter(map(_fate, judged)))


def _fate(entry: Entry) -> str:
    if entry.left_out:
        return "kept out"
    return "archived" if entry.archive else "shown"
