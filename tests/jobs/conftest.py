"""Jobs on a real store, SQLite only: that both databases answer alike is tests/test_store_contract.py's matter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator import disk
from aggregator.catalogue import Catalogue
from aggregator.jobs.sending.deliver import deliver
from aggregator.model import Report
from aggregator.ports import Store
from aggregator.render.templates import Templates
from aggregator.settings import Config
from aggregator.store import open_store
from tests.build import NOW, config
from tests.fakes import FakeDesk, FakeDisk, FakeMail
from tests.jobs.sending import KEYRING, POST


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/data/aggregator.db"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    opened = Catalogue(":memory:")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def templates() -> Templates:
    """The packaged look."""
    return Templates(disk.templates(None), config().site.zone)


@pytest.fixture
def sending(store: Store, templates: Templates) -> Any:
    """`deliver` with everything it needs; what a test is about is an argument."""

    def run(mail: FakeMail | None = None, now: datetime = NOW, site: Config | None = None, **options: Any) -> Report:
        look = options.pop("look", templates)
        post, where = options.pop("post", POST), options.pop("disk", FakeDisk({}))
        desk = options.pop("desk", FakeDesk())
        used: Any = options.pop("store", store)
        return deliver(site or config(), used, where, desk, mail or FakeMail(), post, KEYRING, look, now, **options)

    return run
