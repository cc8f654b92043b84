"""What an entry says, and the day it was posted -> the one day until which something may be done, or None. Pure.

Only what cannot be mistaken: one day, named after "entro", "scadenza" or "termine", soon after the text was posted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from string import digits

from aggregator import dates, markup

# Nearly all that has none is passed over by these alone.
_HINTS = (
    " entro",
    ">entro",
    "\nentro",
    "(entro",
    "Entro",
    "ENTRO",
    "scad",
    "Scad",
    "SCAD",
    "termine",
    "Termine",
    "TERMINE",
)
_TAG = re.compile("<[^<>]*>")
_FARTHEST = timedelta(days=366)  # from the posting; what lies beyond is a plan, not a deadline
_FARTHEST_UNWRITTEN = timedelta(days=183)  # where the year must be guessed
_MONTH = "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
_WEEKDAY = "luned[iì]|marted[iì]|mercoled[iì]|gioved[iì]|venerd[iì]|sabato|domenica"
_HOUR = r"(?:ore|h\.?|le)\s*\d{1,2}(?:[.:,]\d{2})?(?=\s)"
_DAY = (
    rf"(?:(?P<day>[0-3]?\d)[°º]?\s+(?P<month>{_MONTH})(?:\s+(?P<year>\d{{4}})\b)?"
    r"|(?P<numbers>[0-3]?\d[/.-][01]?\d[/.-](?:20)?\d{2})\b)"
)
# Between the word and its day: an hour, a weekday, "e non oltre", "il prossimo"; after "scadenza" also of what.
_FILLING = (
    rf"(?:\s+(?:e\s+non\s+oltre|improrogabilmente|tassativamente|le|la|il|del|di|dello|giorno|data|prossimo|p\.v\.|"
    rf"{_WEEKDAY}|{_HOUR}))*"
)
_WHAT = r"(?:\s+(?!(?:entro|dal|dalla|dalle|dopo|prima|non)\b)[^\W\d]+){0,8}\s*:?"
_DEADLINE = re.compile(
    rf"\b(?:entro{_FILLING}"
    rf"|(?:scadenza|scadenze|scade|scadono|scadrà|scadranno|termine)(?P<what>{_WHAT})(?:\s*\(?{_HOUR}\)?\s+del)?{_FILLING})"
    rf"\s*\b{_DAY}(?P<after>\s+di\s+(?:ogni|ciascun))?",
    re.IGNORECASE,
)


def deadline(title: str, html: str, posted: date) -> date | None:
    """`Entro il prossimo 30 giugno` in a text of 29 May 2017 is 30 June 2017. Two different days are none."""
    said = f" {title}\n{html}"
    if not any(hint in said for hint in _HINTS) or not _has_number(title, html):
        return None
    found = set(_days(f"{title}. {markup.text(html)}", posted))
    return found.pop() if len(found) == 1 else None


def _has_number(title: str, html: str) -> bool:
    """Whether a day may be written there at all; the numbers in tags, those of addresses mostly, are none."""
    said = f"{title} {_TAG.sub('', html)}"
    return any(digit in said for digit in digits)


def _days(text: str, posted: date) -> Iterator[date]:
    for match in _DEADLINE.finditer(text):
        day = None if match["after"] else _day(match, posted)
        if day and posted <= day <= posted + _FARTHEST:
            yield day


def _day(match: re.Match[str], posted: date) -> date | None:
    if match["numbers"]:
        return dates.day(re.sub(r"[.-]", "/", match["numbers"]))
    if match["year"]:
        return dates.day(f"{match['day']} {match['month']} {match['year']}")
    coming = (dates.day(f"{match['day']} {match['month']} {year}") for year in (posted.year, posted.year + 1))
    return next((day for day in coming if day and posted <= day <= posted + _FARTHEST_UNWRITTEN), None)
