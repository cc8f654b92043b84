"""Mails that came back, and the hashes of addresses nothing is sent to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from aggregator.model import Problems
from aggregator.store.dialect import insert_unless_there
from aggregator.store.tables import returned, suppressed


def note_return(
    connection: Connection, subscriber_id: str, about: str, at: datetime, words: str, *, since: datetime
) -> int:
    row = {"subscriber_id": subscriber_id, "about": about, "at": at, "words": words}
    insert_unless_there(connection, returned, [row], "subscriber_id", "about")
    mine = (returned.c.subscriber_id == subscriber_id) & (returned.c.at >= since)
    return connection.scalars(select(func.count()).select_from(returned).where(mine)).one()


def returns(connection: Connection) -> dict[str, Problems]:
    found: dict[str, Problems] = {}
    for row in connection.execute(select(returned).order_by(returned.c.at)):
        before = found.get(row.subscriber_id)
        found[row.subscriber_id] = Problems(before.times + 1 if before else 1, row.at, row.words)
    return found


def suppress(connection: Connection, address_hash: str, why: str, at: datetime) -> None:
    insert_unless_there(connection, suppressed, [{"address_hash": address_hash, "why": why, "at": at}], "address_hash")


def lift(connection: Connection, address_hash: str) -> None:
    connection.execute(delete(suppressed).where(suppressed.c.address_hash == address_hash))


def suppressed_addresses(connection: Connection) -> frozenset[str]:
    return frozenset(connection.scalars(select(suppressed.c.address_hash)))
