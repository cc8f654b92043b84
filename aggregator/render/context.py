"""What a feed's entries point at beside themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aggregator.model import Entry, Feed


@dataclass(frozen=True, slots=True)
class Context:
    """The feeds its entries came from, by source id (RFC 4287, 4.2.11), the other entries of their story, by entry id,
    and who publishes it."""

    sources: Mapping[str, Feed] = field(default_factory=dict)
    mates: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    publisher: str = ""


ALONE = Context()
