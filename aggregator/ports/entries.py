"""Entries and their sources, as the store keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from aggregator.model import Area, Changes, Check, Entry, Known


class Entries(Protocol):
    """Sources and what came of them."""

    def checks(self) -> Mapping[str, Check]:
        """What is known of every source ever checked, by id."""
        ...

    def known(self, source_id: str) -> tuple[Known, ...]: ...

    def save(self, *changes: Changes) -> None:
        """Everything a pull of these sources found, all or nothing; former states become revisions.

        The `keys` of changes are stored for every entry they name, the unchanged ones too.
        """
        ...

    def entries(
        self, *, source: str = "", since: datetime | None = None, ids: Iterable[str] | None = None
    ) -> Iterator[Entry]:
        """Stored entries, newest first seen first; `since`: first seen, or shown, since then."""
        ...

    def over(self, now: datetime) -> Iterator[Entry]:
        """The entries of sources that are to be forgotten by now, and are not yet."""
        ...

    def forget(self, entries: Iterable[Entry]) -> None:
        """Keep no more of them than by what they are recognised, what is withheld, and who carried them."""
        ...

    def set_standing(self, entries: Iterable[Entry]) -> None:
        """Keep of these entries whether they are left out, when they were shown, whether they are archive and when they
        are forgotten. What an admin decides is no change of the entry: no revision."""
        ...

    def set_expiry(self, entries: Iterable[Entry]) -> None:
        """Keep of these entries when they are forgotten, and nothing else: another may be hidden meanwhile."""
        ...

    def withhold(self, source_id: str, area: Area, keep_days: int | None) -> None:
        """What a source withholds from now on, whatever else is learnt of it at the same time."""
        ...

    def rename_source(self, old: str, new: str) -> None:
        """What was kept under one id goes on under another, of which nothing is known yet."""
        ...

    def revisions(self, entry_id: str) -> tuple[tuple[datetime, Entry], ...]:
        """Former states of an entry, oldest first, each with the moment at which it changed."""
        ...

    def changed(self, since: int) -> tuple[int, tuple[str, ...]]:
        """The number of the newest change to entries, and the ids of the entries written after change number `since`,
        by the moment they were shown (or first seen), then by first seen, then id. `since=0`: all there are."""
        ...

    def change_name(self, number: int) -> str:
        """The random name that change took: of another history, it bears another one. Empty where it is not known,
        be it long ago."""
        ...
