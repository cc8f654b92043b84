"""How often somebody may ask: per address, per network, and all together. Kept in memory only, and gone with it."""

from __future__ import annotations

import logging

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

log = logging.getLogger(__name__)

_PER_ADDRESS = parse("3/day")
_PER_NETWORK = parse("30/hour")
_OF_ALL = parse("2000/hour")  # a robot with many networks; all municipalities, asked to subscribe, take four
_BURST = parse("30/minute")
_TOLD = parse("1/minute")


class Limits:
    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def network(self, network: str) -> bool:
        """Whether this network may ask once more."""
        if not self._limiter.hit(_PER_NETWORK, "network", network):
            return False
        if self._limiter.hit(_OF_ALL, "all"):
            return True
        self._tell("subscribe: more than %d in an hour; others are asked to try later", _OF_ALL.amount)
        return False

    def mail(self, fingerprint: str) -> bool:
        """Whether one more mail may go to an address because somebody asked for it."""
        return self._limiter.hit(_PER_ADDRESS, "mail", fingerprint)

    def leave(self) -> None:
        """A burst of leaves is reported and never held: providers send what many people asked for from one machine."""
        if not self._limiter.hit(_BURST, "leave"):
            self._tell("leave: more than %d in a minute; nobody is held, but look at the last issue", _BURST.amount)

    def _tell(self, words: str, amount: int) -> None:
        if self._limiter.hit(_TOLD, "told", words):
            log.warning(words, amount)
