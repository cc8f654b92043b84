"""A map over several processes: lazy, in no order, each item under a deadline, none able to take the others down."""

from __future__ import annotations

import math
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from operator import attrgetter
from typing import Generic, Literal, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_DEADLINE_SECONDS = 20.0  # of processor time: that the machine is busy with others is no fault of an item's
_PATIENCE = 30  # times as long by the clock
_MEMORY = 1_000_000_000  # bytes beyond what the process has when it begins
_NICE = 5  # the parent, whom all workers wait for, goes before them; and so does whoever else is served here
# How a worker comes to be. By fork nothing is loaded twice, but only a process without threads may: in a copy of any
# other, a lock might be held by nobody. (The threads a pull begins later, to ask and to save, hold none that a worker
# needs.) A process with threads has a server, which loads what is needed once and forks itself; that may be done at any
# time, so that none comes to be for nothing.
Birth = Literal["fork", "forkserver"]


def processors() -> int:
    """How many this process may use; one where the system does not say (it says so on Linux)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


@dataclass(slots=True)
class _Worker(Generic[Item]):
    process: multiprocessing.process.BaseProcess
    line: Connection
    item: Item | None = None
    since: float = 0.0


class Crew(Generic[Item, Result]):
    """Workers that apply one function. `is_heavy` tells what is worth a worker, all else is done here; `lost` is the
    result of an item whose worker did not come back, given why."""

    def __init__(
        self,
        is_heavy: Callable[[Item], bool],
        lost: Callable[[Item, str], Result],
        count: int,
        *,
        deadline: float = _DEADLINE_SECONDS,
        birth: Birth = "fork",
    ) -> None:
        self._is_heavy, self._lost, self._count, self._deadline = is_heavy, lost, count, deadline
        self._context = (
            multiprocessing.get_context("fork") if birth == "fork" else multiprocessing.get_context("forkserver")
        )
        self._hires_at_once = birth == "fork"
        self._workers: list[_Worker[Item]] = []

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Whoever is done is handed the next item before his result is looked at, so that he does not wait for what
        becomes of it; one worker alone is waited for, before the next item is taken. To close the iterator ends the
        workers."""
        self._context.set_forkserver_preload([function.__module__])
        self._workers = []
        for _ in range(self._count if self._hires_at_once else 0):
            self._workers.append(self._hired(function))
        try:
            for item in items:
                if not self._is_heavy(item):
                    yield function(item)
                    continue
                done = [] if self._has_room() else [self._finished(function)]
                self._hand(self._free(function), item)
                yield from done
                if self._count == 1:
                    yield self._finished(function)
            while any(worker.item is not None for worker in self._workers):
                yield self._finished(function)
        finally:
            for worker in self._workers:
                self._dismiss(worker)

    def _has_room(self) -> bool:
        return len(self._workers) < self._count or any(worker.item is None for worker in self._workers)

    def _free(self, function: Callable[[Item], Result]) -> _Worker[Item]:
        for worker in self._workers:
            if worker.item is None:
                return worker
        self._workers.append(self._hired(function))
        return self._workers[-1]

    def _hired(self, function: Callable[[Item], Result]) -> _Worker[Item]:
        ours, theirs = self._context.Pipe()
        # A forked one has our ends of all lines, too: while it holds one, who is at the other never hears that we died.
        inherited = [ours, *(worker.line for worker in self._workers)] if self._hires_at_once else []
        process = self._context.Process(target=_work, args=(function, theirs, inherited, self._deadline), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _hand(self, worker: _Worker[Item], item: Item) -> None:
        worker.item, worker.since = item, time.monotonic()
        with suppress(BrokenPipeError):  # a dead worker is found by `_finished`
            worker.line.send(item)

    def _finished(self, function: Callable[[Item], Result]) -> Result:
        """The next result, or what becomes of an item that took too long."""
        busy = sorted((worker for worker in self._workers if worker.item is not None), key=attrgetter("since"))
        oldest, patience = busy[0], self._deadline * _PATIENCE
        while True:
            ready = wait([worker.line for worker in busy], max(oldest.since + patience - time.monotonic(), 0.0))
            if oldest.line not in ready and time.monotonic() - oldest.since >= patience:
                return self._replaced(oldest, function, _late(patience))
            if done := next((worker for worker in busy if worker.line in ready), None):
                return self._result(done, function)

    def _result(self, worker: _Worker[Item], function: Callable[[Item], Result]) -> Result:
        try:
            result: Result = worker.line.recv()
        except (EOFError, OSError):
            worker.process.join()
            is_late = worker.process.exitcode == -signal.SIGXCPU
            return self._replaced(worker, function, _late(self._deadline) if is_late else _DEAD)
        worker.item = None
        return result

    def _replaced(self, worker: _Worker[Item], function: Callable[[Item], Result], why: str) -> Result:
        item = worker.item
        assert item is not None
        self._dismiss(worker)
        self._workers[self._workers.index(worker)] = self._hired(function)
        return self._lost(item, why)

    def _dismiss(self, worker: _Worker[Item]) -> None:
        worker.process.kill()
        worker.process.join()
        worker.line.close()


_DEAD = "ended the process that did it"


def _late(seconds: float) -> str:
    return f"took longer than {seconds:g} seconds and was given up"


def _work(
    function: Callable[[Item], Result], line: Connection, inherited: Iterable[Connection], deadline: float
) -> None:
    """What a worker does until it is dismissed, or the parent is no more. Ctrl-C is the parent's business."""
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(_NICE)
    _bound_memory()
    with suppress(EOFError, ConnectionError):
        while True:
            item = line.recv()
            _bound_time(deadline)
            line.send(function(item))


def _bound_time(seconds: float) -> None:
    """From now on; then the system ends this process by SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _bound(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime + seconds))


def _bound_memory() -> None:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  in pages
        used = int(file.read().split()[0]) * resource.getpagesize()
    _bound(resource.RLIMIT_AS, used + _MEMORY)


def _bound(what: int, most: int) -> None:
    """No more than the admin of the machine allows."""
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
