"""One exchange over a real connection on loopback: what arrives, what did not change, where it sends us."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.model import Fetched, Problem, Request, Unchanged, Validators
from aggregator.network.origins import may_see_secrets, web_address
from tests.edges.asking import AGENT, FEED, document, fetch, fetch_one, problem
from tests.servers import Answer, Asked, Route, redirect, serve

# --- what arrives


def test_a_document_arrives_as_it_was_sent() -> None:
    with serve({"/rss": Answer(FEED, etag='"7"', last_modified="Mon, 15 Jun 2026 08:00:00 GMT")}) as site:
        got = document(site.url("/rss"))
    assert (got.url, got.body) == (site.url("/rss"), FEED)
    assert (got.media_type, got.charset) == ("application/rss+xml", "utf-8")
    assert (got.validators.etag, got.validators.last_modified) == ('"7"', "Mon, 15 Jun 2026 08:00:00 GMT")


@pytest.mark.parametrize(
    ("written", "media_type", "charset"),
    [
        ('Text/XML; Charset="ISO-8859-1"', "text/xml", "iso-8859-1"),
        ("application/atom+xml;type=feed;charset = Windows-1252 ; x=y", "application/atom+xml", "windows-1252"),
        ("application/json", "application/json", ""),
        ("", "", ""),
    ],
)
def test_media_type_and_charset_are_read_in_any_spelling(written: str, media_type: str, charset: str) -> None:
    with serve({"/": Answer(FEED, media_type=written)}) as site:
        got = document(site.url())
    assert (got.media_type, got.charset) == (media_type, charset)


def test_we_say_who_we_are_and_what_we_like() -> None:
    with serve({"/": FEED}) as site:
        document(site.url())
        fetch(Request("a", site.url()), user_agent="Città di Prova")
    ours, theirs = (asked.headers for asked in site.requests)
    assert ours["user-agent"] == AGENT
    assert theirs["user-agent"] == "Città di Prova"
    assert ours["accept"].startswith("application/atom+xml")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_body_is_unpacked(coding: str) -> None:
    packed = gzip.compress(FEED) if coding == "gzip" else zlib.compress(FEED)
    with serve({"/": Answer(packed, headers={"Content-Encoding": coding})}) as site:
        assert document(site.url()).body == FEED
    assert coding in site.requests[0].headers["accept-encoding"]


def test_italian_letters_and_blanks_in_an_address_are_encoded() -> None:
    with serve({"/citt%C3%A0/avvisi%20nuovi": FEED}) as site:
        assert document(site.url("/città/avvisi nuovi?tipo=è")).body == FEED
    assert site.requests[0].path == "/citt%C3%A0/avvisi%20nuovi?tipo=%C3%A8"


def test_a_proxy_named_by_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({"/": FEED}) as site, serve({}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url())
        document(site.url())
    assert not proxy.requests


# --- what did not change


def test_a_server_that_says_not_modified_is_believed() -> None:
    with serve({"/": Answer(FEED, etag='"7"')}) as site:
        first = document(site.url())
        assert fetch_one(site.url(), validators=first.validators) == Unchanged("comune")
    assert site.requests[1].headers["if-none-match"] == '"7"'


def test_the_date_goes_back_to_the_server_letter_for_letter() -> None:
    with serve({"/": Answer(FEED, last_modified="lunedì 15 giugno")}) as site:
        first = document(site.url())
        assert fetch_one(site.url(), validators=first.validators) == Unchanged("comune")


def test_the_same_bytes_again_are_unchanged_though_the_server_sends_them() -> None:
    routes: dict[str, Route] = {"/": FEED}
    with serve(routes) as site:
        known = document(site.url()).validators
        assert fetch_one(site.url(), validators=known) == Unchanged("comune", is_seen=True)
        routes["/"] = FEED + b"<!-- -->"
        assert document(site.url(), validators=known).validators.body_hash != known.body_hash


def test_not_modified_to_one_who_knows_nothing_is_a_problem() -> None:
    with serve({"/": Answer(status=304)}) as site:
        assert "304" in problem(site.url(), validators=Validators(body_hash="abc"))


# --- where it sends us


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_to_the_address_that_answers(status: int) -> None:
    unescaped = "../città/rss".encode().decode("latin-1")  # UTF-8 on the wire, as careless servers send it
    with serve({"/vecchio/rss": redirect(unescaped, status), "/citt%C3%A0/rss": FEED}) as site:
        got = document(site.url("/vecchio/rss"))
    assert (got.url, got.body) == (site.url("/citt%C3%A0/rss"), FEED)


@pytest.mark.parametrize(("hops", "arrives"), [(5, True), (6, False)])
def test_five_redirects_are_followed_and_not_six(hops: int, arrives: bool) -> None:
    routes: dict[str, Route] = {f"/{n}": redirect(f"/{n - 1}") for n in range(1, hops + 1)}
    with serve(routes | {"/0": FEED}) as site:
        assert isinstance(fetch_one(site.url(f"/{hops}")), Fetched) is arrives


def test_a_redirect_in_a_circle_is_a_problem() -> None:
    with serve({"/a": redirect("/b"), "/b": redirect("/a")}) as site:
        assert problem(site.url("/a")).startswith("the server redirects more than 5 times in a row")


def test_all_redirects_share_one_timeout() -> None:
    slow = Answer(status=302, headers={"Location": "/"}, delay=0.15)
    with serve({"/": slow}) as site:
        assert problem(site.url(), timeout=0.4).startswith("no answer within 0.4 seconds")


@pytest.mark.parametrize("to", ["file:///etc/hostname", "ftp://127.0.0.1:21/rss", "gopher://127.0.0.1/", "http://[::1"])
def test_a_redirect_out_of_the_web_is_refused(to: str) -> None:
    with serve({"/": redirect(to)}) as site:
        text = problem(site.url())
    assert text.startswith("the server redirects us to where we do not go: only addresses that begin with http://")


def test_a_redirect_written_in_no_known_letters_is_a_problem_of_one_source() -> None:
    with serve({"/": redirect("http://perch\xe9.onion/"), "/good": FEED}) as site:
        answers = fetch(Request("a", site.url()), Request("b", site.url("/good")))
    assert isinstance(answers["a"], Problem)
    assert isinstance(answers["b"], Fetched)


def test_a_redirect_to_nowhere_is_a_problem() -> None:
    with serve({"/": Answer(FEED, status=302)}) as site:
        assert problem(site.url()).startswith("the server answered 302, a redirect, but not where to")


def test_a_later_page_of_another_server_sees_no_key() -> None:
    key = (("X-Key", "chiave di prova"),)
    with serve({"/": FEED}) as home, serve({"/2": FEED}) as other:
        document(home.url("/"), headers=key, home=home.url("/n"))
        document(other.url("/2"), headers=key, home=home.url("/n"))
        assert [asked.headers.get("x-key") for asked in (*home.requests, *other.requests)] == ["chiave di prova", None]


MOVED = Answer(b"<p>spostato</p>" * 100, status=301, headers={"Location": "/there"})


@pytest.mark.parametrize("moved", [replace(MOVED, endless=True), replace(MOVED, truncate=True), MOVED])
def test_what_becomes_of_the_page_that_redirects_does_not_matter(moved: Answer) -> None:
    with serve({"/": moved, "/there": FEED}) as site:
        got = document(site.url(), max_body=1000)
    assert (got.url, got.body, got.truncated) == (site.url("/there"), FEED, "")


def test_a_page_that_redirects_and_never_ends_is_no_document() -> None:
    with serve({"/": Answer(b"<p>spostato", status=301, headers={"Location": "/"}, stall=True)}) as site:
        assert problem(site.url(), timeout=0.3).startswith("the answer was not complete within 0.3 seconds")


def test_our_own_headers_stay_with_the_host_they_were_written_for() -> None:
    routes: dict[str, Route] = {"/": redirect("/there")}
    with serve({"/": FEED}) as stranger, serve(routes) as home:
        routes["/there"] = redirect(stranger.url())
        document(home.url(), headers=(("X-Key", "chiave di prova"),))
    assert [asked.headers.get("x-key") for asked in home.requests] == ["chiave di prova"] * 2
    assert [asked.headers.get("x-key") for asked in stranger.requests] == [None]


@pytest.mark.parametrize(
    ("origin", "home", "allowed"),
    [
        (("https", "h.example", 443), ("http", "h.example", 80), True),  # the everyday move to https
        (("http", "h.example", 80), ("https", "h.example", 443), False),
        (("https", "h.example", 443), ("http", "h.example", 8080), False),
        (("https", "h.example", 8443), ("http", "h.example", 80), False),
        (("https", "www.h.example", 443), ("http", "h.example", 80), False),
    ],
)
def test_our_own_headers_may_move_to_https_and_nowhere_else(
    origin: tuple[str, str, int], home: tuple[str, str, int], allowed: bool
) -> None:
    """Asked of the rule itself: no test can have ports 80 and 443."""
    assert may_see_secrets(origin, home) is allowed


def test_our_own_headers_come_back_to_us_from_a_stranger() -> None:
    """home -> stranger -> home: the key is shown at home, and only there."""
    routes: dict[str, Route] = {"/there": FEED}
    with serve(routes) as home, serve({"/": redirect(home.url("/there"))}) as stranger:
        routes["/"] = redirect(stranger.url())
        document(home.url(), headers=(("X-Key", "chiave di prova"),))
    assert [asked.headers.get("x-key") for asked in home.requests] == ["chiave di prova"] * 2
    assert "x-key" not in stranger.requests[0].headers


def test_a_cookie_of_the_first_hop_is_shown_to_the_next() -> None:
    def counted(asked: Asked) -> Answer:
        if "visita=1" in asked.headers.get("cookie", ""):
            return Answer(FEED)
        return Answer(status=302, headers={"Location": "/", "Set-Cookie": "visita=1; Path=/"})

    with serve({"/": counted}) as site:
        assert document(site.url()).body == FEED
        assert document(site.url()).body == FEED
    assert ["cookie" in asked.headers for asked in site.requests] == [False, True, False, True]


# --- what we refuse to ask


@pytest.mark.parametrize(
    "address",
    [
        *("", "rss", "//h.example/rss", "http://", "http:///", "http://:80/", "http://[::1", "http://h.example:99999/"),
        *("http://h\0.example/", "http://perch\ufffd.example/"),
        *("file:///etc/hostname", "ftp://h.example:21/rss", "javascript:1"),
    ],
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    assert problem(address) == "only addresses that begin with http:// or https:// and name a host can be fetched"


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with serve({"/": FEED}) as site:
        text = problem(site.url().replace("http://", "http://anna:segreto@"))
    assert "password" in text
    assert "segreto" not in text
    assert not site.requests


@given(st.text() | st.text().map("http://{}/".format))
def test_whatever_is_written_is_an_address_in_ascii_or_refused(written: str) -> None:
    with suppress(FetchError):
        url = web_address(written, "http://h.example/rss")
        assert url.isascii()
        assert url.startswith(("http://", "https://"))
        assert web_address(url) == url


@pytest.mark.parametrize("value", ["a\r\nX-Forged: 1", "a\nb", "a\0", "5 €"])
def test_a_header_that_cannot_be_carried_is_refused(value: str) -> None:
    with serve({"/": FEED}) as site:
        assert "'X-Key'" in problem(site.url(), headers=(("X-Key", value),))
    assert not site.requests
