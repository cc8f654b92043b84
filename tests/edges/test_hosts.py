"""How many may ask one host at once, and how long it is left in peace. The clock is an argument."""

from __future__ import annotations

import time

import pytest

from aggregator.model import Request
from aggregator.network.hosts import Hosts
from tests.edges.asking import FEED, fetch, network
from tests.servers import Answer, serve

HOST = "www.prova.example"


def may_begin(hosts: Hosts, now: float, host: str = HOST, *, going_on: bool = False) -> bool:
    return hosts.may_be_asked(host, now, going_on=going_on)


def answered(took: float) -> Hosts:
    """A host that has answered once, at the moment 100."""
    hosts = Hosts(2)
    hosts.begun(HOST)
    hosts.ended(HOST, took, 100.0)
    return hosts


def test_a_host_is_asked_no_more_than_so_many_things_at_once() -> None:
    hosts = Hosts(2)
    hosts.begun(HOST)
    assert may_begin(hosts, 0.0)
    hosts.begun(HOST)
    assert not may_begin(hosts, 0.0)
    assert may_begin(hosts, 0.0, "altro.example")
    hosts.ended(HOST, 0.1, 0.0)
    assert may_begin(hosts, 0.0)


@pytest.mark.parametrize(
    ("wishes", "allowed"), [((), 3), ((None, None), 3), ((1,), 1), ((5,), 5), ((5, None, 2, 4), 2), ((1, 9), 1)]
)
def test_the_smallest_wish_of_a_host_s_sources_counts(wishes: tuple[int | None, ...], allowed: int) -> None:
    hosts = Hosts(3)
    for wish in wishes:
        hosts.heed(HOST, wish)
    for _ in range(allowed):
        assert may_begin(hosts, 0.0)
        hosts.begun(HOST)
    assert not may_begin(hosts, 0.0)


@pytest.mark.parametrize(("took", "peace"), [(0.3, 0.3), (2.0, 2.0), (5.0, 5.0), (30.0, 5.0)])
def test_a_slow_host_is_left_in_peace_as_long_as_its_answer_took(took: float, peace: float) -> None:
    hosts = answered(took)
    assert not may_begin(hosts, 100.0 + peace - 0.01)
    assert may_begin(hosts, 100.0 + peace + 0.01)


@pytest.mark.parametrize("took", [0.0, 0.05, 0.19])
def test_a_quick_host_wants_no_peace(took: float) -> None:
    assert may_begin(answered(took), 100.0)


def test_peace_for_one_host_is_none_for_another() -> None:
    assert may_begin(answered(30.0), 100.0, "altro.example")


def test_what_has_begun_goes_on_in_spite_of_peace() -> None:
    """Its time is running: the next hop of a redirect does not wait."""
    assert may_begin(answered(30.0), 100.0, going_on=True)


def test_the_longest_gap_that_is_wished_for_counts_and_two_are_never_asked_at_once() -> None:
    hosts = Hosts(2)
    for gap in (0.0, 3.0, 1.0):
        hosts.heed(HOST, None, gap)
    hosts.begun(HOST)
    assert not may_begin(hosts, 0.0)
    hosts.ended(HOST, 0.1, 100.0)
    assert not may_begin(hosts, 102.9)
    assert may_begin(hosts, 103.1)


# --- over the wire


def test_a_gap_lasts_from_one_call_to_the_next() -> None:
    with serve({"/": FEED}) as site:
        asking, began = network(), time.monotonic()
        for name in ("first", "second"):
            assert len(list(asking.fetch([Request(name, site.url(), gap=0.4)]))) == 1
        assert time.monotonic() - began >= 0.4


def test_the_wish_of_a_source_is_heeded() -> None:
    with serve({"/": Answer(FEED, delay=0.01)}) as site:
        fetch(*(Request(f"s{n}", site.url(), per_host=2 if n == 1 else None) for n in range(20)), per_host=8)
        assert site.busiest == 2
        fetch(*(Request(f"s{n}", site.url(), per_host=6) for n in range(20)), per_host=1)
        assert site.busiest == 6


def test_while_a_slow_host_is_left_in_peace_another_is_asked() -> None:
    """One place only: what takes it after a slow answer is the oldest request to somebody else."""
    with serve({"/": Answer(FEED, delay=0.5)}) as slow, serve({"/": FEED}) as quick:
        asked = [Request("slow", slow.url()), Request("again", slow.url()), Request("quick", quick.url())]
        assert list(fetch(*asked, concurrency=1)) == ["slow", "quick", "again"]
