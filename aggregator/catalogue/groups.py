"""Which entries tell one story, and by what those are found that others may join: `merge.regroup` asks here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aggregator.cards import Card, Clue
from aggregator.catalogue.values import clue_number, moment, number, seat_text

_CARD = "e.id, e.source_id, e.area, e.moment, e.rank, e.first_seen, e.page, e.names_page"
_MICROSECOND = timedelta(microseconds=1)


class Groups:
    """Groups of entries, each in the order of its seats; the first one leads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self._run_many = connection.executemany

    # --- what is known ---

    def learn(self, card: Card) -> None:
        self._leave(card.id)
        self._run(
            "INSERT INTO entry (id, source_id, area, moment, rank, first_seen, page, seat)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET source_id = excluded.source_id, area = excluded.area,"
            " moment = excluded.moment, rank = excluded.rank, first_seen = excluded.first_seen, page = excluded.page,"
            " seat = excluded.seat",
            (
                card.id,
                card.source_id,
                card.area,
                number(card.moment),
                card.rank,
                number(card.first_seen),
                card.page,
                seat_text(card.seat),
            ),
        )

    def pointing(self, source_id: str, page: str, since: datetime, upto: datetime) -> Sequence[Card]:
        return self._cards(
            "WHERE e.source_id = ? AND e.page = ? AND e.first_seen BETWEEN ? AND ?",
            source_id, page, number(since), number(upto),
        )  # fmt: skip

    def group(self, entry_id: str) -> Sequence[Card]:
        return self._cards("WHERE e.lead = (SELECT lead FROM entry WHERE id = ?) ORDER BY e.seat", entry_id)

    def leads(self, ids: Iterable[str]) -> frozenset[str]:
        """The leads of these entries."""
        wanted = "SELECT lead FROM entry WHERE id IN (SELECT value FROM json_each(?)) AND lead IS NOT NULL"
        return frozenset(lead for (lead,) in self._run(wanted, (json.dumps(list(ids)),)))

    def members(self, leads: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """{lead: ids of its group, in their order}, in the order of the leads; none of who leads no more."""
        found: dict[str, list[str]] = {}
        wanted = (
            "SELECT e.lead, e.id FROM entry e JOIN entry l ON l.id = e.lead"
            " WHERE e.lead IN (SELECT value FROM json_each(?)) ORDER BY l.seat, e.seat"
        )
        for lead, id_ in self._run(wanted, (json.dumps(list(leads)),)):
            found.setdefault(lead, []).append(id_)
        return {lead: tuple(ids) for lead, ids in found.items()}

    def evidence(self, entry_id: str) -> str:
        row = self._run("SELECT evidence FROM entry WHERE id = ?", (entry_id,)).fetchone()
        return str(row[0]) if row else ""

    # --- where they stand ---

    def settle(self, card: Card, lead_id: str, evidence: str, names: Sequence[Clue], texts: Sequence[Clue]) -> None:
        self._leave(card.id)
        clues = [[clue_number(clue) for clue in found] for found in (names, texts)]
        self._run(
            "UPDATE entry SET lead = ?, evidence = ?, names_page = ?, clues = ? WHERE id = ?",
            (lead_id, evidence, card.names_page, json.dumps(clues, separators=(",", ":")), card.id),
        )
        (n,) = self._run("SELECT n FROM entry WHERE id = ?", (card.id,)).fetchone()
        rows = {(clue, number(card.moment), n) for found in clues for clue in found}
        self._run_many("INSERT INTO clue VALUES (?, ?, ?)", rows)

    def _leave(self, entry_id: str) -> None:
        row = self._run("SELECT n, clues, moment FROM entry WHERE id = ?", (entry_id,)).fetchone()
        if row and row[1]:
            n, clues, at = row
            gone = {(clue, at, n) for found in json.loads(clues) for clue in found}
            self._run_many("DELETE FROM clue WHERE clue = ? AND moment = ? AND n = ?", gone)
            self._run("UPDATE entry SET lead = NULL, clues = '' WHERE n = ?", (n,))

    # --- who may be joined, and who may be moved ---

    def count(self, clue: Clue, since: datetime, one: Card, /) -> int:
        seniors = (
            "SELECT count(*) FROM clue c CROSS JOIN entry e ON e.n = c.n"
            " WHERE c.clue = ? AND c.moment BETWEEN ? AND ? AND e.seat < ?"
        )
        values = (clue_number(clue), number(since), number(one.moment), seat_text(one.seat))
        return int(self._run(seniors, values).fetchone()[0])

    def groups(self, clues: Iterable[Clue], since: datetime, one: Card, /) -> Iterable[Sequence[Card]]:
        before = seat_text(one.seat)
        leads: dict[str, str] = {}
        for clue in clues:
            leads.update(
                self._run(
                    "SELECT l.seat, l.id FROM clue c"
                    " CROSS JOIN entry e ON e.n = c.n CROSS JOIN entry l ON l.id = e.lead"
                    " WHERE c.clue = ? AND c.moment BETWEEN ? AND ? AND e.seat < ? AND l.moment >= ?",
                    (clue_number(clue), number(since), number(one.moment), before, number(since)),
                ).fetchall()
            )
        ordered = [lead for _, lead in sorted(leads.items())]
        found: dict[str, list[Card]] = {lead: [] for lead in ordered}
        wanted = "WHERE e.lead IN (SELECT value FROM json_each(?)) AND e.seat < ? ORDER BY e.seat"
        for lead, card in self._with_leads(wanted, json.dumps(ordered), before):
            found[lead].append(card)
        return list(found.values())

    def sharing(self, others: Sequence[Card], names: timedelta, texts: timedelta, one: Card) -> Iterable[Card]:
        after = seat_text(one.seat)
        if self._run("SELECT max(seat) FROM entry WHERE lead IS NOT NULL").fetchone()[0] in (None, after):
            return  # the last of all, as nearly all are that come
        for n in {n for other in others for n in self._sharing(other, names, texts, one)}:
            yield from self._cards("WHERE e.n = ? AND e.seat > ?", n, after)

    def _sharing(self, other: Card, names: timedelta, texts: timedelta, one: Card) -> Iterator[int]:
        (clues,) = self._run("SELECT clues FROM entry WHERE id = ?", (other.id,)).fetchone()
        for found, span in zip(json.loads(clues or "[]"), (names, texts), strict=False):
            upto = number(other.moment) + span // _MICROSECOND
            for clue in found:
                wanted = "SELECT n FROM clue WHERE clue = ? AND moment BETWEEN ? AND ?"
                yield from (n for (n,) in self._run(wanted, (clue, number(one.moment), upto)))

    def _cards(self, where: str, *values: Any) -> tuple[Card, ...]:
        return tuple(card for _, card in self._with_leads(where, *values))

    def _with_leads(self, where: str, *values: Any) -> Iterator[tuple[str, Card]]:
        found = self._run(f"SELECT e.lead, {_CARD} FROM entry e {where}", values)  # noqa: S608 - our own words
        for lead, id_, source_id, area, at, rank, first_seen, page, names_page in found:
            yield lead, Card(id_, source_id, area, moment(at), rank, moment(first_seen), page, bool(names_page))
