"""Two years as the tests of newsletters live them: a clock that jumps, outages, and when issues close, counted by hand.

Nothing here asks the code under test: days off are written out, and moments are found by walking over the days.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
END = datetime(2028, 1, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROME = ZoneInfo("Europe/Rome")

# From, and for how long, nothing runs, oldest first: on both nights the clock changes, an hour, a week, a month.
OUTAGES = (
    (datetime(2026, 3, 29, 0, tzinfo=UTC), 30 * HOUR),
    (datetime(2026, 5, 11, 5, 30, tzinfo=UTC), HOUR),
    (datetime(2026, 8, 7, 8, tzinfo=UTC), 7 * DAY),
    (datetime(2026, 10, 24, 22, tzinfo=UTC), 33 * HOUR),
    (datetime(2027, 7, 28, 8, tzinfo=UTC), 31 * DAY),
)


def later(now: datetime, dice: random.Random, steps: tuple[int, ...]) -> datetime:
    """When something runs again, so many hours on; after an outage, the moment it is over."""
    then = now + dice.choice(steps) * HOUR
    return next((start + length for start, length in OUTAGES if now < start + length and start <= then), then)


# --- when issues close ---

_EVERY_YEAR = {
    *((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (10, 4), (11, 1), (12, 8), (12, 25), (12, 26)),
    (6, 29),  # the patron's day
    *((8, day) for day in range(8, 24)),  # the pause
}
_EASTER = {date(2026, 4, 6), date(2027, 3, 29), date(2028, 4, 17)}  # Mondays


def works(day: date) -> bool:
    return (day.month, day.day) not in _EVERY_YEAR and day not in _EASTER


@dataclass(frozen=True)
class Turn:
    """When one issue closes and when it may leave."""

    opens: datetime
    closes: datetime
    due: datetime


def turns(weekdays: set[int], hour: int, draft: tuple[int, int] | None = None) -> list[Turn]:
    """Of a newsletter that leaves on those weekdays at that hour; `draft`: (weekday, hour) at which it closes."""
    day_of_close, hour_of_close = ({draft[0]}, draft[1]) if draft else (weekdays, hour)
    named = [d for d in _days() if d.weekday() in day_of_close]
    closing = {_working(d, hour_of_close, day_of_close): d for d in named}  # of those that meet the last one counts
    moments = sorted(closing)
    found = []
    for opens, closes in pairwise(moments):
        leaves = closing[closes]
        while leaves.weekday() not in weekdays:
            leaves += DAY
        found.append(Turn(opens, closes, _working(leaves, hour, weekdays, after=closes) if draft else closes))
    return found


def latest(of: list[Turn], now: datetime) -> Turn:
    """The one that closed last."""
    return of[bisect_right([turn.closes for turn in of], now) - 1]


def _days() -> Iterator[date]:
    day = date(2025, 11, 3)
    while day < date(2028, 5, 1):
        yield day
        day += DAY


def _working(day: date, hour: int, weekdays: set[int], after: datetime | None = None) -> datetime:
    """That hour of the next working day; a Saturday or a Sunday works only where the rhythm names it."""
    fits: Callable[[date], bool] = lambda d: works(d) and (d.weekday() < 5 or d.weekday() in weekdays)  # noqa: E731
    while not fits(day) or (after and _at(day, hour) <= after):
        day += DAY
    return _at(day, hour)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ROME).astimezone(UTC)
