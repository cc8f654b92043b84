"""When issues close and leave, whatever clocks, drafts and holidays do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Window
from aggregator.rhythm import Rhythm
from aggregator.settings import Holidays
from aggregator.windows import Timetable
from aggregator.workdays import off
from tests.test_rhythm import ROME, moments, rhythms, rome, zones

WHEN, DRAFT = Rhythm.parse("mon 08:00"), Rhythm.parse("fri 12:00")
MONDAYS = [rome(f"2026-06-{day:02}T08:00") for day in (1, 8, 15, 22)]
FRIDAYS = [rome(f"2026-06-{day:02}T12:00") for day in (5, 12, 19, 26)]
SECOND = timedelta(seconds=1)


def table(when: str = "mon 08:00", draft: str = "", **holidays: object) -> Timetable:
    told = off(Holidays(**holidays)) if holidays else off(None)  # type: ignore[arg-type]
    return Timetable(Rhythm.parse(when), Rhythm.parse(draft) if draft else None, ROME, told)


def windows(timetable: Timetable, first: str, last: str) -> Iterator[Window]:
    """Those that close between two moments of Rome."""
    now = rome(first)
    while (window := timetable.open(now)).closes <= rome(last):
        yield window
        now = window.closes


def told(timetable: Timetable, first: str, last: str) -> list[tuple[str, str]]:
    """When they close and leave, in Rome."""
    return [
        (f"{w.closes.astimezone(ROME):%a %m-%d %H}", f"{w.due.astimezone(ROME):%a %m-%d %H}")
        for w in windows(timetable, first, last)
    ]


@pytest.mark.parametrize(
    ("now", "latest"),
    [(MONDAYS[2] - SECOND, 0), (MONDAYS[2], 1), (MONDAYS[2] + SECOND, 1), (MONDAYS[3] - SECOND, 1), (MONDAYS[3], 2)],
)
def test_a_window_closes_at_the_due_moment_and_the_next_one_opens(now: datetime, latest: int) -> None:
    opens, closes = MONDAYS[latest : latest + 2]

    assert table().latest(now) == Window(opens, closes, closes)
    assert table().open(now).opens == closes


def test_with_a_draft_the_window_closes_then_and_the_issue_leaves_later() -> None:
    timetable = table(draft="fri 12:00")
    for now in (FRIDAYS[1], MONDAYS[2] - SECOND, MONDAYS[2], FRIDAYS[2] - SECOND):
        assert timetable.latest(now) == Window(FRIDAYS[0], FRIDAYS[1], MONDAYS[2])
        assert timetable.open(now) == Window(FRIDAYS[1], FRIDAYS[2], MONDAYS[3])


def test_a_draft_at_the_hour_the_issue_leaves_is_for_the_next_one() -> None:
    window = table(draft="mon 08:00").latest(MONDAYS[1])

    assert window == Window(MONDAYS[0], MONDAYS[1], MONDAYS[2])


def test_after_a_months_sleep_there_is_one_window_the_latest() -> None:
    assert table().latest(rome("2026-07-16T09:00")).closes == rome("2026-07-13T08:00")


def test_a_weekly_draft_of_a_monthly_newsletter_counts_once_a_month() -> None:
    monthly = table("first mon 08:00", "fri 12:00")
    assert told(monthly, "2026-06-02", "2026-09-01") == [
        ("Fri 07-03 12", "Mon 07-06 08"),
        ("Fri 07-31 12", "Mon 08-03 08"),
    ]


def test_one_draft_a_week_of_a_daily_newsletter_makes_one_issue_a_week() -> None:
    assert told(table("daily 08:00", "fri 12:00"), "2026-06-01", "2026-06-13") == [
        ("Fri 06-05 12", "Sat 06-06 08"),
        ("Fri 06-12 12", "Sat 06-13 08"),
    ]


# --- days nobody works ---


def test_an_issue_of_a_holiday_leaves_on_the_next_working_day() -> None:
    easter = table(country="IT")  # Easter Monday, 6 April 2026
    assert told(easter, "2026-03-31", "2026-04-14") == [("Tue 04-07 08",) * 2, ("Mon 04-13 08",) * 2]


def test_the_patrons_day_is_a_holiday_and_a_weekend_no_working_day() -> None:
    friday = table("thu 08:00", country="IT", patron="06-12")
    assert told(table("fri 08:00", country="IT", patron="06-12"), "2026-06-08", "2026-06-16") == [("Mon 06-15 08",) * 2]
    assert told(friday, "2026-06-08", "2026-06-16") == [("Thu 06-11 08",) * 2]


def test_a_rhythm_that_names_the_weekend_works_on_it() -> None:
    assert told(table("fri-sun 08:00", country="IT", patron="06-12"), "2026-06-08", "2026-06-15") == [
        ("Sat 06-13 08",) * 2,
        ("Sun 06-14 08",) * 2,
    ]


def test_days_that_move_to_the_same_day_give_one_issue() -> None:
    christmas = table("daily 08:00", country="IT")  # 25 and 26 December 2026 are a Friday and a Saturday
    assert told(christmas, "2026-12-24T09:00", "2026-12-28T09:00") == [("Sun 12-27 08",) * 2, ("Mon 12-28 08",) * 2]


def test_after_a_pause_there_is_one_issue_of_all_of_it() -> None:
    summer = table(country="IT", pause=("08-08 to 08-23",))
    found = list(windows(summer, "2026-08-04", "2026-09-01"))
    assert [(w.opens, w.closes) for w in found] == [
        (rome("2026-08-03T08:00"), rome("2026-08-24T08:00")),
        (rome("2026-08-24T08:00"), rome("2026-08-31T08:00")),
    ]


def test_a_pause_may_go_over_the_turn_of_the_year() -> None:
    winter = table(country="IT", pause=("12-24 to 01-06",))
    assert told(winter, "2026-12-22", "2027-01-12") == [("Thu 01-07 08",) * 2, ("Mon 01-11 08",) * 2]


def test_an_issue_never_leaves_before_its_draft_was_seen() -> None:
    weekly = table("mon 08:00", "fri 12:00", country="IT", pause=("08-08 to 08-23",))
    assert told(weekly, "2026-08-01", "2026-08-29") == [
        ("Fri 08-07 12", "Mon 08-24 08"),
        ("Mon 08-24 12", "Tue 08-25 08"),
        ("Fri 08-28 12", "Mon 08-31 08"),
    ]


def test_saint_francis_is_a_holiday_again_from_2026_on() -> None:
    assert [off(Holidays())(date(year, 10, 4)) for year in (2025, 2026)] == [False, True]


rests = st.builds(
    Holidays, patron=st.none() | st.just("06-29"), pause=st.sampled_from([(), ("08-08 to 08-23",), ("12-23 to 01-06",)])
)


@given(rhythms, st.none() | rhythms, moments, zones, st.none() | rests)
def test_windows_tile_time(
    when: Rhythm, draft: Rhythm | None, now: datetime, zone: ZoneInfo, holidays: Holidays | None
) -> None:
    rests = off(holidays)
    timetable = Timetable(when, draft, zone, rests)
    latest, current = timetable.latest(now), timetable.open(now)

    assert latest.opens < latest.closes <= now < current.closes
    assert latest.closes == current.opens
    assert timetable.latest(current.closes) == current
    assert latest.due <= current.due
    for window in (latest, current):
        assert (window.due > window.closes) if draft else (window.due == window.closes)
        assert not any(rests(moment.astimezone(zone).date()) for moment in (window.closes, window.due))
