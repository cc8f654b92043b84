"""OPML as readers export it -> the feeds in it and their folders, by listparser; the only place that knows it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import listparser

from aggregator import urls
from aggregator.errors import ParseError


class Subscription(NamedTuple):
    """A feed of a list: its address, its title, and the topmost folder it is in."""

    url: str
    title: str = ""
    folder: str = ""


def read(body: bytes) -> tuple[list[Subscription], list[str]]:
    """The feeds, each once, and the addresses that are none of the web; ParseError where there is no list."""
    found = listparser.parse(body)
    told = [_subscription(feed) for feed in found.feeds]
    if not told:
        raise ParseError("there are no feeds in this file; expected OPML, as feed readers export it")
    return list(_once(one for one in told if urls.is_web(one.url))), [o.url for o in told if not urls.is_web(o.url)]


def _subscription(feed: listparser.Feed) -> Subscription:
    folders = [path[0] for path in feed.categories if path and path[0]]
    title = feed.title if feed.title != feed.url else ""
    return Subscription(feed.url.strip(), " ".join((title or "").split()), folders[0] if folders else "")


def _once(told: Iterator[Subscription]) -> Iterator[Subscription]:
    seen = set()
    for one in told:
        if (key := urls.key(one.url)) not in seen:
            seen.add(key)
            yield one
