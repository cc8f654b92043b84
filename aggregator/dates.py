"""A date as a source wrote it -> aware UTC, and how far it can be trusted. Never the clock, never the host's zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from aggregator.model import DateQuality

_LONGEST = 200  # characters; a longer text is prose, not a date
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_RANK: dict[DateQuality, int] = {"exact": 0, "zone": 1, "day": 2, "refused": 3, "missing": 4}

_MONTHS = tuple(
    zip(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split(),
        "january february march april may june july august september october november december".split(),
        strict=True,
    )
)
# Hours east of Greenwich. Names that several countries share (IST, CST in Asia) have the meaning of RFC 822, or none.
_ZONES = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("cet", "met", "mez", "west", "bst"), 1),
    **dict.fromkeys(("cest", "mest", "mesz", "eet"), 2),
    **dict.fromkeys(("eest", "msk"), 3),
} | {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "jst": 9}


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, UTC; `value` is None exactly when `quality` is refused or missing."""

    value: datetime | None
    quality: DateQuality


@dataclass(frozen=True, slots=True)
class _Reading:
    """What stands in the text: a naive local time, how much of it was written, and the offset if one was."""

    local: datetime
    given: Literal["time", "day", "month"]
    offset: timedelta | None = None
    ends_at_midnight: bool = False  # 24:00, which as a point in time is the next day's

    @property
    def day(self) -> date:
        """The day as written."""
        return self.local.date() - timedelta(days=self.ends_at_midnight)

    def moment(self, zone: ZoneInfo) -> Moment:
        # An hour that the clock skips or repeats is read with fold=0, the offset before the change: never an error.
        written: tzinfo = zone if self.offset is None else timezone(self.offset)
        value = self.local.replace(tzinfo=written).astimezone(UTC)
        if self.given != "time":
            return Moment(value, "day")
        return Moment(value, "zone" if self.offset is None else "exact")


def parse(raw: str, zone: ZoneInfo) -> Moment:
    """The moment a text names; `zone` is the source's own, used where the text names none.

    Reads RFC 822/5322 and RFC 3339/ISO 8601 in their sloppy forms, W3CDTF years and months, Italian and English words,
    and numbers as day/month/year. What is no absolute date between 1900 and 2100 is refused, not guessed.
    """
    text = raw.strip()
    if not text:
        return Moment(None, "missing")
    if len(text) > _LONGEST:
        return Moment(None, "refused")
    if exact := _by_standard(text):
        return Moment(exact, "exact")
    moments = [reading.moment(zone) for reading in _readings(text)]
    return min(moments, key=lambda moment: _RANK[moment.quality], default=Moment(None, "refused"))


def by_form(raw: str, form: str, zone: ZoneInfo) -> Moment:
    """The moment a text names in a form of `strptime` (`%d.%m.%y`); months may be Italian. Without hours: a day."""
    try:
        found = datetime.strptime(_in_english(raw.strip()), form)  # noqa: DTZ007  the zone is settled in _Reading
        _in_range(found.year)
    except ValueError:
        return Moment(None, "refused" if raw.strip() else "missing")
    given: Literal["time", "day"] = "time" if "%H" in form or "%I" in form else "day"
    return _Reading(found.replace(tzinfo=None), given, found.utcoffset()).moment(zone)


def _in_english(text: str) -> str:
    """Months by the names that strptime knows."""
    for italian, english in _MONTHS:
        text = re.sub(rf"\b{italian}\b", english, text, flags=re.I)
        text = re.sub(rf"\b{italian[:3]}\b", english[:3], text, flags=re.I)
    return text


def day(raw: str) -> date | None:
    """The calendar day of a deadline as it was written, whatever zone stands beside it; None where there is none."""
    text = raw.strip()
    if not text or len(text) > _LONGEST:
        return None
    return next((reading.day for reading in _readings(text) if reading.given != "month"), None)


# Nearly all dates are written just so (RFC 5322, 3.3; RFC 3339, 5.6), and are read ten times faster for it. All others,
# the impossible ones among them, are left to the forms.
_MAIL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4}) "
    r"([0-9]{2}):([0-5][0-9]):([0-5][0-9]) (?:GMT|UTC|([+-])(0[0-9]|1[0-4])([0-5][0-9]))"
)
_ISO = re.compile(
    r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)
_MONTH = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}


def _by_standard(text: str) -> datetime | None:
    try:
        if match := _MAIL.fullmatch(text):
            return _of_mail(*match.groups())
        return datetime.fromisoformat(text).astimezone(UTC) if _ISO.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None


def _of_mail(
    day: str, month: str, year: str, hour: str, minute: str, second: str, sign: str, hours: str, minutes: str
) -> datetime:
    local = datetime(_in_range(int(year)), _MONTH[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    if sign is None:
        return local
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return local + offset if sign == "-" else local - offset


# Some sources write the date twice: 02/11/2023<TAB>Thu, 02 Nov 2023 00:00:00 +0100
_SEAM = re.compile(r"[\t\r\n|]+|(?<=[0-9]{4})\s+(?=[^\W\d]{3,10},\s)")


def _readings(text: str) -> list[_Reading]:
    """The one reading of the whole text, or those of the pieces of a doubled date, or dateparser's, or none."""
    plain = _plain(text)
    for pieces in ([plain], map(_plain, _SEAM.split(text))):
        if found := [reading for piece in pieces if (reading := _by_form(piece))]:
            return found
    guess = _by_dateparser(plain)
    return [guess] if guess else []


def _by_form(plain: str) -> _Reading | None:
    for pattern, make in _FORMS:
        if match := pattern.fullmatch(plain):
            try:
                return _reading(match, make(match))
            except ValueError:  # 2024-13-01, 31 giugno, 25:70: a date's shape, but no date
                return None
    return None


_COMMENT = re.compile(r"\([^()]*\)")  # RFC 5322, 3.2.2
_BASIC = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:t?([0-9]{2})([0-9]{2})([0-9]{2})?)?(?![0-9])")
_BASIC_TIME = re.compile(r"(?<=[0-9])\s?t\s?([0-9]{2})([0-9]{2})([0-9]{2})?(?![0-9])")


def _plain(text: str) -> str:
    """Lower case, single spaces, no comments, ISO's basic form in its extended one."""
    plain = " ".join(_COMMENT.sub(" ", text).lower().split()).replace("–", "-")
    if basic := _BASIC.match(plain):
        year, month, number, *clock = basic.groups()
        time = "t" + ":".join(filter(None, clock)) if clock[0] else ""
        return f"{year}-{month}-{number}{time}{plain[basic.end() :]}"
    return _BASIC_TIME.sub(lambda m: "t" + ":".join(filter(None, m.groups())), plain)


_WEEKDAY = r"(?:(?:lun|mar|mer|gio|ven|sab|dom|mon|tue|wed|thu|fri|sat|sun)[^\W\d]*[\s.,]*)?"
_LABEL = r"(?:(?:data|pubblicat[oa]|aggiornat[oa]|published|posted|updated)?\s*(?:il|del|on)?\s*:?\s*)"
_NAME = r"(?P<name>[a-z]{3,10})\.?"
_ZONE = r"(?P<zone>z|(?:gmt|utc?)?\s?[+-]\s?[0-9]{1,2}(?::?[0-9]{2})?|[a-z]{1,5})"
_TIME = (
    r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    r"\s?(?P<half>[ap]\.?m\b\.?)?"
)
_LEAD = r"(?:\s?(?P<lead>t)\s?|(?:\s|\s?[,-]\s?)(?:(?P<word>(?:alle |dalle )?ore|alle|dalle|at|h\.?)\s?)?)"
_TAIL = rf"(?:{_LEAD}{_TIME}(?:\s?{_ZONE})?|(?P<offset>z|[+-][0-9]{{2}}:[0-9]{{2}}))?"
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_TH = r"(?:°|º|st|nd|rd|th)?"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(_LABEL + _WEEKDAY + pattern)


def _by_numbers(match: re.Match[str]) -> date:
    return _date(_year(match["year"]), int(match["month"]), int(match["day"]))


def _by_name(match: re.Match[str]) -> date:
    return _date(_year(match["year"]), _month(match["name"]), int(match["day"]))


def _by_week(match: re.Match[str]) -> date:
    return date.fromisocalendar(_in_range(int(match["year"])), int(match["week"]), int(match["day"] or 1))


def _by_ordinal(match: re.Match[str]) -> date:
    first = _date(int(match["year"]), 1, 1)
    found = first + timedelta(days=int(match["ordinal"]) - 1)
    if found.year != first.year:
        raise ValueError("no such day in that year")
    return found


def _by_month(match: re.Match[str]) -> date:
    return _date(int(match["year"]), int(match["monthonly"] or 1), 1)


# The first form that matches decides; what it finds impossible is not tried again as something else.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], date]], ...] = (
    (
        _form(r"(?P<year>[0-9]{4})(?P<sep>[-/.])(?P<month>[0-9]{1,2})(?P=sep)(?P<day>[0-9]{1,2})" + _TAIL),
        _by_numbers,
    ),
    (_form(rf"(?P<day>[0-9]{{1,2}}){_TH}[\s./-]*{_NAME}[\s.,/-]*'?{_YEAR}" + _TAIL), _by_name),
    (
        # A year of two digits is day first only after a slash or a point: 24-01-15 may be either way round.
        _form(
            r"(?P<day>[0-9]{1,2})(?P<sep>[/.-])(?P<month>[0-9]{1,2})(?P=sep)(?P<year>[0-9]{4}|(?<=[/.])[0-9]{2})"
            + _TAIL
        ),
        _by_numbers,
    ),
    (_form(rf"{_NAME}\s?(?P<day>[0-9]{{1,2}}){_TH},?\s(?P<year>[0-9]{{4}})" + _TAIL), _by_name),
    # C's asctime and Unix date: Mon Nov 3 10:00:00 CET 2025
    (_form(rf"{_NAME}\s(?P<day>[0-9]{{1,2}})\s{_TIME}(?:\s{_ZONE})?\s(?P<year>[0-9]{{4}})"), _by_name),
    (re.compile(r"(?P<year>[0-9]{4})(?:-(?P<monthonly>[0-9]{2}))?"), _by_month),
    (re.compile(r"(?P<year>[0-9]{4})-?w(?P<week>[0-9]{2})(?:-?(?P<day>[1-7]))?" + _TAIL), _by_week),
    (re.compile(r"(?P<year>[0-9]{4})-(?P<ordinal>[0-9]{3})" + _TAIL), _by_ordinal),
)


def _reading(match: re.Match[str], found: date) -> _Reading:
    groups = match.groupdict()
    start = datetime(found.year, found.month, found.day)  # noqa: DTZ001  naive: the zone is settled in _Reading
    if groups.get("hour"):
        clock = _clock(groups)
        return _Reading(start + clock, "time", _offset(groups["zone"] or ""), clock == timedelta(days=1))
    return _Reading(start, "month" if "monthonly" in groups else "day", _offset(groups.get("offset") or ""))


def _clock(groups: dict[str, str | None]) -> timedelta:
    """The time of day; 24:00 is the next midnight (ISO 8601) and a leap second the one before it."""
    half = (groups["half"] or "")[:1]
    if groups["minute"] is None and not (half or groups.get("lead") or groups.get("word")):
        raise ValueError("a bare number is no time")
    hour, minute, second = (int(groups[name] or 0) for name in ("hour", "minute", "second"))
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if minute > 59 or second > 60 or (hour > 23 and (hour, minute, second) != (24, 0, 0)):
        raise ValueError("no time of day")
    micros = int((groups["fraction"] or "").ljust(6, "0")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=micros)


def _offset(zone: str) -> timedelta | None:
    """Of `+01:00`, `GMT+1`, `CEST`; None for no zone and for names we do not know (RFC 5322, 4.3)."""
    numbers = re.fullmatch(r"[a-z]*\s?([+-])\s?([0-9]{1,2}):?([0-9]{2})?", zone)
    if not numbers:
        return timedelta(hours=_ZONES[zone]) if zone in _ZONES else None
    sign, hours, minutes = numbers.groups()
    if int(hours) > 14 or int(minutes or 0) > 59:
        raise ValueError("no place on earth has that offset")
    return timedelta(hours=int(hours), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)


def _date(year: int, month: int, number: int) -> date:
    return date(_in_range(year), month, number)


def _in_range(year: int) -> int:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError("no year of ours")
    return year


def _year(digits: str) -> int:
    """Two digits are 1950 to 2049 (RFC 5322, 4.3)."""
    return int(digits) if len(digits) > 2 else int(digits) + (2000 if int(digits) < 50 else 1900)


def _month(name: str) -> int:
    for number, names in enumerate(_MONTHS, 1):
        if any(full.startswith(name) for full in names):
            return number
    raise ValueError(f"{name!r} is no month")


_WORDED = re.compile(
    r"(?=.*\b(?:gen|jan|feb|mar|apr|mag|may|giu|jun|lug|jul|ago|aug|set|sep|ott|oct|nov|dic|dec)[a-z]*\b)"
    r".*\b(?P<year>(?:19|20|21)[0-9]{2})\b"
)


def _by_dateparser(plain: str) -> _Reading | None:
    """The last resort for dates in words: day, month and year must all be written, and nothing relative counts."""
    worded = _WORDED.match(plain)
    if not worded or any(pattern.fullmatch(plain) for pattern, _ in _FORMS):  # what a form found impossible stays so
        return None
    found = _dateparser(plain)
    if not found or found.year != int(worded["year"]):
        return None
    timed = re.search(r"[0-9][:.h][0-9]{2}\b", plain)
    return _Reading(found.replace(tzinfo=None), "time" if timed else "day", found.utcoffset())


def _dateparser(plain: str) -> datetime | None:
    import dateparser  # here because it takes longer to load than most runs need to read all their dates

    try:
        return dateparser.parse(
            plain,
            languages=["it", "en"],
            settings={
                "DATE_ORDER": "DMY",
                "STRICT_PARSING": True,
                "REQUIRE_PARTS": ["day", "month", "year"],
                "PARSERS": ["absolute-time"],
                "RELATIVE_BASE": datetime(2000, 1, 1),  # noqa: DTZ001  never used, but without it the clock is read
                "TIMEZONE": "UTC",
            },
        )
    except Exception:  # noqa: BLE001  whatever breaks inside a guesser of foreign text, the text is no date
        return None
