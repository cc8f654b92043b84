"""One XML element -> its name and attributes, as feedparser knows them; NotWellFormed where unsure of them. Pure.

feedparser 6.0.14 (mixin.py, parsers/strict.py) is the oracle: names are small letters, a known namespace is its usual
prefix whatever the document calls it, Atom and all RSS share one vocabulary without any.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from lxml import etree

from aggregator.errors import NotWellFormed

ATOM = "http://www.w3.org/2005/Atom"
RSS_10 = "http://purl.org/rss/1.0/"
RSS_090 = "http://my.netscape.com/rdf/simple/0.9/"
_USERLAND = "backend.userland.com/rss"  # with whatever version behind it

_MEDIA_OF_TODAY = "http://www.rssboard.org/media-rss"  # unknown to feedparser, which then goes by the prefix

# Namespace, in small letters -> the prefix of its elements here. Only those whose elements mean something to us, or
# would lead feedparser astray; elements of all others keep the document's own prefix.
_PREFIXES = {
    **dict.fromkeys((ATOM.lower(), RSS_10, RSS_090, "http://purl.org/rss/1.0/modules/rss091#"), ""),
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/event/": "ev",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    _MEDIA_OF_TODAY: "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://podlove.org/simple-chapters": "psc",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/xlink": "xlink",
}
SPOKEN = frozenset(_PREFIXES.values()) - {""}
# `title:detail` would become a key that feedparser itself writes beside `title`.
_KEYS = frozenset("author links published rights source subtitle summary tags title updated".split())
# Attributes that say something of an element we read.
_MEANT = frozenset(
    "about base domain href ispermalink label lang length lastmod mode rel resource scheme src term text title type "
    "uri url version".split()
)

Attributes = Mapping[str, str]
_NONE: Attributes = {}


def declared(document: bytes) -> set[str]:
    """The namespaces that are declared somewhere in a document (in UTF-8).

    NotWellFormed where a prefix has two of them, or stands for another one than usual: feedparser goes by prefixes as
    often as by namespaces.
    """
    bound: dict[str, str] = {}
    bare: set[str] = set()
    for declaration in _DECLARED.findall(document):
        prefix, one, other = (part.decode("utf-8") for part in declaration)
        uri, prefix = one or other, prefix.lower()
        if "&" in uri or len(uri.split()) > 1:
            raise NotWellFormed(f"the namespace {uri[:80]!r} is no address")
        if uri.lower() == _MEDIA_OF_TODAY and prefix != "media":
            raise NotWellFormed(f"the namespace {uri!r} has an unusual prefix")
        if prefix in SPOKEN and _PREFIXES.get(uri.lower()) != prefix:
            raise NotWellFormed(f"the prefix {prefix!r} stands for {uri[:80]!r}")
        if not prefix:
            bare.add(uri)
        elif bound.setdefault(prefix, uri) != uri and {uri.lower(), bound[prefix].lower()} & _PREFIXES.keys():
            raise NotWellFormed(f"the prefix {prefix!r} stands for two namespaces")
    if any(uri in bare and uri.lower() not in _PREFIXES for uri in bound.values()):
        raise NotWellFormed("a namespace we do not know has a prefix, and has none")
    return bare.union(bound.values())


_DECLARED = re.compile(rb"""xmlns(?::([\w.\x80-\xff-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def name(element: etree._Element) -> str:
    """`title`, `dc_creator`, `slash_comments`."""
    return _usual(element.tag) or _name(element.tag, (element.prefix or "").lower())


@lru_cache(maxsize=2048)
def _usual(tag: str) -> str:
    """Its name, where that is the same by whatever prefix the document calls it; else empty."""
    uri = tag.rpartition("}")[0][1:].lower()
    if not uri or _USERLAND in uri or uri in _PREFIXES:
        return _name(tag, _PREFIXES.get(uri, ""))
    return ""


@lru_cache(maxsize=2048)
def _name(tag: str, prefix: str) -> str:
    """By its prefix; an unknown namespace without one is read as if it were none."""
    if not tag.isascii():  # libxml2 and expat differ in which letters a name may have
        raise NotWellFormed(f"the element {tag[:80]!r} has an unusual name")
    local = tag.rpartition("}")[2].lower()
    if ("_" in local and not prefix) or prefix in _KEYS:
        raise NotWellFormed(f"the element {tag[:80]!r} has a name that feedparser takes for another")
    return f"{prefix}_{local}" if prefix else local


def attributes(element: etree._Element) -> Attributes:
    """The attributes by name in small letters; `rel` and `type` have their values in small letters, too.

    feedparser knows attributes of foreign namespaces by their bare name as well: refused where that means something.
    """
    items = element.items()
    if not items:
        return _NONE
    found = {}
    for key, value in cast("list[tuple[str, str]]", items):  # bytes never come out of lxml
        if key[0] == "{":
            uri, _, local = key[1:].rpartition("}")
            prefix = _PREFIXES.get(uri.lower(), "")
            if not prefix and local.lower() in _MEANT:
                raise NotWellFormed(f"the attribute {key[:80]!r} looks like our own")
            key = f"{prefix or uri}:{local}"
        key = key.lower()
        found[key] = value.lower() if key in ("rel", "type") else value
    return found
