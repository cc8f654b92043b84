"""What a server wishes for the next time, as far as it can be believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Problem, Unchanged
from aggregator.network.headers import max_age, retry_after
from tests.edges.asking import FEED, document, fetch_one
from tests.servers import Answer, serve

NOON = 1_781_524_800.0  # Mon, 15 Jun 2026 12:00:00 GMT
DATE = {"date": "Mon, 15 Jun 2026 12:00:00 GMT"}
WEEK = 7 * 86_400.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("604801", WEEK),
        ("9" * 400, WEEK),
        ("Mon, 15 Jun 2026 12:02:00 GMT", 120.0),
        ("Monday, 15-Jun-26 12:02:00 GMT", 120.0),
        ("Mon Jun 15 12:02:00 2026", 120.0),
        ("Mon, 15 Jun 2026 14:02:00 +0200", 120.0),
        ("Fri, 31 Dec 2999 23:59:59 GMT", WEEK),
        ("Mon, 15 Jun 2020 12:00:00 GMT", 0.0),
        *((nothing, None) for nothing in ("", "soon", "-5", "1.5", "٣", "domani", "Mon, 99 Jun 2026 12:00:00 GMT")),
    ],
)
def test_a_server_may_ask_to_be_left_alone_for_a_week_at_most(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOON) == seconds


def test_a_date_is_read_by_the_clock_of_the_server_that_wrote_it() -> None:
    """One whose clock is a day behind: its two minutes are two minutes."""
    wishes = {"retry-after": "Sun, 14 Jun 2026 12:02:00 GMT", "expires": "Sun, 14 Jun 2026 12:02:00 GMT"}
    assert retry_after(wishes | {"date": "Sun, 14 Jun 2026 12:00:00 GMT"}, NOON) == 120.0
    assert max_age(wishes | {"date": "Sun, 14 Jun 2026 12:00:00 GMT"}, NOON) == 120.0
    assert retry_after(wishes | {"date": "ieri"}, NOON) == 0.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "public, Max-Age=3600"}, 3600.0),
        ({"cache-control": 'max-age="3600"'}, 3600.0),
        ({"cache-control": "max-age = 3600"}, 3600.0),
        ({"cache-control": "max-age=31536000"}, WEEK),
        ({"cache-control": "max-age=" + "9" * 400}, WEEK),
        ({"cache-control": "max-age=3600", "age": "600"}, 3000.0),
        ({"cache-control": "max-age=3600", "age": "9999"}, 0.0),
        ({"cache-control": "s-maxage=3600"}, None),
        ({"cache-control": "max-age=molto"}, None),
        ({"cache-control": "max-age=3600, no-cache"}, 0.0),
        ({"cache-control": "no-store"}, 0.0),
        ({"cache-control": "max-age=60", "expires": "Mon, 15 Jun 2026 13:00:00 GMT"}, 60.0),
        ({"expires": "Mon, 15 Jun 2026 13:00:00 GMT"}, 3600.0),
        ({"expires": "Mon, 15 Jun 2026 13:00:00 GMT", "age": "600"}, 3000.0),
        ({"expires": "Mon, 15 Jun 2026 11:00:00 GMT"}, 0.0),
        *(({"expires": nothing}, 0.0) for nothing in ("0", "-1", "", "domani")),
    ],
)
def test_a_server_may_say_how_long_its_document_stays_fresh(headers: dict[str, str], seconds: float | None) -> None:
    assert max_age(headers | DATE, NOON) == seconds


@given(st.dictionaries(st.sampled_from("retry-after cache-control expires date age".split()), st.text()))
def test_no_header_is_too_odd_to_be_read(headers: dict[str, str]) -> None:
    for wish in (retry_after(headers, NOON), max_age(headers, NOON)):
        assert wish is None or 0 <= wish <= WEEK


# --- over the wire


@pytest.mark.parametrize(("status", "wish"), [(429, 120.0), (503, 120.0), (404, None), (500, None)])
def test_the_wish_to_be_left_alone_comes_with_the_problem(status: int, wish: float | None) -> None:
    with serve({"/": Answer(status=status, headers={"Retry-After": "120"})}) as site:
        answer = fetch_one(site.url())
    assert isinstance(answer, Problem)
    assert answer.retry_after == wish


def test_freshness_comes_with_the_document_and_with_the_news_that_there_is_none() -> None:
    with serve({"/": Answer(FEED, etag='"1"', headers={"Cache-Control": "max-age=600"})}) as site:
        got = document(site.url())
        assert got.max_age == 600.0
        assert fetch_one(site.url(), validators=got.validators) == Unchanged("comune", 600.0)


def test_cache_control_may_come_in_several_lines() -> None:
    head = b"HTTP/1.1 200 OK\r\nCache-Control: public\r\ncache-control: max-age=60\r\n"
    with serve({"/": Answer(raw=head + b"\r\n" + FEED)}) as site:
        assert document(site.url()).max_age == 60.0


def test_what_an_interim_answer_and_a_trailer_say_does_not_count() -> None:
    early = b'HTTP/1.1 103 Early Hints\r\nETag: "early"\r\n\r\n'
    head = b"HTTP/1.1 200 OK\r\nLast-Modified: ieri\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b'%x\r\n%s\r\n0\r\nETag: "late"\r\nLast-Modified: oggi\r\n\r\n' % (len(FEED), FEED)
    with serve({"/": Answer(raw=early + head + body)}) as site:
        got = document(site.url())
    assert (got.validators.etag, got.validators.last_modified) == ("", "ieri")


@pytest.mark.parametrize("odd", ['"' + "x" * 2000 + '"', '"a\x01b"'])
def test_a_validator_that_could_not_go_back_is_forgotten(odd: str) -> None:
    with serve({"/": Answer(raw=b"HTTP/1.1 200 OK\r\nETag: " + odd.encode() + b"\r\n\r\n" + FEED)}) as site:
        assert document(site.url()).validators.etag == ""
