"""The pages of the portal -> sitemap.xml (sitemaps.org) and robots.txt (RFC 9309), for search engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from lxml import etree

from aggregator.model import Document
from aggregator.render import paths
from aggregator.settings import Site

_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_MOST = 50_000  # pages in one file


def sitemap(site: Site, pages: Sequence[str], changed: Mapping[str, datetime]) -> Iterator[Document]:
    """`pages` are paths in the output folder, `changed` the moments of those that are known."""
    parts = [pages[start : start + _MOST] for start in range(0, len(pages), _MOST)]
    names = ["sitemap.xml"] if len(parts) < 2 else [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts or [()], strict=True):
        yield _document(name, "urlset", "url", ((paths.address(site, path), changed.get(path)) for path in part))
    if len(parts) > 1:
        yield _document("sitemap.xml", "sitemapindex", "sitemap", ((paths.address(site, name), None) for name in names))


def robots(site: Site) -> Document:
    body = f"User-agent: *\nAllow: /\n\nSitemap: {paths.address(site, 'sitemap.xml')}\n"
    return Document("robots.txt", body.encode(), "text/plain")


def _document(path: str, root: str, element: str, told: Iterator[tuple[str, datetime | None]]) -> Document:
    out = etree.Element(root, xmlns=_SPACE)
    for address, moment in told:
        one = etree.SubElement(out, element)
        etree.SubElement(one, "loc").text = address
        if moment:
            etree.SubElement(one, "lastmod").text = moment.isoformat()
    return Document(path, etree.tostring(out, xml_declaration=True, encoding="UTF-8"), "application/xml")
