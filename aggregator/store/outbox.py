"""The outbox: one row for each message owed, from `queued` to its last state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, bindparam, func, or_, select, update

from aggregator.content import Told
from aggregator.errors import StoreError
from aggregator.model import Delivery, Edition, Issue, Subscriber
from aggregator.store import desk, ledger, rows
from aggregator.store.columns import Moment
from aggregator.store.dialect import insert_unless_there, streamed
from aggregator.store.tables import OWED, delivery, subscriber

_WANTED = select(*(c for c in delivery.c if c.name != "place")).order_by(delivery.c.place)
_SOME = 1000
_SILENCE = "handed over, but the answer was lost with the process"


def queue_issue(
    connection: Connection,
    issue: Issue,
    editions: Sequence[Edition],
    deliveries: Iterable[Delivery],
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


def claim(connection: Connection, now: datetime, limit: int, answered: Iterable[Delivery] = ()) -> tuple[Delivery, ...]:
    settle(connection, *answered)
    found = connection.execute(_DUE, {"now": now, "most": limit}).mappings().all() if limit else []
    if found:
        connection.execute(_HAND, [{"which": row["id"], "now": now} for row in found])
    return tuple(Delivery(**{**row, "state": "handing", "first_try": row["first_try"] or now}) for row in found)


def settle(connection: Connection, *answered: Delivery) -> None:
    told = [{name: getattr(one, name) for name in _ANSWER} | {"which": one.id} for one in answered]
    if told and connection.execute(_SETTLE, told).rowcount != len(told):
        raise StoreError(f"store: the outbox has not all of the deliveries {', '.join(one.id for one in answered)}")


def postpone(connection: Connection, newsletter: str, until: datetime) -> int:
    sooner = or_(delivery.c.next_try.is_(None), delivery.c.next_try < until)
    waiting = update(delivery).where(OWED, delivery.c.newsletter == newsletter, sooner)
    return connection.execute(waiting.values(next_try=until)).rowcount


def subscribers_of(connection: Connection, deliveries: Iterable[Delivery]) -> dict[str, Subscriber]:
    ids = sorted({one.subscriber_id for one in deliveries} - {""})
    found = connection.execute(_READERS, {"ids": ids}).mappings() if ids else ()
    return {row["id"]: Subscriber(**row) for row in found}


def owes(connection: Connection, newsletter: str, number: int) -> bool:
    mine = (delivery.c.newsletter == newsletter) & (delivery.c.number == number)
    still = delivery.c.state.in_(("queued", "handing", "deferred"))
    return connection.scalar(select(delivery.c.id).where(mine, still).limit(1)) is not None


def outbox_counts(connection: Connection) -> Mapping[str, int]:
    counted = select(delivery.c.state, func.count()).group_by(delivery.c.state)
    return dict(iter(connection.execute(counted)))


def deliveries(connection: Connection, newsletter: str = "", number: int = 0) -> Iterator[Delivery]:
    wanted = _WANTED
    if newsletter:
        wanted = wanted.where(delivery.c.newsletter == newsletter)
    if number:
        wanted = wanted.where(delivery.c.number == number)
    return (Delivery(**row) for row in streamed(connection, wanted, 1000))


def _owe(connection: Connection, owed: Iterable[Delivery]) -> None:
    """Drawn some at a time: there may be tens of thousands."""
    waiting = iter(owed)
    while some := [rows.columns(one) for one in islice(waiting, _SOME)]:
        insert_unless_there(connection, delivery, some)


def _count(connection: Connection, issue: Issue) -> int:
    mine = (delivery.c.newsletter == issue.newsletter) & (delivery.c.number == issue.number)
    return connection.scalars(select(func.count()).select_from(delivery).where(mine)).one()


# Built once: building a statement takes longer than running it, and these are run for every few messages.
_DUE = (
    _WANTED.where(OWED, or_(delivery.c.next_try.is_(None), delivery.c.next_try <= bindparam("now")))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_READERS = select(*(c for c in subscriber.c if c.name != "folded")).where(
    subscriber.c.id.in_(bindparam("ids", expanding=True))
)
_ANSWER = ("state", "attempts", "next_try", "detail")
_HAND = (
    update(delivery)
    .where(delivery.c.id == bindparam("which"))
    .values(state="handing", first_try=func.coalesce(delivery.c.first_try, bindparam("now", type_=Moment)))
)
_SETTLE = (
    update(delivery).where(delivery.c.id == bindparam("which")).values({name: bindparam(name) for name in _ANSWER})
)
