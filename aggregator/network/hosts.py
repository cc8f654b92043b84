"""A host -> whether it may be asked now: how many requests it has in hand, and how long it is left in peace."""

from __future__ import annotations

from collections import Counter

_QUICK_SECONDS = 0.2  # who answers within it is not overworked, and wants no peace
_LONGEST_PEACE_SECONDS = 5.0


class Hosts:
    """`now` is always the pump's clock, in seconds."""

    def __init__(self, per_host: int, peace: dict[str, float] | None = None) -> None:
        """`peace`: until when who is left in peace, also by whoever asks next."""
        self._per_host = per_host
        self._wishes: dict[str, int] = {}
        self._gaps: dict[str, float] = {}
        self._in_hand: Counter[str] = Counter()
        self._peace = {} if peace is None else peace

    def heed(self, host: str, wish: int | None, gap: float = 0.0) -> None:
        """A source of this host wishes for no more than so many at once, and so many seconds between two; the smallest
        number and the longest gap count for all of them."""
        if gap:
            self._gaps[host], wish = max(gap, self._gaps.get(host, 0.0)), 1
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
        peace = min(took, _LONGEST_PEACE_SECONDS) if took >= _QUICK_SECONDS else 0.0
        if peace := max(peace, self._gaps.get(host, 0.0)):
            self._peace[host] = now + peace
