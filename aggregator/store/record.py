"""The house's own record: the last report of each job, the newest moment any fact was stored at, and the number of
the last change to entries.

Whoever writes entries locks the one row of `newest` before anything else, by `touch` or `take_turn`, and holds it to
the end. So nobody waits for whom he keeps waiting, and numbers are taken in the order in which transactions commit, on
PostgreSQL too: who sees a number sees all that was written with it and before it, and a reader can never miss one.
A database that is put back from a backup takes numbers again: so each has a random name, too.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from aggregator.model import Report
from aggregator.store import rows, tables
from aggregator.store.dialect import insert_or_replace

_NAMED = 10_000  # changes, the last ones


def save_report(connection: Connection, report: Report) -> None:
    insert_or_replace(connection, tables.report, [{"job": report.job, "last": rows.dump(report)}], "job")


def last_report(connection: Connection, job: str) -> Report | None:
    text = connection.scalar(select(tables.report.c.last).where(tables.report.c.job == job))
    return None if text is None else rows.load(Report, text)


def newest(connection: Connection) -> datetime | None:
    return connection.scalar(select(tables.newest.c.moment))


def touch(connection: Connection, now: datetime) -> None:
    """Never backwards: a rehearsal with an earlier clock leaves the newest moment where it is, but locks it too."""
    insert_or_replace(connection, tables.newest, [{"id": 1, "moment": now}], "id", where_newer="moment")


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction writes entries. Without the row there is no fact yet, and no entry to write."""
    connection.execute(select(tables.newest.c.id).with_for_update())


def last_change(connection: Connection) -> int:
    return connection.scalar(select(tables.newest.c.change)) or 0


def next_change(connection: Connection) -> int:
    connection.execute(update(tables.newest).values(change=tables.newest.c.change + 1))
    number = last_change(connection)
    connection.execute(insert(tables.change), {"number": number, "name": secrets.token_hex(8)})
    connection.execute(delete(tables.change).where(tables.change.c.number <= number - _NAMED))
    return number


def change_name(connection: Connection, number: int) -> str:
    return connection.scalar(select(tables.change.c.name).where(tables.change.c.number == number)) or ""
