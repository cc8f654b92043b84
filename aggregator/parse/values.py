"""Front matter -> typed values; every fault is kept, so that an editor is told of all of them at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aggregator import dates
from aggregator.parse.front_matter import Fault, Field, FrontMatter

_A_DAY = "expected a date such as 29/05/2017, 29 maggio 2017 or 2017-05-29"
# A line that is no item of a list and begins like a key, below a key that has no keys of its own.
_HIDDEN = re.compile(r"[ \t]+([^\W\d][\w-]*)[ \t]*:")
_NESTED = {"event"}
_ALIKE = 0.8
_A_MOMENT = f"{_A_DAY}, and if need be a time such as 10:00"


class Values:
    """Reads one front matter key by key. A value that is wrong is a fault, and reads as if it were not there."""

    def __init__(self, matter: FrontMatter, zone: ZoneInfo) -> None:
        self.faults = list(matter.faults)
        self._fields = matter.fields
        self._zone = zone

    def fault(self, line: int, key: str, text: str) -> None:
        self.faults.append(Fault(line, key, text))

    def field(self, key: str) -> Field:
        """The key as written; one that is not there is an empty one at the first line."""
        return self._fields.get(key, Field(1, ""))

    def only(self, keys: Collection[str]) -> None:
        """Any other key is a fault, and so is one that an indentation hides below another: it may withhold the file."""
        for key in self._fields.keys() - set(keys):
            self.fault(self.field(key).line, key, f"no such key; {suggestion(key, keys)}")
        for above in self._fields.keys() - _NESTED:
            for line, text in self.field(above).below:
                word = _HIDDEN.match(text)
                if word and get_close_matches(word[1].lower(), keys, 1, _ALIKE):
                    self.fault(
                        line, word[1], f"stands below `{above}:` and is read as part of it; begin it at the margin"
                    )

    def said(self, *keys: str) -> None:
        """Whether something stands behind each of these that is there: what withholds must not be lost by a slip."""
        for key in keys:
            field = self._fields.get(key)
            if field and not field.rest and not field.below:
                self.fault(field.line, key, "nothing stands here; write a value or take the line out")

    def items(self, key: str, *, commas: bool = False) -> tuple[tuple[int, str], ...]:
        """(line, text) of each item of a list."""
        field = self.field(key)
        if (field.rest.startswith("[") and "]" not in field.rest) or (
            field.rest.endswith("]") and "[" not in field.rest
        ):
            self.fault(field.line, key, "a bracket of the list is missing; write it whole on this line: [a, b]")
        return field.items(commas=commas)

    def text(self, key: str) -> str:
        field = self.field(key)
        if field.below:
            self.fault(field.below[0][0], key, f"expected one line; write it all after `{key}:`")
        return field.rest

    def one_of(self, key: str, names: Iterable[str]) -> str:
        """One of the names, or nothing."""
        text = self.text(key)
        if not text or text in names:
            return text
        self.fault(self.field(key).line, key, f"{text[:40]!r} is unknown; {suggestion(text, names)}")
        return ""

    def flag(self, key: str) -> bool:
        return self.one_of(key, ("true", "false")) == "true"

    def day(self, key: str) -> date | None:
        raw = self.text(key)
        day = dates.day(raw) if raw else None
        if raw and day is None:
            self.fault(self.field(key).line, key, f"{raw[:40]!r} is no date; {_A_DAY}")
        return day

    def moment(self, key: str) -> dates.Moment:
        return self.moment_of(self.text(key), self.field(key).line, key)

    def moment_of(self, raw: str, line: int, key: str) -> dates.Moment:
        """A day, or a day and a time; without a zone they are those of the site."""
        if raw and dates.day(raw) is None:  # `2017-05` names no day, though it is a date for a feed
            self.fault(line, key, f"{raw[:40]!r} is no date; {_A_MOMENT}")
        return dates.parse(raw, self._zone)

    def end(self, key: str) -> datetime | None:
        """Until when: a time as written; a day lasts to its end."""
        moment = self.moment(key)
        if moment.value is None or moment.quality != "day":
            return moment.value
        next_day = moment.value.astimezone(self._zone).date() + timedelta(days=1)
        return datetime.combine(next_day, time(), self._zone).astimezone(UTC)

    def address(self, raw: str, line: int, key: str) -> str:
        """A web or mail address; it is printed as a link, so that nothing else may pass."""
        if not _is_address(raw):
            self.fault(line, key, f"{raw[:80]!r} is no address; expected https://…, http://… or mailto:…")
            return ""
        return raw


def suggestion(name: str, known: Iterable[str]) -> str:
    """`did you mean …?`, or the names there are."""
    names = list(known)
    near = get_close_matches(name[:40].lower(), names, n=1)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(names) or '(none)'}"


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # such as a broken IPv6 host
        return False
    if not text or any(c.isspace() for c in text):
        return False
    return bool(parts.hostname) if parts.scheme in ("http", "https") else parts.scheme == "mailto" and "@" in parts.path
