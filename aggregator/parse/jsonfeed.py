"""JSON Feed 1.0 and 1.1 (jsonfeed.org) -> Feed. A fault in one item costs that item's field, never the feed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import dates, markup, urls
from aggregator.errors import ParseError
from aggregator.model import Enclosure, Entry, Feed, Fetched
from aggregator.parse.instead import instead
from aggregator.parse.told import TOO_LARGE


def parse(document: bytes, fetched: Fetched, zone: ZoneInfo) -> Feed:
    """The feed in a JSON document (in UTF-8); ParseError where it is no JSON, or JSON that is no feed."""
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        raise ParseError(instead(document.decode("utf-8"), fetched.url)) from None
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        raise ParseError(instead(document.decode("utf-8"), fetched.url))
    language = _text(found, "language")
    items = (i for i in found["items"] if isinstance(i, dict))
    return Feed(
        id=_text(found, "feed_url") or fetched.url,
        title=_line(found, "title"),
        home=_address(found, "home_page_url", fetched.url),
        self_url=fetched.url,
        language=language,
        description=_line(found, "description"),
        entries=tuple(_entry(item, fetched, zone, language) for item in items),
    )


def _entry(item: Mapping[str, Any], fetched: Fetched, zone: ZoneInfo, language: str) -> Entry:
    raw = _text(item, "date_published") or _text(item, "date_modified")
    moment = dates.parse(raw, zone)
    html, plain = _text(item, "content_html"), _text(item, "content_text")
    return Entry(
        source_id=fetched.source_id,
        guid=_text(item, "id") or None,
        url=_address(item, "url", fetched.url) or _address(item, "external_url", fetched.url) or None,
        title=_line(item, "title"),
        summary=escape(_text(item, "summary"), quote=False),
        content=html or _lines(plain),
        authors=tuple(dict.fromkeys(_names(item))),
        tags=tuple(dict.fromkeys(t.strip() for t in _list(item, "tags") if isinstance(t, str) and t.strip())),
        language=_text(item, "language") or language,
        published=moment.value,
        published_raw=raw,
        date_quality=moment.quality,
        updated=dates.parse(_text(item, "date_modified"), zone).value,
        enclosures=tuple(_attachments(item, fetched.url)),
    )


def _text(found: Mapping[str, Any], key: str) -> str:
    """A string; numbers are read as such (ids often are), anything else is nothing."""
    value = found.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return markup.legal(str(value)).strip()


def _line(found: Mapping[str, Any], key: str) -> str:
    return markup.title(_text(found, key), is_html=False)


def _list(found: Mapping[str, Any], key: str) -> list[Any]:
    value = found.get(key)
    return value if isinstance(value, list) else []


def _lines(plain: str) -> str:
    return escape(plain, quote=False).replace("\n", "<br>\n")


def _address(found: Mapping[str, Any], key: str, base: str) -> str:
    address = urls.resolve(base, _text(found, key)) if _text(found, key) else ""
    return address if urls.is_web(address) else ""


def _names(item: Mapping[str, Any]) -> Iterable[str]:
    """`authors` of version 1.1, `author` of 1.0."""
    for author in (*_list(item, "authors"), item.get("author")):
        if isinstance(author, dict) and _line(author, "name"):
            yield _line(author, "name")


def _attachments(item: Mapping[str, Any], base: str) -> Iterable[Enclosure]:
    for attachment in _list(item, "attachments"):
        if isinstance(attachment, dict) and (url := _address(attachment, "url", base)):
            size = attachment.get("size_in_bytes")
            is_size = isinstance(size, int) and not isinstance(size, bool) and 0 <= size < TOO_LARGE
            length = size if is_size else None
            yield Enclosure(url, _text(attachment, "mime_type"), length, _line(attachment, "title"))
