"""Feed -> JSON Feed 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from aggregator.markup import legal
from aggregator.model import Enclosure, Entry, Feed
from aggregator.render.feeds.context import ALONE, Context
from aggregator.render.fit import line
from aggregator.render.view import plain

_VERSION = "https://jsonfeed.org/version/1.1"
_UNKNOWN = "application/octet-stream"  # an attachment must name its type


def render(feed: Feed, context: Context = ALONE) -> bytes:
    """The feed as a JSON document, UTF-8. Every entry has its final `guid`, `url` and enclosure addresses.

    What JSON Feed has no word for stands under `_source` and `_related`: the feed an entry came from, and its links.
    """
    told = {
        "version": _VERSION,
        "title": line(feed.title),
        "home_page_url": feed.home,
        "feed_url": feed.self_url,
        "description": line(feed.description),
        "language": feed.language,
        "authors": [{"name": line(context.publisher or feed.title)}],
    }
    items = [_item(entry, feed, context) for entry in feed.entries]
    text = json.dumps(_without_nothing(told) | {"items": items}, ensure_ascii=False, indent=1) + "\n"
    return text.encode("utf-8", "replace")  # halves of characters stand in some addresses


def _item(entry: Entry, feed: Feed, context: Context) -> dict[str, Any]:
    """JSON Feed's summary is plain text, and one of its contents must be there."""
    summary, content = legal(entry.summary).strip(), legal(entry.content).strip()
    source = context.sources.get(entry.source_id)
    return {
        "id": entry.guid or entry.id,
        **_without_nothing(
            {
                "url": entry.url or "",
                "title": line(entry.title),
                "summary": plain(summary).strip() if content else "",
                "date_published": entry.published.isoformat() if entry.published else "",
                "date_modified": entry.updated.isoformat() if entry.updated else "",
                "authors": [{"name": name} for name in _named(entry.authors)],
                "tags": list(_named(entry.tags)),
                "language": entry.language if entry.language != feed.language else "",
                "attachments": [_attachment(enclosure) for enclosure in entry.enclosures],
                "_related": list(_related(entry, context.mates.get(entry.id, ()))),
                "_rights": line(entry.licence),
                "_source": _source(source) if source else {},
            }
        ),
        "content_html": content or summary,
    }


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    size = {} if enclosure.length is None else {"size_in_bytes": enclosure.length}
    title = {"title": line(enclosure.title)} if line(enclosure.title) else {}
    return {"url": enclosure.url, "mime_type": enclosure.type or _UNKNOWN, **title, **size}


def _related(entry: Entry, mates: Iterable[Entry]) -> Iterator[dict[str, str]]:
    yield from (_without_nothing({"url": link.url, "title": line(link.label)}) for link in entry.links)
    yield from (_without_nothing({"url": mate.url or "", "title": line(mate.title)}) for mate in mates)


def _source(source: Feed) -> dict[str, str]:
    return _without_nothing({"title": line(source.title), "home_page_url": source.home, "feed_url": source.self_url})


def _named(words: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(filter(None, map(line, words)))


def _without_nothing(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value not in ("", [], {})}
