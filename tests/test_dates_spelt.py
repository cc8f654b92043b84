"""Every spelling of a day, with every spelling of an hour and of a zone: what is read is what was put together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from aggregator import dates

ROME = ZoneInfo("Europe/Rome")
DAYS = (date(2025, 1, 31), date(2024, 2, 29), date(2049, 6, 3), date(1950, 9, 5), date(2100, 12, 31), date(1900, 1, 1))

ITALIAN = "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split()
ENGLISH = "January February March April May June July August September October November December".split()

SPELLINGS: dict[str, Callable[[date, list[str]], str]] = {
    "digits": lambda d, _: f"{d:%Y-%m-%d}",
    "slashes, year first": lambda d, _: f"{d.year}/{d.month}/{d.day}",
    "points, year first": lambda d, _: f"{d.year}.{d.month}.{d.day}",
    "day first": lambda d, _: f"{d:%d/%m/%Y}",
    "one figure": lambda d, _: f"{d.day}-{d.month}-{d.year}",
    "basic": lambda d, _: f"{d:%Y%m%d}",
    "words": lambda d, names: f"{d.day} {names[d.month - 1]} {d.year}",
    "capitals": lambda d, names: f"{d.day} {names[d.month - 1]} {d.year}".upper(),
    "short": lambda d, names: f"{d.day:02} {names[d.month - 1][:3]} {d.year}",
    "short with points": lambda d, names: f"{d.day}. {names[d.month - 1][:3]}. {d.year}",
    "hyphens": lambda d, names: f"{d.day}-{names[d.month - 1][:3]}-{d.year}",
    "ordinal": lambda d, names: f"{d.day}° {names[d.month - 1]} {d.year}",
    "month first": lambda d, names: f"{names[d.month - 1]} {d.day}, {d.year}",
    "labelled": lambda d, names: f"Pubblicato il: {d.day} {names[d.month - 1]} {d.year}",
    "week": lambda d, _: "{}-W{:02}-{}".format(*d.isocalendar()),
    "day of the year": lambda d, _: f"{d:%Y-%j}",
}


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("names", [ITALIAN, ENGLISH], ids=["it", "en"])
def test_every_spelling_of_a_day_is_that_day(spelling: str, names: list[str]) -> None:
    for day in DAYS:
        written = SPELLINGS[spelling](day, names)
        midnight = noon(day).replace(hour=0).replace(tzinfo=ROME)
        assert dates.parse(written, ROME) == dates.Moment(midnight.astimezone(UTC), "day"), written
        assert dates.day(written) == day, written


@pytest.mark.parametrize("month", range(12))
def test_every_month_is_known_by_its_name_and_by_its_first_letters(month: int) -> None:
    expected = date(2025, month + 1, 7)
    for name in (ITALIAN[month], ENGLISH[month], ITALIAN[month][:3], ENGLISH[month][:3], ITALIAN[month][:5]):
        assert dates.day(f"7 {name} 2025") == expected
        assert dates.day(f"{name.title()} 7, 2025") == expected
        assert dates.by_form(f"7 {name[:3]} 25", "%d %b %y", ROME).value == noon(expected).replace(hour=0, tzinfo=ROME)
    assert dates.by_form(f"{ITALIAN[month].upper()} 7 2025", "%B %d %Y", ROME).quality == "day"


CLOCKS = {
    " 9:05": (9, 5, 0),
    " 09.05": (9, 5, 0),
    " 09h05": (9, 5, 0),
    " 09:05:07": (9, 5, 7),
    " 09.05.07": (9, 5, 7),
    ", 09:05": (9, 5, 0),
    " - 09:05": (9, 5, 0),
    " ore 9": (9, 0, 0),
    " alle ore 9.05": (9, 5, 0),
    " dalle ore 09:05": (9, 5, 0),
    " at 9:05": (9, 5, 0),
    " h 9": (9, 0, 0),
    " h. 9:05": (9, 5, 0),
    " 9 am": (9, 0, 0),
    " 9pm": (21, 0, 0),
    " 12 am": (0, 0, 0),
    " 12 pm": (12, 0, 0),
    " 9:05 p.m.": (21, 5, 0),
    " 00:00": (0, 0, 0),
    " 23:59:59": (23, 59, 59),
}
ZONES = {
    "": None,
    "Z": 0,
    " GMT": 0,
    " UTC": 0,
    " WET": 0,
    " CET": 60,
    " MEZ": 60,
    " BST": 60,
    " CEST": 120,
    " EET": 120,
    " MSK": 180,
    " EEST": 180,
    " EST": -300,
    " EDT": -240,
    " CST": -360,
    " CDT": -300,
    " MST": -420,
    " MDT": -360,
    " PST": -480,
    " PDT": -420,
    " JST": 540,
    "+01:00": 60,
    " +0100": 60,
    " -03:30": -210,
    " + 2": 120,
    " GMT+1": 60,
    " UTC -11": -660,
    " utc+05:30": 330,
    "+14:00": 840,
    "-00:30": -30,
}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("clock", CLOCKS)
def test_every_spelling_of_an_hour_and_of_a_zone_is_that_moment(clock: str, zone: str) -> None:
    minutes = ZONES[zone]
    zone = f" {zone}" if clock.endswith(("m", ".")) and zone == "Z" else zone  # no `pmZ`
    there = ROME if minutes is None else timezone(timedelta(minutes=minutes))
    expected = datetime(2025, 6, 3, *CLOCKS[clock], tzinfo=there).astimezone(UTC)
    for written in (f"03/06/2025{clock}{zone}", f"3 giugno 2025{clock}{zone}", f"June 3, 2025{clock}{zone}"):
        assert dates.parse(written, ROME) == dates.Moment(expected, "zone" if minutes is None else "exact"), written


@pytest.mark.parametrize(
    "raw",
    ["3 giugno 1899", "3 giugno 2101", "1899-12-31", "2101-01-01", "1899", "2101", "1899-W50", "2101-001", "2025-000"],
)
def test_a_year_that_is_none_of_ours_is_refused(raw: str) -> None:
    assert dates.parse(raw, ROME).quality == "refused"
    assert dates.day(raw) is None


@pytest.mark.parametrize(("year", "expected"), [("00", 2000), ("49", 2049), ("50", 1950), ("99", 1999)])
def test_two_figures_are_a_year_from_1950_to_2049(year: str, expected: int) -> None:
    assert dates.day(f"3 giu {year}") == dates.day(f"3/6/{year}") == dates.day(f"3.6.{year}") == date(expected, 6, 3)


@pytest.mark.parametrize(
    ("raw", "form", "expected"),
    [
        ("03.06.25", "%d.%m.%y", dates.Moment(datetime(2025, 6, 2, 22, tzinfo=UTC), "day")),
        (" 3 GIUGNO 2025\n", "%d %B %Y", dates.Moment(datetime(2025, 6, 2, 22, tzinfo=UTC), "day")),
        ("3 giu 2025 09:05", "%d %b %Y %H:%M", dates.Moment(datetime(2025, 6, 3, 7, 5, tzinfo=UTC), "zone")),
        ("3 giu 2025 09:05 PM", "%d %b %Y %I:%M %p", dates.Moment(datetime(2025, 6, 3, 19, 5, tzinfo=UTC), "zone")),
        ("2025-06-03 09:05 +0300", "%Y-%m-%d %H:%M %z", dates.Moment(datetime(2025, 6, 3, 6, 5, tzinfo=UTC), "exact")),
        ("3 June 1899", "%d %B %Y", dates.Moment(None, "refused")),
        ("3 giugno", "%d %B %Y", dates.Moment(None, "refused")),
        ("31/06/2025", "%d/%m/%Y", dates.Moment(None, "refused")),
        ("  ", "%d/%m/%Y", dates.Moment(None, "missing")),
        ("", "%d/%m/%Y", dates.Moment(None, "missing")),
    ],
)
def test_a_form_of_the_admins_reads_what_it_says_and_nothing_else(raw: str, form: str, expected: dates.Moment) -> None:
    assert dates.by_form(raw, form, ROME) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # In words no form knows: dateparser is asked.
        ("2025 giugno 3", dates.Moment(datetime(2025, 6, 2, 22, tzinfo=UTC), "day")),
        ("2025 giugno 3 09:05", dates.Moment(datetime(2025, 6, 3, 7, 5, tzinfo=UTC), "zone")),
        ("2025 giugno 3 09:05 +0300", dates.Moment(datetime(2025, 6, 3, 6, 5, tzinfo=UTC), "exact")),
        ("2025 June 3", dates.Moment(datetime(2025, 6, 2, 22, tzinfo=UTC), "day")),
        ("2025 giugno", dates.Moment(None, "refused")),
        ("2025 giugno 31", dates.Moment(None, "refused")),
        ("giugno 3", dates.Moment(None, "refused")),
        ("2025 juni 3", dates.Moment(None, "refused")),
        ("3 giugno del 1850, nel 2025", dates.Moment(None, "refused")),
    ],
)
def test_what_only_a_guesser_reads_needs_day_month_and_year(raw: str, expected: dates.Moment) -> None:
    assert dates.parse(raw, ROME) == expected


def test_two_hundred_letters_are_a_date_and_one_more_are_prose() -> None:
    written = "3 giugno 2025" + " (" + "x" * (200 - 16) + ")"
    assert len(written) == 200
    assert dates.day(written) == date(2025, 6, 3)
    assert dates.day(written[:-1] + "x)") is None
    assert dates.parse(written[:-1] + "x)", ROME).quality == "refused"
