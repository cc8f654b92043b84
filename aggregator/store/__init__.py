"""`store:` of feeds.yaml -> the Store of `ports`, its tables made or brought up to date."""

from __future__ import annotations

from aggregator.store import schema
from aggregator.store.dialect import engine_for, prepare_database
from aggregator.store.sql import SqlStore

__all__ = ["SqlStore", "open_store"]


def open_store(url: str) -> SqlStore:
    """Open `sqlite:////absolute/path` (its folder is made) or `postgresql://…`.

    StoreError where it cannot be reached, SchemaError where a newer version wrote it.
    """
    engine = engine_for(url)
    try:
        prepare_database(engine)
        schema.bring_up(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(engine)
