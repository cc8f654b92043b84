"""Any RSS, RDF, Atom or CDF, however broken -> Feed, by feedparser: the reference, and the only place that knows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.errors import ParseError
from aggregator.model import Feed, Fetched
from aggregator.parse import told
from aggregator.parse.entities import swollen
from aggregator.parse.instead import instead
from aggregator.parse.told import NOWHERE, File, Head, Tag, Told, Words

_LONGEST = 12_000_000  # letters; a little more than the largest document that is fetched without being asked for
_HEADERS = {"content-location": NOWHERE, "content-type": "application/xml; charset=utf-8"}


def parse(document: bytes, fetched: Fetched, zone: ZoneInfo) -> Feed:
    """The feed in a document (in UTF-8); ParseError says in words what the document is instead."""
    if b"<!ENTITY" in document and swollen(document.decode("utf-8")) > _LONGEST:
        raise ParseError("its entities swell it to many times its size, as in an attack; tell the webmaster")
    import feedparser  # here, as most documents do without it

    try:
        found = feedparser.parse(document, response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False)
    except (TypeError, KeyError, ValueError, IndexError, AttributeError) as error:  # its own faults, on odd markup
        raise ParseError(f"this cannot be taken apart ({type(error).__name__}: {error})") from error
    if not found.get("version") and not found.entries:
        raise ParseError(instead(document.decode("utf-8"), fetched.url))
    head = _head(found.feed, str(found.get("version") or ""))
    return told.feed(head, map(_entry, found.entries), fetched, zone)


def _head(found: Any, version: str) -> Head:
    return Head(
        declares=version.startswith("atom"),
        id=str(found.get("id") or ""),
        link=found.get("link"),
        title=_words(found, "title"),
        subtitle=_words(found, "subtitle"),
        language=str(found.get("language") or ""),
        published=_own(found, "published"),
        updated=_own(found, "updated"),
    )


def _entry(found: Any) -> Told:
    return Told(
        id=str(found.get("id") or ""),
        link=found.get("link"),
        title=_words(found, "title"),
        summary=_detail(found.get("summary_detail")),
        contents=[words for content in found.get("content", ()) if (words := _detail(content))],
        authors=list(_authors(found)),
        tags=[Tag(*(str(tag.get(key) or "") for key in ("term", "scheme", "label"))) for tag in found.get("tags", ())],
        files=[
            File(*(str(link.get(key) or "") for key in ("href", "type", "length", "title")))
            for link in found.get("enclosures", ())
        ],
        media=list(_media(found)),
        published=_own(found, "published"),
        updated=_own(found, "updated"),
        rights=str(found.get("rights") or ""),
        starts=str(found.get("ev_startdate") or ""),
        ends=str(found.get("ev_enddate") or ""),
        place=str(found.get("ev_location") or ""),
        language=str(found.get("language") or ""),
        origin=str((found.get("source") or {}).get("title") or ""),
    )


def _media(found: Any) -> Iterator[File]:
    for content in found.get("media_content", ()):
        yield from told.media(*(str(content.get(key) or "") for key in ("url", "type", "medium", "filesize")))


def _own(found: Any, key: str) -> str:
    """What the document itself says: feedparser answers `updated` with `published` where there is none."""
    return str(dict.get(found, key) or "")


def _words(found: Any, key: str) -> Words | None:
    """A text whose type stands beside it, if anywhere."""
    detail = found.get(f"{key}_detail") or {}
    words = _detail(detail) or Words("")
    return words._replace(value=str(found.get(key) or ""))


def _detail(found: Any) -> Words | None:
    if not found:
        return None
    return Words(*(str(found.get(key) or "") for key in ("value", "type", "language", "base")))


def _authors(found: Any) -> Iterator[str]:
    people = found.get("authors") or ([found.author_detail] if found.get("author_detail") else [])
    names = [name for p in people if (name := str(p.get("name") or p.get("email") or "").strip())]
    yield from names or filter(None, [str(found.get("author") or "").strip()])
