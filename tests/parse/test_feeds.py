"""Every document of tests/feeds says in its first comment, or beside it, what must be read in it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator import parse
from aggregator.model import Enclosure, Feed, Fetched, Problem

FOLDER = Path(__file__).parents[1] / "feeds"
DOCUMENTS = sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".expect")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_read_as_its_first_comment_says(name: str) -> None:
    expected = expectation(name)
    found = read(name)

    if expected.pop("error", False):
        assert isinstance(found, Problem)
        assert found.text
        return
    assert isinstance(found, Feed), found
    assert compared(found, expected) == expected


def test_every_kind_of_fixture_is_there() -> None:
    kinds = {name.partition("-")[0] for name in DOCUMENTS}

    assert kinds == {"broken", "date", "empty", "encoding", "error", "format", "identity", "link", "text"}


def expectation(name: str) -> dict[str, Any]:
    """What a fixture promises: beside it in NAME.expect, under `_expect` in JSON, or in a comment after `Expect:`."""
    path = FOLDER / name
    beside = FOLDER / f"{name}.expect"
    if not beside.exists() and path.suffix == ".json":
        told: dict[str, Any] = json.loads(path.read_bytes())["_expect"]
        del told["what"]
        return told
    text = beside.read_text("utf-8") if beside.exists() else path.read_bytes().decode("latin-1")
    return dict(json.loads(_recoded(text.partition("Expect:")[2].partition("-->")[0])))


def _recoded(text: str) -> str:
    """Whatever the encoding of the document, its comment is ASCII or UTF-8."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def read(name: str) -> Feed | Problem:
    fetched = Fetched("s", f"https://www.example.it/feeds/{name}", (FOLDER / name).read_bytes())
    return parse.document(fetched, ZoneInfo("Europe/Rome"))


def compared(feed: Feed, expected: dict[str, Any]) -> dict[str, Any]:
    """What was found, in the words of the expectation and no more."""
    found: dict[str, Any] = {}
    if "entries" in expected:
        found["entries"] = len(feed.entries)
    if "first" in expected:
        found["first"] = {key: plain(getattr(feed.entries[0], key)) for key in expected["first"]}
    if "feed" in expected:
        found["feed"] = {key: plain(getattr(feed, key)) for key in expected["feed"]}
    return found


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    if isinstance(value, Enclosure):
        return [value.url, value.type, value.length]
    return [plain(one) for one in value] if isinstance(value, tuple) else value
