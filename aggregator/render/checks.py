"""A document -> why it must not be published, or nothing: what a template or a text may have broken. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from lxml import etree

from aggregator.model import Document

_ATOM = "{http://www.w3.org/2005/Atom}"
_HREF = re.compile(rb'\shref="(?![a-z][a-z0-9+.-]*:|//|/|#)([^"#?]+)', re.IGNORECASE)


def checked(document: Document) -> Document:
    """The same with its fault, if it has one: then what was published before stays."""
    if document.fault or document.media_type == "application/json":  # no template and no stranger has a hand in that
        return document
    check = _CHECKS.get(document.path.rpartition(".")[2])
    fault = check(document.body) if check else ""
    return replace(document, fault=fault) if fault else document


def linked(document: Document) -> Iterator[str]:
    """The paths of the output folder that a page leads to."""
    if document.path.endswith(".html") and document.path != "404.html":
        for href in {found.decode("utf-8", "replace") for found in _HREF.findall(document.body)}:
            path = normpath(join(dirname(document.path), unquote(href.replace("&amp;", "&"))))
            yield f"{path}/index.html" if href.endswith("/") else path


def _xml(body: bytes) -> etree._Element | str:
    try:
        return etree.fromstring(body)
    except etree.XMLSyntaxError as error:
        return f"it is no XML: {error}"


def _plain_xml(body: bytes) -> str:
    found = _xml(body)
    return found if isinstance(found, str) else ""


def _atom(body: bytes) -> str:
    """RFC 4287, 4.1.1 and 4.1.2: what every feed and entry must have."""
    feed = _xml(body)
    if isinstance(feed, str):
        return feed
    if feed.tag != f"{_ATOM}feed":
        return f"it is no Atom feed, but {feed.tag}"
    for element in (feed, *feed.iterfind(f"{_ATOM}entry")):
        if missing := [name for name in ("id", "title", "updated") if not element.findtext(f"{_ATOM}{name}")]:
            return f"{_named(element)} has no {', '.join(missing)}"
    return ""


def _named(element: etree._Element) -> str:
    return f"{etree.QName(element).localname} {element.findtext(f'{_ATOM}id') or ''}".strip()


def _rss(body: bytes) -> str:
    """RSS 2.0: what every channel must have."""
    root = _xml(body)
    if isinstance(root, str):
        return root
    missing = [name for name in ("title", "link", "description") if not root.findtext(f"channel/{name}")]
    return f"its channel has no {', '.join(missing)}" if missing else ""


def _json(body: bytes) -> str:
    """JSON Feed 1.1: what every feed and item must have."""
    try:
        feed = json.loads(body)
    except ValueError as error:
        return f"it is no JSON: {error}"
    missing = [name for name in ("version", "title", "items") if name not in feed]
    nameless = sum(not item.get("id") for item in feed.get("items", ()))
    return f"it has no {', '.join(missing)}" if missing else f"{nameless} items have no id" if nameless else ""


def _calendar(body: bytes) -> str:
    lines = body.split(b"\r\n")
    whole = lines[0] == b"BEGIN:VCALENDAR" and lines[-2:] == [b"END:VCALENDAR", b""]
    return "" if whole else "it is no whole calendar"


def _page(body: bytes) -> str:
    """HTML, 4.1 and 4.2: what makes a page one; a template that lost its end has none."""
    text = body.strip().lower()
    if not text.startswith(b"<!doctype html>") or not text.endswith(b"</html>"):
        return "it is no whole page, from <!doctype html> to </html>"
    return "" if re.search(rb"<title>\s*[^<\s]", text) else "it has no <title>"


_CHECKS: Mapping[str, Callable[[bytes], str]] = {
    "atom": _atom,
    "rss": _rss,
    "json": _json,
    "ics": _calendar,
    "html": _page,
    "xml": _plain_xml,
    "opml": _plain_xml,
    "svg": _plain_xml,
}
