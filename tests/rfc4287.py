"""Bytes of an Atom document -> the sentences of RFC 4287, and of RFC 6721 on tombstones, that it breaks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f-\x9f<>\"{}|\\^`]+")
_ONCE = {
    "feed": "id title updated",
    "entry": "id title updated",
    "source": "id title updated",
}
_AT_MOST_ONCE = {
    "feed": "generator icon logo rights subtitle",
    "entry": "content published rights source summary",
    "source": "generator icon logo rights subtitle",
}


def violations(body: bytes) -> list[str]:
    """Empty for a document that keeps them; well-formedness is the parser's to say."""
    feed = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
    assert feed.tag == f"{ATOM}feed"
    return [*_of_document(feed), *(fault for element in feed.iter() for fault in _of_element(element))]


def _of_document(feed: etree._Element) -> Iterator[str]:
    entries = feed.findall(f"{ATOM}entry")
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in entries)
    yield from (f"4.1.1: two entries with the id {id_}" for id_, count in ids.items() if count > 1)
    if not _selves(feed):
        yield "4.1.1: a feed should link to itself"
    authored = feed.find(f"{ATOM}author") is not None
    yield from ("4.1.2: an entry without author" for e in entries if not authored and e.find(f"{ATOM}author") is None)


def _selves(feed: etree._Element) -> list[etree._Element]:
    return [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]


def _of_element(element: etree._Element) -> Iterator[str]:
    name = etree.QName(element).localname
    if name in _ONCE:
        yield from _of_container(element, name)
    if name in ("updated", "published") and not _DATE.fullmatch(element.text or ""):
        yield f"3.3: {element.text!r} is no date"
    if name == "id" and not _IRI.fullmatch(element.text or ""):
        yield f"4.2.6: the id {element.text!r} is no IRI"
    if name == "link" and not _IRI.fullmatch(element.get("href", "")):
        yield f"4.2.7.1: {element.get('href')!r} is no IRI"
    if name == "author" and not element.findtext(f"{ATOM}name"):
        yield "3.2.1: an author without name"
    if name == "category" and not element.get("term"):
        yield "4.2.2.1: a category without term"
    if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", element.get(LANG, "it")):
        yield f"2: {element.get(LANG)!r} is no language"
    if element.tag == ARCHIVE:
        return  # tests.rfc5005
    if element.tag == DELETED:
        yield from _of_tombstone(element)
    elif element.tag != f"{ATOM}{name}":
        yield f"2: {element.tag} is no element of Atom"


def _of_tombstone(element: etree._Element) -> Iterator[str]:
    feed, ref = element.getparent(), element.get("ref", "")
    if feed is None or feed.tag != f"{ATOM}feed":
        yield "RFC 6721, 3: a tombstone outside the feed"
        return
    if not _IRI.fullmatch(ref) or not _DATE.fullmatch(element.get("when", "")):
        yield f"RFC 6721, 3: {dict(element.attrib)} is no tombstone"
    if ref in [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]:
        yield f"RFC 6721, 3: {ref} is there and gone"
    if [other.get("ref") for other in feed.findall(DELETED)].count(ref) > 1:
        yield f"RFC 6721, 3: {ref} is gone twice"


def _of_container(element: etree._Element, name: str) -> Iterator[str]:
    counts = Counter(etree.QName(child).localname for child in element)
    yield from (f"4.1: {counts[one]} {one} in {name}" for one in _ONCE[name].split() if counts[one] != 1)
    yield from (f"4.1: {counts[one]} {one} in {name}" for one in _AT_MOST_ONCE[name].split() if counts[one] > 1)
    links = element.findall(f"{ATOM}link")
    kinds = Counter((k.get("type"), k.get("hreflang")) for k in links if k.get("rel", "alternate") == "alternate")
    yield from (f"4.1: {count} alternates of type {kind} in {name}" for kind, count in kinds.items() if count > 1)
    if name == "entry" and not kinds and not counts["content"]:
        yield "4.1.2: an entry with neither alternate nor content"
