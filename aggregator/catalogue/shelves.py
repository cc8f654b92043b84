"""Which stories stand on a shelf, in which order and in which months."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from datetime import datetime

from aggregator.cards import Move, Place
from aggregator.catalogue.values import number

_COLUMNS = "shelf, month, at, fresh, lead, entry_id, name"


class Shelves:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self._run_many = connection.executemany
        self._before: dict[tuple[str, str], int] = {}
        self._called: dict[str, tuple[str, ...]] = {}

    def place(self, lead_id: str, places: Collection[Place]) -> None:
        """Let the story stand on these shelves and no others."""
        former = self._run("SELECT shelf, month FROM place WHERE lead = ?", (lead_id,)).fetchall()
        for shelf, month in (*former, *((place.shelf, place.month) for place in places)):
            for which in (month, ""):
                if (shelf, which) not in self._before:
                    self._before[shelf, which] = self.count(shelf, which)
            if shelf not in self._called:
                self._called[shelf] = self._usual(shelf)
        self._run("DELETE FROM place WHERE lead = ?", (lead_id,))
        self._run_many(
            f"INSERT INTO place ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [(p.shelf, p.month, number(p.at), number(p.fresh), lead_id, p.entry_id, p.name) for p in places],
        )

    def moves(self) -> tuple[Move, ...]:
        """What has been moved since this was asked last."""
        moves = []
        for (shelf, month), before in sorted(self._before.items()):
            renamed = not month and self._usual(shelf) != self._called[shelf]
            moves.append(Move(shelf, month, before, self.count(shelf, month), renamed))
        self._before.clear()
        self._called.clear()
        return tuple(moves)

    def count(self, shelf: str, month: str = "") -> int:
        """How many stand there, in a month or at all."""
        within, values = (" AND month = ?", (shelf, month)) if month else ("", (shelf,))
        return int(self._run(f"SELECT count(*) FROM place WHERE shelf = ?{within}", values).fetchone()[0])  # noqa: S608

    def latest(self, shelf: str, most: int = -1) -> tuple[str, ...]:
        """The leads on a shelf where months are those of the moments, the latest first."""
        return self._leads("WHERE shelf = ? ORDER BY month DESC, at DESC, entry_id LIMIT ?", shelf, most)

    def freshest(self, shelf: str, most: int) -> tuple[str, ...]:
        """Those that were news last, the latest first."""
        return self._leads(
            "WHERE rowid IN (SELECT rowid FROM place WHERE shelf = ? ORDER BY fresh DESC, at DESC, entry_id LIMIT ?)"
            " ORDER BY at DESC, entry_id",
            shelf,
            most,
        )

    def since(self, shelf: str, at: datetime) -> tuple[str, ...]:
        """Those that stand there at that moment or later, the latest first."""
        return self._leads("WHERE shelf = ? AND at >= ? ORDER BY at DESC, entry_id", shelf, number(at))

    def in_months(self, shelf: str, first: str, last: str) -> tuple[str, ...]:
        return self._leads("WHERE shelf = ? AND month BETWEEN ? AND ? ORDER BY at DESC, entry_id", shelf, first, last)

    def months(self, shelf: str) -> Mapping[str, int]:
        """{month: how many stories}, the latest first."""
        wanted = "SELECT month, count(*) FROM place WHERE shelf = ? GROUP BY month ORDER BY month DESC"
        return dict(self._run(wanted, (shelf,)).fetchall())

    def names(self, prefix: str) -> Mapping[str, tuple[str, int]]:
        """{shelf: (what most call it, how many stories)} of the shelves whose name begins so."""
        wanted = (
            "SELECT shelf, name, count(*) AS times FROM place WHERE shelf >= ? AND shelf < ?"
            " GROUP BY shelf, name ORDER BY shelf, times DESC, name"
        )
        found: dict[str, tuple[str, int]] = {}
        for shelf, name, times in self._run(wanted, (prefix, f"{prefix}\U0010ffff")):
            usual, total = found.get(shelf, (name, 0))
            found[shelf] = (usual, total + times)
        return found

    def name(self, shelf: str) -> tuple[tuple[str, int], ...]:
        """The same of one shelf; nothing where nobody stands there."""
        wanted = "SELECT name, count(*) AS times FROM place WHERE shelf = ? GROUP BY name ORDER BY times DESC, name"
        found = self._run(wanted, (shelf,)).fetchall()
        return ((found[0][0], sum(times for _, times in found)),) if found else ()

    def _usual(self, shelf: str) -> tuple[str, ...]:
        return tuple(name for name, _ in self.name(shelf)) if ":" in shelf else ()

    def _leads(self, where: str, *values: object) -> tuple[str, ...]:
        return tuple(lead for (lead,) in self._run(f"SELECT lead FROM place {where}", values))  # noqa: S608
