"""What is known of a source, and the time -> when to ask it again: never sooner than its admin, its server or its own
document want, seldom where little comes, ever more seldom while it fails, and never not at all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from aggregator.model import Check, Wishes

ARRIVALS = 30  # how many are remembered
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_LONGEST_WISH = timedelta(days=7)
# Some sites show their last five entries only: what we learn never makes us look less than daily.
_LONGEST_LEARNT = _DAY
_LOOKS = 4  # between two arrivals, in the mean
_ENOUGH = 6  # arrivals, before anything is concluded from them
_WEEKS = timedelta(weeks=4)  # how long a weekday must have been quiet before it counts as such
_ENOUGH_OF_WEEKS = 10
_SPREAD = 10  # what we lengthen ourselves is lengthened by up to a tenth more, so that sources do not march in step


def next_check(check: Check, every: timedelta, now: datetime, zone: ZoneInfo, wanted: float = 0.0) -> datetime:
    """The next moment this source may be asked. `wanted`: seconds its server wants to be left alone, or calls its
    answer fresh; `zone`: where its weekdays are lived."""
    if check.problem and check.failures > 1:
        ours = _spread(back_off(check.failures, every), check, now)
    else:
        ours = _spread(learnt(check.arrivals, now, zone), check, now)
    wishes = min(timedelta(seconds=max(wanted, check.wishes.every)), _LONGEST_WISH)
    return _allowed(now + max(every, ours, wishes), check.wishes)


def back_off(failures: int, every: timedelta) -> timedelta:
    """Twice as long after each failure, up to a day."""
    doubled: int = 2 ** min(failures - 1, 12)
    return max(every, min(every * doubled, _DAY))


def learnt(arrivals: Sequence[datetime], now: datetime, zone: ZoneInfo) -> timedelta:
    """How long nothing much is missed, going by when new entries came: a part of their usual distance, and a whole day
    on a weekday that never brings any. Nothing until enough of them are known."""
    if len(arrivals) < _ENOUGH:
        return timedelta()
    if _is_quiet(arrivals, now, zone):
        return _DAY
    usual = timedelta(seconds=median(gap.total_seconds() for gap in gaps(arrivals)))
    return min(usual / _LOOKS, _LONGEST_LEARNT)


def gaps(arrivals: Sequence[datetime]) -> list[timedelta]:
    return [later - earlier for earlier, later in pairwise(arrivals)]


def _is_quiet(arrivals: Sequence[datetime], now: datetime, zone: ZoneInfo) -> bool:
    if len(arrivals) < _ENOUGH_OF_WEEKS or now - arrivals[0] < _WEEKS:
        return False
    return now.astimezone(zone).weekday() not in {moment.astimezone(zone).weekday() for moment in arrivals}


def _spread(pause: timedelta, check: Check, now: datetime) -> timedelta:
    """Up to a tenth longer; by how much depends on the source and the moment alone, as chance has no place here."""
    told = f"{check.source_id} {now.isoformat()}".encode()
    part = int.from_bytes(blake2b(told, digest_size=4).digest()) / 2**32
    return pause + pause / _SPREAD * part


def is_open(moment: datetime, wishes: Wishes) -> bool:
    """Whether `skipHours` and `skipDays` leave this hour open; who closes every hour is not believed."""
    return _allowed(moment, wishes) == moment


def _allowed(moment: datetime, wishes: Wishes) -> datetime:
    """The moment, or the first full hour after it that is open."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    for ahead in range(7 * 24):
        later = moment if ahead == 0 else hour + ahead * _HOUR
        if later.hour not in wishes.skip_hours and later.weekday() not in wishes.skip_days:
            return later
    return moment
