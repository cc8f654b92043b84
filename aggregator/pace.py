"""How fast messages may go: so many a minute in all, and to one domain so many at a time and a minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock

_MANY = 1000  # domains whose pace is remembered before those with nothing to remember are dropped


class Pace:
    """Spreads messages evenly over each minute; the first waits for nobody."""

    def __init__(
        self, rate: int, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._interval = 60 / rate
        self._clock = clock
        self._sleep = sleep
        self._next = clock()
        self._lock = Lock()

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            early = self._next - now
            self._next = max(self._next, now) + self._interval
        if early > 0:
            self._sleep(early)

    @property
    def is_idle(self) -> bool:
        """Whether the next one would not wait."""
        return self._next <= self._clock()


class Lanes:
    """For each domain, lanes of its own: a large provider frowns at many connections, and a small office has few."""

    def __init__(
        self,
        at_once: int,
        rate: int | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`rate` in messages a minute; None: as many as may be."""
        self._at_once, self._rate, self._clock, self._sleep = at_once, rate, clock, sleep
        self._busy: dict[str, int] = {}
        self._paces: dict[str, Pace] = {}
        self._freed = Condition()

    @contextmanager
    def lane(self, domain: str) -> Iterator[None]:
        """Wait for one of the domain's lanes, and for its turn; the lane is ours meanwhile."""
        with self._freed:
            self._freed.wait_for(lambda: self._busy.get(domain, 0) < self._at_once)
            self._busy[domain] = self._busy.get(domain, 0) + 1
            pace = self._pace(domain)
        try:
            if pace is not None:
                pace.wait()
            yield
        finally:
            with self._freed:
                self._busy[domain] -= 1
                if not self._busy[domain]:
                    del self._busy[domain]
                self._freed.notify_all()

    def _pace(self, domain: str) -> Pace | None:
        if self._rate is None:
            return None
        if len(self._paces) >= _MANY:
            self._paces = {name: pace for name, pace in self._paces.items() if not pace.is_idle}
        return self._paces.setdefault(domain, Pace(self._rate, self._clock, self._sleep))
