"""A site with a web side, served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.people import Desk


@pytest.fixture
def people(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "site")
    with made.served():
        yield made
