"""When a source is asked again: by its admin, its server, its document, its habits, and after failures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.pace import back_off, is_open, learnt, next_check
from aggregator.model import Check, Wishes
from tests.build import NOW, check, days, hours

ROME = ZoneInfo("Europe/Rome")
SIX, DAY = timedelta(hours=6), timedelta(days=1)


def pause(known: Check, every: timedelta = SIX, now: datetime = NOW, wanted: float = 0.0) -> timedelta:
    return next_check(known, every, now, ROME, wanted) - now


def wishing(**wishes: Any) -> Check:
    return check(wishes=Wishes(**wishes))


def coming(*moments: datetime) -> tuple[datetime, ...]:
    return tuple(sorted(moments))


# --- who has a say ---


def test_without_other_wishes_every_is_the_pause_to_the_second() -> None:
    assert pause(check()) == SIX


@pytest.mark.parametrize(
    ("seconds", "hours_waited"), [(0, 6), (3600, 6), (12 * 3600, 12), (7 * 86_400, 168), (90 * 86_400, 168)]
)
def test_a_server_lengthens_the_pause_and_never_shortens_it(seconds: float, hours_waited: int) -> None:
    assert pause(check(), wanted=seconds) == timedelta(hours=hours_waited)
    assert pause(wishing(every=seconds)) == timedelta(hours=hours_waited)


def test_the_largest_wish_counts() -> None:
    assert pause(wishing(every=8 * 3600), every=timedelta(hours=7), wanted=9 * 3600) == timedelta(hours=9)


def test_skipped_hours_are_waited_for() -> None:
    night = tuple(range(10, 20))  # six hours from NOW, at 12 UTC, is inside
    assert pause(wishing(skip_hours=night)) == timedelta(hours=14)  # 20:00 UTC


def test_what_is_closed_opens_at_a_full_hour() -> None:
    odd = NOW.replace(minute=7, second=8, microsecond=9)
    assert next_check(wishing(skip_hours=(12,)), SIX, odd, ROME) == NOW + timedelta(hours=7)
    assert next_check(wishing(), SIX, odd, ROME) == odd + SIX
    assert is_open(odd, Wishes(skip_hours=(7,)))
    assert not is_open(odd, Wishes(skip_hours=(6,)))


def test_the_last_hour_of_a_week_may_be_the_only_open_one() -> None:
    """Asked on a Monday at 12 UTC; open is the hour before that, on Sundays."""
    told = next_check(
        wishing(skip_hours=tuple(h for h in range(24) if h != 11), skip_days=(0, 1, 2, 3, 4, 5)), SIX, NOW, ROME
    )
    assert told - NOW == timedelta(days=6, hours=5)


def test_skipped_days_are_waited_for_by_universal_time() -> None:
    """NOW is a Monday; a day from it is Tuesday, which is skipped with Wednesday."""
    told = next_check(wishing(skip_days=(1, 2)), DAY, NOW, ROME)
    assert (told.weekday(), told.hour, told - NOW) == (3, 0, timedelta(days=2, hours=18))


def test_who_closes_every_hour_is_not_believed() -> None:
    assert pause(wishing(skip_hours=tuple(range(24)))) == SIX
    assert pause(wishing(skip_days=tuple(range(7)))) == SIX


# --- after failures ---


@pytest.mark.parametrize(
    ("failures", "every", "hours_waited"),
    [(1, SIX, 6), (2, SIX, 12), (3, SIX, 24), (4, SIX, 24), (500, SIX, 24), (2, DAY, 24), (9, 2 * DAY, 48)],
)
def test_each_failure_doubles_the_pause_up_to_a_day(failures: int, every: timedelta, hours_waited: int) -> None:
    assert back_off(failures, every) == timedelta(hours=hours_waited)


def test_a_first_failure_is_asked_about_as_usual_and_later_ones_not_in_step() -> None:
    assert pause(check(problem="no answer", failures=1)) == SIX
    waits = {pause(check(f"s{n}", problem="no answer", failures=3)) for n in range(20)}
    assert len(waits) == 20
    assert all(DAY <= wait <= DAY * 1.1 for wait in waits)
    assert max(waits) > DAY * 1.08
    assert min(waits) < DAY * 1.02


def test_the_same_source_at_the_same_moment_waits_the_same() -> None:
    failing = check(problem="no answer", failures=3)
    assert pause(failing) == pause(failing)


def test_retry_after_counts_for_a_failing_source_too() -> None:
    assert pause(check(problem="503", failures=1), wanted=30 * 3600) == timedelta(hours=30)


# --- what is learnt ---

WEEKDAYS = coming(*(days(-n) for n in range(1, 42) if days(-n).weekday() < 5))


def test_nothing_is_learnt_from_a_few_arrivals() -> None:
    assert learnt(coming(days(-9), days(-6), days(-3)), NOW, ROME) == timedelta()


def test_six_arrivals_are_enough() -> None:
    assert learnt(coming(*(days(-3 * n) for n in range(1, 7))), NOW, ROME) == timedelta(hours=18)


def test_a_source_that_brings_something_every_other_day_is_looked_at_twice_a_day() -> None:
    arrivals = coming(*(days(-2 * n) for n in range(1, 20)))
    assert learnt(arrivals, NOW, ROME) == timedelta(hours=12)
    assert timedelta(hours=12) <= pause(check(arrivals=arrivals)) <= timedelta(hours=13.2)


def test_a_busy_source_is_not_asked_more_often_than_every() -> None:
    assert pause(check(arrivals=coming(*(hours(-n) for n in range(1, 20))))) == SIX


def test_a_source_is_looked_at_daily_however_little_it_brings() -> None:
    assert learnt(coming(*(days(-30 * n) for n in range(1, 9))), NOW, ROME) == DAY


def test_on_a_weekday_that_never_brought_anything_one_look_is_enough() -> None:
    saturday, tuesday = days(5), days(8)
    assert learnt(WEEKDAYS[-30:], saturday, ROME) == DAY
    assert learnt(WEEKDAYS[-30:], tuesday, ROME) == SIX


def test_weekdays_are_those_of_the_source() -> None:
    """Late on Sunday in Rome it is Monday in Tokyo, where Mondays bring something."""
    late_on_sunday = hours(-11)
    assert learnt(WEEKDAYS[-30:], late_on_sunday, ROME) == DAY
    assert learnt(WEEKDAYS[-30:], late_on_sunday, ZoneInfo("Asia/Tokyo")) < DAY


def test_a_weekday_counts_as_quiet_after_four_weeks_only() -> None:
    recent = tuple(moment for moment in WEEKDAYS if moment > days(-20))
    assert len(recent) >= 10
    assert learnt(recent, days(5), ROME) < DAY


@pytest.mark.parametrize(("first", "count", "quiet"), [(-24, 10, True), (-24, 9, False), (-21, 10, False)])
def test_a_quiet_weekday_takes_ten_arrivals_over_four_whole_weeks(first: int, count: int, quiet: bool) -> None:
    """Asked of a Saturday, five days after NOW; all but the first came in its week, on Monday and Tuesday."""
    arrivals = (days(first), *coming(*(hours(-n) for n in range(1, 5)), *(hours(24 + n) for n in range(count - 5))))
    assert (learnt(arrivals, days(5), ROME) == DAY) is quiet


def test_the_weekdays_of_arrivals_are_those_of_the_source() -> None:
    """At 23 UTC on Sundays it is Monday in Rome: nothing ever came on a Sunday there."""
    mondays_in_rome = coming(*(hours(-7 - 24 * 7 * n) for n in range(1, 12)))
    assert learnt(mondays_in_rome, hours(-20), ROME) == DAY  # a Sunday
    assert learnt(mondays_in_rome, NOW, ROME) == DAY  # by their usual distance
    often = coming(*(hours(-7 - 24 * 7 * n - k / 10) for n in range(1, 6) for k in range(6)))
    assert learnt(often, hours(-20), ROME) == DAY
    assert learnt(often, NOW, ROME) < DAY


# --- whatever happens ---


@given(
    st.integers(0, 10_000),
    st.floats(0, 1e9),
    st.floats(0, 1e9),
    st.sets(st.integers(0, 23)),
    st.sets(st.integers(0, 6)),
    st.lists(st.integers(0, 10_000), max_size=30),
    st.integers(60, 30 * 86_400),
)
def test_a_source_is_always_asked_again_never_before_every(
    failures: int,
    server: float,
    document: float,
    closed_hours: set[int],
    closed_days: set[int],
    arrivals: list[int],
    seconds: int,
) -> None:
    known = check(
        problem="no answer" if failures else "",
        failures=failures,
        wishes=Wishes(document, tuple(closed_hours), tuple(closed_days)),
        arrivals=coming(*(hours(-n) for n in arrivals)),
    )
    every = timedelta(seconds=seconds)
    assert every <= pause(known, every, wanted=server) <= max(every, timedelta(days=7)) + timedelta(days=7)
