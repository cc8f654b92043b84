"""Appointments -> a calendar (RFC 5545, with the names of RFC 7986), by icalendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.render.fit import line

if TYPE_CHECKING:
    from icalendar import Event

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Appointment:
    """What stands in a calendar. `start` and `end` are moments in UTC, or days, the last one included; `uid` and
    `sequence` as RFC 5545 wants them: the same for good, and growing with each change. `stamp`: its last change."""

    uid: str
    sequence: int
    stamp: datetime
    start: datetime | date
    end: datetime | date | None = None
    title: str = ""
    place: str = ""
    text: str = ""
    url: str = ""
    tags: tuple[str, ...] = ()
    is_cancelled: bool = False
    is_busy: bool = True  # a deadline takes nobody's time


def render(title: str, appointments: Iterable[Appointment], refresh: timedelta | None = None) -> bytes:
    """The calendar, by start; `refresh`: how often those who subscribe should ask for it."""
    from icalendar import Calendar, vDuration  # only what publishes needs it

    calendar = Calendar()
    calendar.add("prodid", "-//Bollettino//IT")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", line(title))
    calendar.add("x-wr-calname", line(title))
    if refresh:
        calendar.add("refresh-interval", refresh, {"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(refresh))
    for one in sorted(appointments, key=lambda one: (one.start.isoformat(), one.uid)):
        calendar.add_component(_event(one))
    return bytes(calendar.to_ical())


def _event(one: Appointment) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", one.stamp)
    event.add("last-modified", one.stamp)
    event.add("sequence", one.sequence)
    event.add("dtstart", one.start)
    if end := _end(one):
        event.add("dtend", end)
    event.add("summary", line(one.title))
    event.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if one.is_busy and not one.is_cancelled else "TRANSPARENT")
    for name, value in (("location", line(one.place)), ("description", line(one.text)), ("url", one.url)):
        if value:
            event.add(name, value)
    if tags := [tag for tag in map(line, one.tags) if tag]:
        event.add("categories", tags)
    return event


def _end(one: Appointment) -> datetime | date | None:
    """A day ends where the next one begins; an end before the start is none."""
    if not isinstance(one.start, datetime):
        last = one.end if one.end and not isinstance(one.end, datetime) and one.end > one.start else one.start
        return last + _DAY
    return one.end if isinstance(one.end, datetime) and one.end > one.start else None
