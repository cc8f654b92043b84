"""Many requests at once: fair to hosts, bounded, and no fault or thread left behind."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import count

import pytest

from aggregator import settings
from aggregator.model import Fetched, Request
from aggregator.network import CurlNetwork
from tests.edges.asking import AGENT, FEED, Got, document, fetch, network
from tests.servers import Answer, Asked, Route, Site, redirect, serve


def curl_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "curl"]


# --- many at once


def test_fifty_sources_on_four_hosts_are_asked_two_at_a_time_each() -> None:
    with ExitStack() as stack:
        sites = [stack.enter_context(serve({"/": Answer(FEED, delay=0.01)})) for _ in range(4)]
        answers = fetch(*(Request(f"s{n}", sites[n % 4].url(f"/?{n}")) for n in range(50)), per_host=2)
        assert all(isinstance(answer, Fetched) for answer in answers.values())
        assert [site.busiest for site in sites] == [2, 2, 2, 2]


def test_no_more_are_in_flight_than_concurrency_allows() -> None:
    with serve({"/": Answer(FEED, delay=0.01)}) as site:
        fetch(*(Request(f"s{n}", site.url()) for n in range(30)), concurrency=3, per_host=32)
    assert site.busiest == 3


def test_a_redirect_waits_for_its_place_at_the_new_host() -> None:
    with serve({"/": Answer(FEED, delay=0.01)}) as crowded, ExitStack() as stack:
        doors = [stack.enter_context(serve({"/": redirect(crowded.url())})) for _ in range(6)]
        fetch(*(Request(f"s{n}", door.url()) for n, door in enumerate(doors)), per_host=1)
    assert crowded.busiest == 1


def test_a_silent_source_holds_up_no_other() -> None:
    with serve({"/silent": Answer(hang=True), "/": FEED}) as site:
        requests = [Request("silent", site.url("/silent"))] + [Request(f"s{n}", site.url()) for n in range(40)]
        answers = network().fetch(requests)
        assert {next(answers).source_id for _ in range(40)} == {f"s{n}" for n in range(40)}
        close(answers)


def test_a_full_host_holds_up_no_other() -> None:
    with serve({"/": Answer(hang=True)}) as full, serve({"/": FEED}) as free:
        requests = [Request(f"full{n}", full.url()) for n in range(50)] + [Request("free", free.url())]
        answers = network(per_host=1).fetch(requests)
        assert next(answers).source_id == "free"
        assert len(full.requests) <= 1
        close(answers)


def test_every_request_has_one_answer_whatever_becomes_of_it() -> None:
    routes: dict[str, Route] = {
        "/good": FEED,
        "/old": redirect("/good"),
        "/gone": Answer(status=410),
        "/half": Answer(FEED, truncate=True),
        "/round": redirect("/round"),
        "/nothing": Answer(raw=b""),
    }
    with serve(routes) as site:
        requests = [Request(f"{path}{n}", site.url(path)) for n in range(20) for path in (*routes, "/missing")]
        answers = fetch(*requests, Request("file", "file:///etc/hostname"), concurrency=5, per_host=5)
    kinds = Counter(type(answer).__name__ for answer in answers.values())
    assert kinds == {"Fetched": 60, "Problem": 81}  # half a document is one, too


def test_nothing_asked_is_nothing_answered() -> None:
    assert fetch() == {}
    assert not curl_threads()


# --- the consumer


def endless(site: Site, taken: list[int]) -> Iterator[Request]:
    for n in count():
        taken.append(n)
        yield Request(f"s{n}", site.url(f"/?{n}"))


def close(answers: Iterable[Got]) -> None:
    answers.close()  # type: ignore[attr-defined]  # ports promise an Iterator; this one is a generator


def test_requests_are_taken_as_they_can_be_used() -> None:
    taken: list[int] = []
    with serve({"/": FEED}) as site:
        answers = network(concurrency=2).fetch(endless(site, taken))
        for _ in range(10):
            next(answers)
        assert len(taken) <= 2 * 8 + 10
        close(answers)


def test_finished_bodies_do_not_pile_up_before_a_busy_consumer() -> None:
    with serve({"/": FEED}) as site, serve({"/": FEED}) as clock:
        answers = network(concurrency=4, per_host=4).fetch(endless(site, []))
        for turn in range(1, 20):
            next(answers)
            document(clock.url())  # a while passes
            assert len(site.requests) <= turn + 8 + 4
        close(answers)


def test_transfers_go_on_while_the_consumer_is_busy() -> None:
    arrived = threading.Event()

    def late(asked: Asked) -> Answer:
        arrived.set()
        return Answer(FEED)

    with serve({"/": FEED, "/1": Answer(status=302, headers={"Location": "/2"}, delay=0.05), "/2": late}) as site:
        answers = network().fetch([Request("quick", site.url()), Request("late", site.url("/1"))])
        assert next(answers).source_id == "quick"
        assert arrived.wait(10)
        assert next(answers).source_id == "late"


def test_who_stops_listening_leaves_nothing_behind() -> None:
    with serve({"/": FEED, "/silent": Answer(hang=True)}) as site:
        requests = [Request("a", site.url())] + [Request(f"s{n}", site.url("/silent")) for n in range(9)]
        answers = network().fetch(requests)
        assert next(answers).source_id == "a"
        assert len(curl_threads()) == 1
        close(answers)
        assert not curl_threads()


def test_a_fault_in_the_requests_reaches_the_consumer() -> None:
    def faulty() -> Iterator[Request]:
        yield Request("a", site.url())
        raise LookupError("the source after a is broken")

    with serve({"/": Answer(hang=True)}) as site:
        with pytest.raises(LookupError, match="after a"):
            list(network().fetch(faulty()))
        assert not curl_threads()


def test_a_fault_in_the_thread_reaches_the_consumer() -> None:
    broken = Request("a", "http://127.0.0.1/", timeout="soon")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        list(network().fetch([broken]))
    assert not curl_threads()


def test_who_wants_to_stop_waits_for_nobody() -> None:
    with serve({"/": FEED, "/silent": Answer(hang=True)}) as site:
        stop = threading.Event()
        requests = [Request("a", site.url()), Request("silent", site.url("/silent"), timeout=60)]
        loopback = settings.Network(allow_private=("127.0.0.0/8",))
        answers = CurlNetwork(loopback, AGENT, stop.is_set).fetch(requests)
        assert next(answers).source_id == "a"
        stop.set()
        assert list(answers) == []
        assert not curl_threads()
