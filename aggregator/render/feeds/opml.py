"""The feeds of the site -> OPML 2.0 (opml.org), which feed readers import."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from aggregator.render.fit import iri, line


@dataclass(frozen=True, slots=True)
class Subscribable:
    """A feed as a list of feeds names it; both addresses are absolute."""

    title: str
    feed: str
    page: str


def render(title: str, groups: Iterable[tuple[str, Sequence[Subscribable]]]) -> bytes:
    """`groups`: (name, its feeds); those of a group without a name stand at the top."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = line(title)
    body = etree.SubElement(root, "body")
    for name, members in groups:
        parent = etree.SubElement(body, "outline", text=line(name)) if name and members else body
        for one in members:
            words = {"type": "rss", "text": line(one.title), "title": line(one.title)}
            etree.SubElement(parent, "outline", words | {"xmlUrl": iri(one.feed), "htmlUrl": iri(one.page)})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
