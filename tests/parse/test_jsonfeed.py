"""JSON Feed, as it is meant and as it is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model import Enclosure, Entry, Feed, Fetched, Problem
from aggregator.parse import document, jsonfeed, parsers

ROME = ZoneInfo("Europe/Rome")
FETCHED = Fetched("anci", "https://www.example.it/feeds/feed.json", b"")


def read(found: Any) -> Feed:
    return jsonfeed.parse((found if isinstance(found, str) else json.dumps(found)).encode(), FETCHED, ROME)


def item(**fields: Any) -> Entry:
    return read({"items": [fields]}).entries[0]


def test_the_smallest_feed_is_a_list_of_items() -> None:
    feed = read({"items": []})

    assert feed == Feed(id=FETCHED.url, title="", self_url=FETCHED.url)


def test_the_feed_tells_of_itself() -> None:
    feed = read(
        {
            "title": "Comune  di\nProva",
            "home_page_url": "/",
            "feed_url": "https://www.example.it/f.json",
            "language": "it",
            "description": "Avvisi & bandi",
            "items": [{}, "niente", None, {"language": "de"}],
        }
    )

    assert (feed.id, feed.title, feed.home) == (
        "https://www.example.it/f.json", "Comune di Prova", "https://www.example.it/",
    )  # fmt: skip
    assert (feed.language, feed.description) == ("it", "Avvisi & bandi")
    assert [e.language for e in feed.entries] == ["it", "de"]


@pytest.mark.parametrize(
    ("id", "guid"), [("a", "a"), (4821, "4821"), ("", None), (None, None), (True, None), (["a"], None)]
)
def test_an_id_is_a_word_or_a_number(id: Any, guid: str | None) -> None:
    assert item(id=id).guid == guid


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"url": "/1"}, "https://www.example.it/1"),
        ({"url": "https://a.example.it/1", "external_url": "https://b.example.it/2"}, "https://a.example.it/1"),
        ({"url": "javascript:x()", "external_url": "https://b.example.it/2"}, "https://b.example.it/2"),
        ({"url": 5}, "https://www.example.it/feeds/5"),
        ({}, None),
    ],
)
def test_its_page_is_here_or_elsewhere(fields: dict[str, Any], url: str | None) -> None:
    assert item(**fields).url == url


def test_plain_text_is_made_html_and_html_left_alone() -> None:
    assert item(content_text="a < b\nc & d").content == "a &lt; b<br>\nc &amp; d"
    assert item(content_text="a", content_html="<p>b</p>").content == "<p>b</p>"
    assert item(summary="a < b").summary == "a &lt; b"


def test_a_title_is_text_on_one_line() -> None:
    assert item(title=" Circolare\n<INPS>\u0000 ").title == "Circolare <INPS>"


@pytest.mark.parametrize(
    ("fields", "moment"),
    [
        ({"date_published": "2026-06-08T09:00:00+02:00"}, datetime(2026, 6, 8, 7, tzinfo=UTC)),
        ({"date_modified": "2026-06-08T09:00:00"}, datetime(2026, 6, 8, 7, tzinfo=UTC)),
        ({"date_published": None}, None),
    ],
)
def test_its_date_is_when_it_was_published_or_else_changed(fields: dict[str, Any], moment: datetime | None) -> None:
    assert item(**fields).published == moment


def test_authors_of_either_version_are_told_once() -> None:
    found = item(authors=[{"name": "Rossi"}, {"url": "https://x.example"}, "Verdi"], author={"name": "Rossi"})

    assert found.authors == ("Rossi",)
    assert item(author={"name": "Bianchi"}).authors == ("Bianchi",)


@pytest.mark.parametrize(
    ("size", "length"), [(1200, 1200), (0, 0), (-1, None), (True, None), ("1200", None), (1.5, None)]
)
def test_the_size_of_an_attachment_is_a_whole_number_or_unknown(size: Any, length: int | None) -> None:
    file = {"url": "a.pdf", "mime_type": "application/pdf", "size_in_bytes": size, "title": "Atto"}

    assert item(attachments=[file, {"url": "mailto:x@example.it"}]).enclosures == (
        Enclosure("https://www.example.it/feeds/a.pdf", "application/pdf", length, "Atto"),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ('{"items": [' + "[" * 100_000, "cannot be read"),
        ('{"items": [' + "1" * 5000 + "]}", "cannot be read"),
        ("{}", "no JSON Feed"),
        ('{"items": {}}', "no JSON Feed"),
        ("[]", "no JSON Feed"),
    ],
)
def test_what_is_no_json_feed_is_named(text: str, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        read(text)


def test_a_document_is_told_by_its_first_letter_not_by_its_media_type() -> None:
    body = json.dumps({"title": "Prova", "items": [{"id": "1"}]}).encode("utf-8-sig")
    found = document(Fetched("anci", FETCHED.url, b"\n" + body[3:], "text/html"), ROME)

    assert isinstance(found, Feed)
    assert "jsonfeed" not in parsers(b"<rss/>")
    assert parsers(b'{"items": []}') == ("jsonfeed",)


def test_a_document_that_cannot_be_read_is_a_problem_of_its_source() -> None:
    assert document(Fetched("anci", FETCHED.url, b"{"), ROME) == Problem(
        "anci", "parse", "this begins like JSON but cannot be read as such; if that stays so, tell the webmaster"
    )


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
FIELDS = (
    "id url external_url title content_html content_text summary date_published date_modified authors author tags "
    "language attachments"
).split()


@given(
    st.dictionaries(st.sampled_from(FIELDS), anything),
    st.dictionaries(st.sampled_from(["title", "language"]), anything),
)
def test_no_type_in_the_wrong_place_costs_the_feed(fields: dict[str, Any], head: dict[str, Any]) -> None:
    feed = read(head | {"items": [fields, {"id": "intero", "title": "Intero"}]})

    assert len(feed.entries) == 2
    assert (feed.entries[1].guid, feed.entries[1].title) == ("intero", "Intero")


def test_a_file_larger_than_any_has_no_size() -> None:
    sizes = [10**400, 10**15, -1, True, "12", 12]
    told = [{"url": f"https://example.it/{n}.pdf", "size_in_bytes": size} for n, size in enumerate(sizes)]
    document = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "attachments": told}]}
    feed = jsonfeed.parse(json.dumps(document).encode(), FETCHED, ROME)
    assert [file.length for file in feed.entries[0].enclosures] == [None, None, None, None, None, 12]
