"""Everything that goes wrong out there becomes a Problem, in words for an admin."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import tracemalloc
import zlib
from pathlib import Path

import pytest

from aggregator.model import Problem
from tests.edges.asking import FEED, document, fetch_one, problem
from tests.servers import Answer, serve

# --- what the server refuses


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "user name"),
        (403, "does not let us in"),
        (404, "there is nothing at this address (any more)"),
        (418, "it refuses"),
        (429, "too many requests"),
        (500, "broken on its side"),
        (503, "overloaded"),
        (999, "broken on its side"),
    ],
)
def test_a_refusal_is_told_in_words(status: int, words: str) -> None:
    with serve({"/": Answer(FEED, status=status)}) as site:
        text = problem(site.url())
    assert text.startswith(f"the server answered {status}: ")
    assert words in text


def test_gone_is_a_kind_of_its_own() -> None:
    with serve({"/": Answer(FEED, status=410)}) as site:
        answer = fetch_one(site.url())
    assert answer == Problem("comune", "gone", "the server answered 410: what was at this address is gone for good")


@pytest.mark.parametrize("answer", [Answer(b""), Answer(b" \r\n\t\n"), Answer(b"", gzip=True), Answer(status=204)])
def test_an_empty_body_is_a_problem(answer: Answer) -> None:
    with serve({"/": answer}) as site:
        assert problem(site.url()) == "the answer is empty"


# --- what breaks on the way


def test_silence_ends_with_the_timeout() -> None:
    with serve({"/": Answer(hang=True)}) as site:
        assert problem(site.url(), timeout=0.2) == "no answer within 0.2 seconds"


def test_an_answer_that_stops_half_way_ends_with_the_timeout() -> None:
    with serve({"/": Answer(FEED, stall=True)}) as site:
        assert problem(site.url(), timeout=0.2) == "the answer was not complete within 0.2 seconds"


def test_a_connection_that_is_never_taken_ends_with_the_timeout() -> None:
    """A TLS handshake that nobody answers is still no connection."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        assert problem(f"https://{address}/", timeout=0.2) == f"no connection to {address} within 0.2 seconds"


def test_a_body_cut_before_its_announced_length_is_a_problem() -> None:
    with serve({"/": Answer(FEED, truncate=True)}) as site:
        assert problem(site.url()) == "the answer broke off before its end"


@pytest.mark.parametrize("packed", [b"not packed at all", gzip.compress(FEED) + b"<!-- cache -->"])
def test_a_body_that_cannot_be_unpacked_is_a_problem(packed: bytes) -> None:
    with serve({"/": Answer(packed, headers={"Content-Encoding": "gzip"})}) as site:
        assert problem(site.url()) == "the answer is compressed, but cannot be unpacked"


def test_a_server_that_hangs_up_without_a_word_is_a_problem() -> None:
    with serve({"/": Answer(raw=b"")}) as site:
        assert problem(site.url()) == f"{site.authority} closed the connection without an answer"


def test_bytes_without_a_head_are_not_http() -> None:
    """That was HTTP/0.9; today it is a mail server or a printer."""
    with serve({"/": Answer(raw=FEED)}) as site:
        assert problem(site.url()) == f"what answers at {site.authority} does not speak HTTP"


def test_a_closed_port_is_a_problem() -> None:
    with serve({}) as site:
        pass
    assert problem(site.url()) == f"no connection to {site.authority}: it is switched off, or refuses us"


def test_a_host_that_does_not_exist_is_named() -> None:
    """RFC 7686, 2: names in .onion are never looked up, so this asks no name server."""
    assert problem("http://notizie.onion/rss").startswith("the host name notizie.onion does not exist")


def test_https_to_a_server_that_has_none_is_a_problem() -> None:
    with serve({"/": FEED}) as site:
        text = problem(site.url().replace("http:", "https:"))
    assert text.startswith(f"no secure connection to {site.authority} is possible: ")


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificate with the openssl command")
def test_a_certificate_signed_by_nobody_is_not_trusted(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    wish = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1".split()
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *wish, *names], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with serve({"/": FEED}, tls=tls) as site:
        assert problem(site.url()).startswith("the certificate is not valid: self-signed certificate")


# --- what is too much


def test_a_body_may_be_as_large_as_the_limit_and_no_larger() -> None:
    with serve({"/": FEED}) as site:
        assert document(site.url(), max_body=len(FEED)).body == FEED
        text = problem(site.url(), max_body=len(FEED) - 1)
    assert text == "the body is larger than 1 kB and was cut off"


def test_a_body_without_an_end_is_cut_off() -> None:
    with serve({"/": Answer(FEED * 100, endless=True)}) as site:
        assert problem(site.url(), max_body=10_000_000) == "the body is larger than 10 MB and was cut off"


def test_a_small_bomb_does_not_grow_past_the_limit() -> None:
    """200 MB of zeros in 200 kB: never more than the limit of them is in memory."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    with serve({"/": Answer(bomb, headers={"Content-Encoding": "gzip"})}) as site:
        tracemalloc.start()
        try:
            text = problem(site.url(), max_body=5_000_000)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert text == "the body is larger than 5 MB and was cut off"
    assert peak < 15_000_000
