"""A map over several threads: lazy, in no order; for what waits for others more than it works."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Threads:
    """Bare queues: an executor's futures cost as much as a mail."""

    def __init__(self, count: int) -> None:
        self._count = count

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """An item is taken, by the caller's own thread, when one is free for it. What the function or the items raise
        is raised here, once the others in work have ended; their results are lost."""
        tasks: SimpleQueue[tuple[Item] | None] = SimpleQueue()
        results: SimpleQueue[Result | _Raised] = SimpleQueue()
        threads: list[Thread] = []
        working = 0
        try:
            for item in items:
                if len(threads) < self._count:  # not before there is something to do: `items` may fork
                    threads.append(Thread(target=_work, args=(function, tasks, results), daemon=True))
                    threads[-1].start()
                tasks.put((item,))
                working += 1
                while working == self._count or (working and not results.empty()):
                    working -= 1
                    yield _told(results.get())
            for _ in range(working):
                yield _told(results.get())
        finally:
            for _ in threads:
                tasks.put(None)
            for thread in threads:
                thread.join()


class _Raised:
    def __init__(self, error: BaseException) -> None:
        self.error = error


def _work(
    function: Callable[[Item], Result], tasks: SimpleQueue[tuple[Item] | None], results: SimpleQueue[Result | _Raised]
) -> None:
    while (task := tasks.get()) is not None:
        try:
            results.put(function(*task))
        except BaseException as error:  # noqa: BLE001  whatever it is, the caller's thread raises it
            results.put(_Raised(error))


def _told(result: Result | _Raised) -> Result:
    if isinstance(result, _Raised):
        raise result.error
    return result
