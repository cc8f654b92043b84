"""A host -> whether it may be asked now: how many requests it has in hand, and how long it is left in peace."""

from __future__ import annotations

from collections import Counter

_QUICK_SECONDS = 0.2  # who answers within it is not overworked, and wants no peace
_LONGEST_PEACE_SECONDS = 5.0


class Hosts:
    """`now` is always the pump's clock, in seconds."""

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._wishes: dict[str, int] = {}
        self._in_hand: Counter[str] = Counter()
        self._peace: dict[str, float] = {}  # until when

    def heed(self, host: str, wish: int | None) -> None:
        """A source of this host wishes for no more than so many at once; the smallest wish counts for all of them."""
        if wish is not None:
            self._wishes[host] = min(wish, self._wishes.get(host, wish))

    def may_be_asked(self, host: str, now: float, *, going_on: bool) -> bool:
        """`going_on`: the next hop of what was begun before and whose time is running; it keeps to the number only."""
        in_peace = not going_on and now < self._peace.get(host, now)
        return not in_peace and self._in_hand[host] < self._wishes.get(host, self._per_host)

    def begun(self, host: str) -> None:
        self._in_hand[host] += 1

    def ended(self, host: str, took: float, now: float) -> None:
        """A slow answer is followed by as much peace as it took, so that half of a host's time is its own."""
        self._in_hand[host] -= 1
        if took >= _QUICK_SECONDS:
            self._peace[host] = now + min(took, _LONGEST_PEACE_SECONDS)
