"""Words, dates, sizes and lists -> as people of a language write them.

English stands in the code; the catalogues are .po files beside this, one a room, read together.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import IO
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("it", "en")

_Key = str | tuple[str, int]  # a sentence, or a sentence and its plural form


class _Catalogue(gettext.NullTranslations):
    """Messages of every .po file of one language; what is missing stays English."""

    def __init__(self, messages: dict[_Key, str]) -> None:
        super().__init__()
        self._messages = messages

    def gettext(self, message: str) -> str:
        return self._messages.get(message) or message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self._messages.get((singular, int(n != 1))) or (singular if n == 1 else plural)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; a language without one speaks English."""
    messages: dict[_Key, str] = {}
    folder = files(__package__) / language
    if folder.is_dir():
        for file in sorted(folder.iterdir(), key=lambda f: f.name):
            if file.name.endswith(".po"):
                with file.open("rb") as stream:
                    messages |= _read(stream, language)
    return _Catalogue(messages)


def _read(stream: IO[bytes], language: str) -> dict[_Key, str]:
    catalogue = read_po(stream, locale=language, abort_invalid=True)
    return {key: text for message in catalogue if message.id for key, text in _texts(message)}


def _texts(message: Message) -> Iterator[tuple[_Key, str]]:
    if isinstance(message.id, str):
        yield message.id, str(message.string or "")
    else:
        for form, text in enumerate(message.string or ()):
            yield (message.id[0], form), text


def local_day(moment: date | datetime, zone: ZoneInfo) -> date:
    """The calendar day of a moment in a zone; a plain date is itself."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def date_as(moment: date | datetime, pattern: str, language: str, zone: ZoneInfo) -> str:
    """A day by a CLDR pattern: `LLLL y` gives `maggio 2018`, `d MMM` gives `11 mag`."""
    return _day_as(local_day(moment, zone), pattern, language)


@lru_cache(10_000)  # lists tell the same days again and again
def _day_as(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


def long_date(moment: date | datetime, language: str, zone: ZoneInfo) -> str:
    """`11 maggio 2018`, `11 May 2018`."""
    return date_as(moment, "d MMMM y", language, zone)


def weekday_date(moment: date | datetime, language: str, zone: ZoneInfo) -> str:
    """`martedì 30 giugno`, `Tuesday 30 June`."""
    return date_as(moment, "EEEE d MMMM", language, zone)


def clock_time(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """`10:00`, everywhere in 24 hours."""
    return format_time(moment, "HH:mm", tzinfo=zone, locale=language)


def file_size(length: int, language: str) -> str:
    """Bytes as `120 kB` or `1,4 MB` (decimal units)."""
    if length < 1_000_000:
        return f"{max(1, round(length / 1000))} kB"
    return f"{format_decimal(length / 1_000_000, '0.#', locale=language)} MB"


def listing(names: Sequence[str], language: str) -> str:
    """`a, b e c`, `a, b, and c`."""
    return format_list(list(names), locale=language)


def elided(text: str, language: str) -> str:
    """`del 8 giugno` -> `dell’8 giugno`: Italian drops the vowel before otto and undici."""
    return re.sub(r"\b(d[ae]l|al) (?=(?:8|11)\b)", r"\1l’", text) if language == "it" else text
