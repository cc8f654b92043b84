"""When issues are due, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.rhythm import Rhythm

ROME = ZoneInfo("Europe/Rome")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME).astimezone(UTC)


# --- how it is written ---


@pytest.mark.parametrize(
    ("text", "days", "first"),
    [
        ("mon 08:00", [0], False),
        ("lun 08:00", [0], False),
        ("Lunedì 08:00", [0], False),
        ("lunedi 08:00", [0], False),
        ("  MON   08:00 ", [0], False),
        ("mar 08:00", [1], False),
        ("wednesday 08:00", [2], False),
        ("gio 08:00", [3], False),
        ("venerdì 08:00", [4], False),
        ("sab 08:00", [5], False),
        ("sunday 08:00", [6], False),
        ("mon-fri 08:00", [0, 1, 2, 3, 4], False),
        ("lun - ven 08:00", [0, 1, 2, 3, 4], False),
        ("sab-dom 08:00", [5, 6], False),
        ("mon-mon 08:00", [0], False),
        ("daily 08:00", [0, 1, 2, 3, 4, 5, 6], False),
        ("first mon 08:00", [0], True),
        ("primo lun 08:00", [0], True),
        ("prima domenica 08:00", [6], True),
    ],
)
def test_a_rhythm_is_written(text: str, days: list[int], first: bool) -> None:
    assert Rhythm.parse(text) == Rhythm(tuple(days), time(8), first)


@pytest.mark.parametrize(("text", "at"), [("mon 0:00", time(0)), ("mon 8:05", time(8, 5)), ("mon 23:59", time(23, 59))])
def test_any_minute_of_the_day_but_one_hour_will_do(text: str, at: time) -> None:
    assert Rhythm.parse(text).at == at


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "expected a day and a time"),
        ("mon", "expected a day and a time"),
        ("08:00", "expected a day and a time"),
        ("mon 8", "expected a day and a time"),
        ("mon 08.00", "expected a day and a time"),
        ("mon 08:00 CET", "expected a day and a time"),
        ("mon, fri 08:00", "expected a day and a time"),
        ("second mon 08:00", "expected a day and a time"),
        ("mon 24:00", "24:00 is no time of day"),
        ("mon 12:60", "12:60 is no time of day"),
        ("mon 02:00", "twice or never"),
        ("daily 2:59", "twice or never"),
        ("mo 08:00", "'mo' is no weekday"),
        ("marzo 08:00", "'marzo' is no weekday"),
        ("monthly 08:00", "'monthly' is no weekday"),
        ("mon-xyz 08:00", "'xyz' is no weekday"),
        ("daily-fri 08:00", "'daily' is no weekday"),
        ("fri-mon 08:00", "runs backwards"),
        ("first daily 08:00", "goes with one weekday"),
        ("first mon-fri 08:00", "goes with one weekday"),
    ],
)
def test_anything_else_is_refused_in_words(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Rhythm.parse(text)


spans = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted).map(lambda span: tuple(range(span[0], span[1] + 1)))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0, hour=3 if at.hour == 2 else at.hour))
rhythms = st.one_of(
    st.builds(Rhythm, spans, times), st.builds(Rhythm, st.integers(0, 6).map(lambda day: (day,)), times, st.just(True))
)


@given(rhythms)
def test_what_is_printed_can_be_read_back(rhythm: Rhythm) -> None:
    assert Rhythm.parse(str(rhythm)) == rhythm


# --- when it falls due ---


@pytest.mark.parametrize(
    ("text", "moment", "before", "after"),
    [
        ("mon 08:00", "2026-06-17T12:00", "2026-06-15T08:00", "2026-06-22T08:00"),
        ("mon 08:00", "2026-06-15T08:00", "2026-06-15T08:00", "2026-06-22T08:00"),
        ("mon 08:00", "2026-06-15T07:59:59", "2026-06-08T08:00", "2026-06-15T08:00"),
        ("mon-fri 08:00", "2026-06-20T12:00", "2026-06-19T08:00", "2026-06-22T08:00"),
        ("daily 23:30", "2026-06-20T12:00", "2026-06-19T23:30", "2026-06-20T23:30"),
        ("daily 00:00", "2026-06-20T00:00", "2026-06-20T00:00", "2026-06-21T00:00"),
        ("first mon 08:00", "2026-06-15T12:00", "2026-06-01T08:00", "2026-07-06T08:00"),
        ("first mon 08:00", "2026-06-01T07:00", "2026-05-04T08:00", "2026-06-01T08:00"),
        ("first sun 08:00", "2026-12-31T12:00", "2026-12-06T08:00", "2027-01-03T08:00"),
    ],
)
def test_the_due_moments_around_a_moment(text: str, moment: str, before: str, after: str) -> None:
    rhythm = Rhythm.parse(text)

    assert (rhythm.before(rome(moment), ROME), rhythm.after(rome(moment), ROME)) == (rome(before), rome(after))


@pytest.mark.parametrize(
    ("sunday", "at", "due"),
    [
        ("2026-03-29", "01:59", "2026-03-29T00:59"),  # clocks go from 02:00 to 03:00
        ("2026-03-29", "03:00", "2026-03-29T01:00"),
        ("2026-03-29", "08:00", "2026-03-29T06:00"),
        ("2026-10-25", "01:59", "2026-10-24T23:59"),  # clocks go from 03:00 back to 02:00
        ("2026-10-25", "03:00", "2026-10-25T02:00"),
        ("2026-10-25", "08:00", "2026-10-25T07:00"),
    ],
)
def test_on_the_days_the_clock_changes_it_is_due_once_at_its_local_hour(sunday: str, at: str, due: str) -> None:
    rhythm = Rhythm.parse(f"sun {at}")
    week = timedelta(days=7)

    assert rhythm.before(utc(f"{sunday}T22:00"), ROME) == utc(due)
    assert rhythm.after(utc(due) - timedelta(seconds=1), ROME) == utc(due)
    assert abs(rhythm.after(utc(due), ROME) - utc(due) - week) in (timedelta(0), timedelta(hours=1))


def test_a_week_that_loses_an_hour_is_an_hour_shorter() -> None:
    rhythm = Rhythm.parse("mon 08:00")

    assert rhythm.after(utc("2026-03-23T07:00"), ROME) == utc("2026-03-30T06:00")
    assert rhythm.after(utc("2026-10-19T06:00"), ROME) == utc("2026-10-26T07:00")


def test_the_hour_is_that_of_the_zone() -> None:
    assert Rhythm.parse("mon 08:00").after(utc("2026-06-15T00:00"), ZoneInfo("Asia/Tokyo")) == utc("2026-06-21T23:00")


moments = st.integers(0, 4 * 366 * 86400).map(lambda seconds: utc("2024-01-01") + timedelta(seconds=seconds))
zones = st.sampled_from(["Europe/Rome", "UTC", "America/New_York", "Australia/Lord_Howe", "Atlantic/Azores"]).map(
    ZoneInfo
)


@given(rhythms, moments, zones)
@example(Rhythm.parse("sun 01:59"), utc("2026-03-29T01:00"), ROME)
@example(Rhythm.parse("sun 03:00"), utc("2026-10-25T02:00"), ROME)
@example(Rhythm.parse("daily 00:30"), utc("2026-10-25T00:30"), ZoneInfo("Atlantic/Azores"))
def test_a_moment_lies_between_two_due_moments_that_follow_each_other(
    rhythm: Rhythm, moment: datetime, zone: ZoneInfo
) -> None:
    before, after = rhythm.before(moment, zone), rhythm.after(moment, zone)

    assert before <= moment < after
    assert rhythm.after(before, zone) == after
    assert rhythm.before(before, zone) == before
    assert rhythm.before(after - timedelta(seconds=1), zone) == before
