"""Shelves -> a page a month of what takes place and what is due: a list by day, and the month as a grid."""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from aggregator.model import Document, Event
from aggregator.render import paths
from aggregator.render.press import Press
from aggregator.render.rows import Period, Row, around, first_day
from aggregator.render.shelving import days_of, month_of
from aggregator.render.site.pages import page

_WEEKS = Calendar(firstweekday=0)  # Monday


@dataclass(frozen=True, slots=True)
class Date:
    """What stands on a day: an event, or that something is due by then."""

    row: Row
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the grid; one of a neighbouring month is not `within`, and its dates stand on that month's page."""

    day: date
    within: bool
    dates: tuple[Date, ...] = ()


def month(press: Press, which: str) -> Iterator[Document]:
    """`calendar/2018-05.html`; none for a month of which nothing is known, but for the present one."""
    months = _months(press)
    if not any(one.id == which for one in months):
        return
    first, dates = first_day(which), _dates(press, which)
    before, after = around(months, which)
    weeks = [
        [Day(day, day.month == first.month, dates.get(day, ()) if day.month == first.month else ()) for day in week]
        for week in _WEEKS.monthdatescalendar(first.year, first.month)
    ]
    yield page(
        press,
        paths.calendar(which),
        "site/calendar.html",
        first=first,
        days=[one for week in weeks for one in week if one.dates],
        weeks=weeks,
        today=press.day(press.now),
        before=before,
        after=after,
    )


def present(press: Press) -> str:
    return month_of(press.day(press.now))


def _months(press: Press) -> list[Period]:
    """Those that have a page, the latest first."""
    known = {**press.shelves.months("calendar"), present(press): 0}
    return [Period(one, first_day(one), paths.calendar(one)) for one in sorted(known, reverse=True)]


def _dates(press: Press, which: str) -> Mapping[date, tuple[Date, ...]]:
    """What stands on each day of a month: what is due, then whole days, then by the hour."""
    found: dict[date, list[Date]] = defaultdict(list)
    for row in press.stock.rows(press.shelves.in_months("calendar", which, which)):
        if row.deadline:
            found[row.deadline].append(Date(row))
        for event in row.events:
            for day in days_of(event, press.config.site.zone):
                found[day].append(Date(row, event))
    return {day: tuple(sorted(dates, key=_hour)) for day, dates in found.items()}


def _hour(one: Date) -> tuple[int, str, str]:
    if one.event is None:
        return 0, "", one.row.id
    return (1, "", one.row.id) if one.event.all_day else (2, one.event.start.isoformat(), one.row.id)
