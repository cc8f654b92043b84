"""What keeps us from an answer, or lets only half of it through, becomes a value, in words for an admin."""

from __future__ import annotations

import socket
import tracemalloc
import zlib
from pathlib import Path

import pytest

from aggregator.model import Problem, Unchanged
from tests.edges.asking import FEED, document, fetch_one, problem
from tests.edges.certificates import Authority, authority
from tests.servers import Answer, Route, serve


def test_gone_is_a_kind_of_its_own() -> None:
    with serve({"/": Answer(FEED, status=410)}) as site:
        answer = fetch_one(site.url())
    assert answer == Problem(
        "comune",
        "gone",
        "the server answered 410: what was at this address is gone for good; look on the site for another, or take the "
        "source out",
        status=410,
    )


# --- no connection


def test_a_connection_that_is_never_taken_ends_with_the_timeout() -> None:
    """A TLS handshake that nobody answers is still no connection."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        assert problem(f"https://{address}/", timeout=0.2).startswith(f"no connection to {address} within 0.2 seconds")


def test_a_closed_port_is_a_problem() -> None:
    with serve({}) as site:
        pass
    assert problem(site.url()).startswith(f"no connection to {site.authority}: it is switched off, or refuses us")


def test_a_closed_port_of_ipv6_is_a_problem_with_ipv6_and_without() -> None:
    assert problem("http://[::1]:9/rss", private=["::1/128"]) == (
        "no connection to [::1]:9: it is switched off, or refuses us; if that lasts, tell the webmaster"
    )


@pytest.mark.parametrize(
    ("address", "host"),
    [("http://notizie.onion/rss", "notizie.onion"), ("http://città-di-prova.onion/", "xn--citt-di-prova-sdb.onion")],
)
def test_a_host_that_does_not_exist_is_named(address: str, host: str) -> None:
    """RFC 7686, 2: names in .onion are never looked up, so this asks no name server."""
    assert problem(address).startswith(f"the host name {host} does not exist")


def test_a_server_that_resets_at_once_is_a_problem() -> None:
    with serve({"/": Answer(raw=b"", reset=True)}) as site:
        assert problem(site.url()).startswith(f"the connection to {site.authority} broke off")


# --- no trust


@pytest.fixture
def signer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that we trust."""
    trusted = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    return trusted


def test_a_certificate_of_a_trusted_authority_is_taken(signer: Authority) -> None:
    with serve({"/": FEED}, tls=signer.signed()) as site:
        assert document(site.url()).body == FEED


def test_a_certificate_that_has_expired_is_not_trusted(signer: Authority) -> None:
    with serve({"/": FEED}, tls=signer.signed(days=-1)) as site:
        assert problem(site.url()).startswith("the certificate is not valid: certificate has expired")


def test_a_certificate_of_somebody_else_is_not_trusted(signer: Authority) -> None:
    with serve({"/": FEED}, tls=signer.signed("DNS:altro.example.it")) as site:
        text = problem(site.url())
    assert text.startswith("the certificate is not valid: ")
    assert "127.0.0.1" in text
    assert not site.requests


def test_a_certificate_signed_by_nobody_is_not_trusted(tmp_path: Path) -> None:
    with serve({"/": FEED}, tls=authority(tmp_path).self_signed()) as site:
        assert problem(site.url()).startswith("the certificate is not valid: self-signed certificate")


def test_a_list_of_authorities_that_is_missing_is_said_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with serve({"/": FEED}, tls=authority(tmp_path).self_signed()) as site:
        assert problem(site.url()).startswith("this machine's list of trusted certificates cannot be read: ")


def test_https_to_a_server_that_has_none_is_a_problem() -> None:
    with serve({"/": FEED}) as site:
        text = problem(site.url().replace("http:", "https:"))
    assert text.startswith(f"no secure connection to {site.authority} is possible: ")


def test_http_to_a_server_of_https_is_a_problem(tmp_path: Path) -> None:
    with serve({"/": FEED}, tls=authority(tmp_path).self_signed()) as site:
        text = problem(site.url().replace("https:", "http:"))
    assert text.startswith(
        (f"{site.authority} closed the connection without an answer", f"the connection to {site.authority} broke off")
    )


def test_a_server_that_promises_http_2_and_speaks_another_is_a_problem(signer: Authority) -> None:
    tls = signer.signed()
    tls.set_alpn_protocols(["h2"])
    with serve({"/": FEED}, tls=tls) as site:
        assert site.authority in problem(site.url())


# --- too much, and too little


def test_a_body_may_be_as_large_as_the_limit_and_no_larger() -> None:
    with serve({"/": FEED}) as site:
        assert document(site.url(), max_body=len(FEED)).body == FEED
        text = problem(site.url(), max_body=len(FEED) - 1)
    assert text.startswith("the body is larger than 1 kB and was cut off")


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
    assert text.startswith("the body is larger than 5 MB and was cut off")
    assert peak < 15_000_000


def test_the_rest_of_half_a_document_is_asked_for_again() -> None:
    """Its validators are those of the last whole one: a 304 to the half would hide the rest for ever."""
    routes: dict[str, Route] = {"/": Answer(FEED, etag='"1"')}
    with serve(routes) as site:
        whole = document(site.url())
        routes["/"] = Answer(FEED + b"<!-- nuovo -->", etag='"2"', truncate=True)
        half = document(site.url(), validators=whole.validators)
        assert half.truncated
        assert half.validators == whole.validators
        routes["/"] = Answer(FEED, etag='"1"')
        assert fetch_one(site.url(), validators=half.validators) == Unchanged("comune")


def test_half_a_packed_document_is_unpacked_as_far_as_it_goes() -> None:
    body = FEED * 50
    with serve({"/": Answer(body, gzip=True, truncate=True)}) as site:
        got = document(site.url())
    assert got.truncated.startswith("the answer broke off before its end")
    assert 0 < len(got.body) < len(body)
    assert body.startswith(got.body)
