"""The house's own record: the last report of each job, and the newest moment any fact was stored at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from aggregator.model import Report
from aggregator.store import rows, tables
from aggregator.store.dialect import insert_or_replace


def save_report(connection: Connection, report: Report) -> None:
    insert_or_replace(connection, tables.report, [{"job": report.job, "last": rows.dump(report)}], "job")


def last_report(connection: Connection, job: str) -> Report | None:
    text = connection.scalar(select(tables.report.c.last).where(tables.report.c.job == job))
    return None if text is None else rows.load(Report, text)


def newest(connection: Connection) -> datetime | None:
    return connection.scalar(select(tables.newest.c.moment))


def touch(connection: Connection, now: datetime) -> None:
    """Never backwards: a rehearsal with an earlier clock leaves the newest moment where it is."""
    insert_or_replace(connection, tables.newest, [{"id": 1, "moment": now}], "id", where_newer="moment")
