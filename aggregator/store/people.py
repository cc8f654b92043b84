"""Subscribers, and the log of what each of them consented to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, Connection, func, insert, select

from aggregator.errors import StoreError
from aggregator.model import Subscriber
from aggregator.store import rows, tables
from aggregator.store.dialect import insert_or_replace, streamed

_WANTED = select(*(c for c in tables.subscriber.c if c.name != "folded"))


def save_subscriber(connection: Connection, subscriber: Subscriber) -> None:
    """StoreError where another subscriber has this address."""
    former = by_id(connection, subscriber.id)
    holder = by_address(connection, subscriber.address)
    if holder and holder.id != subscriber.id:
        raise StoreError(f"store: the address of subscriber {subscriber.id} is already that of {holder.id}")
    row = rows.columns(subscriber) | {"folded": _folded(subscriber.address)}
    insert_or_replace(connection, tables.subscriber, [row], "id")
    if former is None or (former.consent, former.evidence) != (subscriber.consent, subscriber.evidence):
        _log_consent(connection, subscriber)


def by_address(connection: Connection, address: str) -> Subscriber | None:
    return _one(connection, tables.subscriber.c.folded == _folded(address))


def by_id(connection: Connection, subscriber_id: str) -> Subscriber | None:
    return _one(connection, tables.subscriber.c.id == subscriber_id)


def subscribers(connection: Connection) -> Iterator[Subscriber]:
    wanted = _WANTED.order_by(tables.subscriber.c.folded)
    return (Subscriber(**row) for row in streamed(connection, wanted, 1000))


def subscriber_counts(connection: Connection) -> Mapping[str, int]:
    counted = select(tables.subscriber.c.consent, func.count()).group_by(tables.subscriber.c.consent)
    return dict(iter(connection.execute(counted)))


def _one(connection: Connection, which: ColumnElement[bool]) -> Subscriber | None:
    row = connection.execute(_WANTED.where(which)).mappings().one_or_none()
    return Subscriber(**row) if row else None


def _log_consent(connection: Connection, one: Subscriber) -> None:
    line = {"subscriber_id": one.id, "at": one.since, "consent": one.consent, "evidence": one.evidence}
    connection.execute(insert(tables.consent), line)


def _folded(address: str) -> str:
    return address.strip().lower()
