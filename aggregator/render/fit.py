"""Texts and addresses as any feed may hold them."""

from __future__ import annotations

import re
from urllib.parse import quote

from aggregator.markup import legal

_NO_IRI = re.compile(r"[\x00-\x20\x7f-\x9f\"<>\\^`{|}]")  # RFC 3987, 2.2: never as they are


def iri(address: str) -> str:
    """The address with what may not stand in one percent-encoded, as browsers do when they follow it."""
    return _NO_IRI.sub(lambda found: quote(found[0], safe=""), legal(address))


def line(text: str) -> str:
    """One line of legal letters."""
    return " ".join(legal(text).split())
