"""Opening a store: its tables, processes that start and die, and every address that leads nowhere."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text, update
from sqlalchemy.exc import ProgrammingError

from aggregator.errors import LockedError, SchemaError, StoreError
from aggregator.ports import Store
from aggregator.store import SqlStore, open_store, schema, tables
from aggregator.store.dialect import engine_for, transaction
from tests.build import changes, entry, subscriber

ROOT = Path(__file__).parents[2]


def python(code: str, *arguments: str) -> list[str]:
    """A command line for these words of Python, to be run where `aggregator` and `tests` are found."""
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}", *arguments]


# What versions from 0004 on added, taken away.
SINCE_VERSION_4 = (
    *(f"DROP TABLE {name}" for name in ("returned", "suppressed", "change", "pending", "erased")),
    *(f"DROP TABLE {name}" for name in ("skipped", "owed_again", "told", "draft")),
    *(f"ALTER TABLE issue DROP COLUMN {name}" for name in ("hash", "frozen", "note")),
    "ALTER TABLE subscriber DROP COLUMN feeds_key",
    "ALTER TABLE delivery DROP COLUMN first_try",
)


def test_the_migrations_make_the_tables_the_code_expects(store: SqlStore) -> None:
    with transaction(store._engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        assert schema.version(connection) == schema.WANTED


def test_the_entries_of_a_store_of_before_are_all_of_its_first_change(store: SqlStore, store_url: str) -> None:
    """Changes have numbers since version 0003."""
    store.save(changes(new=[entry("a1"), entry("a2")]))
    _take_numbers_away(store)
    again = open_store(store_url)
    assert again.changed(0) == (1, ("a1", "a2"))
    again.save(changes(new=[entry("a3")]))
    assert again.changed(1) == (2, ("a3",))
    again.close()


def test_a_store_of_before_without_entries_has_seen_no_change(store: SqlStore, store_url: str) -> None:
    store.save(changes())
    _take_numbers_away(store)
    again = open_store(store_url)
    assert again.changed(0) == (0, ())
    again.close()


def _take_numbers_away(store: SqlStore) -> None:
    with transaction(store._engine, "write") as connection:
        for line in (
            *SINCE_VERSION_4,
            "DROP INDEX ix_entry_written",
            "ALTER TABLE entry DROP COLUMN written",
            "ALTER TABLE newest DROP COLUMN change",
            "UPDATE alembic_version SET version_num = '0002'",
        ):
            connection.execute(text(line))


def test_who_was_reserved_before_there_were_reserved_feeds_has_a_key(store: SqlStore, store_url: str) -> None:
    """Since version 0008."""
    for one in (subscriber("s1", area="reserved"), subscriber("s2", area="reserved"), subscriber("s3")):
        store.save_subscriber(one)
    with transaction(store._engine, "write") as connection:
        for table in ("subscriber", "pending"):
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN feeds_key"))
        connection.execute(text("ALTER TABLE delivery DROP COLUMN first_try"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
    with closing(open_store(store_url)) as again:
        keys = [one.feeds_key for one in again.subscribers()]
    assert [len(key) for key in keys] == [16, 16, 0]
    assert keys[0] != keys[1]


def test_what_was_stored_is_there_when_the_store_is_opened_again(store_url: str) -> None:
    first = open_store(store_url)
    first.save(changes(new=[entry("a1")]))
    first.close()
    again = open_store(store_url)
    assert list(again.entries()) == [entry("a1")]
    again.close()


def test_alembic_is_not_imported_where_the_tables_are_as_wanted(store: Store, store_url: str) -> None:
    opening = "from aggregator.store import open_store; open_store(sys.argv[1]); sys.exit('alembic' in sys.modules)"
    subprocess.run(python(opening, store_url), check=True)


def test_processes_that_start_for_the_first_time_together_all_start(store_url: str) -> None:
    starting = """
from aggregator.store import open_store
from tests.build import changes, entry
open_store(sys.argv[1]).save(changes(sys.argv[2], new=[entry(sys.argv[2])]))
"""
    together = [subprocess.Popen(python(starting, store_url, f"s{n}")) for n in range(4)]
    assert [one.wait() for one in together] == [0] * 4
    store = open_store(store_url)
    assert sorted(e.id for e in store.entries()) == ["s0", "s1", "s2", "s3"]
    store.close()


def test_tables_are_made_all_or_none(store_url: str) -> None:
    """A stranger's table stands in the way of the last one we make: nothing is made until it is gone."""
    engine = engine_for(store_url)
    with transaction(engine, "write") as connection:
        connection.execute(text("CREATE TABLE newest (stranger INTEGER)"))
    with pytest.raises((StoreError, ProgrammingError), match="newest"):
        open_store(store_url)
    with transaction(engine, "write") as connection:
        assert inspect(connection).get_table_names() == ["newest"]
        connection.execute(text("DROP TABLE newest"))
    engine.dispose()
    open_store(store_url).close()


def test_tables_of_a_newer_version_are_left_alone(store: SqlStore, store_url: str) -> None:
    with transaction(store._engine, "write") as connection:
        connection.execute(update(schema._VERSION).values(version_num="9999"))
    with pytest.raises(SchemaError, match="version 9999, newer than"):
        open_store(store_url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("data/aggregator.db", "expected sqlite:///"),
        ("mysql://localhost/x", "mysql is not known here"),
        ("sqlite://", "name a file"),
        ("sqlite:////dev/null/data/aggregator.db", "cannot create the folder"),
        ("sqlite:////dev", "unable to open"),
    ],
)
def test_a_store_that_cannot_be_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        open_store(url)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "lettera.txt"
    letter.write_text("Gentile Comune, " * 1000)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{letter}")
    assert letter.read_text() == "Gentile Comune, " * 1000


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match=r"store postgresql\+psycopg://ana:\*\*\*@127.0.0.1:1/x") as refused:
        open_store("postgresql://ana:segreto@127.0.0.1:1/x")
    assert "segreto" not in str(refused.value)


def test_without_psycopg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'bollettino\[postgres\]'"):
        open_store("postgresql://ana@127.0.0.1/x")


def test_someone_who_may_not_create_tables_is_told_so(postgres: str) -> None:
    owner = create_engine(postgres.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("DROP ROLE IF EXISTS ospite"))
        connection.execute(text("CREATE ROLE ospite LOGIN"))
    owner.dispose()
    with pytest.raises(StoreError, match="permission denied for schema public"):
        open_store(postgres.replace("postgres:@", "ospite:@"))


def test_a_process_that_dies_half_way_leaves_nothing_and_holds_nothing(store: Store, store_url: str) -> None:
    dying = """
import os
from aggregator.store import open_store, sources
from aggregator.store.dialect import transaction
from tests.build import changes, entry
with transaction(open_store(sys.argv[1])._engine, "write") as connection:
    sources.save(connection, changes(new=[entry(f"e{n}") for n in range(100)]))
    os._exit(9)
"""
    assert subprocess.run(python(dying, store_url), check=False).returncode == 9
    assert list(store.entries()) == []
    store.save(changes(new=[entry("e1")]))
    assert [e.id for e in store.entries()] == ["e1"]


def test_a_job_is_one_machines_at_a_time(store_url: str) -> None:
    """Another machine's run has a store of its own. On SQLite, which is one machine's, files are the locks."""
    here, there = open_store(store_url), open_store(store_url)
    with here.hold("newsletter send"):
        if store_url.startswith("postgresql"):
            with pytest.raises(LockedError, match="on another machine"), there.hold("newsletter send"):
                pass
        with there.hold("pull"):
            pass
    with there.hold("newsletter send"):
        pass
    here.close()
    there.close()


def test_the_lock_of_a_run_that_was_killed_is_free_at_once(store_url: str) -> None:
    holding = """
from aggregator.store import open_store
with open_store(sys.argv[1]).hold("newsletter send"):
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(python(holding, store_url), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        other.kill()
    with closing(open_store(store_url)) as store, store.hold("newsletter send"):
        pass
