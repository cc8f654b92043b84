"""The sources of feeds.yaml -> OPML 2.0, for other readers and for a copy of this site."""

from __future__ import annotations

from lxml import etree

from aggregator.settings import Config, Source


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
