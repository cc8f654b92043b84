"""When each job ticks. Holds no state: a tick only says "look now"; the store says what is due."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from aggregator.app import App
from aggregator.errors import AggregatorError
from aggregator.model import Report

log = logging.getLogger(__name__)

_TICK_SECONDS = 60
# How often the folder is brought up to the hour (publish_at, expires, keep_days) when no source brought anything.
_PUBLISH_TICKS = 10


@contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """Set by SIGTERM and SIGINT: whoever works finishes the source or message in hand, commits and ends."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(site: App, stop: threading.Event) -> None:
    """Tick until stopped. One job that fails is logged, and tried again at its next tick."""
    scheduler = BackgroundScheduler(timezone=site.config.site.zone)
    for name, job in ticks(site).items():
        scheduler.add_job(
            _looked_after(name, job, stop),
            IntervalTrigger(seconds=_TICK_SECONDS, timezone=site.config.site.zone),
            id=name,
            next_run_time=site.clock(),
            # Late is better than never, once is enough for many missed ticks, and never twice at a time.
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
    scheduler.start()
    log.info(
        "running: %d sources, %d newsletters; stop with Ctrl-C", len(site.config.sources), len(site.config.newsletters)
    )
    stop.wait()
    log.info("stopping: finishing what is in hand")
    scheduler.shutdown(wait=True)


def ticks(site: App) -> dict[str, Callable[[], Any]]:
    """What is looked at, each on its own: a long send never keeps a pull waiting."""
    return {"pull": _Pulling(site).tick, "newsletter": lambda: _newsletter(site), "letters": site.read_letters}


class _Pulling:
    """Pull, and publish when that brought something or the hour may have."""

    def __init__(self, site: App) -> None:
        self._site = site
        self._since_published = _PUBLISH_TICKS

    def tick(self) -> None:
        brought = any(self._site.pull().counts.get(name) for name in ("new", "changed", "reappeared"))
        self._since_published += 1
        if (brought or self._since_published >= _PUBLISH_TICKS) and not self._site.stopping():
            self._site.publish()
            self._since_published = 0


def _newsletter(site: App) -> Report:
    site.compose()
    return site.send()


def _looked_after(name: str, job: Callable[[], Any], stop: threading.Event) -> Callable[[], None]:
    def tick() -> None:
        if stop.is_set():
            return
        try:
            job()
        except AggregatorError as error:
            log.error("%s: %s", name, error)
        except Exception:
            log.exception("%s crashed; it is tried again at its next tick", name)

    return tick
