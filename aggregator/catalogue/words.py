"""What the stories that are published say, stem by stem, for the web side's search (SQLite's FTS5)."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence
from datetime import datetime

from aggregator.catalogue.values import number

# The index holds no text: to take a story out of it, one must tell again what was put in, so that is kept, packed.
# Stems come parted by spaces, and `ascii` parts nothing else that they are made of. Their order is never asked for, but
# without it (`detail = column`) FTS5 would look into the text to rank what it found, and there is none.
SCHEMA = """
CREATE TABLE said (n INTEGER PRIMARY KEY, lead TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, stems BLOB NOT NULL);
CREATE VIRTUAL TABLE word USING fts5 (title, tags, text, content = '', tokenize = 'ascii');
"""


class Words:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute

    def say(self, lead_id: str, at: datetime, stems: Sequence[str]) -> None:
        """Let the story be found by these stems: of its titles, tags and texts. None: it is found no more."""
        packed = zlib.compress("\n".join(stems).encode()) if stems else b""
        row = self._run("SELECT n, at, stems FROM said WHERE lead = ?", (lead_id,)).fetchone()
        if row and row[1:] == (number(at), packed):
            return
        if row:
            former = (row[0], *zlib.decompress(row[2]).decode().split("\n"))
            self._run("INSERT INTO word (word, rowid, title, tags, text) VALUES ('delete', ?, ?, ?, ?)", former)
            self._run("DELETE FROM said WHERE n = ?", (row[0],))
        if stems:
            said = self._run("INSERT INTO said (lead, at, stems) VALUES (?, ?, ?)", (lead_id, number(at), packed))
            self._run("INSERT INTO word (rowid, title, tags, text) VALUES (?, ?, ?, ?)", (said.lastrowid, *stems))


def found(
    connection: sqlite3.Connection, stems: Sequence[str], start: str, first: int, most: int
) -> tuple[int, tuple[str, ...]]:
    """How many stories have all these stems (instead of the last one, any that begins with `start`), and what lists say
    of `most` of them from the `first` on: the best first, of equals the latest.

    A word in a title counts for ten in a text, a tag for five.
    """
    *others, last = map(_quoted, stems)
    wanted = " AND ".join([*others, f"({last} OR {_quoted(start)} *)"])
    (total,) = connection.execute("SELECT count(*) FROM word WHERE word MATCH ?", (wanted,)).fetchone()
    lines = connection.execute(
        "SELECT line.line FROM word JOIN said ON said.n = word.rowid JOIN line ON line.lead = said.lead"
        " WHERE word MATCH ? ORDER BY bm25(word, 10.0, 5.0, 1.0), said.at DESC, said.lead LIMIT ? OFFSET ?",
        (wanted, most, first),
    )
    return total, tuple(line for (line,) in lines)


def _quoted(stem: str) -> str:
    """No word of the query language, whatever it is."""
    return '"' + stem.replace('"', '""') + '"'
