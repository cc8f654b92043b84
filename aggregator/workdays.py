"""`site.holidays` -> whether a day is one on which nobody works. Only this file knows the library. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import date
from functools import cache

from aggregator.settings import Holidays


def off(told: Holidays | None) -> Callable[[date], bool]:
    """A holiday of the country, the patron's day, or a day of a pause; without `site.holidays` no day is."""
    if told is None:
        return lambda _day: False
    national = _national(told.country)
    pauses = [tuple(pause.split(" to ")) for pause in told.pause]

    def rests(day: date) -> bool:
        name = f"{day:%m-%d}"
        return name == told.patron or day in national or any(_spans(first, last, name) for first, last in pauses)

    return rests


def _spans(first: str, last: str, day: str) -> bool:
    """`12-24 to 01-06` goes over the turn of the year."""
    return first <= day <= last if first <= last else day >= first or day <= last


@cache
def _national(country: str) -> Container[date]:
    import holidays  # here, as only newsletters want it

    return holidays.country_holidays(country)
