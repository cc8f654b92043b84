"""One screen: what is due, what is wrong, what goes out next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from aggregator.intake.health import Health
from aggregator.jobs.issues.freeze import all_unapproved
from aggregator.jobs.windows import timetable
from aggregator.model import Failure, Issue, Report
from aggregator.settings import Config


@dataclass(frozen=True, slots=True)
class NextIssue:
    newsletter: str
    number: int
    state: str  # of a composed issue; "open" for the one still being filled
    closes: datetime
    leaves: datetime


# Of a pull the sources' own states say more.
JOBS = ("newsletter compose", "newsletter send", "publish")


@dataclass(frozen=True, slots=True)
class Status:
    sources: int
    due: tuple[str, ...]
    problems: tuple[Health, ...]
    next_issues: tuple[NextIssue, ...]
    outbox: Mapping[str, int]
    failures: tuple[tuple[str, Failure], ...] = ()  # with the job; what stands of its last report


def status(
    config: Config,
    states: tuple[Health, ...],
    issues: tuple[Issue, ...],
    outbox: Mapping[str, int],
    now: datetime,
    reports: Iterable[Report] = (),
) -> Status:
    never = ("paused", "invalid", "gone")
    due = (h.id for h in states if h.state not in never and (h.next_check is None or h.next_check <= now))
    unapproved = (("newsletter send", late) for late in all_unapproved(config, issues, now))
    return Status(
        sources=len(config.sources),
        due=tuple(due),
        problems=tuple(h for h in states if h.problem and h.problem != "not pulled yet"),
        next_issues=tuple(_next(config, issues, now)),
        outbox={state: number for state, number in outbox.items() if state != "accepted"},
        failures=tuple(dict.fromkeys((*_failing(reports, now), *unapproved))),
    )


def _failing(reports: Iterable[Report], now: datetime) -> Iterator[tuple[str, Failure]]:
    for report in reports:
        for failure in report.failures:
            if failure.until is None or failure.until > now:
                yield report.job, failure


def _next(config: Config, issues: tuple[Issue, ...], now: datetime) -> list[NextIssue]:
    found = []
    for newsletter in config.newsletters:
        own = [i for i in issues if i.newsletter == newsletter.id]
        waiting = [i for i in own if i.waits or i.state == "sending"]
        window = timetable(newsletter, config).open(now)
        found += [NextIssue(newsletter.id, i.number, i.state, i.closes, i.due) for i in waiting]
        found.append(NextIssue(newsletter.id, len(own) + 1, "open", window.closes, window.due))
    return found
