"""A document that no parser could read -> what it is instead, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from aggregator import markup, urls

_PARSER = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, collect_ids=False)
_READ = 500_000  # letters; what a page says of itself stands at its beginning
_FEEDS = {"application/rss+xml", "application/atom+xml", "application/feed+json"}


def advertised(html: str, base: str) -> tuple[tuple[str, str], ...]:
    """The feeds a web page names in its <link rel="alternate">, in its order: (absolute address, title).

    `base` is the page's own address. What is no web address is left out, and what comes again.
    """
    root = _tree(html)
    if root is None:
        return ()
    base = next((urls.resolve(base, found.get("href") or "") for found in root.iter("base")), "") or base
    feeds: dict[str, str] = {}
    for url, title in _links(root, base):
        if urls.is_web(url):
            feeds.setdefault(url, title)
    return tuple(feeds.items())


def _links(root: etree._Element, base: str) -> Iterator[tuple[str, str]]:
    for link in root.iter("link", "a"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if kind in _FEEDS and "alternate" in (link.get("rel") or "").lower().split():
            yield urls.resolve(base, link.get("href") or ""), " ".join((link.get("title") or "").split())


def _tree(html: str) -> etree._Element | None:
    try:
        return etree.fromstring(markup.legal(html[:_READ]).encode("utf-8"), _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None
