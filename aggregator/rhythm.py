"""`mon 08:00` and its kin -> the due moments before and after a given one, in UTC. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

_DAYS = (
    ("monday", "lunedì", "lunedi"),
    ("tuesday", "martedì", "martedi"),
    ("wednesday", "mercoledì", "mercoledi"),
    ("thursday", "giovedì", "giovedi"),
    ("friday", "venerdì", "venerdi"),
    ("saturday", "sabato"),
    ("sunday", "domenica"),
)
_NAMES = "mon tue wed thu fri sat sun".split()
_FORM = re.compile(r"(?:(first|primo|prima)\s+)?([a-zì]+)(?:\s*-\s*([a-zì]+))?\s+([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When something recurs: weekdays (0 is Monday), a time of day, perhaps only the first such day of a month."""

    days: tuple[int, ...]
    at: time
    first_of_month: bool = False

    @classmethod
    def parse(cls, text: str) -> Rhythm:
        """Read `mon 08:00`, `lun 08:00`, `mon-fri 08:00`, `daily 08:00` or `first mon 08:00`; ValueError: the fault.

        02:00 to 02:59 is refused: it happens twice, or not at all, on the nights the clock changes.
        """
        match = _FORM.fullmatch(" ".join(text.lower().split()))
        if not match:
            raise ValueError(
                "expected a day and a time such as 'mon 08:00', 'mon-fri 08:00', 'daily 08:00' or 'first mon 08:00'"
            )
        first, start, end, hour, minute = match.groups()
        if int(hour) > 23 or int(minute) > 59:
            raise ValueError(f"{hour}:{minute} is no time of day")
        if int(hour) == 2:
            raise ValueError("02:00 to 02:59 happens twice or never when the clock changes; choose another hour")
        days = _weekdays(start, end)
        if first and len(days) > 1:
            raise ValueError(f"{first!r} goes with one weekday, such as 'first mon 08:00'")
        return cls(days, time(int(hour), int(minute)), bool(first))

    def __str__(self) -> str:
        span = f"{_NAMES[self.days[0]]}-{_NAMES[self.days[-1]]}" if len(self.days) > 1 else _NAMES[self.days[0]]
        days = "daily" if len(self.days) == 7 else span
        return f"{'first ' if self.first_of_month else ''}{days} {self.at:%H:%M}"

    def falls_on(self, day: date) -> bool:
        return day.weekday() in self.days and not (self.first_of_month and day.day > 7)

    def before(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The latest due moment at or before `moment`."""
        return self._search(moment, zone, -1)

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first due moment strictly after `moment`."""
        return self._search(moment, zone, +1)

    def _search(self, moment: datetime, zone: ZoneInfo, step: int) -> datetime:
        today = moment.astimezone(zone).date()
        days = (today + timedelta(days=distance * step) for distance in count())
        dues = (datetime.combine(day, self.at, zone).astimezone(UTC) for day in days if self.falls_on(day))
        return next(due for due in dues if (due > moment if step > 0 else due <= moment))


def _weekdays(start: str, end: str | None) -> tuple[int, ...]:
    if start in ("daily", "ogni") and end is None:
        return tuple(range(7))
    first, last = _weekday(start), _weekday(end or start)
    if last < first:
        raise ValueError(f"{start}-{end} runs backwards; begin the week on Monday")
    return tuple(range(first, last + 1))


def _weekday(name: str) -> int:
    """0 for Monday; three letters are enough."""
    for index, names in enumerate(_DAYS):
        if len(name) >= 3 and any(whole.startswith(name) for whole in names):
            return index
    raise ValueError(f"{name!r} is no weekday; use mon tue wed thu fri sat sun, or lun mar mer gio ven sab dom")
