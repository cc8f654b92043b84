"""Issues and their ledger: an entry is carried by a newsletter once, whatever runs twice or at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from aggregator.errors import StoreError
from aggregator.model import Edition, Issue, IssueState
from aggregator.store import desk, rows, tables
from aggregator.store.dialect import among, insert_unless_there
from aggregator.store.tables import issue, issue_entry


def opened(connection: Connection, newsletter: str, opens: datetime) -> datetime:
    stored = lock(connection, newsletter)
    if stored is None:
        mine = tables.newsletter.c.id == newsletter
        connection.execute(update(tables.newsletter).where(mine).values(first_opens=opens))
    return stored or opens


def first_opens(connection: Connection, newsletter: str) -> datetime | None:
    return connection.scalar(select(tables.newsletter.c.first_opens).where(tables.newsletter.c.id == newsletter))


def carried(connection: Connection, newsletter: str, entries: Iterable[str]) -> frozenset[str]:
    wanted = tuple(entries)
    found: set[str] = set()
    for table in (issue_entry, tables.skipped):
        these = among(connection, table.c.entry_id, wanted)
        found |= set(connection.scalars(select(table.c.entry_id).where(table.c.newsletter == newsletter, these)))
    return frozenset(found)


def add_issue(
    connection: Connection,
    newsletter: str,
    opens: datetime,
    closes: datetime,
    due: datetime,
    entries: Iterable[str],
    *,
    state: IssueState = "draft",
    skip: Collection[str] = (),
    later: Collection[str] = (),
) -> Issue | None:
    lock(connection, newsletter)
    mine = issue.c.newsletter == newsletter
    if connection.scalar(select(issue.c.number).where(mine, issue.c.closes >= closes).limit(1)):
        return None
    desk.skip(connection, newsletter, skip)
    desk.skip(connection, newsletter, later, later=True)
    wanted = tuple(dict.fromkeys(entries))
    taken = carried(connection, newsletter, wanted) | set(later)
    fresh = tuple(one for one in wanted if one not in taken)
    last = connection.scalars(select(func.coalesce(func.max(issue.c.number), 0)).where(mine)).one()
    added = Issue(newsletter, last + 1, opens, closes, due, fresh, state)
    connection.execute(insert(issue), {c.name: getattr(added, c.name) for c in issue.c})
    if fresh:
        connection.execute(insert(issue_entry), _ledger(added))
        desk.carried_now(connection, newsletter, fresh)
    return added


def issue_heads(connection: Connection) -> tuple[Issue, ...]:
    wanted = select(issue).order_by(issue.c.closes, issue.c.newsletter, issue.c.number)
    return tuple(Issue(**row) for row in connection.execute(wanted).mappings())


def issues(connection: Connection, newsletter: str = "") -> tuple[Issue, ...]:
    wanted = select(issue).order_by(issue.c.closes, issue.c.newsletter, issue.c.number)
    ledger = select(issue_entry).order_by(issue_entry.c.place)
    if newsletter:
        wanted = wanted.where(issue.c.newsletter == newsletter)
        ledger = ledger.where(issue_entry.c.newsletter == newsletter)
    found = connection.execute(wanted).mappings().all()
    held = defaultdict(list)
    for line in connection.execute(ledger):
        held[line.newsletter, line.number].append(line.entry_id)
    return tuple(Issue(**row, entries=tuple(held[row["newsletter"], row["number"]])) for row in found)


def set_issue_state(connection: Connection, newsletter: str, number: int, state: IssueState) -> None:
    mine = (issue.c.newsletter == newsletter) & (issue.c.number == number)
    if not connection.execute(update(issue).where(mine).values(state=state)).rowcount:
        raise StoreError(f"store: newsletter {newsletter} has no issue {number}")


def set_frozen(connection: Connection, frozen: Issue) -> bool:
    """The issue is being sent from now on; whether it was not before."""
    mine = (issue.c.newsletter == frozen.newsletter) & (issue.c.number == frozen.number)
    first = update(issue).where(mine, issue.c.state != "sending")
    values = {"state": "sending", "hash": frozen.hash, "frozen": frozen.frozen, "note": frozen.note}
    return bool(connection.execute(first.values(values)).rowcount)


def stands(connection: Connection, seen: Issue) -> bool:
    """Whether the issue is still in the state it was seen in, or being sent."""
    mine = (issue.c.newsletter == seen.newsletter) & (issue.c.number == seen.number)
    state = connection.scalar(select(issue.c.state).where(mine))
    if state is None:
        raise StoreError(f"store: newsletter {seen.newsletter} has no issue {seen.number}")
    return state in (seen.state, "sending")


def release_all_but(connection: Connection, kept: Issue) -> None:
    """What the issue was to carry and does not after all is owed again."""
    mine = (issue_entry.c.newsletter == kept.newsletter) & (issue_entry.c.number == kept.number)
    dropped = set(connection.scalars(select(issue_entry.c.entry_id).where(mine))) - set(kept.entries)
    if dropped:
        connection.execute(delete(issue_entry).where(mine, among(connection, issue_entry.c.entry_id, dropped)))
        desk.skip(connection, kept.newsletter, dropped, later=True)


def freeze(connection: Connection, editions: Iterable[Edition]) -> None:
    """Keep editions as they are now; one that was frozen before stays as it was."""
    insert_unless_there(
        connection, tables.edition, [rows.columns(e) for e in editions], "newsletter", "number", "language", "sections"
    )


def edition(
    connection: Connection, newsletter: str, number: int, language: str, sections: tuple[str, ...]
) -> Edition | None:
    wanted = select(tables.edition).filter_by(
        newsletter=newsletter, number=number, language=language, sections=sections
    )
    row = connection.execute(wanted).mappings().one_or_none()
    return Edition(**row) if row else None


def lock(connection: Connection, newsletter: str) -> datetime | None:
    """Have this newsletter to ourselves until the end of the transaction; its first `opens`, if it has one."""
    insert_unless_there(connection, tables.newsletter, [{"id": newsletter}], "id")
    mine = select(tables.newsletter.c.first_opens).where(tables.newsletter.c.id == newsletter)
    return connection.scalar(mine.with_for_update())


def _ledger(added: Issue) -> list[dict[str, str | int]]:
    line: dict[str, str | int] = {"newsletter": added.newsletter, "number": added.number}
    return [line | {"entry_id": entry_id, "place": place} for place, entry_id in enumerate(added.entries)]
