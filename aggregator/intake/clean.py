"""An entry as its source wrote it -> the same entry, safe to store and to print. The last thing done to its HTML."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from aggregator import markup
from aggregator.model import Enclosure, Entry

# Longer titles are broken feeds (a whole article in <title>); nothing is lost, as the text then begins with it.
_LONGEST_TITLE = 1000
# Every tag has a page and three feeds: thousands in one entry are a weapon, or a dump.
_MOST_NAMES, _LONGEST_NAME = 50, 200


def safe(entry: Entry, base: str = "") -> Entry:
    """The entry with sanitised HTML and legal text; relative links are resolved against its page, or `base`."""
    return replace(entry, **safe_fields(entry, base))


def safe_fields(entry: Entry, base: str) -> dict[str, Any]:
    """The fields that are told, safe: an entry of 35 fields is made anew once only."""
    page = entry.url or base
    return {
        "title": _line(entry.title)[:_LONGEST_TITLE],
        "summary": markup.clean(entry.summary, page),
        "content": markup.clean(entry.content, page),
        "authors": _lines(entry.authors[:_MOST_NAMES]),
        "tags": _lines(entry.tags[:_MOST_NAMES]),
        "language": _line(entry.language)[:35],
        "published_raw": markup.legal(entry.published_raw)[:200],
        "guid": markup.legal(entry.guid) if entry.guid else entry.guid,
        "enclosures": tuple(map(_enclosure, entry.enclosures)),
        "links": tuple(replace(link, label=_line(link.label)) for link in entry.links),
        "origin": _line(entry.origin),
        "licence": _line(entry.licence),
    }


def _enclosure(file: Enclosure) -> Enclosure:
    kind, title = _line(file.type), _line(file.title)
    return file if (kind, title) == (file.type, file.title) else replace(file, type=kind, title=title)


@lru_cache(maxsize=256)  # authors and tags are few, and the same again and again
def _lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line[:_LONGEST_NAME] for text in texts if (line := _line(text)))


def _line(text: str) -> str:
    if not text:
        return ""
    if text.isprintable() and "  " not in text and not text.startswith(" ") and not text.endswith(" "):
        return text  # as most are
    return " ".join(markup.legal(text).split())
