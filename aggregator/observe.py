"""Report -> log line, and whether it is news that something is wrong."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection
from dataclasses import replace

from aggregator.model import ANNOUNCEMENTS, Failure, Report

log = logging.getLogger("aggregator")

_ADDRESS = re.compile(r"[^\s<>@]{1,254}@[^\s<>@:]+")  # logs are kept by others, and name nobody


def log_to_stderr(*, quiet: bool) -> None:
    """Logs go to stderr; quiet ones only when something is wrong."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING if quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for name in ("apscheduler", "alembic", "uvicorn.access", "mail.log"):
        logging.getLogger(name).setLevel(logging.WARNING)


def log_report(report: Report) -> None:
    counts = " ".join(f"{name}={n}" for name, n in report.counts.items())
    log.info("%s: %s", report.job, counts)
    for failure in (*report.failures, *report.questions):
        log.warning("%s: %s: %s", report.job, failure.source, _ADDRESS.sub("<address>", failure.error))


def compared(report: Report, before: Report | None, judged: Collection[str] = ()) -> Report:
    """The report, `broken` where something failed that did not fail the last time, `mended` where it no longer does.

    Failures of the sources in `judged` were compared by the job itself: a source that is not due is in no report. What
    befell one mail is news whenever it does, and nothing that is mended later.
    """
    now = {_what(f) for f in report.failures if not f.once and f.source not in judged}
    then = {_what(f) for f in before.failures if not f.once and f.source not in judged} if before else set()
    broken = {source for source, _ in now - then} | {f.source for f in report.failures if f.once} | {*report.broken}
    mended = {source for source, _ in then} - {source for source, _ in now} | {*report.mended}
    asked = tuple(one for one in report.questions if before is None or one not in before.questions)
    return replace(report, broken=tuple(sorted(broken)), mended=tuple(sorted(mended)), asked=asked)


def _what(failure: Failure) -> tuple[str, str]:
    """A source that fails in other words still only fails; in announcements/ each file is a matter of its own."""
    return (failure.source, failure.error if failure.source == ANNOUNCEMENTS else "")
