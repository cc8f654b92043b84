"""What servers do that they should not: each is survived and has its own words, and none costs the others anything."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Fetched, Request
from aggregator.network import pump
from tests.edges.asking import FEED, document, fetch, fetch_one, network, problem
from tests.edges.misbehaviours import CHUNK, CHUNKED, HANDED_OVER, HEAD, PROBLEMS, is_slow, raw, serving
from tests.servers import Answer, Route, serve

WORDS_OF_HTTP = [
    *(HEAD, CHUNKED, CHUNK, FEED, b"\r\n", b"\r\n\r\n", b"0\r\n\r\n", b"HTTP/1.1 302 Found\r\n", b"Location: /"),
    *(b"HTTP/1.0 200\r\n", b"HTTP/1.1 304 Not Modified\r\n", b"HTTP/1.1 503 Pausa\r\n", b"Content-Length: 9\r\n"),
    *(b"Content-Encoding: gzip\r\n", b"ETag: ", b"Cache-Control: ", b"Retry-After: ", b"Set-Cookie: ", b"Expires: "),
]


@pytest.mark.parametrize("what", PROBLEMS)
def test_a_server_that(what: str) -> None:
    route, words = PROBLEMS[what]
    with serve(serving(route)) as site:
        text = problem(site.url(), timeout=patience(route), max_body=2_000_000)
    assert text.startswith(words.format(host=site.authority))
    assert "; " in text, "and what to do"


@pytest.mark.parametrize("what", HANDED_OVER)
def test_a_document_is_handed_over_from_a_server_that(what: str) -> None:
    answer, body, truncated = HANDED_OVER[what]
    with serve({"/": answer}) as site:
        got = document(site.url(), timeout=patience(answer))
    assert got.body == body
    assert got.truncated.startswith(truncated.format(host=site.authority))
    assert bool(got.truncated) == bool(truncated)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.sampled_from(WORDS_OF_HTTP), max_size=12))
def test_whatever_bytes_a_server_sends_there_is_one_answer(pieces: list[bytes]) -> None:
    with serve({"/": raw(*pieces)}) as site:
        fetch_one(site.url(), timeout=20)


def patience(route: Route) -> float:
    """Short only where it is to run out."""
    return 0.5 if is_slow(route) else 20


def test_an_answer_that_nobody_asked_for_is_nobody_s() -> None:
    """Two at once, and the line stays open: the second is not taken for the answer to the next question."""
    head = HEAD + b"Content-Length: %d\r\n\r\n"
    forged = FEED.replace(b"Sportello", b"Un altro")
    routes: dict[str, Route] = {"/b": FEED}
    routes["/a"] = Answer(raw=head % len(FEED) + FEED + head % len(forged) + forged, stall=True)
    with serve(routes) as site:
        answers = network(concurrency=1).fetch(Request(name, site.url(f"/{name}")) for name in "ab")
        bodies = {answer.source_id: answer.body for answer in answers if isinstance(answer, Fetched)}
    assert bodies == {"a": FEED, "b": FEED}


# --- none costs the others anything


@contextmanager
def bad_hosts() -> Iterator[list[str]]:
    """Each misbehaviour on a server of its own: their addresses."""
    routes = [route for route, _ in PROBLEMS.values()] + [
        answer for answer, _, truncated in HANDED_OVER.values() if truncated
    ]
    with ExitStack() as stack:
        yield [stack.enter_context(serve(serving(route))).url() for route in routes]


@contextmanager
def silent_hosts(number: int) -> Iterator[list[str]]:
    """The kernel takes the connections, and nobody ever answers."""
    with ExitStack() as stack:
        deaf = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        yield [f"http://127.0.0.1:{one.getsockname()[1]}/" for one in deaf]


def test_all_of_them_at_once_cost_the_good_ones_nothing() -> None:
    with bad_hosts() as bad, serve({"/": FEED}) as good:
        asked = [Request(f"bad{n}", url, timeout=2, max_body=2_000_000) for n, url in enumerate(bad)]
        asked += [Request(f"good{n}", good.url(f"/?{n}")) for n in range(60)]
        began = time.monotonic()
        alone = fetch(*(request for request in asked if request.source_id.startswith("good")))
        needed = time.monotonic() - began
        answers = fetch(*asked)
        assert time.monotonic() - began < 2 * needed + 2 + 5
    assert len(bad) >= 40
    assert [answers[id_] for id_ in alone] == list(alone.values())
    assert all(isinstance(answer, Fetched) for answer in alone.values())


def test_more_silent_servers_than_places_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "_PATIENCE_SECONDS", 0.1)
    with silent_hosts(12) as silent, serve({"/": FEED}) as good:
        asked = [Request(f"silent{n}", url, timeout=5) for n, url in enumerate(silent)]
        asked += [Request(f"good{n}", good.url(f"/?{n}")) for n in range(20)]
        answers = list(network(concurrency=4).fetch(asked))
    assert [isinstance(answer, Fetched) for answer in answers] == [True] * 20 + [False] * 12


def test_there_is_an_end_to_how_many_may_be_silent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "_PATIENCE_SECONDS", 0.0)
    with serve({"/": Answer(hang=True)}) as silent:
        asked = [Request(f"s{n}", silent.url(), timeout=20 if n else 1) for n in range(40)]
        answers = network(concurrency=2, per_host=32).fetch(asked)
        assert next(answers).source_id == "s0"
        assert len(silent.requests) <= 2 * 4 + 1
        answers.close()  # type: ignore[attr-defined]  # ports promise an Iterator; this one is a generator


GREEDY = """
import sys
from aggregator import settings
from aggregator.model import Request
from aggregator.network import CurlNetwork
network = CurlNetwork(settings.Network(concurrency=4, allow_private=("127.0.0.0/8",)), "a")
requests = [Request(f"s{n}", url, max_body=2_000_000) for n, url in enumerate(sys.argv[1:] * 10)]
print(len([answer.text for answer in network.fetch(requests) if "larger than 2 MB" in answer.text]))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc; ru_maxrss would count what pytest itself once took")
def test_memory_is_bounded_whatever_they_send() -> None:
    """Fifty bodies, of 20 MB up to endless."""
    greedy: dict[str, Route] = {
        f"/{what}": PROBLEMS[what][0] for what in PROBLEMS if PROBLEMS[what][1].startswith("the body")
    }
    with serve({path.replace(" ", "-"): route for path, route in greedy.items()}) as site:
        addresses = [site.url(path.replace(" ", "-")) for path in greedy]
        done = subprocess.run([sys.executable, "-c", GREEDY, *addresses], capture_output=True, text=True, check=True)
    survived, kilobytes = map(int, done.stdout.split())
    assert survived == 10 * len(greedy) == 50
    assert kilobytes < 150_000
