"""feeds.yaml as it is | what is known of its sources: what each withheld when it was last right, what it was called."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from aggregator.jobs.pulling import retention
from aggregator.model import ANNOUNCEMENTS, Check
from aggregator.ports import Store
from aggregator.settings import Config, Source


def standing(config: Config, store: Store, now: datetime) -> Config:
    """The configuration with every source that gave us something: those that were taken out, or are wrong at present,
    stand in it as they last stood. What the others withhold today is kept for that day."""
    return with_stand_ins(config, take_over(config, store, now))


def with_stand_ins(config: Config, checks: Mapping[str, Check]) -> Config:
    """The same of what is known already; nothing is kept."""
    absent = (c for id_, c in checks.items() if id_ != ANNOUNCEMENTS and config.source(id_) is None)
    # No more than titles, and not for search engines: what it lets us do is not known any more.
    stand_ins = (Source(c.source_id, area=c.area, keep_days=c.keep_days, text="title", noindex=True) for c in absent)
    return replace(config, sources=(*config.sources, *stand_ins))


def take_over(config: Config, store: Store, now: datetime) -> Mapping[str, Check]:
    """What is known of the sources, by id. What was known of one under an id it had `formerly` is its own from now on,
    and what it withholds from now on is kept."""
    checks = store.checks()
    if found := renamed(config, checks):
        for former, id_ in found.items():
            store.rename_source(former, id_)
        checks = store.checks()
    return {**checks, **{check.source_id: check for check in _withholding(config, checks, store, now)}}


def _withholding(config: Config, checks: Mapping[str, Check], store: Store, now: datetime) -> Iterator[Check]:
    """Those whose source withholds more, or less, than when they were kept."""
    for source in config.sources:
        check = checks.get(source.id)
        if check is None or (check.area, check.keep_days) == (source.area, source.keep_days):
            continue
        if check.keep_days != source.keep_days:
            retention.settle(source, store, now)
        store.withhold(source.id, source.area, source.keep_days)
        yield replace(check, area=source.area, keep_days=source.keep_days)


def renamed(config: Config, known: Collection[str]) -> Mapping[str, str]:
    """{former id: id} of the sources known only under an id they had formerly."""
    ids = {source.id for source in config.sources}
    found: dict[str, str] = {}
    for source in config.sources:
        former = next((id_ for id_ in source.formerly if id_ in known and id_ not in ids), None)
        if former and source.id not in known:
            found[former] = source.id
    return found
