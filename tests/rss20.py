"""Bytes of an RSS document -> the sentences of RSS 2.0 and of the Board's Best Practices Profile that it breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
_CHANNEL = (
    "title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs "
    "cloud ttl image rating textInput skipHours skipDays item"
).split()
_ITEM = "title link description author category comments enclosure guid pubDate source".split()
_MANY = ("category", "item")
_MODULES = {
    "channel": {f"{ATOM}link", f"{DC}creator"},
    "item": {f"{ATOM}link", f"{ATOM}updated", f"{DC}creator", f"{DC}language", f"{DC}rights", f"{CONTENT}encoded"}
    | {f"{MEDIA}content"},
}
_MANY_OF_MODULES = (f"{ATOM}link", f"{DC}creator", f"{MEDIA}content")


def violations(body: bytes) -> list[str]:
    """Empty for a document that keeps them; well-formedness is the parser's to say."""
    rss = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
    return list(_of_document(rss))


def _of_document(rss: etree._Element) -> Iterator[str]:
    if rss.tag != "rss" or rss.get("version") != "2.0":
        yield "rss: version 2.0 is required"
    if [child.tag for child in rss] != ["channel"]:
        yield "rss: exactly one channel"
    (channel,) = rss
    yield from _of_container(channel, _CHANNEL, "channel")
    yield from (
        f"channel: {name} is required" for name in ("title", "link", "description") if not channel.findtext(name)
    )
    selves = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(selves) != 1 or selves[0].get("type") != "application/rss+xml":
        yield "BPP: a channel should contain one atom:link with rel self"
    items = channel.findall("item")
    guids = Counter(item.findtext("guid") for item in items)
    yield from (f"guid: {guid} of {count} items" for guid, count in guids.items() if count > 1)
    for item in items:
        yield from _of_item(item)
    for element in channel.iter("pubDate", "lastBuildDate"):
        yield from _of_date(element)
    for element in channel.iter("link"):
        yield from _of_address("link", element.text or "")


def _of_container(parent: etree._Element, known: list[str], name: str) -> Iterator[str]:
    counts = Counter(child.tag for child in parent)
    yield from (
        f"{name}: {tag} is no element of it" for tag in counts if tag not in known and tag not in _MODULES[name]
    )
    once = (tag for tag in counts if tag not in _MANY and tag not in _MANY_OF_MODULES)
    yield from (f"{name}: {tag} comes {counts[tag]} times" for tag in once if counts[tag] > 1)


def _of_item(item: etree._Element) -> Iterator[str]:
    yield from _of_container(item, _ITEM, "item")
    if not item.findtext("title") and not item.findtext("description"):
        yield "item: title or description is required"
    guid = item.find("guid")
    if guid is None:
        yield "BPP: an item should contain a guid"
    elif guid.get("isPermaLink", "true") == "true":
        yield from _of_address("guid", guid.text or "")
    order = [child.tag for child in item if child.tag in ("description", f"{CONTENT}encoded")]
    if order not in ([], ["description"], ["description", f"{CONTENT}encoded"]):
        yield "BPP: content:encoded comes after a description"
    for enclosure in item.findall("enclosure"):
        yield from _of_address("enclosure", enclosure.get("url", ""))
        if not enclosure.get("length", "").isdigit() or "/" not in enclosure.get("type", ""):
            yield "enclosure: url, length and type are required"
    for media in item.findall(f"{MEDIA}content"):
        yield from _of_address("media:content", media.get("url", ""))
    source = item.find("source")
    if source is not None:
        yield from _of_address("source", source.get("url", ""))


def _of_date(element: etree._Element) -> Iterator[str]:
    try:
        moment = parsedate_to_datetime(element.text or "")
    except ValueError:
        yield f"{element.tag}: {element.text!r} is no date of RFC 822"
        return
    if moment.tzinfo is None or not (element.text or "").split()[3].isdigit():
        yield f"BPP: {element.text!r} should have a zone and a year of four digits"


def _of_address(name: str, address: str) -> Iterator[str]:
    if not urlsplit(address).scheme or any(letter in address for letter in ' "<>\\^`{|}\n'):
        yield f"{name}: {address!r} is no absolute address"
