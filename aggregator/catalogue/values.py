"""Moments and clues <-> whole numbers, which SQLite keeps small and in their order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from aggregator.cards import Clue, Seat

_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST = 10**18  # microseconds, in any year there is


def number(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _ZERO) // _MICROSECOND


def moment(at: int) -> datetime:
    return _ZERO + at * _MICROSECOND


def seat_text(seat: Seat) -> str:
    """In the order of seats."""
    at, rank, first_seen, id_ = seat
    return f"{number(at) + _MOST:019d} {rank + 10**9:010d} {number(first_seen) + _MOST:019d} {id_}"


def clue_number(clue: Clue) -> int:
    """A hash is its own number; words have numbers that no hash of ours has."""
    if isinstance(clue, int):
        return clue
    return int.from_bytes(blake2b(clue.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True) | 1 << 40
