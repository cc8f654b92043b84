"""Feed -> Atom (RFC 4287), by feedgen; an entry extension writes what feedgen loses: links and the whole source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.markup import legal
from aggregator.model import Entry, Feed
from aggregator.render.feeds.context import ALONE, Context
from aggregator.render.fit import iri

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")  # RFC 3066, which XML names
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_HISTORY = "http://purl.org/syndication/history/1.0"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render(feed: Feed, context: Context = ALONE) -> bytes:
    """The feed as an Atom document, UTF-8. Every entry has its final `guid` (an IRI), `url` and enclosure addresses."""
    out = FeedGenerator()
    out.id(feed.id)
    out.title(legal(feed.title))
    out.updated(feed.updated or _EPOCH)
    out.author({"name": legal(context.publisher or feed.title)})
    out.generator("Bollettino")
    if feed.description:
        out.subtitle(legal(feed.description))
    if _TAG.fullmatch(feed.language):
        out.language(feed.language)
    if feed.self_url:
        out.link(href=iri(feed.self_url), rel="self", type="application/atom+xml")
    if feed.home:
        out.link(href=iri(feed.home), rel="alternate", type="text/html")
    for relation, address in context.links.items():
        out.link(href=iri(address), rel=relation, type="application/atom+xml")
    if context.is_archive:
        out.register_extension("archive", _Archive, BaseEntryExtension, atom=True, rss=False)
    if context.gone:
        out.register_extension("gone", _Gone, BaseEntryExtension, atom=True, rss=False)
        out.gone.tell(context.gone)  # type: ignore[attr-defined]  # feedgen adds it by name
    for entry in feed.entries:
        _write(out.add_entry(order="append"), entry, feed, context)
    return out.atom_str(pretty=True)


def _write(out: FeedEntry, entry: Entry, feed: Feed, context: Context) -> None:
    own_id = entry.guid or entry.id
    out.id(own_id)
    out.title(legal(entry.title).strip() or legal(entry.url or "") or own_id)
    out.updated(entry.updated or entry.published or _EPOCH)
    if entry.published:
        out.published(entry.published)
    out.author([{"name": name} for name in _named(entry.authors)])
    scheme = {"scheme": context.tags} if context.tags else {}
    out.category([{"term": tag, **scheme} for tag in _named(entry.tags)])
    if entry.url:
        out.link(href=iri(entry.url), rel="alternate")
    summary, content = legal(entry.summary), legal(entry.content)
    if summary:
        out.summary(summary, type="html")
    if content or not entry.url:
        out.content(content or " ", type="html")
    if entry.licence:
        out.rights(legal(entry.licence))
    out.register_extension("whole", _Whole, atom=True, rss=False)
    out.whole.tell(entry, feed.language, context)  # type: ignore[attr-defined]  # feedgen adds it by name


def _named(words: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(filter(None, (legal(word).strip() for word in words)))


class _Gone(BaseExtension):
    """The tombstones of entries that are shown no longer (RFC 6721, 3)."""

    def tell(self, gone: Mapping[str, datetime]) -> None:
        self._gone = gone

    def extend_ns(self) -> dict[str, str]:
        return {"at": _TOMBSTONES}

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        for own_id, at in self._gone.items():
            etree.SubElement(feed, f"{{{_TOMBSTONES}}}deleted-entry", ref=own_id, when=at.isoformat())
        return feed


class _Archive(BaseExtension):
    """The mark of an archive (RFC 5005, 4): what is read once need not be asked for again."""

    def extend_ns(self) -> dict[str, str]:
        return {"fh": _HISTORY}

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        etree.SubElement(feed, f"{{{_HISTORY}}}archive")
        return feed


class _Whole(BaseEntryExtension):
    """Links with all their attributes, and the whole atom:source."""

    def tell(self, entry: Entry, language: str, context: Context) -> None:
        self._entry, self._language, self._context = entry, language, context

    def extend_atom(self, element: etree._Element) -> etree._Element:
        entry = self._entry
        if entry.language != self._language and _TAG.fullmatch(entry.language):
            element.set(_LANG, entry.language)
        for attributes in _links(entry, self._context.mates.get(entry.id, ())):
            etree.SubElement(element, "link", {k: legal(v) for k, v in attributes.items() if v})
        source = self._context.sources.get(entry.source_id)
        if source:
            etree.SubElement(element, "link", rel="via", href=iri(source.self_url))  # whom we have it from
            _source(element, source)
        return element


def _links(entry: Entry, mates: Iterable[Entry]) -> Iterable[dict[str, str]]:
    for e in entry.enclosures:
        length = "" if e.length is None else str(e.length)
        yield {"href": iri(e.url), "rel": "enclosure", "type": e.type, "length": length, "title": e.title}
    for link in entry.links:
        yield {"href": iri(link.url), "rel": "related", "title": link.label}
    for mate in mates:
        yield {"href": iri(mate.url or ""), "rel": "related", "title": mate.title}


def _source(element: etree._Element, source: Feed) -> None:
    """The element names carry no namespace of their own: feedgen writes the default one as a bare attribute.

    Its author is who speaks where an entry names nobody, instead of the site (RFC 4287, 4.2.1).
    """
    out = etree.SubElement(element, "source")
    etree.SubElement(out, "id").text = iri(source.id)
    etree.SubElement(out, "title").text = legal(source.title)
    etree.SubElement(out, "updated").text = (source.updated or _EPOCH).isoformat()
    etree.SubElement(etree.SubElement(out, "author"), "name").text = legal(source.title)
    etree.SubElement(out, "link", rel="self", href=iri(source.self_url))
    if source.home:
        etree.SubElement(out, "link", rel="alternate", href=iri(source.home))
