"""What editors decide of a newsletter's entries, and as what its issues told them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, Table, delete, func, insert, or_, select

from aggregator.content import Told
from aggregator.reasons import HIDDEN
from aggregator.store import tables
from aggregator.store.dialect import among, insert_unless_there
from aggregator.store.tables import entry, issue_entry, owed_again, skipped, told


def skip(connection: Connection, newsletter: str, entries: Collection[str], *, later: bool = False) -> None:
    """An issue that carries them and has not been frozen carries them no longer."""
    waiting = select(tables.issue.c.number).where(
        tables.issue.c.newsletter == newsletter, tables.issue.c.state.in_(("draft", "held", "approved"))
    )
    mine = (issue_entry.c.newsletter == newsletter) & among(connection, issue_entry.c.entry_id, entries)
    connection.execute(delete(issue_entry).where(mine, issue_entry.c.number.in_(waiting)))
    _remember(connection, owed_again if later else skipped, newsletter, entries)


def owe_again(connection: Connection, newsletter: str, entries: Collection[str]) -> None:
    _remember(connection, owed_again, newsletter, entries)


def carried_now(connection: Connection, newsletter: str, entries: Collection[str]) -> None:
    """What was owed again is carried."""
    mine = owed_again.c.newsletter == newsletter
    connection.execute(delete(owed_again).where(mine, among(connection, owed_again.c.entry_id, entries)))


def skipped_entries(connection: Connection, newsletter: str) -> frozenset[str]:
    return frozenset(connection.scalars(select(skipped.c.entry_id).where(skipped.c.newsletter == newsletter)))


def entries_owed_again(connection: Connection, newsletter: str) -> frozenset[str]:
    return frozenset(connection.scalars(select(owed_again.c.entry_id).where(owed_again.c.newsletter == newsletter)))


def tell(connection: Connection, newsletter: str, these: Iterable[Told]) -> None:
    rows = [
        {
            "newsletter": newsletter,
            "entry_id": t.entry_id,
            "number": t.number,
            "revision": t.revision,
            "at": t.at,
            "words": t.words,
        }
        for t in these
    ]
    if rows:
        connection.execute(insert(told), rows)


def changed_since_told(connection: Connection, newsletter: str) -> tuple[Told, ...]:
    last = (
        select(told.c.entry_id, func.max(told.c.number).label("number"))
        .where(told.c.newsletter == newsletter)
        .group_by(told.c.entry_id)
        .subquery()
    )
    wanted = (
        select(told.c.entry_id, told.c.number, told.c.revision, told.c.at)
        .join(last, (told.c.entry_id == last.c.entry_id) & (told.c.number == last.c.number))
        .join(entry, entry.c.id == told.c.entry_id)
        .where(
            told.c.newsletter == newsletter,
            or_(entry.c.revised > told.c.at, entry.c.withdrawn > told.c.at, entry.c.left_out.startswith(HIDDEN)),
        )
        .order_by(told.c.number, told.c.entry_id)
    )
    return tuple(Told(**row) for row in connection.execute(wanted).mappings())


def _remember(connection: Connection, where: Table, newsletter: str, entries: Iterable[str]) -> None:
    rows = [{"newsletter": newsletter, "entry_id": id_} for id_ in entries]
    if rows:
        insert_unless_there(connection, where, rows, "newsletter", "entry_id")
