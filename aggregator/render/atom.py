"""Feed -> Atom (RFC 4287), by feedgen with an entry extension that writes what feedgen loses: links and the whole source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Entry, Feed

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """What a feed's entries point at beside themselves: the feeds they came from, by source id (RFC 4287, 4.2.11), and
    the other entries of their story, by entry id."""

    sources: Mapping[str, Feed]
    mates: Mapping[str, tuple[Entry, ...]]


_ALONE = Context({}, {})


def render(feed: Feed, context: Context = _ALONE) -> bytes:
    """The feed as an Atom document, UTF-8. Every entry has its final `guid` (an IRI), `url` and enclosure addresses."""
    out = FeedGenerator()
    out.id(feed.id)
    out.title(feed.title)
    out.updated(feed.updated or _EPOCH)
    out.author({"name": feed.title})
    out.generator("Bollettino")
    if feed.description:
        out.subtitle(feed.description)
    if feed.language:
        out.language(feed.language)
    if feed.self_url:
        out.link(href=feed.self_url, rel="self", type="application/atom+xml")
    if feed.home:
        out.link(href=feed.home, rel="alternate", type="text/html")
    for entry in feed.entries:
        _write(out.add_entry(order="append"), entry, feed, context)
    return out.atom_str(pretty=True)


def _write(out: FeedEntry, entry: Entry, feed: Feed, context: Context) -> None:
    out.id(entry.guid or entry.id)
    out.title(entry.title or entry.url or entry.id)
    out.updated(entry.updated or entry.published or _EPOCH)
    if entry.published:
        out.published(entry.published)
    out.author([{"name": name} for name in entry.authors])
    out.category([{"term": tag} for tag in entry.tags])
    if entry.url:
        out.link(href=entry.url, rel="alternate")
    if entry.summary:
        out.summary(entry.summary, type="html")
    if entry.content or not entry.url:
        out.content(entry.content or " ", type="html")
    if entry.licence:
        out.rights(entry.licence)
    out.register_extension("whole", _Whole, atom=True, rss=False)
    out.whole.tell(entry, feed.language, context)  # type: ignore[attr-defined]  # feedgen adds it by name


class _Whole(BaseEntryExtension):
    """Links with all their attributes, and the whole atom:source."""

    def tell(self, entry: Entry, language: str, context: Context) -> None:
        self._entry, self._language, self._context = entry, language, context

    def extend_atom(self, element: etree._Element) -> etree._Element:
        entry = self._entry
        if entry.language and entry.language != self._language:
            element.set(_LANG, entry.language)
        for attributes in _links(entry, self._context.mates.get(entry.id, ())):
            etree.SubElement(element, "link", {k: v for k, v in attributes.items() if v})
        source = self._context.sources.get(entry.source_id)
        if source:
            _source(element, source)
        return element


def _links(entry: Entry, mates: Iterable[Entry]) -> Iterable[dict[str, str]]:
    for e in entry.enclosures:
        length = "" if e.length is None else str(e.length)
        yield {"href": e.url, "rel": "enclosure", "type": e.type, "length": length, "title": e.title}
    for link in entry.links:
        yield {"href": link.url, "rel": "related", "title": link.label}
    for mate in mates:
        yield {"href": mate.url or "", "rel": "related", "title": mate.title}


def _source(element: etree._Element, source: Feed) -> None:
    """The element names carry no namespace of their own: feedgen writes the default one as a bare attribute."""
    out = etree.SubElement(element, "source")
    etree.SubElement(out, "id").text = source.id
    etree.SubElement(out, "title").text = source.title
    etree.SubElement(out, "updated").text = (source.updated or _EPOCH).isoformat()
    etree.SubElement(out, "link", rel="self", href=source.self_url)
    if source.home:
        etree.SubElement(out, "link", rel="alternate", href=source.home)
