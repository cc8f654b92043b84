"""Fetched -> Feed: what a document says, as it says it. Nothing is cleaned, judged or stored here. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal
from zoneinfo import ZoneInfo

from aggregator.errors import Broken, NotWellFormed, ParseError
from aggregator.model import Feed, Fetched, Problem
from aggregator.parse import encoding, jsonfeed, loose, strict
from aggregator.parse.wishes import wishes

Parser = Literal["strict", "loose", "jsonfeed"]

PARSERS: dict[Parser, Callable[[str, Fetched, ZoneInfo], Feed]] = {
    "strict": strict.parse,
    "loose": loose.parse,
    "jsonfeed": jsonfeed.parse,
}


def document(fetched: Fetched, zone: ZoneInfo) -> Feed | Problem:
    """Everything the document says, repeats included; dates without a zone are read in `zone`."""
    return read(fetched, zone)[1]


def read(fetched: Fetched, zone: ZoneInfo) -> tuple[Parser | None, Feed | Problem]:
    """The same, with the parser that could read it."""
    text, mended = encoding.read(fetched.body, fetched.charset)
    fitting = parsers(text)
    text = text if "jsonfeed" in fitting else encoding.legal_references(text)
    for parser in fitting:
        try:
            feed = PARSERS[parser](text, fetched, zone)
            return parser, replace(feed, wishes=wishes(text), mended=mended)
        except Broken as error:
            mended = (*mended, f"its XML is broken, and was read as well as may be: {error}")
        except NotWellFormed:
            continue
        except ParseError as error:
            return None, Problem(fetched.source_id, "parse", str(error))
    raise AssertionError("the last parser reads it or says why not")


def parsers(text: str) -> tuple[Parser, ...]:
    """Those a document is for, by its first character, as media types are often wrong; the fast one first."""
    return ("jsonfeed",) if text.startswith("{") else ("strict", "loose")
