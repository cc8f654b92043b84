"""Fetched -> Feed: what a document says, as it says it. Nothing is cleaned, judged or stored here. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from zoneinfo import ZoneInfo

from aggregator.errors import NotWellFormed, ParseError
from aggregator.model import Feed, Fetched, Problem
from aggregator.parse import encoding, jsonfeed, loose, strict

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
    text = encoding.decode(fetched.body, fetched.charset)
    fitting = parsers(text)
    text = text if "jsonfeed" in fitting else encoding.legal_references(text)
    for parser in fitting:
        try:
            return parser, PARSERS[parser](text, fetched, zone)
        except NotWellFormed:
            continue
        except ParseError as error:
            return None, Problem(fetched.source_id, "parse", str(error))
    raise AssertionError("the last parser reads it or says why not")


def parsers(text: str) -> tuple[Parser, ...]:
    """Those a document is for, by its first character, as media types are often wrong; the fast one first."""
    return ("jsonfeed",) if text.startswith("{") else ("strict", "loose")
