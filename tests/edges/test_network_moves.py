"""What an answer tells of the place it came from: an address for good, a certificate, a wall before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.model import Fetched, Problem, Request, Unchanged
from tests.edges.asking import FEED, document, fetch, fetch_one, problem
from tests.edges.certificates import authority
from tests.servers import Answer, Asked, Route, redirect, serve

# --- where it went for good


def chain(*statuses: int) -> dict[str, Route]:
    """/0 -> /1 -> …, by these redirects; the last one answers."""
    hops: dict[str, Route] = {f"/{n}": redirect(f"/{n + 1}", status) for n, status in enumerate(statuses)}
    return hops | {f"/{len(statuses)}": Answer(FEED, etag='"1"')}


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((), ""),
        ((301,), "/1"),
        ((308,), "/1"),
        ((301, 308, 301), "/3"),
        ((302,), ""),
        ((303,), ""),
        ((307,), ""),
        ((301, 302), "/1"),
        ((301, 302, 301), "/1"),
        ((302, 301), ""),
    ],
)
def test_only_redirects_for_good_from_the_first_hop_on_tell_the_new_address(
    statuses: tuple[int, ...], moved: str
) -> None:
    with serve(chain(*statuses)) as site:
        got = document(site.url("/0"))
        again = fetch_one(site.url("/0"), validators=got.validators)
        assert got.moved == (site.url(moved) if moved else "")
        assert got.url == site.url(f"/{len(statuses)}")
        assert isinstance(again, Unchanged)
        assert again.moved == got.moved


def test_a_new_address_is_told_as_the_server_wrote_it() -> None:
    with serve({"/": redirect("/Nuovo/?utm_source=x&B=1#in-alto"), "/Nuovo/": FEED}) as site:
        assert document(site.url()).moved == site.url("/Nuovo/?utm_source=x&B=1#in-alto")


def test_who_is_sent_to_where_he_came_from_has_not_moved() -> None:
    def counted(asked: Asked) -> Answer:
        here = Answer(status=301, headers={"Location": "/", "Set-Cookie": "visita=1"})
        return Answer(FEED) if "visita=1" in asked.headers.get("cookie", "") else here

    with serve({"/": counted}) as site:
        assert document(site.url()).moved == ""


def test_an_address_that_answers_with_an_error_is_no_new_address() -> None:
    with serve({"/": redirect("/gone")}) as site:
        assert problem(site.url()).startswith("the server answered 404")


# --- until when it is to be trusted


def day(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_the_end_of_a_certificate_comes_with_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(signer.file))
    with serve({"/": Answer(FEED, etag='"1"')}, tls=signer.signed(days=20)) as site:
        got = document(site.url())
        again = fetch_one(site.url(), validators=got.validators)
        answers = fetch(*(Request(f"s{n}", site.url(f"/?{n}")) for n in range(5)), per_host=1)
    assert isinstance(again, Unchanged)
    assert got.certificate_ends is not None
    assert abs(got.certificate_ends - day(20)) < timedelta(hours=1)
    assert got.certificate_ends.tzinfo is UTC
    assert again.certificate_ends == got.certificate_ends
    ends = {answer.certificate_ends for answer in answers.values() if isinstance(answer, Fetched)}
    assert ends == {got.certificate_ends}  # those too that came over a connection made before


def test_the_certificate_is_the_last_hop_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(signer.file))
    with serve({"/": FEED}) as bare, serve({"/": redirect(bare.url())}, tls=signer.signed()) as secure:
        assert document(secure.url()).certificate_ends is None
    with (
        serve({"/": FEED}, tls=signer.signed(days=9)) as new,
        serve({"/": redirect(new.url())}, tls=signer.signed()) as old,
    ):
        ends = document(old.url()).certificate_ends
    assert ends is not None
    assert abs(ends - day(9)) < timedelta(hours=1)


# --- what stands before it

CHALLENGE = b"<html><head><title>Just a moment...</title></head><body>Enable JavaScript and cookies</body></html>"
WALL = "a bot wall (Cloudflare) answers instead of the site"


@pytest.mark.parametrize("status", [401, 403, 405, 406, 429, 503])
def test_a_wall_is_named_where_it_refuses(status: int) -> None:
    with serve({"/": Answer(CHALLENGE, status=status, gzip=True)}) as site:
        assert problem(site.url()).startswith(f"the server answered {status}: {WALL}")


@pytest.mark.parametrize("status", [404, 500, 521])
def test_a_wall_s_page_about_something_else_is_no_wall(status: int) -> None:
    with serve({"/": Answer(CHALLENGE, status=status)}) as site:
        assert "bot wall" not in problem(site.url())


@pytest.mark.parametrize("status", [200, 202])
def test_a_wall_that_says_so_in_its_headers_is_no_document(status: int) -> None:
    challenge = Answer(b"<p>Attendere", status=status, headers={"CF-Mitigated": "challenge"})
    with serve({"/": challenge}) as site:
        assert problem(site.url()).startswith(f"the server answered {status}: {WALL}")


def test_a_wall_may_still_say_when_to_come_back() -> None:
    with serve({"/": Answer(CHALLENGE, status=503, headers={"Retry-After": "60"})}) as site:
        answer = fetch_one(site.url())
    assert isinstance(answer, Problem)
    assert (answer.kind, answer.retry_after) == ("fetch", 60.0)


# What the page of an error does after the wall's own words, which stand at its beginning.
ODD_PAGES: dict[str, Callable[[], Answer]] = {
    "never ends": lambda: Answer(CHALLENGE + b"<p>" * 1000, status=403, endless=True),
    "breaks off": lambda: Answer(CHALLENGE + b"<p>" * 1000, status=403, truncate=True),
    "stops": lambda: Answer(CHALLENGE, status=403, stall=True),
    "is larger than any document may be": lambda: Answer(CHALLENGE + b"<p>" * 99_000, status=403),
}


@pytest.mark.parametrize("what", ODD_PAGES)
def test_a_wall_is_known_though_its_page(what: str) -> None:
    with serve({"/": ODD_PAGES[what]()}) as site:
        assert WALL in problem(site.url(), timeout=0.5 if what == "stops" else 20, max_body=10_000)


def test_no_more_of_an_error_is_read_than_tells_what_it_is() -> None:
    with serve({"/": Answer(b" " * 70_000 + CHALLENGE, status=403)}) as site:
        assert problem(site.url()).startswith("the server answered 403: it does not let us in")
