"""The version a database's tables have -> the one we want. Alembic, slow to import, is asked only when they differ."""

from __future__ import annotations

from threading import Lock

from sqlalchemy import Connection, Engine, column, inspect, select, table

from aggregator.errors import SchemaError
from aggregator.store.dialect import lock_schema, transaction

WANTED = "0009"  # the last revision in migrations/versions

_VERSION = table("alembic_version", column("version_num"))
_ALEMBIC = Lock()  # it keeps what it is doing in module globals: one thread at a time


def bring_up(engine: Engine) -> None:
    """Create the tables or alter them to what this version wants, all or nothing; SchemaError where they are newer."""
    with transaction(engine) as connection:
        if version(connection) == WANTED:
            return
    with _ALEMBIC, transaction(engine, "durable") as connection:
        lock_schema(connection)
        if version(connection) != WANTED:  # another process may have been quicker
            _upgrade(connection)


def version(connection: Connection) -> str | None:
    """The revision the database is at; None while it is empty."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    found: str | None = connection.scalar(select(_VERSION.c.version_num))
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "aggregator.store:migrations")
    config.set_main_option("path_separator", "os")
    found = version(connection)
    try:
        ScriptDirectory.from_config(config).get_revision(found or "base")
    except CommandError as error:
        raise SchemaError(
            f"store: the database has tables of version {found}, newer than {WANTED}, the last this program knows; "
            "install the newer program again, or restore a backup"
        ) from error
    command.upgrade(config, "head")
