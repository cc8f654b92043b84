"""When each job ticks. Holds no state: a tick only says "look now"; the store says what is due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from aggregator import observe
from aggregator.app import App, open_app
from aggregator.errors import AggregatorError, ConfigError, LockedError
from aggregator.model import Report

log = logging.getLogger(__name__)

Job = Callable[[App], Iterator[Report]]

_TICK_SECONDS = 60
# How often the folder is brought up to the hour (publish_at, expires, keep_days) when no source brought anything.
_PUBLISH_TICKS = 10


class Stop(Protocol):
    """A wish to end: `threading.Event` has this form, too."""

    def is_set(self) -> bool: ...

    def wait(self) -> object: ...


def run(site: App, stop: Stop) -> None:
    """Tick until stopped."""
    scheduler = scheduled(Ticks(site, stop))
    scheduler.start()
    log.info("running: %d sources, %d newsletters", len(site.config.sources), len(site.config.newsletters))
    stop.wait()
    log.info("stopping: finishing what is in hand")
    scheduler.shutdown(wait=True)


def scheduled(ticks: Ticks) -> BackgroundScheduler:
    """Each job on its own: a long send never keeps a pull waiting."""
    scheduler = BackgroundScheduler(timezone=UTC)
    for name in JOBS:
        scheduler.add_job(
            partial(ticks.tick, name),
            IntervalTrigger(seconds=_TICK_SECONDS, timezone=UTC),
            id=name,
            next_run_time=datetime.now(UTC),  # the machine's own: with `--now` the site's stands still
            # Late is better than never, once is enough for many missed ticks, and never twice at a time.
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
    return scheduler


class Ticks:
    """Opens the site anew at each tick, so that an edited feeds.yaml or template counts from the next one on.

    One job that fails is logged, and tried again at its next tick; while it fails in the same way nothing is added.
    """

    def __init__(self, site: App, stop: Stop) -> None:
        self._file, self._clock, self._stop = site.file, site.clock, stop
        self._good = site.reading
        self._jobs = {name: make() for name, make in JOBS.items()}
        self._wrong: dict[str, str] = {}  # what was last said of a job, or of feeds.yaml
        self._done: dict[str, Report] = {}

    def tick(self, name: str) -> None:
        if self._stop.is_set():
            return
        wrong = ""
        try:
            with closing(self._open()) as site:
                for report in self._jobs[name](site):
                    self._tell(report)
        except LockedError as error:
            log.info("%s", error)
        except (AggregatorError, OSError) as error:
            wrong = f"{name}: {error}"
            self._complain(name, wrong)
        except Exception as error:  # noqa: BLE001  # a bug in one job must not end the others
            wrong = f"{name} crashed: {error!r}"
            self._complain(name, wrong, trace=True)
        self._wrong[name] = wrong

    def _open(self) -> App:
        """The site as feeds.yaml has it now; while that is wrong, as it was when it was last right."""
        wrong = ""
        try:
            site = open_app(self._file, self._clock)
            self._good = site.reading
        except ConfigError as error:
            site = App(self._file, self._good, self._clock)
            wrong = f"an edit is wrong; going on with the last configuration that was right:\n{error}"
            self._complain("feeds.yaml", wrong)
        self._wrong["feeds.yaml"] = wrong
        site.stopping, site.stays = self._stop.is_set, True
        return site

    def _complain(self, of: str, text: str, *, trace: bool = False) -> None:
        if self._wrong.get(of) != text:
            log.error("%s", text, exc_info=trace)

    def _tell(self, report: Report) -> None:
        """A tick that found what the last one found is no news."""
        last = self._done.get(report.job)
        if last is None or (last.counts, last.failures) != (report.counts, report.failures):
            observe.log_report(report)
        self._done[report.job] = report


class Pulling:
    """Pull, and publish when that brought something, the configuration changed, or the hour may have."""

    def __init__(self) -> None:
        self._ticks = _PUBLISH_TICKS  # since the last publish
        self._published: object = None

    def __call__(self, site: App) -> Iterator[Report]:
        pulled = site.pull()
        yield pulled
        brought = any(pulled.counts.get(name) for name in ("new", "changed", "reappeared", "withdrawn"))
        self._ticks = _PUBLISH_TICKS if brought or self._published != site.reading else self._ticks + 1
        if self._ticks >= _PUBLISH_TICKS and not site.stopping():
            yield site.publish()
            self._ticks, self._published = 0, site.reading


def newsletter(site: App) -> Iterator[Report]:
    # The pull of the same minute reads the announcements: what is new in them must be its news, or nobody publishes it.
    site.announcements_are_read = True
    yield site.compose()
    if site.config.alerts:
        yield site.alert()
    if site.freeze():  # who follows a mail into the browser finds the issue there
        yield site.publish()
    yield site.send()


def letters(site: App) -> Iterator[Report]:
    yield site.read_letters()


JOBS: dict[str, Callable[[], Job]] = {"pull": Pulling, "newsletter": lambda: newsletter, "letters": lambda: letters}
