"""What feedparser reads in real documents, and by what it would tell entries apart: guid, else link, title and date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import feedparser

from tests.corpus.shelf import Snapshot

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as the oracle knows it: where and when it stood first, and how it is told from others."""

    feed: str
    key: Key
    link: str
    at: datetime
    date: str


def key_of(guid: str | None, link: str | None, title: str, date: str) -> Key:
    return (guid,) if guid else (link or "", " ".join(title.split()), date)


def read(snapshot: Snapshot) -> Iterator[Told]:
    found = feedparser.parse(
        snapshot.body, sanitize_html=False, resolve_relative_uris=False,
        response_headers={"content-location": "https://example.it/", "content-type": "application/xml"},
    )  # fmt: skip
    assert found.entries, f"{snapshot.feed} at {snapshot.at} tells nothing"
    for e in found.entries:
        date = dict.get(e, "published") or dict.get(e, "updated") or ""
        yield Told(
            snapshot.feed, key_of(e.get("id"), e.get("link"), e.get("title", ""), date), e.link, snapshot.at, date
        )


def told(replayed: Sequence[Snapshot]) -> dict[tuple[str, Key], Told]:
    first: dict[tuple[str, Key], Told] = {}
    for snapshot in replayed:
        for one in read(snapshot):
            first.setdefault((one.feed, one.key), one)
    return first
