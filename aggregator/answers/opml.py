"""The sources of feeds.yaml -> OPML 2.0, for other readers and for a copy of this site; and what such a list adds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from lxml import etree

from aggregator import urls
from aggregator.config.shorthand import free
from aggregator.parse.opml import Subscription
from aggregator.scalars import RESERVED_IDS
from aggregator.settings import Config, Section, Source
from aggregator.slugs import slug


def opml(config: Config) -> str:
    """Every source that is a feed, in the folder of its section."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = config.site.title
    body = etree.SubElement(root, "body")
    for section in config.sections:
        sources = [s for s in config.sources if s.kind == "feed" and s.section == section.id]
        if sources:
            folder = etree.SubElement(body, "outline", text=section.title, title=section.title)
            for source in sources:
                _outline(folder, source)
    return etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8").decode()


def _outline(folder: etree._Element, source: Source) -> None:
    name = source.title or source.id
    etree.SubElement(folder, "outline", type="rss", text=name, title=name, xmlUrl=source.url)


class Additions(NamedTuple):
    """What a list has that feeds.yaml has not, as it is to be written there."""

    sections: list[dict[str, str]]
    sources: list[dict[str, str]]

    @property
    def homeless(self) -> bool:
        """Whether any of them says no section."""
        return any("section" not in source for source in self.sources)


def additions(config: Config, listed: Iterable[Subscription]) -> Additions:
    """Feeds that are new, each in the section its folder is, or becomes."""
    known = {urls.key(source.url) for source in config.sources}
    found = Additions([], [])
    sections = {name: section.id for section in config.sections for name in (section.id, section.title)}
    taken = set(chain.from_iterable(_ids(section) for section in config.sections)) | RESERVED_IDS
    for one in listed:
        if urls.key(one.url) in known:
            continue
        if one.folder and one.folder not in sections:
            id_ = free(slug(one.folder), taken)
            taken.add(id_)
            sections[one.folder] = id_
            found.sections.append({"id": id_, "title": one.folder})
        told = {"url": one.url, "title": one.title, "section": sections.get(one.folder, "")}
        found.sources.append({key: value for key, value in told.items() if value})
    return found


def _ids(section: Section) -> tuple[str, ...]:
    return (section.id, *section.formerly)
