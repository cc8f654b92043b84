"""Bytes of a JSON Feed -> the sentences of JSON Feed 1.1 that it breaks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

_FEED: dict[str, type] = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str,
    "next_url": str, "icon": str, "favicon": str, "authors": list, "language": str, "expired": bool, "hubs": list,
    "items": list,
}  # fmt: skip
_ITEM: dict[str, type] = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str, "summary": str,
    "image": str, "banner_image": str, "date_published": str, "date_modified": str, "authors": list, "tags": list,
    "language": str, "attachments": list,
}  # fmt: skip
_AUTHOR: dict[str, type] = {"name": str, "url": str, "avatar": str}
_ATTACHMENT: dict[str, type] = {
    "url": str, "mime_type": str, "title": str, "size_in_bytes": int, "duration_in_seconds": int,
}  # fmt: skip


def violations(body: bytes) -> list[str]:
    """Empty for a document that keeps them; whether it is JSON is the parser's to say."""
    return list(_of_feed(json.loads(body.decode("utf-8"))))


def _of_feed(feed: dict[str, Any]) -> Iterator[str]:
    yield from _of_object("feed", feed, _FEED, ("version", "title", "items"))
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield "feed: version is the address of version 1.1"
    ids = Counter(item.get("id") for item in feed.get("items", ()))
    yield from (f"item: the id {id_} comes {count} times" for id_, count in ids.items() if count > 1)
    for author in feed.get("authors", ()):
        yield from _of_author(author)
    for item in feed.get("items", ()):
        yield from _of_item(item)


def _of_item(item: dict[str, Any]) -> Iterator[str]:
    yield from _of_object("item", item, _ITEM, ("id",))
    if not {"content_html", "content_text"} & item.keys():
        yield "item: content_html or content_text is required"
    for name in ("date_published", "date_modified"):
        if name in item and datetime.fromisoformat(item[name]).tzinfo is None:
            yield f"item: {name} {item[name]!r} has no zone (RFC 3339)"
    for author in item.get("authors", ()):
        yield from _of_author(author)
    for attachment in item.get("attachments", ()):
        yield from _of_object("attachment", attachment, _ATTACHMENT, ("url", "mime_type"))
    if not all(isinstance(tag, str) and tag for tag in item.get("tags", ())):
        yield "item: tags are strings"


def _of_author(author: dict[str, Any]) -> Iterator[str]:
    yield from _of_object("author", author, _AUTHOR, ())
    if not author:
        yield "author: one of name, url and avatar is required"


def _of_object(name: str, found: dict[str, Any], kinds: dict[str, type], required: tuple[str, ...]) -> Iterator[str]:
    yield from (f"{name}: {key} is required" for key in required if key not in found)
    for key, value in found.items():
        if key.startswith("_"):
            continue
        if key not in kinds:
            yield f"{name}: {key} is no key of it"
        elif type(value) is not kinds[key]:
            yield f"{name}: {key} is {value!r}"
