"""An author element -> a name, as feedparser would find it; NotWellFormed where unsure of it. Pure."""

from __future__ import annotations

import re

from lxml import etree

from aggregator.errors import NotWellFormed
from aggregator.parse.elements import plain, text
from aggregator.parse.names import SPOKEN, name

PARTS = frozenset("name email uri url homepage".split())


def person(element: etree._Element) -> tuple[str, str]:
    """(name, mail address) of an author made of elements, as Atom's and iTunes' are; both may be empty."""
    said: dict[str, str] = {}
    for child in element:
        part = name(child).removeprefix("itunes_")
        prefix, is_foreign, _ = part.partition("_")
        if part not in PARTS and (not is_foreign or prefix in SPOKEN):
            raise NotWellFormed(f"an author with {child.tag[:80]!r}")
        said[part] = text(child)
    if said.keys().isdisjoint(PARTS):
        raise NotWellFormed("an author without a name")
    return said.get("name", ""), said.get("email", "")


def named(element: etree._Element) -> str:
    """The name in `mail@example.it (Name)` or `Name <mail@example.it>`, or else the address (RFC 822)."""
    author = plain(element)
    if "@" not in author:
        return author
    if "[" in author or len(author) > _LONGEST:
        raise NotWellFormed("an author with brackets, or a whole text")
    mail = _MAIL.search(author)
    if not mail:
        return author
    rest = author.replace(mail[0], "")
    for empty in ("()", "<>", "&lt;&gt;"):
        rest = rest.replace(empty, "")
    return rest.strip().removeprefix("(").removesuffix(")").strip() or mail[0]


_LONGEST = 300  # characters; the search takes the square of it
_MAIL = re.compile(
    r"[\w.+-]+@(?:[a-z0-9-]+\.)+(?:[a-z]{2,4}|[0-9]{1,3})\]?(?:\?subject=\S+)?", re.IGNORECASE | re.ASCII
)
