"""Header fields of an answer -> what they say, and ours -> lines. What a server says here is bounded and never believed
to be well-formed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from aggregator.errors import FetchError

LONGEST_WAIT = 7 * 86_400.0  # seconds; who asks for more is not believed
_LONGEST_VALIDATOR = 1_000  # letters; what is longer would fill the store, and no server takes it back

Headers = Mapping[str, str]  # names in lower case


def line(name: str, value: str) -> bytes:
    """One line of ours; FetchError where HTTP cannot carry it."""
    text = f"{name}: {value}"
    if not (text.isascii() and text.isprintable()) and _UNFIT.search(text):
        raise FetchError(f"the header {name!r} holds a line break or a letter that HTTP cannot carry")
    return text.encode("latin-1")  # the letters HTTP has; an ETag comes in by them, too


_UNFIT = re.compile(r"[\r\n\0]|[^\0-\xff]")


def content_type(value: str) -> tuple[str, str]:
    """`Text/XML; charset="UTF-8"` -> text/xml, utf-8."""
    charset = re.search(r"""charset\s*=\s*["']?([^\s"';]+)""", value, re.IGNORECASE)
    return value.partition(";")[0].strip().lower(), charset[1].lower() if charset else ""


def validator(value: str) -> str:
    """An ETag or a Last-Modified, letter for letter; empty where it cannot be sent back."""
    return "" if len(value) > _LONGEST_VALIDATOR or re.search(r"[\0-\x1f\x7f]", value) else value


def retry_after(headers: Headers, now: float) -> float | None:
    """Seconds the server wants to be left alone (RFC 9110, 10.2.3), 7 days at most; None where it does not say.

    `now`, in seconds since 1970, is used for a date only where the server does not tell its own time beside it.
    """
    value = headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return _bounded(float(value))
    until = _moment(value)
    return None if until is None else _bounded(until - _sent(headers, now))


def max_age(headers: Headers, now: float) -> float | None:
    """Seconds the document stays fresh (RFC 9111, 4.2), 7 days at most; None where the server does not say."""
    wishes = [wish.strip().lower() for wish in headers.get("cache-control", "").split(",")]
    if "no-cache" in wishes or "no-store" in wishes:
        return 0.0
    for wish in wishes:
        if seconds := re.fullmatch(r'max-age\s*=\s*"?([0-9]+)"?', wish):
            return _bounded(_bounded(float(seconds[1])) - _age(headers))
    if "expires" not in headers:
        return None
    until = _moment(headers["expires"])
    return 0.0 if until is None else _bounded(until - _sent(headers, now) - _age(headers))  # `0` means: expired


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _age(headers: Headers) -> float:
    """How long it lay in caches before us."""
    value = headers.get("age", "")
    return _bounded(float(value)) if value.isascii() and value.isdigit() else 0.0


def _sent(headers: Headers, now: float) -> float:
    """When the answer was made, by the clock that wrote its other dates."""
    sent = _moment(headers.get("date", ""))
    return now if sent is None else sent


def _moment(value: str) -> float | None:
    """An HTTP date (RFC 9110, 5.6.7) in seconds since 1970; without a zone it is UTC."""
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
