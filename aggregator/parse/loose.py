"""Any RSS, RDF, Atom or CDF, however broken -> Feed, by feedparser: the reference, and the only place that knows it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import feedparser

from aggregator import dates, markup, urls
from aggregator.errors import ParseError
from aggregator.model import Enclosure, Entry, Event, Feed, Fetched

# feedparser resolves guids against the document's address whatever one asks. A constant address keeps a guid the same
# when the document moves; what was relative is recognised by it and resolved here. Its folders tell `/a` from `a`, and
# its scheme, which nobody uses any more, `//a` from either.
_SCHEME = "wais:"
_ROOT = f"{_SCHEME}//relative.invalid"
_NOWHERE = f"{_ROOT}/1/2/3/"
_HEADERS = {"content-location": _NOWHERE, "content-type": "application/xml; charset=utf-8"}
_PAGE = re.compile(r"<(!doctype\s+html|html|head|body)\b", re.I)
# AlboPOP writes an act's own number, its dates and its offices as categories; only its type is a tag.
_ALBOPOP = re.compile(r"albopop\.it/specs#item-category-(?!type)", re.I)


def parse(text: str, fetched: Fetched, zone: ZoneInfo) -> Feed:
    """The feed in a document; ParseError says in words what the document is instead."""
    found = feedparser.parse(
        text.encode("utf-8"), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
    )
    if not found.get("version") and not found.entries:
        raise ParseError(_instead(text))
    head = found.feed
    language, version = str(head.get("language") or ""), str(found.get("version") or "")
    entries = tuple(_entry(e, fetched, zone, language, version) for e in found.entries)
    return Feed(
        id=_raw(head.get("id")),
        title=_title(head, "title", version),
        home=_address(head.get("link"), fetched.url),
        self_url=fetched.url,
        language=language,
        description=_title(head, "subtitle", version),
        updated=_date(head, "updated", zone) or _date(head, "published", zone),
        entries=entries,
    )


def _entry(found: Any, fetched: Fetched, zone: ZoneInfo, language: str, version: str) -> Entry:
    raw, moment = _published(found, zone)
    summary = _html(found.get("summary_detail"))
    content = "\n".join(filter(None, (_html(c) for c in found.get("content", ()))))
    return Entry(
        source_id=fetched.source_id,
        guid=_raw(found.get("id")) or None,
        url=_address(found.get("link"), fetched.url) or None,
        title=_title(found, "title", version),
        summary=summary,
        content=content if content != summary else "",
        authors=_authors(found),
        tags=_tags(found.get("tags", ())),
        language=str(found.get("title_detail", {}).get("language") or language),
        published=moment.value,
        published_raw=raw,
        date_quality=moment.quality,
        updated=_date(found, "updated", zone),
        enclosures=tuple(_enclosures(found, fetched.url)),
        events=_events(found, zone),
        licence=str(found.get("rights") or ""),
    )


def _own(found: Any, key: str) -> str:
    """What the document itself says: feedparser answers `updated` with `published` where there is none."""
    return str(dict.get(found, key) or "").strip()


def _published(found: Any, zone: ZoneInfo) -> tuple[str, dates.Moment]:
    """The date of publication, or the one of the last change where the former is missing or no date."""
    raws = [raw for key in ("published", "updated") if (raw := _own(found, key))]
    readings = [(raw, dates.parse(raw, zone)) for raw in raws] or [("", dates.parse("", zone))]
    return next((r for r in readings if r[1].value), readings[0])


def _raw(value: Any) -> str:
    text = str(value or "").strip()
    return text.removeprefix(next((start for start in (_NOWHERE, _ROOT, _SCHEME) if text.startswith(start)), ""))


def _address(value: Any, base: str) -> str:
    """A web address, resolved; empty where the document gives something else (javascript:, a mail address)."""
    address = urls.resolve(base, _raw(value)) if value else ""
    return address if urls.is_web(address) else ""


def _title(found: Any, key: str, version: str) -> str:
    """Only Atom declares what a title is; elsewhere markup is meant, or was pasted in."""
    detail = found.get(f"{key}_detail") or {}
    declared_plain = detail.get("type") == "text/plain" and version.startswith("atom")
    return markup.title(str(found.get(key) or ""), is_html=not declared_plain)


def _html(detail: Any) -> str:
    if not detail or not detail.get("value"):
        return ""
    value = str(detail["value"])
    if detail.get("type") == "text/plain":
        return escape(value, quote=False)
    return value if "html" in str(detail.get("type")) else ""


def _date(found: Any, key: str, zone: ZoneInfo) -> datetime | None:
    return dates.parse(_own(found, key), zone).value


def _authors(found: Any) -> tuple[str, ...]:
    people = found.get("authors") or ([found.author_detail] if found.get("author_detail") else [])
    names = (str(p.get("name") or p.get("email") or "").strip() for p in people)
    return tuple(dict.fromkeys(filter(None, names))) or tuple(filter(None, [str(found.get("author") or "").strip()]))


def _tags(found: Iterable[Any]) -> tuple[str, ...]:
    terms = (
        str(t.get("term") or t.get("label") or "").strip() for t in found if not _ALBOPOP.search(str(t.get("scheme")))
    )
    return tuple(dict.fromkeys(filter(None, terms)))


def _enclosures(found: Any, base: str) -> Iterable[Enclosure]:
    for link in found.get("enclosures", ()):
        url = _address(link.get("href"), base)
        if url:
            length = str(link.get("length") or "").strip()
            size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None
            yield Enclosure(url, str(link.get("type") or ""), size, str(link.get("title") or ""))


def _events(found: Any, zone: ZoneInfo) -> tuple[Event, ...]:
    """The RSS event module (purl.org/rss/1.0/modules/event): one event an entry."""
    start = dates.parse(str(found.get("ev_startdate") or ""), zone)
    if start.value is None:
        return ()
    end = dates.parse(str(found.get("ev_enddate") or ""), zone).value
    place = markup.title(str(found.get("ev_location") or ""), is_html=False)
    return (Event(start.value, end, place, all_day=start.quality == "day"),)


def _instead(text: str) -> str:
    if not text.strip():
        return "the document is empty"
    if _PAGE.search(text[:4096]):
        return "this is a web page, not a feed; look on it for the address of its RSS or Atom feed"
    return "this is no RSS, Atom or JSON feed"
