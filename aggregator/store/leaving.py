"""People between asking and confirming, and after leaving: what is kept of them, how long, and what stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, delete, select

from aggregator.model import Consented, Delivery, Subscriber
from aggregator.store import people, rows
from aggregator.store.dialect import insert_or_replace, streamed
from aggregator.store.tables import consent, delivery, erased, pending, returned, subscriber

# Mails that only the person has an interest in: once they are settled nothing of them is needed.
_PERSONAL = ("confirmation", "goodbye", "export")
_OVER = ("accepted", "refused", "unknown")


def save_pending(connection: Connection, asked: Subscriber) -> None:
    insert_or_replace(connection, pending, [rows.columns(asked)], "id")


def pending_by_id(connection: Connection, subscriber_id: str) -> Subscriber | None:
    row = connection.execute(select(pending).where(pending.c.id == subscriber_id)).mappings().one_or_none()
    return Subscriber(**row) if row else None


def all_pending(connection: Connection) -> Iterator[Subscriber]:
    return (Subscriber(**row) for row in streamed(connection, select(pending).order_by(pending.c.since), 1000))


def drop_pending(connection: Connection, subscriber_id: str) -> bool:
    return bool(connection.execute(delete(pending).where(pending.c.id == subscriber_id)).rowcount)


def expire_pending(connection: Connection, before: datetime) -> int:
    return connection.execute(delete(pending).where(pending.c.since < before)).rowcount


def admit(connection: Connection, one: Subscriber, fingerprint: str) -> None:
    """Who comes in waits no longer, and is no stranger who once left."""
    people.save_subscriber(connection, one)
    drop_pending(connection, one.id)
    connection.execute(delete(erased).where(erased.c.fingerprint == fingerprint))


def consents(connection: Connection, subscriber_id: str) -> tuple[Consented, ...]:
    wanted = select(consent.c.at, consent.c.consent, consent.c.evidence).order_by(consent.c.id)
    found = connection.execute(wanted.where(consent.c.subscriber_id == subscriber_id)).mappings()
    return tuple(Consented(**row) for row in found)


def mailed(connection: Connection, subscriber_id: str) -> tuple[Delivery, ...]:
    wanted = select(*(c for c in delivery.c if c.name != "place")).order_by(delivery.c.place)
    found = connection.execute(wanted.where(delivery.c.subscriber_id == subscriber_id)).mappings()
    return tuple(Delivery(**row) for row in found)


def left_before(connection: Connection, moment: datetime) -> tuple[Subscriber, ...]:
    wanted = select(*(c for c in subscriber.c if c.name != "folded"))
    gone = wanted.where(subscriber.c.consent == "withdrawn", subscriber.c.since < moment)
    return tuple(Subscriber(**row) for row in connection.execute(gone).mappings())


def erase(connection: Connection, one: Subscriber, fingerprint: str, now: datetime) -> None:
    told = consents(connection, one.id)
    if told:  # who only asked leaves nothing
        history = rows.compact([[c.at.isoformat() if c.at else "", c.consent, c.evidence] for c in told])
        row = {"fingerprint": fingerprint, "at": now, "history": history}
        insert_or_replace(connection, erased, [row], "fingerprint")
    drop_pending(connection, one.id)
    connection.execute(delete(consent).where(consent.c.subscriber_id == one.id))
    connection.execute(delete(returned).where(returned.c.subscriber_id == one.id))
    connection.execute(delete(subscriber).where(subscriber.c.id == one.id))
    # What is being handed over this moment is settled by who hands it over; its turn comes with the next erasing.
    theirs = delivery.c.subscriber_id == one.id
    connection.execute(delete(delivery).where(theirs, delivery.c.state != "handing"))


def erased_since(connection: Connection, fingerprint: str) -> datetime | None:
    found: datetime | None = connection.scalar(select(erased.c.at).where(erased.c.fingerprint == fingerprint))
    return found


def drop_letters(connection: Connection) -> int:
    over = delivery.c.kind.in_(_PERSONAL) & delivery.c.state.in_(_OVER)
    return connection.execute(delete(delivery).where(over)).rowcount
