"""What pulls found: Changes -> rows of source, entry, entry_body and revision; rows -> Check, Known, Entry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, delete, func, insert, select, update

from aggregator.model import ANNOUNCEMENTS, Area, Changes, Check, Entry, Known
from aggregator.reasons import FORGOTTEN, hidden_at
from aggregator.store import record, rows
from aggregator.store.dialect import among, insert_or_replace, insert_unless_there, streamed
from aggregator.store.tables import entry, entry_body, revision, source

# The facts of an entry that stand in columns, and those among them that a change may write.
_FACTS = tuple(c.name for c in entry.c if c.name not in ("keys", "written"))
_CHANGING = tuple(name for name in _FACTS if name not in ("id", "source_id", "slug", "first_seen"))
_STANDING = ("left_out", "shown", "archive", "expires")
_STORED = select(*(entry.c[name] for name in _FACTS), entry_body.c.body).join_from(entry, entry_body)
_PAGE = 200  # entries read at a time
_YOUNG = timedelta(days=31)  # so long an entry may wait for the issue that carries it


# --- reading ---


def checks(connection: Connection) -> Mapping[str, Check]:
    found = connection.execute(select(source.c.source_id, source.c.found))
    return {source_id: rows.load(Check, text, source_id=source_id) for source_id, text in found}


def known(connection: Connection, source_id: str) -> tuple[Known, ...]:
    wanted = (entry.c[name] for name in Known.__slots__)
    found = connection.execute(select(*wanted).where(entry.c.source_id == source_id).order_by(entry.c.id)).mappings()
    return tuple(Known(**{**row, "keys": json.loads(row["keys"])}) for row in found)


def entries(
    connection: Connection, *, source: str = "", since: datetime | None = None, ids: Iterable[str] | None = None
) -> Iterator[Entry]:
    wanted = _STORED.order_by(entry.c.first_seen.desc(), entry.c.id)
    if source:
        wanted = wanted.where(entry.c.source_id == source)
    if since is not None:
        wanted = wanted.where((entry.c.first_seen >= since) | (entry.c.shown >= since))
    if ids is not None:
        wanted = wanted.where(among(connection, entry.c.id, ids))
    return (_entry(row) for row in streamed(connection, wanted, _PAGE))


def revisions(connection: Connection, entry_id: str) -> tuple[tuple[datetime, Entry], ...]:
    former = select(revision.c.at, revision.c.former).where(revision.c.entry_id == entry_id).order_by(revision.c.number)
    return tuple((at, rows.load(Entry, text)) for at, text in connection.execute(former))


def changed(connection: Connection, since: int) -> tuple[int, tuple[str, ...]]:
    """The number comes first: on PostgreSQL each statement sees what was committed before it, and what came between the
    two is left to the next who asks."""
    number = record.last_change(connection)
    written = select(entry.c.id).where(entry.c.written > since, entry.c.written <= number)
    by_moment = written.order_by(func.coalesce(entry.c.shown, entry.c.first_seen), entry.c.first_seen, entry.c.id)
    return number, tuple(connection.scalars(by_moment))


def _entry(row: RowMapping) -> Entry:
    facts = dict(row)
    return rows.load(Entry, facts.pop("body"), **facts)


# --- saving ---


def save(connection: Connection, *many: Changes) -> None:
    """Facts move forward only: an entry that is there is not entered again, a change that is there not made again."""
    record.touch(connection, max(one.at for one in many))  # first: it waits for its turn, see `record`
    insert_or_replace(connection, source, [_check_row(one.check) for one in many], "source_id")
    many = _with_own_ids(connection, many)
    told = [e for one in many for e in (*one.new, *one.changed)]
    former = _former(connection, told)
    entered = [e for e in told if e.id not in former]
    number = record.next_change(connection) if entered else None
    _enter(connection, entered, {entry_id: keys for one in many for entry_id, keys in one.keys.items()}, number)
    written: set[str] = set()
    for one in many:
        written |= _revise(connection, [e for e in one.changed if e.id in former], former, one.at)
        _learn_keys(connection, one)
        written |= _withdraw(connection, one.withdrawn, one.at)
        written |= _take_back(connection, one.reappeared, one.at)
    _number(connection, written, number)


def _with_own_ids(connection: Connection, many: tuple[Changes, ...]) -> tuple[Changes, ...]:
    """The same, where no new entry has an id that another source's has. Ids are made of their source's: one that was
    renamed keeps those of its old name, which is somebody else's by now."""
    ids = [e.id for one in many for e in one.new]
    if not ids:
        return many
    found = connection.execute(select(entry.c.id, entry.c.source_id).where(among(connection, entry.c.id, ids)))
    holders: dict[str, str] = dict(found.all())
    return tuple(_with_ids_beside(one, holders) for one in many)


def _with_ids_beside(one: Changes, holders: Mapping[str, str]) -> Changes:
    """`holders`: which source has an id."""
    taken = [e.id for e in one.new if holders.get(e.id, one.source_id) != one.source_id]
    if not taken:
        return one
    own = {i: blake2b(f"{one.source_id} {i}".encode(), digest_size=10).hexdigest() for i in taken}
    new = tuple(replace(e, id=own[e.id], slug=f"{e.slug}-{own[e.id]}") if e.id in own else e for e in one.new)
    return replace(one, new=new, keys={own.get(i, i): keys for i, keys in one.keys.items()})


def over(connection: Connection, now: datetime) -> Iterator[Entry]:
    """In the order of the index: by any other SQLite would look at every entry there is."""
    gone = (entry.c.expires <= now) & (entry.c.left_out != FORGOTTEN) & (entry.c.source_id != ANNOUNCEMENTS)
    wanted = _STORED.where(gone).order_by(entry.c.expires, entry.c.id)
    return (_entry(row) for row in streamed(connection, wanted, _PAGE))


def forget(connection: Connection, entries: Iterable[Entry]) -> None:
    """Its slug repeats its title: from now on it is called by its id."""
    if gone := tuple(entries):
        kept = ("source_id", "id", "area", "section", "published")
        bare = [Entry(**{name: getattr(e, name) for name in kept}) for e in gone]
        record.take_turn(connection)
        connection.execute(_FORGET, [{"which": e.id, "slug": e.id, "left_out": FORGOTTEN} for e in gone])
        connection.execute(_REWRITE, [{"which": b["entry_id"], "body": b["body"]} for b in map(_body, bare)])
        connection.execute(delete(revision).where(among(connection, revision.c.entry_id, (e.id for e in gone))))
        _number(connection, {e.id for e in gone})


def set_standing(connection: Connection, entries: Iterable[Entry]) -> None:
    _set(connection, entries, _STANDING)


def set_expiry(connection: Connection, entries: Iterable[Entry]) -> None:
    _set(connection, entries, ("expires",))


def withhold(connection: Connection, source_id: str, area: Area, keep_days: int | None) -> None:
    mine = source.c.source_id == source_id
    if (found := connection.scalar(select(source.c.found).where(mine).with_for_update())) is not None:
        check = replace(rows.load(Check, found, source_id=source_id), area=area, keep_days=keep_days)
        connection.execute(update(source).where(mine).values(found=_check_row(check)["found"]))


def _set(connection: Connection, entries: Iterable[Entry], names: tuple[str, ...]) -> None:
    if written := [{"which": e.id} | {name: getattr(e, name) for name in names} for e in entries]:
        record.take_turn(connection)
        columns: dict[str, Any] = {name: bindparam(name) for name in names}
        connection.execute(update(entry).where(entry.c.id == bindparam("which")).values(columns), written)
        _number(connection, {one["which"] for one in written})


def rename_source(connection: Connection, old: str, new: str) -> None:
    record.take_turn(connection)
    former = connection.execute(select(source.c.found).where(source.c.source_id == old)).scalar()
    if former is not None:
        mine = set(connection.scalars(select(entry.c.id).where(entry.c.source_id == old)))
        connection.execute(insert(source).values(source_id=new, found=former))
        connection.execute(update(entry).where(entry.c.source_id == old).values(source_id=new))
        connection.execute(delete(source).where(source.c.source_id == old))
        _number(connection, mine)


def _check_row(check: Check) -> dict[str, str]:
    return {"source_id": check.source_id, "found": rows.dump(check, without=("source_id",))}


def _number(connection: Connection, written: Set[str], number: int | None = None) -> None:
    """What this transaction wrote has its number, maybe taken before; one that wrote no entry takes none."""
    if written:
        number = number or record.next_change(connection)
        connection.execute(update(entry).where(among(connection, entry.c.id, written)).values(written=number))


def _former(connection: Connection, told: Sequence[Entry]) -> Mapping[str, Entry]:
    """Those of the entries that are there, as they stand, locked until the end."""
    if not told:
        return {}
    wanted = _STORED.where(among(connection, entry.c.id, (e.id for e in told))).with_for_update()
    return {row["id"]: _entry(row) for row in connection.execute(wanted).mappings()}


def _enter(
    connection: Connection, new: Sequence[Entry], keys: Mapping[str, Mapping[str, str]], number: int | None
) -> None:
    if not new:
        return
    fresh = _with_free_slugs(connection, new)
    facts = [{**_facts(e), "keys": _json(keys.get(e.id, {})), "written": number} for e in fresh]
    insert_unless_there(connection, entry, facts, "id")
    insert_unless_there(connection, entry_body, [_body(e) for e in fresh], "entry_id")


def _with_free_slugs(connection: Connection, new: Sequence[Entry]) -> list[Entry]:
    """A slug is made from a title, and only here is it known that another entry's page has it: then the id is added."""
    wanted = select(entry.c.slug, entry.c.id).where(among(connection, entry.c.slug, (e.slug for e in new)))
    holders: dict[str, str] = dict(connection.execute(wanted).all())
    return [e if holders.setdefault(e.slug, e.id) == e.id else replace(e, slug=f"{e.slug}-{e.id}") for e in new]


def _revise(connection: Connection, changed: Sequence[Entry], former: Mapping[str, Entry], at: datetime) -> Set[str]:
    """The ids of those that really changed."""
    later = [replace(e, slug=former[e.id].slug, first_seen=former[e.id].first_seen) for e in changed]
    # Hidden while its source was being read: it stays so.
    later = [replace(e, left_out=former[e.id].left_out) if hidden_at(former[e.id].left_out) else e for e in later]
    later = [_taken_back(e, former[e.id], at) for e in later]
    later = [e for e in later if e != former[e.id] and e.revision >= former[e.id].revision]
    if not later:
        return frozenset()
    connection.execute(_KEEP_FORMER, [{"of": e.id, "at": at, "former": rows.dump(former[e.id])} for e in later])
    connection.execute(_REVISE, [{"which": e.id} | {name: getattr(e, name) for name in _CHANGING} for e in later])
    connection.execute(_REWRITE, [{"which": b["entry_id"], "body": b["body"]} for b in map(_body, later)])
    return {e.id for e in later}


def _learn_keys(connection: Connection, changes: Changes) -> None:
    """An entry may stay the same and yet be named anew."""
    entered = {e.id for e in changes.new}
    learnt = [{"which": i, "keys": _json(keys)} for i, keys in changes.keys.items() if i not in entered]
    if learnt:
        connection.execute(_LEARN, learnt)


def _withdraw(connection: Connection, ids: Sequence[str], at: datetime) -> Set[str]:
    return _date_withdrawal(connection, ids, at, entry.c.withdrawn.is_(None)) if ids else frozenset()


def _taken_back(later: Entry, former: Entry, at: datetime) -> Entry:
    """The same, but where it comes back in other words: see `_take_back`."""
    if not former.withdrawn or not former.shown or former.shown >= at or later.withdrawn:
        return later
    return replace(later, shown=at) if former.withdrawn - former.shown < _YOUNG else later


def _take_back(connection: Connection, ids: Sequence[str], at: datetime) -> Set[str]:
    """What went when it was young, such as a draft that was shown too soon, is shown from now on: no issue may have
    carried it. What was older had its issue; a folder that was empty for an hour makes no news."""
    if not ids:
        return frozenset()
    gone = select(entry.c.id, entry.c.shown, entry.c.withdrawn).where(among(connection, entry.c.id, ids))
    found = connection.execute(gone.where(entry.c.withdrawn.is_not(None), entry.c.shown < at)).all()
    if young := [id_ for id_, shown, withdrawn in found if withdrawn - shown < _YOUNG]:
        connection.execute(update(entry).where(among(connection, entry.c.id, young)).values(shown=at))
    return _date_withdrawal(connection, ids, None, entry.c.withdrawn.is_not(None))


def _date_withdrawal(
    connection: Connection, ids: Sequence[str], at: datetime | None, where: ColumnElement[bool]
) -> Set[str]:
    """The ids of those it was written to; asked first, as a SQLite of before 3.35 knows no RETURNING."""
    wanted = select(entry.c.id).where(among(connection, entry.c.id, ids), where)
    found = set(connection.scalars(wanted))
    if found:
        connection.execute(update(entry).where(among(connection, entry.c.id, found)).values(withdrawn=at))
    return found


def _facts(one: Entry) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _FACTS}


def _body(one: Entry) -> dict[str, str]:
    return {"entry_id": one.id, "body": rows.dump(one, without=_FACTS)}


def _json(keys: Mapping[str, str]) -> str:
    return rows.compact(dict(keys))


_earlier = revision.alias()
_KEEP_FORMER = insert(revision).values(
    entry_id=bindparam("of"),
    number=select(func.coalesce(func.max(_earlier.c.number), 0) + 1)
    .where(_earlier.c.entry_id == bindparam("of"))
    .scalar_subquery(),
    at=bindparam("at"),
    former=bindparam("former"),
)
_REVISE = update(entry).where(entry.c.id == bindparam("which")).values({name: bindparam(name) for name in _CHANGING})
_REWRITE = update(entry_body).where(entry_body.c.entry_id == bindparam("which")).values(body=bindparam("body"))
_FORGET = (
    update(entry)
    .where(entry.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in ("slug", "left_out")})
)
_LEARN = update(entry).where(entry.c.id == bindparam("which")).values(keys=bindparam("keys"))
