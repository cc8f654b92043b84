"""The site as it stands, from which every document of it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from aggregator import i18n
from aggregator.model import Entry, Feed, Gone, Issue, Story
from aggregator.render.rows import Row
from aggregator.render.templates import Templates
from aggregator.settings import Config, Section


class Shelves(Protocol):
    """The stories that may be shown, named by their leads, by where they stand (`shelving`); the latest first."""

    def latest(self, shelf: str, most: int = -1) -> Sequence[str]: ...

    def freshest(self, shelf: str, most: int) -> Sequence[str]:
        """Those that were news last, new or changed."""
        ...

    def since(self, shelf: str, at: datetime) -> Sequence[str]: ...

    def in_months(self, shelf: str, first: str, last: str) -> Sequence[str]:
        """Those of the months from `2018-05` to `2018-07`."""
        ...

    def months(self, shelf: str) -> Mapping[str, int]:
        """{month: how many}, the latest first."""
        ...

    def names(self, prefix: str) -> Mapping[str, tuple[str, int]]:
        """{shelf: (what most call it, how many)} of those whose name begins so."""
        ...

    def name(self, shelf: str) -> Sequence[tuple[str, int]]:
        """The same of one shelf; nothing where nobody stands there."""
        ...


class Stories(Protocol):
    """What stands on the shelves."""

    def rows(self, leads: Sequence[str]) -> Sequence[Row]:
        """As lists tell them; cheap."""
        ...

    def stories(self, leads: Sequence[str]) -> Sequence[Story]: ...

    def story(self, entry_id: str) -> Story | None:
        """The story that an entry tells, if it may be shown."""
        ...

    def gone(self, shelf: str) -> Sequence[Gone]: ...

    def told_by(self, newsletter: str, number: int) -> Mapping[str, str]:
        """The entries of an issue, each with what it said had changed; nothing of its news."""
        ...

    def owner(self, guid: str) -> str:
        """The id of the one entry that may publish this guid."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """What every page takes, whatever it shows."""

    config: Config
    templates: Templates


@dataclass(frozen=True, slots=True)
class Press:
    """`titles` names the sources, `heads` has their feeds without entries, both by id; `issues` are those that anybody
    may read, by newsletter, the latest first."""

    config: Config
    templates: Templates
    shelves: Shelves
    stock: Stories
    titles: Mapping[str, str]
    heads: Mapping[str, Feed]
    now: datetime
    issues: Mapping[str, tuple[Issue, ...]] = field(default_factory=dict)
    told: dict[str, tuple[Entry, tuple[Entry, ...]]] = field(default_factory=dict)  # by lead, as feeds tell it

    def words(self, message: str) -> str:
        return i18n.translations(self.config.site.language).gettext(message)

    def day(self, when: date | datetime) -> date:
        return i18n.local_day(when, self.config.site.zone)

    def section(self, section_id: str) -> Section:
        found = self.config.section(section_id)
        if found is None:
            raise KeyError(section_id)
        return found
