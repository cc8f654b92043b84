"""Shelves -> sitemap.xml and its parts (sitemaps.org), and robots.txt (RFC 9309), for search engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from lxml import etree

from aggregator.model import Document
from aggregator.render import paths
from aggregator.render.press import Press
from aggregator.render.shelving import listed
from aggregator.render.site import newsletters
from aggregator.settings import Site

_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_MOST = 50_000  # pages in one file


def index(press: Press) -> Iterator[Document]:
    """`sitemap.xml`, the list of the others; and those of the pages that are no entry's."""
    site = press.config.site
    parts = list(_parts("pages", list(_pages(press))))
    names = [name for name, _ in parts] + [f"sitemap-{month}.xml" for month in press.shelves.months("indexed")]
    yield _document("sitemap.xml", "sitemapindex", "sitemap", ((paths.address(site, name), None) for name in names))
    yield from (_map(site, name, dict.fromkeys(pages)) for name, pages in parts)


def month(press: Press, which: str) -> Iterator[Document]:
    """`sitemap-2018-05.xml`, the pages of the entries of a month; nothing where it had none."""
    rows = press.stock.rows(press.shelves.in_months("indexed", which, which))
    if changed := dict(page for row in rows for page in row.pages):
        yield _map(press.config.site, f"sitemap-{which}.xml", changed)


def robots(press: Press) -> Iterator[Document]:
    body = f"User-agent: *\nAllow: /\n\nSitemap: {paths.address(press.config.site, 'sitemap.xml')}\n"
    yield Document("robots.txt", body.encode(), "text/plain")


def _pages(press: Press) -> Iterator[str]:
    yield from ("index.html", paths.FOLLOW, paths.TAGS, paths.SOURCES)
    yield from (paths.calendar(month) for month in press.shelves.months("calendar"))
    for section in press.config.sections:
        yield paths.section_page(section.id)
        yield from (paths.section_month(section.id, month) for month in press.shelves.months(listed(section)))
    for newsletter_id in newsletters.archived(press):
        yield paths.newsletter_page(newsletter_id)
        yield from (paths.issue_page(newsletter_id, one.number) for one in press.issues.get(newsletter_id, ()))
    yield from (paths.source_page(shelf.removeprefix("source:")) for shelf in press.shelves.names("source:"))
    yield from (paths.tag_page(shelf.removeprefix("tag:")) for shelf in press.shelves.names("tag:"))
    if acts := press.shelves.names("act:"):
        yield paths.ACTS
        yield from (paths.act_page(shelf.removeprefix("act:")) for shelf in acts)


def _map(site: Site, name: str, changed: Mapping[str, datetime | None]) -> Document:
    return _document(name, "urlset", "url", ((paths.address(site, path), at) for path, at in changed.items()))


def _document(path: str, root: str, element: str, told: Iterable[tuple[str, datetime | None]]) -> Document:
    out = etree.Element(root, xmlns=_SPACE)
    for address, at in told:
        one = etree.SubElement(out, element)
        etree.SubElement(one, "loc").text = address
        if at:
            etree.SubElement(one, "lastmod").text = at.isoformat()
    return Document(path, etree.tostring(out, xml_declaration=True, encoding="UTF-8"), "application/xml")


def _parts(name: str, pages: list[str]) -> Iterator[tuple[str, list[str]]]:
    for number, start in enumerate(range(0, len(pages), _MOST), 1):
        ending = f"-{number}" if len(pages) > _MOST else ""
        yield f"sitemap-{name}{ending}.xml", pages[start : start + _MOST]
