"""The catalogue as the web side asks it: nothing is written, no publish is held up, and none is waited for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from urllib.parse import quote

from aggregator.catalogue import VERSION, Catalogue, in_words, words
from aggregator.errors import StoreError

_PATIENCE = 2.0  # seconds for an answer
_STEPS = 20_000  # of SQLite's machine, between two looks at the clock


class CatalogueFinder:
    """What the last publish noted, in the file of this name. One connection a question, for whatever thread asks."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def found(self, stems: Sequence[str], start: str, first: int, most: int) -> tuple[int, tuple[str, ...]]:
        """As `words.found`. StoreError where there is no whole catalogue of this program's, or no answer in
        time."""
        with in_words(), self._opened() as connection:
            return words.found(connection, stems, start, first, most)

    @contextmanager
    def reading(self) -> Iterator[Catalogue]:
        """The whole catalogue, of one moment."""
        with in_words(), self._opened() as connection:
            yield _ReadCatalogue(connection)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        address = f"file:{quote(str(self._place))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as connection:
            late = monotonic() + _PATIENCE
            connection.set_progress_handler(lambda: monotonic() > late, _STEPS)
            connection.execute("BEGIN")  # all that is told is of one moment
            if connection.execute("PRAGMA user_version").fetchone() != (VERSION,) or not _is_whole(connection):
                raise StoreError("data/catalogue.db: not whole, or another program's; run: aggregator publish")
            yield connection


class _ReadCatalogue(Catalogue):
    """Nothing can be written to it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._place = None
        self._use(connection)


def _is_whole(connection: sqlite3.Connection) -> bool:
    """Not one that is just being made anew: what it does not hold yet, readers would take for not there."""
    return connection.execute("SELECT 1 FROM state WHERE name = 'frame'").fetchone() is not None
