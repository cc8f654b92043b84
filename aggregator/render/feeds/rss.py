"""Feed -> RSS 2.0 by the Best Practices Profile of the RSS Advisory Board, with the modules that profile names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from aggregator.markup import legal
from aggregator.model import Enclosure, Entry, Feed
from aggregator.render.feeds.context import ALONE, Context
from aggregator.render.fit import iri, line

_SPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}
_UNKNOWN = "application/octet-stream"  # an enclosure must name its type, and its length, which may be 0


def render(feed: Feed, context: Context = ALONE) -> bytes:
    """The feed as an RSS document, UTF-8. Every entry has its final `guid`, `url` and enclosure addresses.

    RSS takes one enclosure an item; all files stand beside it as `media:content`.
    """
    root = etree.Element("rss", {"version": "2.0"}, nsmap=_SPACES)
    channel = etree.SubElement(root, "channel")
    _tell(channel, "title", line(feed.title))
    _tell(channel, "link", iri(feed.home or feed.self_url))
    _tell(channel, "description", line(feed.description) or line(feed.title))
    _tell(channel, "language", feed.language)
    _tell(channel, "lastBuildDate", _date(feed.updated))
    _tell(channel, "dc:creator", line(context.publisher))
    _tell(channel, "generator", "Bollettino")
    _tell(channel, "docs", "https://www.rssboard.org/rss-specification")
    etree.SubElement(channel, _name("atom:link"), href=iri(feed.self_url), rel="self", type="application/rss+xml")
    for entry in feed.entries:
        _item(etree.SubElement(channel, "item"), entry, feed, context)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _item(out: etree._Element, entry: Entry, feed: Feed, context: Context) -> None:
    summary, content = legal(entry.summary).strip(), legal(entry.content).strip()
    own_id = legal(entry.guid or entry.id)
    _tell(out, "title", line(entry.title) or legal(entry.url or "") or own_id)
    _tell(out, "link", iri(entry.url or ""))
    _tell(out, "guid", own_id, isPermaLink="false")
    _tell(out, "pubDate", _date(entry.published or entry.updated))  # without one, readers order it as they like
    _tell(out, "atom:updated", entry.updated.isoformat() if entry.updated else "")
    _tell_each(out, "dc:creator", entry.authors)
    _tell_each(out, "category", entry.tags, **_told(domain=context.tags))
    _tell(out, "description", summary or content)
    _tell(out, "content:encoded", content if summary else "")
    _files(out, entry.enclosures)
    _tell(out, "dc:language", entry.language if entry.language != feed.language else "")
    _tell(out, "dc:rights", line(entry.licence))
    related = ((link.url, link.label) for link in entry.links)
    for url, title in (*related, *((mate.url or "", mate.title) for mate in context.mates.get(entry.id, ()))):
        etree.SubElement(out, _name("atom:link"), _told(href=iri(url), rel="related", title=line(title)))
    if source := context.sources.get(entry.source_id):
        _tell(out, "source", line(source.title), url=iri(source.self_url))


def _files(out: etree._Element, files: Iterable[Enclosure]) -> None:
    for number, one in enumerate(files):
        kind, length = legal(one.type) or _UNKNOWN, str(one.length or 0)
        if number == 0:
            etree.SubElement(out, "enclosure", url=iri(one.url), type=kind, length=length)
        size = "" if one.length is None else length
        media = etree.SubElement(out, _name("media:content"), _told(url=iri(one.url), type=one.type, fileSize=size))
        _tell(media, "media:title", line(one.title))


def _tell(out: etree._Element, name: str, text: str, **attributes: str) -> None:
    """An element with this text, where there is a text."""
    if text := legal(text):
        etree.SubElement(out, _name(name), attributes).text = text


def _tell_each(out: etree._Element, name: str, words: Iterable[str], **attributes: str) -> None:
    for word in dict.fromkeys(map(line, words)):
        _tell(out, name, word, **attributes)


def _name(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{_SPACES[prefix]}}}{local}" if prefix else local


def _told(**attributes: str) -> dict[str, str]:
    return {name: legal(value) for name, value in attributes.items() if value}


def _date(moment: datetime | None) -> str:
    return format_datetime(moment, usegmt=True) if moment else ""
