"""What is published: entries that tell one story, what is gone, and the files of the output folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aggregator.model.entries import Entry


@dataclass(frozen=True, slots=True)
class Placement:
    """A section, and the rule that placed the story there (`source`, `front matter` or `rules[3]`)."""

    section: str
    rule: str


@dataclass(frozen=True, slots=True)
class Story:
    """Entries that tell the same news, one of them in the lead."""

    lead: Entry
    others: tuple[Entry, ...] = ()
    placements: tuple[Placement, ...] = ()

    @property
    def sections(self) -> tuple[str, ...]:
        return tuple(p.section for p in self.placements)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them, the lead first."""
        return (self.lead, *self.others)


@dataclass(frozen=True, slots=True)
class Gone:
    """An entry that readers of the public feeds have had, and that is shown no longer; the sections it stood in."""

    entry: Entry
    sections: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the output folder; `path` relative, with slashes."""

    path: str
    body: bytes
    media_type: str = ""
    fault: str = ""  # why it must not be written, in words: what stands there stays


@dataclass(frozen=True, slots=True)
class Part:
    """Files of the output folder that are made together, such as a page and its feeds; its documents are made as they
    are asked for. `name`: any text without control characters."""

    name: str
    documents: Iterable[Document]
