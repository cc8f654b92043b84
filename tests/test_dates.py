from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import dates
from aggregator.i18n import long_date

ROME = ZoneInfo("Europe/Rome")
NAIVE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Mon, 03 Nov 2025 10:00:00 +0100", utc(2025, 11, 3, 9)),
        ("Tue, 03 Nov 2025 10:00:00 +0100", utc(2025, 11, 3, 9)),  # wrong weekday
        ("3 Nov 2025 10:00:00 +0100", utc(2025, 11, 3, 9)),
        ("Mon, 3 Nov 25 10:00 +01:00", utc(2025, 11, 3, 9)),
        ("Mon,03 Nov 2025 10:00:00 -0530", utc(2025, 11, 3, 15, 30)),
        ("Mon , \t 03  Nov\t2025  10:00:00\t GMT", utc(2025, 11, 3, 10)),
        ("Mon, 03 Nov 1997 10:00:00 UT", utc(1997, 11, 3, 10)),
        ("Mon, 03 Nov 97 10:00:00 z", utc(1997, 11, 3, 10)),
        ("Mon, 03 Nov 2025 10:00:00 EST", utc(2025, 11, 3, 15)),
        ("MON, 03 NOV 2025 10:00:00 PDT", utc(2025, 11, 3, 17)),
        ("Mon, 03 Nov 2025 10:00:00 +0100 (CET)", utc(2025, 11, 3, 9)),
        ("Mon Nov 3 10:00:00 CET 2025", utc(2025, 11, 3, 9)),
        ("Mon Nov 03 2025 10:00:00 GMT+0100", utc(2025, 11, 3, 9)),
        ("lun, 03 nov 2025 10:00:00 +0100", utc(2025, 11, 3, 9)),
        ("2025-11-03T10:00:00Z", utc(2025, 11, 3, 10)),
        ("2025-11-03t10:00:00.25+01:00", utc(2025, 11, 3, 9, 0, 0, 250_000)),
        ("2025-11-03 T 10:00:00 -05:00", utc(2025, 11, 3, 15)),
        ("2025-11-03T101530+0100", utc(2025, 11, 3, 9, 15, 30)),
        ("20251103T101530Z", utc(2025, 11, 3, 10, 15, 30)),
        ("2025-11-03T24:00:00Z", utc(2025, 11, 4)),
        ("2016-12-31T23:59:60Z", utc(2016, 12, 31, 23, 59, 59)),
    ],
)
def test_a_date_with_day_time_and_zone_is_exact(raw: str, expected: datetime) -> None:
    assert dates.parse(raw, ROME) == dates.Moment(expected, "exact")


def test_a_cet_date_is_one_hour_and_a_cest_date_two_hours_ahead_of_utc() -> None:
    assert dates.parse("Mon, 07 Jul 2025 10:00:00 CET", ROME).value == utc(2025, 7, 7, 9)
    assert dates.parse("Mon, 07 Jul 2025 10:00:00 CEST", ROME).value == utc(2025, 7, 7, 8)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-11-03 10:00", utc(2026, 11, 3, 9)),
        ("2026-07-03T10:00:00", utc(2026, 7, 3, 8)),
        ("20261103101530", utc(2026, 11, 3, 9, 15, 30)),
        ("Mon, 03 Nov 2025 10:00:00", utc(2025, 11, 3, 9)),
        ("Mon, 03 Nov 2025 10:00:00 QQQ", utc(2025, 11, 3, 9)),  # a zone nobody knows is no zone
        ("29 maggio 2017 ore 10:30", utc(2017, 5, 29, 8, 30)),
        ("29 Maggio 2017, alle ore 10", utc(2017, 5, 29, 8)),
        ("lunedì 3 novembre 2025, 10.30", utc(2025, 11, 3, 9, 30)),
        ("3 novembre 2025 – 10:30", utc(2025, 11, 3, 9, 30)),
        ("3 nov. 2025 h10", utc(2025, 11, 3, 9)),
        ("12/07/2017 10:00", utc(2017, 7, 12, 8)),
        ("15.01.2024 10:11:12", utc(2024, 1, 15, 9, 11, 12)),
        ("Friday, January 10, 2025 10:00 PM", utc(2025, 1, 10, 21)),
        ("January 10, 2025 12:05 am", utc(2025, 1, 9, 23, 5)),
    ],
)
def test_a_missing_zone_is_the_sources_own(raw: str, expected: datetime) -> None:
    assert dates.parse(raw, ROME) == dates.Moment(expected, "zone")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("29 maggio 2017", date(2017, 5, 29)),
        ("1° maggio 2017", date(2017, 5, 1)),
        ("Pubblicato il 3 novembre 2025", date(2025, 11, 3)),
        ("15/01/2024", date(2024, 1, 15)),
        ("15-01-2024", date(2024, 1, 15)),
        ("15.01.2024", date(2024, 1, 15)),
        ("5/1/24", date(2024, 1, 5)),
        ("2026-11-03", date(2026, 11, 3)),
        ("20261103", date(2026, 11, 3)),
        ("2026-W45-2", date(2026, 11, 3)),
        ("2026-307", date(2026, 11, 3)),
        ("November 3rd, 2026", date(2026, 11, 3)),
        ("2026 novembre 3", date(2026, 11, 3)),  # through dateparser
    ],
)
def test_a_date_without_a_time_is_that_days_midnight_at_the_source(raw: str, expected: date) -> None:
    moment = dates.parse(raw, ROME)
    assert moment.quality == "day"
    assert moment.value == datetime(expected.year, expected.month, expected.day, tzinfo=ROME)
    assert dates.day(raw) == expected


def test_a_year_or_a_month_is_its_first_day_but_no_deadline() -> None:
    assert dates.parse("2026", ROME) == dates.Moment(utc(2025, 12, 31, 23), "day")
    assert dates.parse("2026-11", ROME) == dates.Moment(utc(2026, 10, 31, 23), "day")
    assert dates.day("2026") is None
    assert dates.day("2026-11") is None


@pytest.mark.parametrize("seam", ["\t", "\n", " | ", " "])
def test_of_a_doubled_date_the_piece_that_says_most_counts(seam: str) -> None:
    doubled = f"02/11/2023{seam}Thu, 02 Nov 2023 00:00:00 +0100"
    assert dates.parse(doubled, ROME) == dates.Moment(utc(2023, 11, 1, 23), "exact")


@pytest.mark.parametrize(
    "raw",
    [
        *("(error)", "2024-13-01", "0000-00-00", "31 giugno 2017", "2025-02-29", "01/15/2024", "24-01-15", "2026-366"),
        *("1850-01-01", "2150-01-01", "2025-11-03T25:00:00Z", "2025-11-03T10:61Z", "2025-11-03T10:00:00+99:00"),
        *("domani", "oggi", "ieri", "tomorrow", "2 days ago", "3 giorni fa", "domani 2025 novembre", "lunedì"),
        *(
            "2025-11-03 10",
            "1762160400",
            "3 settembre",
            "settembre 2025",
            "令和7年11月3日",
            "insert date here",
            "-",
            "0",
        ),
        "dal 3 al 5 novembre 2025",
    ],
)
def test_what_is_no_absolute_date_is_refused_not_guessed(raw: str) -> None:
    assert dates.parse(raw, ROME) == dates.Moment(None, "refused")
    assert dates.day(raw) is None


@pytest.mark.parametrize("raw", ["", " ", "\n\t \u00a0"])
def test_nothing_written_is_missing(raw: str) -> None:
    assert dates.parse(raw, ROME) == dates.Moment(None, "missing")
    assert dates.day(raw) is None


def test_a_long_text_is_refused_even_when_it_begins_with_a_date() -> None:
    assert dates.parse("3 novembre 2025 " + "a" * 1_000_000, ROME).quality == "refused"


def test_an_hour_the_clock_skips_or_repeats_is_read_before_the_change() -> None:
    assert dates.parse("2025-03-30T02:30:00", ROME).value == utc(2025, 3, 30, 1, 30)
    assert dates.parse("2025-10-26T02:30:00", ROME).value == utc(2025, 10, 26, 0, 30)


def test_a_deadline_keeps_the_day_that_was_written_whatever_its_zone() -> None:
    assert dates.day("2017-06-30T00:00:00+02:00") == date(2017, 6, 30)
    assert dates.day("30 giugno 2017") == date(2017, 6, 30)
    assert dates.day("31/12/2017") == date(2017, 12, 31)


@pytest.mark.parametrize("raw", ["30/06/2017 24:00", "2017-06-30T24:00:00Z", "30 giugno 2017, ore 24:00"])
def test_midnight_at_the_end_of_a_day_belongs_to_that_day(raw: str) -> None:
    assert dates.day(raw) == date(2017, 6, 30)


def test_dateparser_is_not_loaded_for_the_dates_feeds_usually_have() -> None:
    program = (
        "import sys; from zoneinfo import ZoneInfo; from aggregator import dates; "
        "[dates.parse(raw, ZoneInfo('UTC')) for raw in ('Mon, 03 Nov 2025 10:00:00 CET', '2025-11-03', '(error)', "
        "'29 maggio 2017', '02/11/2023\\tThu, 02 Nov 2023 00:00:00 +0100')]; sys.exit('dateparser' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


moments = st.datetimes(NAIVE.replace(year=1901), NAIVE.replace(year=2099), timezones=st.just(UTC))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moments, offsets)
def test_a_formatted_moment_comes_back(moment: datetime, offset: timezone) -> None:
    local = moment.astimezone(offset)
    assert dates.parse(local.isoformat(), ROME) == dates.Moment(moment, "exact")
    assert dates.parse(format_datetime(local), ROME) == dates.Moment(moment.replace(microsecond=0), "exact")


@given(st.dates(date(1901, 1, 1), date(2099, 12, 31)), st.sampled_from(["it", "en"]))
def test_a_day_written_for_people_comes_back(day: date, language: str) -> None:
    for written in (long_date(day, language, ROME), f"{day:%d/%m/%Y}", f"{day.day}.{day.month}.{day.year}", str(day)):
        assert dates.day(written) == day


fragments = st.sampled_from(
    "3 11 2025 99 0000 nov novembre lunedì , . / - : + T Z CET ore 10:30 +0100 (x) \t domani fa W45 ° 25".split(" ")
)


@given(
    st.one_of(st.text(), st.lists(fragments, max_size=9).map(" ".join), st.lists(fragments, max_size=9).map("".join))
)
def test_any_text_gives_a_moment_that_keeps_its_promise(raw: str) -> None:
    moment = dates.parse(raw, ROME)
    assert (moment.value is None) == (moment.quality in ("refused", "missing"))
    if moment.value:
        assert moment.value.tzinfo is UTC
        assert 1899 <= moment.value.year <= 2101
    dates.day(raw)


# --- the short way ---

ZONES = ["", *"GMT UTC Z +0000 -0000 +0200 -1130 +1400 +1500 +01:00 -09:30 +14:59 +15:00 +0260 CEST".split()]


@given(
    st.datetimes(datetime(1895, 1, 1), datetime(2105, 1, 1)),  # noqa: DTZ001  the zone is written behind it
    st.sampled_from(
        [
            "%a, %d %b %Y %H:%M:%S {}",
            "%d %b %Y %H:%M:%S {}",
            "%Y-%m-%dT%H:%M:%S{}",
            "%Y-%m-%dT%H:%M:%S.%f{}",
            "%Y-%m-3%dT24:%M:60{}",
            "3%d Feb %Y 2%M:%M:%S {}",
        ]
    ),
    st.sampled_from(ZONES),
)
def test_the_usual_forms_are_read_as_all_the_others(moment: datetime, form: str, zone: str) -> None:
    text = moment.strftime(form).format(zone)
    readings = [reading.moment(ROME) for reading in dates._readings(text)]
    expected = min(readings, key=lambda one: dates._RANK[one.quality], default=dates.Moment(None, "refused"))

    assert dates.parse(text, ROME) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("3 nov 2025 ore 9", utc(2025, 11, 3, 8)),
        ("3 nov 2025 alle 9.05", utc(2025, 11, 3, 8, 5)),
        ("3 nov 2025 12:05 am", utc(2025, 11, 2, 23, 5)),
        ("3 nov 2025 12:05 pm", utc(2025, 11, 3, 11, 5)),
        ("3 nov 2025 1:05:07 p.m.", utc(2025, 11, 3, 12, 5, 7)),
        ("3 nov 2025 13:05 pm", utc(2025, 11, 3, 12, 5)),
        ("3 nov 2025 23:59:60", utc(2025, 11, 3, 22, 59, 59)),
        ("3 nov 2025 24:00", utc(2025, 11, 3, 23)),
        ("3 nov 2025 24:00:01", None),
        ("3 nov 2025 23:60", None),
        ("3 nov 2025 23:59:61", None),
        ("3 nov 2025 25:00", None),
        ("3 nov 2025 9", None),
        ("2025-11-03 09:05:07.123456789", utc(2025, 11, 3, 8, 5, 7).replace(microsecond=123456)),
        ("2025-11-03 09:05:07,5", utc(2025, 11, 3, 8, 5, 7).replace(microsecond=500000)),
        ("3 nov 2025 09:05 +0230", utc(2025, 11, 3, 6, 35)),
        ("3 nov 2025 09:05 -02", utc(2025, 11, 3, 11, 5)),
        ("3 nov 2025 09:05 +1401", utc(2025, 11, 2, 19, 4)),
        ("3 nov 2025 09:05 +1500", None),
        ("3 nov 2025 09:05 +0260", None),
    ],
)
def test_a_clock_is_read_to_the_second_or_the_date_is_none(raw: str, expected: datetime | None) -> None:
    assert dates.parse(raw, ROME).value == expected
