"""What issues told, for whoever reads them later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from aggregator.store.dialect import among
from aggregator.store.tables import issue_entry, told


def issues_telling(connection: Connection, entries: Collection[str]) -> Mapping[str, tuple[tuple[str, int], ...]]:
    found: dict[str, dict[tuple[str, int], None]] = defaultdict(dict)
    for table in (issue_entry, told):
        these = among(connection, table.c.entry_id, entries)
        for row in connection.execute(select(table.c.entry_id, table.c.newsletter, table.c.number).where(these)):
            found[row.entry_id][row.newsletter, row.number] = None
    return {entry_id: tuple(issues) for entry_id, issues in found.items()}


def told_by(connection: Connection, newsletter: str, number: int) -> Mapping[str, str]:
    carried = select(issue_entry.c.entry_id).where(
        issue_entry.c.newsletter == newsletter, issue_entry.c.number == number
    )
    changed = select(told.c.entry_id, told.c.words).where(told.c.newsletter == newsletter, told.c.number == number)
    words = {row.entry_id: row.words for row in connection.execute(changed)}
    return words | dict.fromkeys(connection.scalars(carried.order_by(issue_entry.c.place)), "")
