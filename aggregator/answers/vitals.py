"""The last reports | the sources | counts: what a monitor asks, without a name, an address or a token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.intake.health import Health
from aggregator.model import Report
from aggregator.ports import Store
from aggregator.settings import Config

_JOBS = ("pull", "publish", "newsletter compose", "newsletter send", "subscribe")
_PATIENCE = timedelta(hours=1)  # cron may call once an hour


@dataclass(frozen=True, slots=True)
class Vitals:
    """`problems` are few words each; `sources`, `outbox` and `subscribers` count by state."""

    is_alive: bool
    problems: tuple[str, ...]
    reports: Mapping[str, Report]
    sources: Mapping[str, int]
    outbox: Mapping[str, int]
    subscribers: Mapping[str, int]


def vitals(config: Config, store: Store, states: tuple[Health, ...], now: datetime) -> Vitals:
    """Alive is a site that somebody still pulls for; one of its jobs may fail all the same."""
    reports = {job: report for job in _JOBS if (report := store.last_report(job))}
    late = _is_late(config, reports.get("pull"), now)
    return Vitals(
        is_alive=not late,
        problems=(*(["pull: late"] if late else ()), *_failing(reports)),
        reports=reports,
        sources=Counter(one.state for one in states),
        outbox=store.outbox_counts(),
        subscribers=store.subscriber_counts(),
    )


def _is_late(config: Config, last: Report | None, now: datetime) -> bool:
    """A pull that finds nothing due is one, too."""
    often = min((source.every for source in config.sources), default=timedelta(days=1))
    return last is None or now - last.ended > max(2 * often, _PATIENCE)


def _failing(reports: Mapping[str, Report]) -> Iterator[str]:
    """Jobs that fail by themselves; a source that does is the source's matter."""
    for job, report in reports.items():
        if job not in ("pull", "subscribe") and any(not failure.once for failure in report.failures):
            yield f"{job}: failing"
