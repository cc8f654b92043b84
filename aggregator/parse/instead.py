"""A document that no parser could read -> what it is instead, and what to do about it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml import etree

from aggregator import urls, walls
from aggregator.parse import standins

_FEEDS = {"application/rss+xml", "application/atom+xml", "application/feed+json"}
_TOLD = 3  # of the feeds a page advertises
_LONGEST = 500  # letters of an address that is told
_LOOK = "look on the site for the address of its RSS or Atom feed, and write that as url: in feeds.yaml"
_TELL = "if that stays so, tell the webmaster"


def instead(text: str, url: str) -> str:
    """One sentence. `text` is the document without its control characters, `url` the address that answered."""
    looks = (_nothing, _file, _json, _xml, _page)
    return next(filter(None, (look(text, url) for look in looks)), f"this is no RSS, Atom or JSON feed; {_LOOK}")


def advertised(html: str, base: str) -> tuple[tuple[str, str], ...]:
    """The feeds a web page names in its <link rel="alternate">, in its order: (absolute address, title).

    `base` is the page's own address. What is no web address is left out, and what comes again.
    """
    root = standins.tree(html)
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


# --- one look each: the sentence, or nothing


def _nothing(text: str, _url: str) -> str:
    return "" if text.strip() else f"the document is empty; {_TELL}"


# How files of other kinds begin, once what is no text is taken out of them.
_STARTS = {
    "%PDF-": "a PDF document",
    "PK": "a zip archive or an Office document",
    "\xd0\xcf\xe0": "an Office document",
    "{\\rtf": "an RTF document",
    "\x89PNG": "a picture",
    "\u2030PNG": "a picture",
    "GIF8": "a picture",
    "\xff\xd8\xff": "a picture",
    "RIFF": "a picture or a sound",
    "ID3": "a sound",
    "BEGIN:VCALENDAR": "a calendar",
}
_PACKED = ("\x8b", "\u2039")  # gzip


def _file(text: str, _url: str) -> str:
    if text.startswith(_PACKED):
        return f"this is packed by gzip, and the server does not say so; {_TELL}"
    what = next((what for start, what in _STARTS.items() if text.startswith(start)), "")
    return what and f"this is {what}, not a feed; {_LOOK}"


def _json(text: str, _url: str) -> str:
    if not text.startswith(("{", "[")):
        return ""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return f"this begins like JSON but cannot be read as such; {_TELL}" if text.startswith("{") else ""
    return f"this is JSON, but no JSON Feed (it has no list of items); {_LOOK}"


_BEFORE_ROOT = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>|<!doctype\b[^>\[]*(?:\[.*?\]\s*)?>", re.S | re.I)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_PAGES = set(
    "html head body title meta link base script style noscript div p span h1 h2 h3 h4 table center form br hr b i"
    " strong em font img a ul ol pre iframe frameset main article section header nav".split()
)
_ROOTS = {
    **dict.fromkeys(
        ("urlset", "sitemapindex"),
        f"this is a sitemap, which lists a site's pages for search engines, no feed; {_LOOK}",
    ),
    "opml": "this is an OPML list of feeds, not a feed; write each address it lists (xmlUrl) as a url: in feeds.yaml",
    **dict.fromkeys(
        ("rss", "feed", "rdf", "channel"), f"this begins like a feed, but holds nothing that can be read; {_TELL}"
    ),
}


def _xml(text: str, _url: str) -> str:
    root = _root(text)
    if not root or root.lower() in _PAGES:
        return ""
    known = _ROOTS.get(root.rpartition(":")[2].lower())
    return known or f"this is an XML document with the root <{root[:60]}>, not a feed; {_LOOK}"


def _root(text: str) -> str:
    """The name of the first element, where nothing but declarations and comments stands before it."""
    start = 0
    while before := _BEFORE_ROOT.match(text, start):
        start = before.end()
    found = _ROOT.match(text, start)
    return found[1] if found else ""


_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|title|p|div|h1)\b", re.I)


def _page(text: str, url: str) -> str:
    if _root(text).lower() not in _PAGES and not _PAGE.search(text[:4096]):
        return ""
    if name := walls.wall({}, f"{url}\n{text}"):
        return walls.words(name)
    page = standins.read(text)
    feeds = [address for address, _ in advertised(text, url) if len(address) <= _LONGEST]
    if illness := standins.illness(page):
        return illness
    if feeds:
        several = "one of the addresses" if len(feeds) > 1 else "the address"
        named = ", ".join(feeds[:_TOLD])
        return f"this is a web page, not a feed; write {several} it advertises as url: in feeds.yaml: {named}"
    if login := standins.login(page):
        return login
    if onward := _onward(text, url):
        return f"this page only sends browsers on; if the feed is there, write as url: in feeds.yaml: {onward}"
    return f"{standins.other(page) or 'this is a web page, not a feed, and it advertises none'}; {_LOOK}"


_REFRESH = re.compile(r"^\s*+[\d.]*+\s*+[;,]\s*+url\s*+=\s*+[\"']?([^\"']+)", re.I)


def _onward(html: str, url: str) -> str:
    """Where <meta http-equiv="refresh"> leads, if it leads elsewhere."""
    root = standins.tree(html)
    for meta in () if root is None else root.iter("meta"):
        wish = _REFRESH.match(meta.get("content") or "")
        if wish and (meta.get("http-equiv") or "").strip().lower() == "refresh":
            there = urls.resolve(url, wish[1])
            return there if urls.is_web(there) and there != url and len(there) <= _LONGEST else ""
    return ""
