"""A newsletter's rhythms + the days nobody works -> the windows of its issues, in UTC. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.model import Window
from aggregator.rhythm import Rhythm

_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When issues close and leave: at `when`, or, where there is a `draft`, closed at the last one before and left at
    `when`.

    What falls on a day that is `off` waits for the next working day, at its own hour: never before its draft has been
    seen. A Saturday or Sunday is a working day only of a rhythm that names it. What waits for the same moment is one.
    """

    when: Rhythm
    draft: Rhythm | None
    zone: ZoneInfo
    off: Callable[[date], bool] = lambda _day: False

    def latest(self, now: datetime) -> Window:
        """The window that closed last, at or before `now`; a month's sleep therefore gives one issue."""
        return self._window(next(named for named in self._backwards(now) if self._moved(named) <= now))

    def open(self, now: datetime) -> Window:
        """The window that is open at `now`: it closes next."""
        named = next(named for named in self._backwards(now) if self._moved(named) <= now)
        return self._window(self._next(named))

    def _window(self, named: datetime) -> Window:
        """The window that closes where the moment `named` by the rhythms moves to."""
        closes = self._moved(named)
        while self._moved(following := self._next(named)) == closes:
            named = following
        opens = next(moved for earlier in self._backwards(named) if (moved := self._moved(earlier)) < closes)
        if self.draft is None:
            return Window(opens, closes, closes)
        leaves = self.when.after(named, self.zone)
        return Window(opens, closes, self._on_working_day(self.when, leaves, closes))

    # --- the moments the rhythms name ---

    def _backwards(self, moment: datetime) -> Iterator[datetime]:
        """Those that close an issue, from the last at or before `moment` on."""
        leaves = self.when.after(moment, self.zone)
        while True:
            named = self._closing(leaves)
            if named <= moment:
                yield named
            leaves = self.when.before(min(named, leaves - _INSTANT), self.zone)

    def _next(self, named: datetime) -> datetime:
        leaves = self.when.after(named, self.zone)
        while (found := self._closing(leaves)) <= named:
            leaves = self.when.after(leaves, self.zone)
        return found

    def _closing(self, leaves: datetime) -> datetime:
        """When the issue closes that leaves then."""
        return self.draft.before(leaves - _INSTANT, self.zone) if self.draft else leaves

    # --- and where they move to ---

    def _moved(self, named: datetime) -> datetime:
        return self._on_working_day(self.draft or self.when, named, named - _INSTANT)

    def _on_working_day(self, rhythm: Rhythm, named: datetime, after: datetime) -> datetime:
        """The rhythm's hour of the first working day from the named one on, later than `after`."""
        day = named.astimezone(self.zone).date()
        while (moment := self._at(rhythm, day)) <= after or self._rests(rhythm, day):
            day += _DAY
        return moment

    def _at(self, rhythm: Rhythm, day: date) -> datetime:
        return datetime.combine(day, rhythm.at, self.zone).astimezone(UTC)

    def _rests(self, rhythm: Rhythm, day: date) -> bool:
        if self.off(day):
            return True
        return day.weekday() >= 5 and day.weekday() not in rhythm.days
