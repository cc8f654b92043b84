"""outbox | in hand | answered | settled: few messages at a time, claimed and settled some a commit."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.model import Delivery, Failure, Outcome
from aggregator.ports import Store

# So many may be `handing` when a process dies, and count as handed over even where nobody had begun with them.
IN_HAND = 8
LEFT = Outcome("refused", "the subscriber has left")
_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=6)
_PATIENCE = timedelta(days=2)  # since the first attempt
_LONGEST_ADDRESS = 254  # RFC 5321, with its errata
# A burst: so many of the last so many answers were failures. What is put off may go soon, what is refused is lost.
_WATCHED, _TOO_MANY = 20, 16
_BURST = {"deferred": timedelta(minutes=15), "refused": timedelta(hours=6)}


class Hands:
    """What is being handed over. What was answered is settled by the commit that claims what comes next: a commit waits
    for the platter, and one for each message would be most of the work."""

    def __init__(
        self, store: Store, now: datetime, stopping: Callable[[], bool], zone: ZoneInfo, *, again: bool
    ) -> None:
        """`again`: what nobody knows the fate of is handed over once more."""
        self._store, self._now, self._stopping, self._zone, self._again = store, now, stopping, zone, again
        self._in_hand = 0
        self._answered: list[Delivery] = []
        self._last: dict[str, deque[str]] = {}
        self.counts = Counter({"accepted": 0, "deferred": 0, "refused": 0, "unknown": 0})
        self.failures: list[Failure] = []
        self.trouble = ""  # the words of a server that takes nothing from us

    def claimed(self, at_once: int, most: int | None = None) -> Iterator[tuple[Delivery, ...]]:
        """What is due, some at a time and `most` in all; a stop leaves what is not in hand yet."""
        while most is None or most > 0:
            some = self._exchange(at_once)
            if not some:
                return
            most = None if most is None else most - len(some)
            yield some

    def answer(self, delivery: Delivery, outcome: Outcome) -> None:
        settled = _settled(delivery, outcome, self._now, self._again)
        self._answered.append(settled)
        self.counts["refused" if settled.state == "refused" else outcome.state] += 1
        if outcome.about_us or outcome.state == "accepted":
            self.trouble = outcome.detail if outcome.about_us else ""
        if outcome == LEFT:
            return
        if delivery.newsletter:
            self._watch(delivery.newsletter, outcome)
        if settled.state == "refused":
            words = f"{_line(delivery.address)}: {outcome.detail}"
            self.failures.append(Failure(delivery.newsletter or delivery.kind, words, once=True))

    def _watch(self, newsletter: str, outcome: Outcome) -> None:
        """A server that turns nearly everything away has something against us: who goes on makes it worse, and loses
        readers whose mails it would have taken tomorrow."""
        last = self._last.setdefault(newsletter, deque(maxlen=_WATCHED))
        last.append(outcome.state)
        failed = [one for one in last if one in _BURST]
        if len(failed) < _TOO_MANY:
            return
        last.clear()
        until = self._now + max(_BURST[one] for one in failed)
        waiting = self._store.postpone(newsletter, until)
        words = (
            f"{len(failed)} of its last mails were refused or put off ({outcome.detail}): "
            f"paused until {until.astimezone(self._zone):%Y-%m-%d %H:%M}, {waiting} mails wait"
        )
        self.failures.append(Failure(newsletter, words, once=not waiting, until=until))

    def settle(self) -> None:
        self._exchange(0)

    def _exchange(self, at_once: int) -> tuple[Delivery, ...]:
        answered, self._answered = self._answered, []
        self._in_hand -= len(answered)
        room = 0 if self._stopping() else max(at_once - self._in_hand, 0)
        claimed = self._store.claim(self._now, room, answered) if room or answered else ()
        self._in_hand += len(claimed)
        return claimed


def _settled(delivery: Delivery, outcome: Outcome, now: datetime, again: bool) -> Delivery:
    attempts = delivery.attempts + 1
    tried = replace(delivery, attempts=attempts, detail=outcome.detail, state=outcome.state, next_try=None)
    if outcome.state == "deferred" or (outcome.state == "unknown" and again):
        if now - (delivery.first_try or now) > _PATIENCE:
            return replace(tried, state="refused")
        return replace(tried, state="deferred", next_try=now + pause(attempts))
    return tried


def is_hopeless(attempts: int) -> bool:
    """Of a mail that ends its process at each attempt, however soon the next process comes."""
    return waited(attempts) > _PATIENCE


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5, 10, 20, … minutes, six hours at most."""
    doubled: int = 2 ** min(attempts - 1, 10)
    return min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)


def waited(attempts: int) -> timedelta:
    """How long the pauses between so many attempts are, at least."""
    total = timedelta()
    for attempt in range(1, attempts):
        total += pause(attempt)
    return total


def _line(address: str) -> str:
    """A list may hold anything; a report's line is one line."""
    return " ".join(address.split())[:_LONGEST_ADDRESS]
