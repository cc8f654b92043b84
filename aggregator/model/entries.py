"""What one document says: an entry with all that belongs to it, and the feed that holds it, incoming and published."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Literal

Area = Literal["public", "reserved"]

# How far a date can be trusted, best first:
#   exact    day, time and zone were given          zone     the zone was missing and taken from the source
#   day      only a day was given (midnight there)  refused  something was written that is no date (see published_raw)
#   missing  nothing was written
DateQuality = Literal["exact", "zone", "day", "refused", "missing"]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that belongs to an entry. `length` in bytes.

    `path` is set for an announcement's attachment only: its place below the announcements folder, always with
    slashes. Such a file is copied out at publish, and its `url` is known from then on.
    """

    url: str = ""
    type: str = ""
    length: int | None = None
    title: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled link of an announcement ("Internet sito progetto")."""

    url: str
    label: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """A law, a circular or a judgment that an entry names; `url` leads to its text, and is empty where nobody keeps it
    under a lasting address."""

    label: str  # `D.Lgs. 286/1998`
    url: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An appointment. `start` and `end` are UTC; `all_day` means that only their local days count."""

    start: datetime
    end: datetime | None = None
    place: str = ""
    online: str = ""
    all_day: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, from the moment it is parsed to the moment it is printed.

    `summary` and `content` are HTML: as the source wrote it when it comes from `parse`, safe after `intake` (only
    safe HTML is ever stored). `title` is plain text throughout. The second block holds what only the store knows;
    it stays at its defaults in a freshly parsed entry.
    """

    source_id: str
    id: str = ""  # ours, unique in the site: intake.identify
    guid: str | None = None  # the source's own id, untouched
    url: str | None = None
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    published: datetime | None = None
    published_raw: str = ""  # as written: what is fingerprinted, and shown when a date was refused
    date_quality: DateQuality = "missing"
    updated: datetime | None = None
    enclosures: tuple[Enclosure, ...] = ()
    links: tuple[Link, ...] = ()
    events: tuple[Event, ...] = ()
    deadline: date | None = None
    deadline_found: bool = False  # read in its text by intake; its source does not say so itself
    origin: str = ""  # Fonte, where it is not the source's own title
    type: str = ""  # the seed portal's first tag line: Notizia, Evento, ...
    section: str = ""  # asked for by the announcement itself
    area: Area = "public"
    licence: str = ""
    pin: bool = False
    publish_at: datetime | None = None
    expires: datetime | None = None  # of a source that has `keep_days`: when it is forgotten
    change: str = ""  # the editor's own sentence about an edit

    slug: str = ""  # path of its page, minted once
    first_seen: datetime | None = None
    acts: tuple[Act, ...] = ()  # those it names: derived at each publish by merge, never stored
    shown: datetime | None = None  # when it could first be shown; None for archive
    archive: bool = False  # was never news: no newsletter owes it
    left_out: str = ""  # why it is shown nowhere, see `reasons`; empty: it is kept
    withdrawn: datetime | None = None  # its announcement was deleted
    revised: datetime | None = None  # its last real update, if any: intake.revise
    revision: int = 0  # how often it changed, in whatever way
    updates: int = 0  # how many real ones followed each other within a week
    restless: datetime | None = None  # its last real update that was not told, as too many had been
    fingerprint: str = ""  # hash of its content as parsed

    def __reduce__(self) -> tuple[Any, ...]:
        """Thousands travel between processes: as plain values, which is four times faster than dataclasses' own way."""
        return Entry, _FIELDS(self)

    def posted(self, seen: datetime) -> datetime:
        """When it was posted, as far as one can say: a missing date, or one in the future, is when we saw it first."""
        return self.published if self.published is not None and self.published <= seen else seen


_FIELDS = attrgetter(*(one.name for one in fields(Entry)))


@dataclass(frozen=True, slots=True)
class Wishes:
    """How often a document asks to be fetched at most: RSS 2.0's `ttl` or RSS 1.0's `sy:`, `skipHours`, `skipDays`."""

    every: float = 0.0  # seconds between two checks
    skip_hours: tuple[int, ...] = ()  # 0 to 23, UTC
    skip_days: tuple[int, ...] = ()  # 0 is Monday, UTC


@dataclass(frozen=True, slots=True)
class Feed:
    """A document with entries, incoming and published alike. `mended` says in words what had to be done to read it."""

    id: str
    title: str
    home: str = ""
    self_url: str = ""
    language: str = ""
    description: str = ""
    updated: datetime | None = None
    entries: tuple[Entry, ...] = ()
    wishes: Wishes = Wishes()
    mended: tuple[str, ...] = ()
