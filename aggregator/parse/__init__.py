"""Fetched -> Feed: what a document says, as it says it. Nothing is cleaned, judged or stored here. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from zoneinfo import ZoneInfo

from aggregator.errors import ParseError
from aggregator.model import Feed, Fetched, Problem
from aggregator.parse import encoding, jsonfeed, loose

Parser = Literal["loose", "jsonfeed"]

PARSERS: dict[Parser, Callable[[str, Fetched, ZoneInfo], Feed]] = {"loose": loose.parse, "jsonfeed": jsonfeed.parse}


def recognise(text: str) -> Parser:
    """Which parser a document is for: by its first character, as media types are often wrong."""
    return "jsonfeed" if text.startswith("{") else "loose"


def document(fetched: Fetched, zone: ZoneInfo) -> Feed | Problem:
    """Everything the document says, repeats included; dates without a zone are read in `zone`."""
    text = encoding.decode(fetched.body, fetched.charset)
    parser = recognise(text)
    try:
        return PARSERS[parser](encoding.legal_references(text) if parser == "loose" else text, fetched, zone)
    except ParseError as error:
        return Problem(fetched.source_id, "parse", str(error))
