"""Well-formed RSS 0.9x, 1.0, 2.0 or Atom 1.0 -> Feed, by lxml: what loose would say, only faster, or NotWellFormed.

Refused, because feedparser reads it by rules of its own: a DOCTYPE or entities, other roots and namespaces, markup in
the midst of text, types other than text, HTML and XHTML, and what is listed in strict_entry. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from lxml import etree

from aggregator.errors import Broken, NotWellFormed
from aggregator.model import Feed, Fetched
from aggregator.parse import strict_entry, told
from aggregator.parse.elements import Scope, joined, plain, words
from aggregator.parse.names import ATOM, RSS_090, RSS_10, Attributes, attributes, declared, name
from aggregator.parse.strict_entry import LEAVES, PAGES, REFUSED, REFUSED_PREFIXES, identifier, reference, written
from aggregator.parse.told import Head

_PARSER = etree.XMLParser(
    encoding="utf-8",  # whatever the document still declares
    resolve_entities=False,
    no_network=True,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)
_START = re.compile(rb"<[\w\x80-\xff]")
# RSS 0.91 names its DTD. feedparser takes the line out, so that the entities of the DTD are unknown to it.
_DOCTYPE = re.compile(rb"^[ \t]*<!DOCTYPE\s+rss(?![\w\x80-\xff])[^>\[]*>", re.MULTILINE)


def parse(document: bytes, fetched: Fetched, zone: ZoneInfo) -> Feed:
    """The feed in a document (in UTF-8), or NotWellFormed where only the loose parser can say what it is."""
    root = _root(document)
    head = Head()
    entries = [strict_entry.read(element, scope) for element, scope in _parts(root, declared(document), head)]
    return told.feed(head, entries, fetched, zone)


def _root(document: bytes) -> etree._Element:
    start = _START.search(document)
    prologue = document[: start.start()] if start else document
    if b"<!DOCTYPE" in prologue:
        document = _DOCTYPE.sub(b"", prologue, count=1) + document[len(prologue) :]
    try:
        root = etree.fromstring(document, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Broken(str(error)) from None
    if root.getroottree().docinfo.internalDTD is not None or (b"<!DOCTYPE" in prologue and root.tag != "rss"):
        raise NotWellFormed("a document type is declared")
    return root


_Part = tuple[etree._Element, Scope]


def _parts(root: etree._Element, namespaces: set[str], head: Head) -> Iterator[_Part]:
    """The entries of the document, each with the scope it stands in; the head is filled on the way."""
    kind, found = name(root), attributes(root)
    if kind == "rss":
        yield from _rss(root, found, head)
    elif kind == "feed" and root.tag == f"{{{ATOM}}}feed" and not {RSS_10, RSS_090} & namespaces:
        head.declares = True
        yield from _head(root, found, Scope(atom=True), head)
    elif kind == "rdf_rdf" and {RSS_10, RSS_090} & set(root.nsmap.values()) and ATOM not in namespaces:
        yield from _rdf(root, found, head)
    else:
        raise NotWellFormed(f"the root is {root.tag[:80]!r}")


def _rss(root: etree._Element, found: Attributes, head: Head) -> Iterator[_Part]:
    if [name(child) for child in root] != ["channel"]:
        raise NotWellFormed("not one channel, and nothing beside it")
    scope = Scope().inside(found)
    head.language = scope.language
    yield from _head(root[0], attributes(root[0]), scope, head)


def _rdf(root: etree._Element, found: Attributes, head: Head) -> Iterator[_Part]:
    """RSS 0.90 and 1.0: the entries stand beside the channel."""
    scope = Scope().inside(found)
    if [number for number, child in enumerate(root) if name(child) == "channel"] != [0]:
        raise NotWellFormed("not one channel, before all else")  # feedparser keeps the first title of all
    for child in root:
        part = name(child)
        if part == "channel":
            yield from _head(child, attributes(child), scope, head)
        elif part == "item":
            yield child, scope
        elif part in _BESIDE:
            _beside(child, part)
        else:
            raise NotWellFormed(f"{child.tag[:80]!r} beside the channel")


def _head(parent: etree._Element, found: Attributes, outer: Scope, head: Head) -> Iterator[_Part]:
    if "href" in found or "lastmod" in found:
        raise NotWellFormed("a channel with attributes of CDF")
    scope = outer.inside(found)
    if outer.atom:
        head.language = scope.language
    seen: set[str] = set()
    for element in parent:
        part = name(element)
        if part in ("item", "entry"):
            yield element, scope
        else:
            own = attributes(element)
            _said(head, element, part, own, scope.inside(own), seen)


def _said(head: Head, element: etree._Element, part: str, found: Attributes, scope: Scope, seen: set[str]) -> None:
    """What one element says of the feed; elements inside unknown ones count as well."""
    if part in _NEVER_AFTER:
        if not seen.isdisjoint(_NEVER_AFTER[part]):
            raise NotWellFormed(f"{part!r} twice, too deep or in an order that matters")
        seen.add(part)
    reader = _READERS.get(part)
    if reader:
        reader(head, element, found, scope)
    elif part in _BESIDE:
        _beside(element, part)
    elif part in _REFUSED or part.startswith(REFUSED_PREFIXES):
        raise NotWellFormed(f"a channel with {element.tag[:80]!r}")
    elif len(element) and part in LEAVES:
        raise NotWellFormed(f"there are elements inside {element.tag[:80]!r}")
    else:
        for child in element:
            own = attributes(child)
            _said(head, child, name(child), own, scope.inside(own), seen | {_INSIDE})


_REFUSED = (REFUSED - {"items"}).union(  # <items> is RSS 1.0's table of contents
    ("summary", "content", "content_encoded", "source", "media_title", "media_description")
)
_INSIDE = "inside another element"
# feedparser keeps the first title, mostly. What follows itunes:summary it takes for a content, and the first entry's
# summary then, too.
_NEVER_AFTER = {
    **dict.fromkeys(("title", "dc_title"), (_INSIDE, "title", "dc_title")),
    **dict.fromkeys(("description", "dc_description", "itunes_summary"), (_INSIDE, "itunes_summary")),
}

_BESIDE = {
    "image": frozenset("title link description url href width height".split()),
    "textinput": frozenset("title link description name".split()),
}


def _beside(element: etree._Element, part: str) -> None:
    """A picture or a search form has its own title; unusual elements make feedparser take that for the feed's."""
    for child in element:
        if name(child) not in _BESIDE[part] or len(child):
            raise NotWellFormed(f"unusual elements inside {part}")


def _title(head: Head, element: etree._Element, found: Attributes, scope: Scope) -> None:
    head.title = words(element, found, scope, "text/plain")


def _description(head: Head, element: etree._Element, found: Attributes, scope: Scope) -> None:
    head.subtitle = words(element, found, scope, "text/html")


def _subtitle(head: Head, element: etree._Element, found: Attributes, scope: Scope) -> None:
    head.subtitle = words(element, found, scope, "text/plain")


def _id(head: Head, element: etree._Element, found: Attributes, scope: Scope) -> None:
    head.id, is_link = identifier(element, found, scope)
    if is_link and head.link is None:
        head.link = head.id


def _link(head: Head, element: etree._Element, found: Attributes, scope: Scope) -> None:
    href = reference(found)
    if href is None:
        if "&amp;" in (element.text or ""):  # escaped twice; feedparser mends it for entries only
            raise NotWellFormed("a link of the channel that is escaped twice")
        head.link = written(element, scope)
    elif len(element):
        raise NotWellFormed("there are elements inside a link")
    elif found.get("rel", "alternate") == "alternate" and found.get("type", "html") in PAGES:
        head.link = joined(scope.base, href)


def _field(key: str) -> Callable[[Head, etree._Element, Attributes, Scope], None]:
    def read_field(head: Head, element: etree._Element, _found: Attributes, _scope: Scope) -> None:
        setattr(head, key, plain(element))

    return read_field


def _unread(_head: Head, element: etree._Element, found: Attributes, scope: Scope) -> None:
    if len(element):
        words(element, found, scope, "text/plain")


_READERS: dict[str, Callable[[Head, etree._Element, Attributes, Scope], None]] = {
    **dict.fromkeys(("title", "dc_title"), _title),
    **dict.fromkeys(("description", "dc_description"), _description),
    **dict.fromkeys(("subtitle", "tagline", "itunes_subtitle"), _subtitle),
    **dict.fromkeys(("rights", "copyright", "dc_rights", "itunes_summary"), _unread),
    **dict.fromkeys(("id", "guid"), _id),
    "link": _link,
    **dict.fromkeys(("language", "dc_language"), _field("language")),
    **dict.fromkeys(("published", "pubdate", "issued", "dcterms_issued"), _field("published")),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), _field("updated")),
}
