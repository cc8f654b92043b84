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

PARSERS: dict[Parser, Callable[[bytes, Fetched, ZoneInfo], Feed]] = {
    "strict": strict.parse,
    "loose": loose.parse,
    "jsonfeed": jsonfeed.parse,
}


def document(fetched: Fetched, zone: ZoneInfo) -> Feed | Problem:
    """Everything the document says, repeats included; dates without a zone are read in `zone`."""
    return read(fetched, zone)[1]


def read(fetched: Fetched, zone: ZoneInfo) -> tuple[Parser | None, Feed | Problem]:
    """The same, with the parser that could read it."""
    body, mended = encoding.read(fetched.body, fetched.charset)
    fitting = parsers(body)
    body = body if "jsonfeed" in fitting else encoding.legal_references(body)
    for parser in fitting:
        try:
            feed = PARSERS[parser](body, fetched, zone)
            return parser, replace(feed, wishes=wishes(body), mended=mended)
        except Broken as error:
            mended = (*mended, f"its XML is broken, and was read as well as may be: {error}")
        except NotWellFormed:
            continue
        except ParseError as error:
            return None, Problem(fetched.source_id, "parse", str(error))
    raise AssertionError("the last parser reads it or says why not")


def parsers(body: bytes) -> tuple[Parser, ...]:
    """Those a document (in UTF-8) is for, by its first character: media types are often wrong; the fast one first."""
    return ("jsonfeed",) if body.startswith(b"{") else ("strict", "loose")
