"""How each source fares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from statistics import median

from aggregator.intake import pace
from aggregator.intake.health import Health, health
from aggregator.jobs.pulling.asking import address
from aggregator.model import Check
from aggregator.settings import Config, Source


def all_health(
    config: Config, checks: Mapping[str, Check], invalid: Iterable[tuple[str, str]], now: datetime
) -> Iterator[Health]:
    """One a source, in the order of feeds.yaml; then those whose configuration is wrong, as (id, fault)."""
    for source in config.sources:
        yield health(source, checks.get(source.id, Check(source.id)), now)
    for id_, fault in invalid:
        yield Health(id_, "invalid", fault)


def details(source: Source, check: Check, at: Callable[[datetime | None], str]) -> Iterator[tuple[str, str]]:
    """(what, words) of one source, what is not known left out; `at` writes a moment."""
    yield "address", address(source)
    if check.title:
        yield "calls itself", check.title
    yield "asked", _asked(source, check)
    if check.present:
        yield "last document", f"{len(check.present)} entries"
    if check.arrivals:
        yield "brings news", _rhythm(check, at)
    if check.certificate_ends:
        yield "certificate", f"until {at(check.certificate_ends)}"
    if check.problem and check.problem_since:
        yield "in trouble", f"since {at(check.problem_since)}, {_counted(check.failures, 'check')} in a row"


def _asked(source: Source, check: Check) -> str:
    wish = timedelta(seconds=check.wishes.every)
    wishes = f"; its document wishes for {_roughly(wish)}" if wish > source.every else ""
    return f"every {_roughly(source.every)} at most{wishes}"


def _rhythm(check: Check, at: Callable[[datetime | None], str]) -> str:
    gaps = [gap.total_seconds() for gap in pace.gaps(check.arrivals)]
    often = f"about every {_roughly(timedelta(seconds=median(gaps)))}, " if gaps else ""
    return f"{often}last on {at(check.arrivals[-1])}"


def _roughly(span: timedelta) -> str:
    """`2 days`, `1 hour`."""
    minutes = max(1, round(span.total_seconds() / 60))
    for name, size in (("day", 1440), ("hour", 60)):
        if minutes == size or minutes >= 2 * size:
            return _counted(round(minutes / size), name)
    return _counted(minutes, "minute")


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
