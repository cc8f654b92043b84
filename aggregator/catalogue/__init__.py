"""What the last publish derived, in a file that may be lost: then everything is derived again. An edge.

Facts are the store's. Here stands, beside the output folder, which entries tell one story, on which shelves it stands,
and which parts of the folder are still to be written; so that a publish costs what changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from aggregator.catalogue import words
from aggregator.catalogue.groups import Groups
from aggregator.catalogue.shelves import Shelves
from aggregator.catalogue.values import number
from aggregator.errors import DamagedError, StoreError

_SCHEMA = f"""
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entry (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source_id TEXT NOT NULL, area TEXT NOT NULL,
    moment INTEGER NOT NULL, rank INTEGER NOT NULL, first_seen INTEGER NOT NULL, page TEXT NOT NULL, seat TEXT NOT NULL,
    lead TEXT, names_page INTEGER NOT NULL DEFAULT 1, evidence TEXT NOT NULL DEFAULT '', clues TEXT NOT NULL DEFAULT '',
    sign TEXT NOT NULL DEFAULT '', guid TEXT NOT NULL DEFAULT '', again INTEGER, acts TEXT NOT NULL DEFAULT ''
);
CREATE INDEX entry_lead ON entry (lead, seat);
CREATE INDEX entry_page ON entry (source_id, page, first_seen);
CREATE INDEX entry_seat ON entry (seat) WHERE lead IS NOT NULL;
CREATE INDEX entry_guid ON entry (guid) WHERE guid <> '';
CREATE INDEX entry_again ON entry (again) WHERE again IS NOT NULL;
CREATE TABLE clue (clue INTEGER, moment INTEGER, n INTEGER, PRIMARY KEY (clue, moment, n)) WITHOUT ROWID;
CREATE TABLE place (
    shelf TEXT NOT NULL, month TEXT NOT NULL, at INTEGER NOT NULL, fresh INTEGER NOT NULL, lead TEXT NOT NULL,
    entry_id TEXT NOT NULL, name TEXT NOT NULL
);
CREATE INDEX place_at ON place (shelf, month, at);
CREATE INDEX place_fresh ON place (shelf, fresh);
CREATE INDEX place_lead ON place (lead);
CREATE INDEX place_name ON place (shelf, name);
CREATE TABLE file (path TEXT NOT NULL, mark TEXT NOT NULL, lead TEXT NOT NULL, fault TEXT NOT NULL);
CREATE INDEX file_lead ON file (lead);
CREATE TABLE line (lead TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE owed (place INTEGER PRIMARY KEY, part TEXT NOT NULL UNIQUE);
{words.SCHEMA}"""
_LISTED = "(SELECT value FROM json_each(?))"
VERSION = 3  # of the schema above; another one is simply made anew


@contextmanager
def in_words() -> Iterator[None]:
    """Around what the file or the disk may fail; our own mistakes stay what they are."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of it says where
        kind = DamagedError if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) else StoreError
        raise kind(f"data/catalogue.db: {error}") from error


class _Connection(sqlite3.Connection):
    """Tells faults of the file and the disk in words."""

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        with in_words():
            return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        with in_words():
            return super().executemany(*arguments)

    def commit(self) -> None:
        with in_words():
            super().commit()


class Catalogue:
    """The catalogue in this file; `:memory:` for one that nobody keeps. One publish at a time uses it."""

    def __init__(self, place: Path | str) -> None:
        self._place = Path(place) if str(place) != ":memory:" else None
        try:
            self._open()
        except DamagedError:  # or another program's: nothing is lost by making it anew
            self._delete()
            self._open()

    def state(self, name: str) -> str:
        """What was noted under this name; empty where nothing was."""
        row = self._connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def states(self, prefix: str) -> Mapping[str, str]:
        wanted = "SELECT name, value FROM state WHERE substr(name, 1, ?) = ?"
        return {name.removeprefix(prefix): value for name, value in self._run(wanted, len(prefix), prefix)}

    def note(self, name: str, value: str) -> None:
        self._run("INSERT OR REPLACE INTO state VALUES (?, ?)", name, value)

    def make_anew(self) -> None:
        """Another file, that knows nothing, whatever is wrong with this one. What was `groups` and `shelves` is no
        more."""
        self.close()
        self._delete()
        self._open()

    def commit(self) -> None:
        """Keep what was derived so far; what is not kept is derived again."""
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()

    # --- entries beside their groups ---

    def signs(self, ids: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """{id: (sign, guid)} of the entries known, as `mark` said last."""
        wanted = f"SELECT id, sign, guid FROM entry WHERE id IN {_LISTED}"  # noqa: S608
        return {id_: (sign, guid) for id_, sign, guid in self._run(wanted, json.dumps(list(ids)))}

    def mark(self, entry_id: str, sign: str, guid: str, again: datetime | None, acts: str) -> None:
        """`again`: when the hour next changes what readers see of it; `acts`: those it names, for who asks `acts`."""
        values = (sign, guid, number(again) if again else None, acts, entry_id)
        self._run("UPDATE entry SET sign = ?, guid = ?, again = ?, acts = ? WHERE id = ?", *values)

    def acts(self, ids: Iterable[str]) -> Mapping[str, str]:
        return dict(self._run(f"SELECT id, acts FROM entry WHERE id IN {_LISTED}", json.dumps(list(ids))))  # noqa: S608

    def overdue(self, now: datetime) -> tuple[str, ...]:
        """Ids of the entries to be looked at again by now."""
        # Sorted here: told to sort, SQLite walks through all the ids there are.
        return tuple(sorted(id_ for (id_,) in self._run("SELECT id FROM entry WHERE again <= ?", number(now))))

    def of_sources(self, sources: Iterable[str]) -> tuple[str, ...]:
        wanted = f"SELECT id FROM entry WHERE source_id IN {_LISTED} ORDER BY seat"  # noqa: S608
        return tuple(id_ for (id_,) in self._run(wanted, json.dumps(list(sources))))

    def with_guid(self, guid: str) -> tuple[str, ...]:
        """Ids of every entry that has it, the first seen first."""
        return tuple(
            id_
            for (id_,) in self._run("SELECT id FROM entry WHERE guid = ? AND guid <> '' ORDER BY first_seen, id", guid)
        )

    # --- what is told of stories ---

    def tell(self, lead_id: str, line: str) -> None:
        """What lists say of a story; nothing: it is told no longer."""
        self._run("DELETE FROM line WHERE lead = ?", lead_id)
        if line:
            self._run("INSERT INTO line VALUES (?, ?)", lead_id, line)

    def lines(self, leads: Iterable[str]) -> Mapping[str, str]:
        """{lead: what lists say of its story}"""
        return dict(self._run(f"SELECT lead, line FROM line WHERE lead IN {_LISTED}", json.dumps(list(leads))))  # noqa: S608

    def attach(self, lead_id: str, files: Iterable[tuple[str, str, str]]) -> None:
        """The attached files of a story: (path, mark, what is wrong with it)."""
        self._run("DELETE FROM file WHERE lead = ?", lead_id)
        rows = [(path, mark, lead_id, fault) for path, mark, fault in files]
        self._connection.executemany("INSERT INTO file VALUES (?, ?, ?, ?)", rows)

    def attached(self) -> tuple[tuple[str, str, str, str], ...]:
        """(path, mark, lead, what is wrong with it) of every attached file."""
        return tuple(self._run("SELECT path, mark, lead, fault FROM file ORDER BY path, lead"))

    # --- parts that are still to be written ---

    def owe(self, parts: Iterable[str]) -> None:
        """These parts are to be written, after those that are owed already."""
        self._connection.executemany("INSERT OR IGNORE INTO owed (part) VALUES (?)", [(part,) for part in parts])

    def owed(self) -> tuple[str, ...]:
        return tuple(part for (part,) in self._run("SELECT part FROM owed ORDER BY place"))

    def done(self, parts: Iterable[str]) -> None:
        self._connection.executemany("DELETE FROM owed WHERE part = ?", [(part,) for part in parts])
        self.commit()

    # --- the file ---

    def _run(self, statement: str, *values: object) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _open(self) -> None:
        self._use(self._prepared())

    def _use(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.groups = Groups(self._connection)
        self.shelves = Shelves(self._connection)
        self.words = words.Words(self._connection)

    def _delete(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal") if self._place else ():
            Path(f"{self._place}{ending}").unlink(missing_ok=True)

    def _prepared(self) -> sqlite3.Connection:
        if self._place:
            self._place.parent.mkdir(parents=True, exist_ok=True)
        with in_words():
            connection = sqlite3.connect(self._place or ":memory:", cached_statements=256, factory=_Connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -64000")  # kilobytes
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            with in_words():
                connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
        elif version != VERSION:
            connection.close()
            raise DamagedError("data/catalogue.db: is of another version")
        return connection
