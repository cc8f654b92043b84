"""A map over threads: everything once, side by side, no further ahead than it has hands for."""

from __future__ import annotations

from threading import Barrier

import pytest

from aggregator.threads import Threads


def test_every_item_is_done_once() -> None:
    assert sorted(Threads(3).map(lambda n: n * n, range(50))) == [n * n for n in range(50)]
    assert list(Threads(3).map(str, [])) == []


def test_as_many_are_done_at_once_as_there_are_threads() -> None:
    together = Barrier(3, timeout=30)
    assert len(list(Threads(3).map(lambda _n: together.wait(), range(6)))) == 6


def test_items_are_taken_when_there_is_a_thread_free_for_them() -> None:
    taken = []

    def items():
        for n in range(20):
            taken.append(n)
            yield n

    results = Threads(3).map(lambda n: n, items())
    next(results)
    assert len(taken) <= 4
    results.close()


def test_what_a_function_raises_is_raised_here() -> None:
    def one(n: int) -> int:
        if n == 4:
            raise ZeroDivisionError
        return n

    with pytest.raises(ZeroDivisionError):
        list(Threads(3).map(one, range(20)))
