"""What the last publish derived, as jobs and questions ask for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.cards import Card, Clue, Move, Place


class Index(Protocol):
    """The entries placed so far, those before `one` only: by what they are found."""

    def count(self, clue: Clue, since: datetime, one: Card, /) -> int:
        """How many with this clue were shown since then."""
        ...

    def groups(self, clues: Iterable[Clue], since: datetime, one: Card, /) -> Iterable[Sequence[Card]]:
        """The groups led since then of whom somebody with one of these clues was shown since then; the oldest first."""
        ...


class Groups(Index, Protocol):
    """The entries known, and where they stand. What is known, and stands nowhere yet, nobody can join."""

    def learn(self, card: Card) -> None:
        """Know the entry by this card; it stands nowhere."""
        ...

    def pointing(self, source_id: str, page: str, since: datetime, upto: datetime) -> Sequence[Card]:
        """The entries known of a source that point at a page, first seen from then to then."""
        ...

    def group(self, entry_id: str) -> Sequence[Card]:
        """All that stand where an entry stands, the lead first; none where it stands nowhere."""
        ...

    def evidence(self, entry_id: str) -> str:
        """Why it stands there."""
        ...

    def settle(self, card: Card, lead_id: str, evidence: str, names: Sequence[Clue], texts: Sequence[Clue]) -> None:
        """Let it stand there, and be found by these clues."""
        ...

    def sharing(self, others: Sequence[Card], names: timedelta, texts: timedelta, one: Card) -> Iterable[Card]:
        """The entries after `one` that share a clue with one of the others, shown no longer after it than so."""
        ...

    def leads(self, ids: Iterable[str]) -> frozenset[str]:
        """The leads of the groups of these entries."""
        ...

    def members(self, leads: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """{lead: ids of its group, in their order}, in the order of the leads; none of who leads no more."""
        ...


class Places(Protocol):
    """Which stories, named by their leads, stand on which shelves; the latest first."""

    def place(self, lead_id: str, places: Collection[Place]) -> None:
        """Let the story stand on these shelves and no others."""
        ...

    def moves(self) -> tuple[Move, ...]:
        """What has been moved since this was asked last."""
        ...

    def latest(self, shelf: str, most: int = -1) -> tuple[str, ...]: ...

    def freshest(self, shelf: str, most: int) -> tuple[str, ...]: ...

    def since(self, shelf: str, at: datetime) -> tuple[str, ...]: ...

    def in_months(self, shelf: str, first: str, last: str) -> tuple[str, ...]: ...

    def months(self, shelf: str) -> Mapping[str, int]: ...

    def names(self, prefix: str) -> Mapping[str, tuple[str, int]]: ...

    def name(self, shelf: str) -> tuple[tuple[str, int], ...]: ...


class Words(Protocol):
    """What the stories that are published say."""

    def say(self, lead_id: str, at: datetime, stems: Sequence[str]) -> None:
        """Let the story be found by these stems, parted by spaces: of its titles, its tags, its texts. None: it is
        found no more."""
        ...


class Finder(Protocol):
    """The same, for who looks for something; StoreError where nothing can be told now."""

    def found(self, stems: Sequence[str], start: str, first: int, most: int) -> tuple[int, tuple[str, ...]]:
        """How many stories have all these stems (instead of the last one, any that begins with `start`), and what lists
        say of `most` of them from the `first` on: the best first, of equals the latest."""
        ...

    def reading(self) -> AbstractContextManager[Catalogue]:
        """All that was derived, of one moment; nothing can be written to it."""
        ...


class Catalogue(Protocol):
    """What the last publish derived. It may be lost: then everything is derived again. Anything raises DamagedError
    where it is not as it was left."""

    @property
    def groups(self) -> Groups: ...

    @property
    def shelves(self) -> Places: ...

    @property
    def words(self) -> Words: ...

    def state(self, name: str) -> str:
        """What was noted under this name; empty where nothing was."""
        ...

    def states(self, prefix: str) -> Mapping[str, str]:
        """The same of all names that begin so, without that."""
        ...

    def note(self, name: str, value: str) -> None: ...

    def make_anew(self) -> None:
        """Begin again knowing nothing, whatever is wrong with it. What was `groups` and `shelves` is no more."""
        ...

    def commit(self) -> None:
        """Keep what was derived so far; what is not kept is derived again."""
        ...

    def signs(self, ids: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """{id: (sign, guid)} of the entries known, as `mark` said last."""
        ...

    def mark(self, entry_id: str, sign: str, guid: str, again: datetime | None, acts: str) -> None:
        """`again`: when the hour next changes what readers see of it; `acts`: those it names, for who asks `acts`."""
        ...

    def acts(self, ids: Iterable[str]) -> Mapping[str, str]:
        """{id: what `mark` said of its acts} of the entries known."""
        ...

    def overdue(self, now: datetime) -> tuple[str, ...]:
        """Ids of the entries to be looked at again by now."""
        ...

    def of_sources(self, sources: Iterable[str]) -> tuple[str, ...]: ...

    def with_guid(self, guid: str) -> tuple[str, ...]:
        """Ids of every entry that has it, the first seen first."""
        ...

    def tell(self, lead_id: str, line: str) -> None:
        """What lists say of a story; nothing: it is told no longer."""
        ...

    def lines(self, leads: Iterable[str]) -> Mapping[str, str]:
        """{lead: what lists say of its story}"""
        ...

    def attach(self, lead_id: str, files: Iterable[tuple[str, str, str]]) -> None:
        """The attached files of a story: (path, mark, what is wrong with it)."""
        ...

    def attached(self) -> tuple[tuple[str, str, str, str], ...]:
        """(path, mark, lead, what is wrong with it) of every attached file."""
        ...

    def owe(self, parts: Iterable[str]) -> None:
        """These parts of the output folder are to be written, after those that are owed already."""
        ...

    def owed(self) -> tuple[str, ...]: ...

    def done(self, parts: Iterable[str]) -> None: ...

    def close(self) -> None: ...
