"""All that SQLite and PostgreSQL do differently: how one is opened, begun, locked, and told "unless it is there"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import (
    ARRAY,
    URL,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Insert,
    RowMapping,
    Select,
    Table,
    Text,
    any_,
    create_engine,
    event,
    func,
    literal,
    make_url,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, ProgrammingError, TimeoutError

from aggregator.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Row = Mapping[str, Any]
Kind = Literal["read", "write", "durable", "bare"]

_PATIENCE = 30  # seconds to wait for another writer, or for a server to answer
# kB of pages an SQLite connection may keep. New entries are spread over all indexes: with the usual 2 MB a pull writes
# the same pages again and again.
_CACHE = 16_000
_LOG = 4_000  # pages in the log before it is worked in, with the disk to wait for: the same ones stand there many times
# A writer of SQLite takes its lock at once: one that asks for it half-way cannot wait, it fails. A pull lost with
# the power is pulled again, so it need not wait for the platter; what was handed to a mail server must.
_BEGINNINGS: Mapping[Kind, tuple[str, ...]] = {
    "read": ("BEGIN",),
    "write": ("PRAGMA synchronous = NORMAL", "BEGIN IMMEDIATE"),
    "durable": ("PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"),
    "bare": (),
}
_FORBIDDEN = "42501"  # PostgreSQL's insufficient_privilege
_FIRST_START = 7208346711  # any number; the same for every process that might create the schema


def engine_for(url: str) -> Engine:
    """An engine for `sqlite:////absolute/path` or `postgresql://…`; nothing is connected yet."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise StoreError("store: expected sqlite:///data/aggregator.db or postgresql://user@host/name") from error
    match address.get_backend_name():
        case "sqlite":
            return _sqlite(address)
        case "postgresql":
            return _postgresql(address)
    raise StoreError(f"store: {address.drivername} is not known here; use sqlite:///… or postgresql://…")


# --- SQLite ---


def _sqlite(address: URL) -> Engine:
    if not address.database or address.database == ":memory:":
        raise StoreError("store: name a file, such as sqlite:///data/aggregator.db; facts must outlive the process")
    try:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"store: cannot create the folder of {address.database}: {error.strerror}") from error
    engine = create_engine(address, connect_args={"timeout": _PATIENCE}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; Python's sqlite3 would say it late, or not at all
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG}")
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")


def _begin(connection: Connection) -> None:
    for statement in _BEGINNINGS[connection.get_execution_options().get("kind", "read")]:
        connection.exec_driver_sql(statement)


# --- PostgreSQL ---


def _postgresql(address: URL) -> Engine:
    try:
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": _PATIENCE},
            hide_parameters=True,
            pool_pre_ping=True,  # a server that was restarted in the night is simply connected to again
        )
    except ImportError as error:
        raise StoreError("store: PostgreSQL needs psycopg: pip install 'bollettino[postgres]'") from error


# --- both ---


@contextmanager
def transaction(engine: Engine, kind: Kind = "read") -> Iterator[Connection]:
    """One transaction, undone where anything raises; what only the database can be blamed for becomes a StoreError.

    `durable`: what is committed survives a power cut, not only a killed process. `bare`: SQLite is not told BEGIN.
    """
    try:
        with engine.connect().execution_options(kind=kind) as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        if isinstance(error, ProgrammingError) and getattr(error.orig, "sqlstate", "") != _FORBIDDEN:
            raise  # our own mistake
        raise StoreError(f"store {_name(engine)}: {_first_line(error.orig)}") from error
    except TimeoutError as error:
        raise StoreError(f"store {_name(engine)}: too many readers at once; every connection is taken") from error


def prepare_database(engine: Engine) -> None:
    """Readers and one writer side by side (WAL). The file itself remembers, so only its first opening writes.

    Of several first openings at once SQLite refuses some on the spot, whatever their patience: those ask again.
    """
    if engine.dialect.name == "sqlite":
        given_up = monotonic() + _PATIENCE
        while not _keeps_log(engine, patient=monotonic() < given_up):
            sleep(0.02)


def _keeps_log(engine: Engine, patient: bool) -> bool:
    try:
        with transaction(engine, "bare") as connection:
            if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    except StoreError as error:
        if patient and _is_busy(error.__cause__):
            return False
        raise
    return True


def _is_busy(cause: BaseException | None) -> bool:
    original = cause.orig if isinstance(cause, DBAPIError) else None
    return str(getattr(original, "sqlite_errorname", "")).startswith("SQLITE_BUSY")


def lock_schema(connection: Connection) -> None:
    """Wait until no other process creates or alters the tables; held to the end of the transaction."""
    if connection.dialect.name == "postgresql":  # on SQLite a writer is alone anyway
        connection.execute(select(func.pg_advisory_xact_lock(_FIRST_START)))


@contextmanager
def alone(engine: Engine, job: str) -> Iterator[bool]:
    """Whether nobody else is at this job, on any machine; nobody can begin it while this lasts. PostgreSQL keeps the
    lock as long as the session: a dead process's is free at once. SQLite is one machine's, whose lock is a file."""
    if engine.dialect.name != "postgresql":
        yield True
        return
    name = func.hashtext("bollettino"), func.hashtext(func.current_schema() + f" {job}")
    with ExitStack() as stack:
        try:
            session = stack.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
            stack.callback(session.invalidate)  # ends the session, and its lock with it
            got = bool(session.scalar(select(func.pg_try_advisory_lock(*name))))
        except DBAPIError as error:
            raise StoreError(f"store {_name(engine)}: {_first_line(error.orig)}") from error
        yield got


def streamed(connection: Connection, wanted: Select[Any], at_once: int) -> Iterator[RowMapping]:
    """Its rows, so many held at once. However far they are read, no cursor stays open on the server."""
    with closing(connection.execute(wanted.execution_options(yield_per=at_once))) as found:
        yield from found.mappings()


def among(connection: Connection, column: Column[str], values: Iterable[str]) -> ColumnElement[bool]:
    """`column IN values`, however many: they travel as one parameter."""
    wanted = list(values)
    if connection.dialect.name == "postgresql":
        return column == any_(literal(wanted, ARRAY(Text)))
    return column.in_(select(func.json_each(literal(wanted, sqlite.JSON)).table_valued("value").c.value))


def insert_unless_there(connection: Connection, table: Table, rows: Sequence[Row], *key: str) -> None:
    """Insert the rows; one whose key is there already (without a key: any unique value) leaves what is there."""
    if rows:
        connection.execute(_unless_there(connection.dialect.name, table, key), rows)


def insert_or_replace(
    connection: Connection, table: Table, rows: Sequence[Row], key: str, *, where_newer: str = ""
) -> None:
    """Insert the rows, or write what they name to those with their keys; `where_newer`: only if that column grows."""
    if rows:
        connection.execute(_or_replace(connection.dialect.name, table, key, where_newer, tuple(rows[0])), rows)


# Building a statement takes longer than SQLite needs to run it: each is built once.


@cache
def _unless_there(dialect: str, table: Table, key: tuple[str, ...]) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=key or None)


@cache
def _or_replace(dialect: str, table: Table, key: str, where_newer: str, named: tuple[str, ...]) -> Insert:
    statement = _insert(dialect, table)
    fresh = {name: statement.excluded[name] for name in named if name != key}
    grows = table.c[where_newer] < statement.excluded[where_newer] if where_newer else None
    return statement.on_conflict_do_update(index_elements=[key], set_=fresh, where=grows)


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # 35 ms that an instance on SQLite need not wait

    return postgresql.insert(table)


def _name(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _first_line(error: BaseException | None) -> str:
    """Without the lines that quote the row: they may hold addresses."""
    return str(error).strip().partition("\n")[0]
