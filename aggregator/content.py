"""The nouns of what one issue tells: its news, what it recalls, what changed since it was told, the editor's note."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aggregator.model import Entry, Story

AHEAD = timedelta(days=14)  # so far an issue looks: nearer deadlines and events are recalled


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as an issue told it: in which revision, or that it is `gone`, and when the issue was frozen; of one that
    an earlier issue had told, in which words it said what had changed."""

    entry_id: str
    number: int
    revision: int
    at: datetime
    gone: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue as its editors were mailed it: {what: (title, hash)} of what it told; `version` counts from 1."""

    newsletter: str
    number: int
    version: int
    at: datetime
    told: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Update:
    """What really changed in an entry since issue `number` told it as `former`. One that is `gone` is told no longer;
    what an admin hides is not named either: it has no title."""

    entry: Entry
    former: Entry
    number: int
    sections: tuple[str, ...]
    gone: bool = False

    @property
    def is_announced(self) -> bool:
        """Whether an editor says so, in a sentence of `change:`."""
        return bool(self.entry.change) and self.entry.change != self.former.change


@dataclass(frozen=True, slots=True)
class Note:
    """The editor's word to one issue. `html` is safe; `lead` is an entry's id, as are those to `skip` for good and
    those to tell `later`."""

    html: str = ""
    signed: str = ""
    lead: str = ""
    skip: frozenset[str] = field(default_factory=frozenset)
    later: frozenset[str] = field(default_factory=frozenset)
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """`news` is owed and told once. `recalled` was told before, or was never news, and its day is near."""

    news: tuple[Story, ...] = ()
    recalled: tuple[Story, ...] = ()
    updates: tuple[Update, ...] = ()
    note: Note = Note()

    def of(self, sections: Collection[str]) -> Content:
        """The same for a choice of sections; no choice means all."""
        if not sections:
            return self
        chosen = set(sections)
        return replace(
            self,
            news=tuple(story for story in self.news if chosen.intersection(story.sections)),
            recalled=tuple(story for story in self.recalled if chosen.intersection(story.sections)),
            updates=tuple(update for update in self.updates if chosen.intersection(update.sections)),
        )
