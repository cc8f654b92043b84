"""The outbox: one row for each message owed, from `queued` to its last state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select, update

from aggregator.content import Told
from aggregator.errors import StoreError
from aggregator.model import Delivery, Edition, Issue
from aggregator.store import desk, ledger, rows
from aggregator.store.dialect import insert_unless_there
from aggregator.store.tables import OWED, delivery

_WANTED = select(*(c for c in delivery.c if c.name != "place")).order_by(delivery.c.place)
_SILENCE = "handed over, but the answer was lost with the process"


def queue_issue(
    connection: Connection,
    issue: Issue,
    editions: Sequence[Edition],
    deliveries: Sequence[Delivery],
    told: Sequence[Told] = (),
    skip: Collection[str] = (),
) -> int:
    ledger.lock(connection, issue.newsletter)
    if not ledger.stands(connection, issue):
        return 0  # held or sent while its editions were made
    if ledger.set_frozen(connection, issue):  # else it is told as it was frozen first
        ledger.release_all_but(connection, issue)
        desk.skip(connection, issue.newsletter, skip)
        desk.tell(connection, issue.newsletter, told)
    ledger.freeze(connection, editions)
    before = _count(connection, issue)
    _owe(connection, deliveries)
    return _count(connection, issue) - before


def queue(connection: Connection, delivery: Delivery) -> None:
    _owe(connection, [delivery])


def recover(connection: Connection, resend: bool) -> int:
    """An attempt whose answer was lost counts as one: a message that kills its sender is not handed over for ever."""
    lost = update(delivery).where(delivery.c.state == "handing")
    counted = lost.values(attempts=delivery.c.attempts + 1, state="queued" if resend else "unknown", detail=_SILENCE)
    return connection.execute(counted).rowcount


def claim(connection: Connection, now: datetime, limit: int) -> tuple[Delivery, ...]:
    due = or_(delivery.c.next_try.is_(None), delivery.c.next_try <= now)
    wanted = _WANTED.where(OWED, due).limit(limit).with_for_update(skip_locked=True)
    found = connection.execute(wanted).mappings().all()
    if found:
        connection.execute(_HAND, [{"which": row["id"]} for row in found])
    return tuple(Delivery(**{**row, "state": "handing"}) for row in found)


def settle(connection: Connection, delivery: Delivery) -> None:
    told = {name: getattr(delivery, name) for name in ("state", "attempts", "next_try", "detail")}
    if not connection.execute(_SETTLE, told | {"which": delivery.id}).rowcount:
        raise StoreError(f"store: the outbox has no delivery {delivery.id}")


def deliveries(connection: Connection, newsletter: str = "", number: int = 0) -> Iterator[Delivery]:
    wanted = _WANTED.execution_options(yield_per=1000)
    if newsletter:
        wanted = wanted.where(delivery.c.newsletter == newsletter)
    if number:
        wanted = wanted.where(delivery.c.number == number)
    return (Delivery(**row) for row in connection.execute(wanted).mappings())


def _owe(connection: Connection, owed: Iterable[Delivery]) -> None:
    insert_unless_there(connection, delivery, [rows.columns(one) for one in owed])


def _count(connection: Connection, issue: Issue) -> int:
    mine = (delivery.c.newsletter == issue.newsletter) & (delivery.c.number == issue.number)
    return connection.scalars(select(func.count()).select_from(delivery).where(mine)).one()


_HAND = update(delivery).where(delivery.c.id == bindparam("which")).values(state="handing")
_SETTLE = (
    update(delivery)
    .where(delivery.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in ("state", "attempts", "next_try", "detail")})
)
