"""What a job returns: what it counted, and what failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model.issues import Issue


@dataclass(frozen=True, slots=True)
class Failure:
    """One line of a report: the id of the source, announcement or newsletter at fault, or the key of feeds.yaml, and
    why in words."""

    source: str
    error: str
    once: bool = False  # it befell one mail: there is nothing to mend
    until: datetime | None = None  # it stands so long, whatever is seen meanwhile


@dataclass(frozen=True, slots=True)
class Report:
    """What a job returns; log lines, tables, `--json` and the exit code are all made from it."""

    job: str
    started: datetime
    ended: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    issues: tuple[Issue, ...] = ()  # composed by this run
    broken: tuple[str, ...] = ()  # what failed and did not before
    mended: tuple[str, ...] = ()  # what failed before and does no longer
    questions: tuple[Failure, ...] = ()  # what waits for somebody's word, and is no failure
    asked: tuple[Failure, ...] = ()  # those that did not wait the last time
