"""A document that could be read -> what is odd about it, in words an admin understands, with what to do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from aggregator.intake.identify import Identified
from aggregator.model import Entry
from aggregator.settings import Source

_MANY = 5  # entries, before anything is said of all of them
_OLD = timedelta(days=400)


def of(entries: Sequence[Entry], told: Sequence[Identified], now: datetime, source: Source) -> tuple[str, ...]:
    """`entries` are all that the document says, `told` the distinct ones among them."""
    if len(entries) < _MANY:
        return ()
    found = (look(entries, len(told), now, source) for look in _LOOKS)
    return tuple(filter(None, found))


def _collapsed(entries: Sequence[Entry], distinct: int, _now: datetime, source: Source) -> str:
    if 2 * distinct > len(entries):
        return ""
    said = f"of its {len(entries)} entries only {distinct} can be told apart"
    if source.identity == "auto":
        return f"{said}: it repeats the others word for word"
    return f"{said} by `identity: {source.identity}`; write `identity: auto`"


def _undated(entries: Sequence[Entry], _distinct: int, _now: datetime, _source: Source) -> str:
    written = [e for e in entries if e.date_quality == "refused"]
    if 2 * len(written) <= len(entries):
        return ""
    return f"its dates cannot be read ({written[0].published_raw[:40]!r}): entries stand by the day we first saw them"


def _dated_now(entries: Sequence[Entry], _distinct: int, now: datetime, source: Source) -> str:
    """Some servers date everything by the moment they are asked."""
    days = {e.published.astimezone(source.zone).date() for e in entries if e.published}
    if len(days) != 1 or now.astimezone(source.zone).date() not in days or len(set(_moments(entries))) > 1:
        return ""
    return "all its entries are dated today, at one moment: its dates are probably those of our visit"


def _future(entries: Sequence[Entry], _distinct: int, now: datetime, _source: Source) -> str:
    ahead = [moment for moment in _moments(entries) if moment > now + timedelta(days=2)]
    if 2 * len(ahead) <= len(entries):
        return ""
    return "most of its entries are dated in the future: those are probably the days they are about"


def _old(entries: Sequence[Entry], _distinct: int, now: datetime, source: Source) -> str:
    newest = max(_moments(entries), default=now)
    if now - newest < _OLD:
        return ""
    day = newest.astimezone(source.zone).date()
    return f"its newest entry is of {day:%Y-%m-%d}: the site may have moved its news elsewhere"


def _moments(entries: Sequence[Entry]) -> Iterator[datetime]:
    return (entry.published for entry in entries if entry.published)


_LOOKS: tuple[Callable[[Sequence[Entry], int, datetime, Source], str], ...] = (
    _collapsed,
    _undated,
    _dated_now,
    _future,
    _old,
)
