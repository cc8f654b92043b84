"""A crew of real processes: everything is done once, and what hangs or dies costs only itself."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.processes import Birth, Crew


def double(item: object) -> str:
    """What a worker is told: a number, or how to misbehave."""
    if item == "hang":
        time.sleep(60)
    if item == "spin":
        while True:
            pass
    if item == "work":  # 0.6 seconds of processor time, however long that takes
        started = time.process_time()
        while time.process_time() < started + 0.6:
            pass
    if item == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "grow":
        return str(len(bytearray(8_000_000_000)))
    return f"{item}{item} by {os.getpid()}"


def safely(item: object) -> str:
    try:
        return double(item)
    except MemoryError:
        return "no memory"


def crew(deadline: float = 20.0, count: int = 2, birth: Birth = "fork") -> Crew[object, str]:
    return Crew(lambda item: item != "light", lambda item, why: f"{item} {why}", count, deadline=deadline, birth=birth)


def done(*items: object, deadline: float = 20.0) -> list[str]:
    return [result.partition(" by ")[0] for result in crew(deadline).map(safely, items)]


def test_every_item_is_done_once_in_other_processes() -> None:
    results = list(crew().map(double, range(50)))
    assert sorted(int(result.partition(" ")[0]) for result in results) == sorted(int(f"{n}{n}") for n in range(50))
    assert str(os.getpid()) not in {result.rpartition(" ")[2] for result in results}


def test_a_process_with_threads_has_a_server_that_makes_its_workers() -> None:
    results = list(crew(birth="forkserver", deadline=5.0).map(double, [1, "die", 2, 3]))
    assert sorted(result.partition(" by ")[0] for result in results) == [
        "11",
        "22",
        "33",
        "die ended the process that did it",
    ]


def test_a_server_makes_no_worker_for_nothing() -> None:
    idle = crew(birth="forkserver")
    assert [result.partition(" by ")[0] for result in idle.map(double, ["light"])] == ["lightlight"]
    assert idle._workers == []
    assert len({result.rpartition(" ")[2] for result in crew(birth="forkserver", count=1).map(double, [1, 2])}) == 1


def test_what_is_light_is_done_here() -> None:
    [result] = crew().map(double, ["light"])
    assert result == f"lightlight by {os.getpid()}"


def test_an_item_that_hangs_is_given_up_and_the_others_go_on() -> None:
    results = done("hang", 1, 2, "hang", 3, deadline=0.1)
    assert sorted(results) == ["11", "22", "33", *["hang took longer than 3 seconds and was given up"] * 2]


@pytest.mark.parametrize("birth", ["fork", "forkserver"])
def test_an_item_that_takes_the_processor_for_too_long_is_given_up_and_the_others_go_on(birth: Birth) -> None:
    results = [r.partition(" by ")[0] for r in crew(0.9, birth=birth).map(safely, ["spin", 1, "spin", 2])]
    assert sorted(results) == ["11", "22", *["spin took longer than 0.9 seconds and was given up"] * 2]


def test_a_busy_machine_is_no_fault_of_an_items() -> None:
    """Twelve in hand at once: by the clock, each takes several times its deadline."""
    results = [r.partition(" by ")[0] for r in crew(1.0, count=12).map(safely, ["work"] * 12)]
    assert results == ["workwork"] * 12


def test_an_item_that_kills_its_worker_costs_only_itself() -> None:
    assert sorted(done("die", 1, "die", 2)) == ["11", "22", *["die ended the process that did it"] * 2]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded on Linux")
def test_an_item_that_wants_all_the_memory_gets_none() -> None:
    assert sorted(done("grow", 1)) == ["11", "no memory"]


def test_items_are_taken_as_they_are_needed() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = crew(count=2).map(double, items())
    next(results)
    assert len(taken) <= 4
    results.close()


def test_who_is_done_has_the_next_item_before_his_result_is_looked_at() -> None:
    results, taken = [], []

    def items() -> Iterator[int]:
        for number in range(20):
            taken.append(len(results))
            yield number

    for result in crew(count=3).map(double, items()):
        results.append(result)
        still_to_come = 20 - len(results)
        assert len(taken) - len(results) == min(3, still_to_come)
    assert len(results) == 20


def test_one_worker_alone_is_waited_for_before_the_next_item_is_taken() -> None:
    """The next one may be long in coming."""
    told = []

    def items() -> Iterator[int]:
        for number in range(5):
            assert len(told) == number
            yield number

    for result in crew(count=1).map(double, items()):
        told.append(result)
    assert len(told) == 5


def test_an_item_that_hangs_is_given_up_in_its_time_while_others_are_never_done() -> None:
    results = crew(deadline=0.1).map(double, itertools.chain(["hang"], itertools.count()))
    start = time.monotonic()
    next(result for result in results if result.startswith("hang"))
    assert 3 <= time.monotonic() - start < 20
    results.close()


def test_where_the_machine_allows_less_less_is_taken() -> None:
    def limited(_item: object) -> str:
        resource.setrlimit(resource.RLIMIT_CPU, (500, 1000))
        return "limited"

    def limits(_item: object) -> str:
        return f"{resource.getrlimit(resource.RLIMIT_CPU)} by {limited(_item)}"

    results = [r.partition(" by ")[0] for r in crew(5000.0, count=1).map(limits, [1, 2])]
    assert results[1] == "(1000, 1000)"


def test_a_worker_stands_behind_who_saves_what_it_finds() -> None:
    [here] = crew().map(lambda _item: str(os.nice(0)), ["light"])
    [there] = crew().map(lambda _item: str(os.nice(0)), ["heavy"])
    assert int(there) == int(here) + 5


def test_when_nobody_listens_any_more_no_worker_is_left() -> None:
    results = crew().map(double, range(9))
    worker = int(next(results).rpartition(" ")[2])
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_large_items_pass_in_both_directions() -> None:
    text = "x" * 2_000_000
    assert [result.partition(" ")[0] for result in crew().map(double, [text] * 4)] == [text * 2] * 4


MAPPING = """
import os, time
from aggregator.processes import Crew

workers = set()
for worker in Crew(lambda _n: True, lambda _n, _why: 0, 3).map(lambda _n: os.getpid(), range(30)):
    workers.add(worker)
    if len(workers) == 3:
        print(*workers, flush=True)
        time.sleep(60)
"""


@pytest.mark.timeout(60)
def test_workers_end_when_their_parent_is_killed() -> None:
    """They would hold what it held: its output, its database's session, and with that its lock."""
    with subprocess.Popen([sys.executable, "-c", MAPPING], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert len(parent.stdout.readline().split()) == 3
        parent.kill()
        # Who reads to the end would wait for whoever holds the other one.
        assert parent.communicate(timeout=30) == (b"", b"")
