"""A map over several threads: lazy, in no order; for what waits for others more than it works."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Threads:
    def __init__(self, count: int) -> None:
        self._count = count

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """An item is taken, by the caller's own thread, when one is free for it. What the function or the items raise
        is raised here, once the others in work have ended; their results are lost."""
        with ThreadPoolExecutor(self._count) as pool:
            working: set[Future[Result]] = set()
            for item in items:
                working.add(pool.submit(function, item))
                while len(working) == self._count:
                    done, working = wait(working, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in done)
            while working:
                done, working = wait(working, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
