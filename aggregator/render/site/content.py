"""Safe HTML of an entry -> HTML that may stand on a page: it loads nothing, and its headings fit below the title."""

from __future__ import annotations

import html
import re

from markupsafe import Markup

_IMAGE = r"""<img((?:\s+[\w-]+(?:="[^"]*")?)*)\s*/?>"""
# A whole link first, so that an image inside it does not become a link within a link.
_LINK_OR_IMAGE = re.compile(rf"<a\b.*?</a>|{_IMAGE}", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
# A link whose address was not let in: `rel` alone says nothing, and is no valid HTML.
_LEADS_NOWHERE = re.compile(r'<a(?![^>]*\shref=)([^>]*?) rel="noopener noreferrer">')
_TITLE = re.compile(r"(</?)h1\b")


def safe_content(stored: str, image: str) -> Markup:
    """Stored content, which intake has made safe, ready for a template: the one place where HTML counts as safe.

    `image` is the reader's word for an image.
    """
    told = _TITLE.sub(r"\1h2", without_images(stored, image))
    return Markup(_LEADS_NOWHERE.sub(r"<a\1>", told))  # noqa: S704 - nh3 cleaned it before it was stored


def without_images(stored: str, image: str) -> str:
    """Each image as a link to it, named by its alternative text.

    Loading it would tell a stranger's server who reads the page. Pixels of one by one are dropped: they were never
    meant to be seen.
    """

    def replaced(match: re.Match[str]) -> str:
        whole = match[0]
        if whole.startswith("<a"):
            return re.sub(_IMAGE, lambda inner: _named(inner[1], image, linked=False), whole)
        return _named(match[1], image, linked=True)

    return _LINK_OR_IMAGE.sub(replaced, stored)


def _named(attributes: str, image: str, *, linked: bool) -> str:
    found = dict(_ATTRIBUTE.findall(attributes))
    if not found.get("src") or {found.get("width"), found.get("height")} & {"0", "1"}:
        return ""
    alt = found.get("alt", "").strip()
    name = html.escape(image) + (f": {alt}" if alt else "")  # alt is escaped already: it comes from an attribute
    return f'<a href="{found["src"]}">{name}</a>' if linked else name
