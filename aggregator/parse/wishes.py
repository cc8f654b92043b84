"""A document -> how often it wants to be asked: `ttl`, `skipHours`, `skipDays` (RSS 2.0), `sy:` (RSS 1.0).

Read from the text, as feedparser keeps only the last of several elements; what is no such wish counts for nothing.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aggregator.model import Wishes

_LONGEST = 7 * 86_400.0  # seconds; who wishes for more is not believed
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400, "yearly": 365 * 86_400}

_FIRST, _LAST = (re.compile(rb"<%b((?:[\w.\x80-\xff-]+:)?(?:item|entry))[\s>]" % slash, re.I) for slash in (b"", b"/"))
# What is never closed ends with the document: were it looked for from each beginning, that would take for ever.
_PASSED_OVER = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_TTL = re.compile(r"<ttl>\s*([0-9]{1,9})\s*</ttl>", re.I)
_SKIPPED = re.compile(r"<skip(?:hours|days)>(.*?)(?:</skip(?:hours|days)>|\Z)", re.S | re.I)
_HOUR = re.compile(r"<hour>\s*([0-9]{1,2})\s*</hour>", re.I)
_DAY = re.compile(r"<day>\s*([A-Za-z]+)\s*</day>", re.I)
_PERIOD = re.compile(r"<\w+:updatePeriod>\s*(\w+)\s*</", re.I)
_FREQUENCY = re.compile(r"<\w+:updateFrequency>\s*([0-9]{1,6})\s*</", re.I)


def wishes(document: bytes) -> Wishes:
    """What the document (in UTF-8) says of itself beside its entries."""
    beside = _beside_entries(document).decode("utf-8")
    if not _MAY_WISH.search(beside):
        return Wishes()
    head = _PASSED_OVER.sub("", beside)
    skipped = "".join(_SKIPPED.findall(head))
    return Wishes(
        every=min(max(_seconds(head), default=0.0), _LONGEST),
        skip_hours=tuple(sorted({int(hour) % 24 for hour in _HOUR.findall(skipped) if int(hour) <= 24})),
        skip_days=tuple(sorted({_DAYS.index(day.lower()) for day in _DAY.findall(skipped) if day.lower() in _DAYS})),
    )


def _beside_entries(document: bytes) -> bytes:
    first = _FIRST.search(document)
    if first is None:
        return document
    last = max(document.rfind(b"</%b>" % first[1]), first.end())  # as they are mostly written
    ends = [end.end() for end in _LAST.finditer(document, last)]
    return document[: first.start()] + document[ends[-1] :] if ends else document


_MAY_WISH = re.compile(r"<(?:[Tt][Tt][Ll]>|[Ss][Kk][Ii][Pp]|\w+:[Uu]pdate[Pp]eriod>)")


def _seconds(head: str) -> Iterator[float]:
    if minutes := _TTL.search(head):
        yield int(minutes[1]) * 60.0
    if (period := _PERIOD.search(head)) and period[1].lower() in _PERIODS:
        frequency = _FREQUENCY.search(head)
        yield _PERIODS[period[1].lower()] / max(1, int(frequency[1]) if frequency else 1)
