"""What editors decide of a newsletter's entries, and as what its issues told them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict

from sqlalchemy import Connection, Table, and_, delete, insert, or_, select

from aggregator.content import Told
from aggregator.reasons import HIDDEN
from aggregator.store import tables
from aggregator.store.dialect import among, insert_unless_there
from aggregator.store.tables import entry, issue_entry, owed_again, skipped, told


def skip(connection: Connection, newsletter: str, entries: Collection[str], *, later: bool = False) -> None:
    """An issue that carries them and has not been frozen carries them no longer. The last word counts; what an issue
    has told is not owed again."""
    waiting = select(tables.issue.c.number).where(
        tables.issue.c.newsletter == newsletter, tables.issue.c.state.in_(("draft", "held", "approved"))
    )
    mine = (issue_entry.c.newsletter == newsletter) & among(connection, issue_entry.c.entry_id, entries)
    connection.execute(delete(issue_entry).where(mine, issue_entry.c.number.in_(waiting)))
    _forget(connection, skipped if later else owed_again, newsletter, entries)
    if later:
        told_by_one = among(connection, issue_entry.c.entry_id, entries)
        carried = select(issue_entry.c.entry_id).where(issue_entry.c.newsletter == newsletter, told_by_one)
        entries = set(entries).difference(connection.scalars(carried))
    _remember(connection, owed_again if later else skipped, newsletter, entries)


def carried_now(connection: Connection, newsletter: str, entries: Collection[str]) -> None:
    """What was owed again is carried."""
    _forget(connection, owed_again, newsletter, entries)


def skipped_entries(connection: Connection, newsletter: str) -> frozenset[str]:
    return frozenset(connection.scalars(select(skipped.c.entry_id).where(skipped.c.newsletter == newsletter)))


def entries_owed_again(connection: Connection, newsletter: str) -> frozenset[str]:
    return frozenset(connection.scalars(select(owed_again.c.entry_id).where(owed_again.c.newsletter == newsletter)))


def tell(connection: Connection, newsletter: str, these: Iterable[Told]) -> None:
    if rows := [{"newsletter": newsletter, **asdict(one)} for one in these]:
        connection.execute(insert(told), rows)


def changed_since_told(connection: Connection, newsletter: str) -> tuple[Told, ...]:
    """Told by their revisions, not by the clock: what a pull that began before the issue was frozen saves after it is
    a change since, and what it had saved before is none."""
    later = told.alias()  # an issue that was held leaves after one with a higher number
    again = select(later.c.number).where(
        later.c.newsletter == told.c.newsletter,
        later.c.entry_id == told.c.entry_id,
        or_(later.c.at > told.c.at, and_(later.c.at == told.c.at, later.c.number > told.c.number)),
    )
    wanted = (
        select(*(column for column in told.c if column.name != "newsletter"))
        .join(entry, entry.c.id == told.c.entry_id)
        .where(
            told.c.newsletter == newsletter,
            ~again.exists(),
            or_(
                and_(entry.c.revised.is_not(None), entry.c.revision > told.c.revision),
                and_(~told.c.gone, or_(entry.c.withdrawn.is_not(None), entry.c.left_out.startswith(HIDDEN))),
            ),
        )
        .order_by(told.c.number, told.c.entry_id)
    )
    return tuple(Told(**row) for row in connection.execute(wanted).mappings())


def _remember(connection: Connection, where: Table, newsletter: str, entries: Iterable[str]) -> None:
    rows = [{"newsletter": newsletter, "entry_id": id_} for id_ in entries]
    if rows:
        insert_unless_there(connection, where, rows, "newsletter", "entry_id")


def _forget(connection: Connection, where: Table, newsletter: str, entries: Iterable[str]) -> None:
    mine = where.c.newsletter == newsletter
    connection.execute(delete(where).where(mine, among(connection, where.c.entry_id, entries)))
