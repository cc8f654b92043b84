"""The whole path on sample sources, over real HTTP and SMTP on loopback: what `aggregator demo` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.app import App, open_app
from aggregator.demo.servers import mail_sink, sample_server
from aggregator.demo.site import FEEDS, PULL_AT, SEND_AT, lay_out
from aggregator.errors import AggregatorError
from aggregator.model import Report

_BASIS = "esempio della dimostrazione"


@dataclass(frozen=True, slots=True)
class Done:
    """What the demo did, and where to look at it."""

    steps: tuple[tuple[datetime, Report], ...]  # the demo's own clock, and what it did then
    zone: ZoneInfo
    site: Path  # its feeds.yaml
    portal: Path
    outbox: Path
    mails: tuple[Path, ...]


def run(folder: Path, language: str) -> Done:
    """A Thursday's pull, a Monday's issue and its delivery; AggregatorError where anything went wrong."""
    outbox = folder / "outbox"
    with sample_server(FEEDS) as web, mail_sink(outbox) as post:
        site = open_app(lay_out(folder, web.port, post.port, language), lambda: PULL_AT)
        try:
            site.import_subscribers((folder / "subscribers.csv").read_bytes(), "subscribers.csv", _BASIS)
            steps = [_step(site, PULL_AT, lambda: site.pull())]
            steps += [_step(site, SEND_AT, job) for job in (site.compose, site.publish_with_issues, site.send)]
        finally:
            site.close()
    mails = tuple(sorted(outbox.glob("*.eml")))
    return Done(tuple(steps), site.config.site.zone, site.file, folder / "public" / "index.html", outbox, mails)


def _step(site: App, at: datetime, job: Callable[[], Report]) -> tuple[datetime, Report]:
    site.clock = lambda: at
    report = job()
    if report.failures:
        told = "; ".join(f"{f.source}: {f.error}" for f in report.failures)
        raise AggregatorError(f"the demo failed at {report.job}: {told}")
    return at, report
