"""What a feed's entries point at beside themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model import Entry, Feed


@dataclass(frozen=True, slots=True)
class Context:
    """The feeds its entries came from, by source id (RFC 4287, 4.2.11), the other entries of their story, by entry id,
    who publishes it, the ids of entries that are gone, each with when it went (RFC 6721), and where the other documents
    of the feed are, {relation: address} (RFC 5005)."""

    sources: Mapping[str, Feed] = field(default_factory=dict)
    mates: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    publisher: str = ""
    gone: Mapping[str, datetime] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    is_archive: bool = False
    tags: str = ""  # the address below which each tag has a page: whose tags they are (RFC 4287, 4.2.2.2)


ALONE = Context()
