"""The demo's portal on the web and its mails, for clients; a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aggregator import cli
from aggregator.app import open_app
from tests.cli.desk import Process
from tests.clients.desk import CHROMIUM, FLAGS, Served
from tests.clients.mails import Mailed, mails, replayed


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its site."""
    folder = tmp_path_factory.mktemp("demo")
    here = Path.cwd()
    os.chdir(folder)
    try:
        assert cli.run(["demo"]) == 0
    finally:
        os.chdir(here)
    return folder / "demo-site"


@pytest.fixture(scope="session")
def served(demo: Path) -> Iterator[Served]:
    process = Process(demo, "serve", "--listen", "127.0.0.1:0")
    try:
        assert process.running.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.running.stdout.readline())
        assert found
        yield Served(found[0], demo / "public")
    finally:
        process.terminate()
        process.ended()


@pytest.fixture(scope="session")
def demo_mails(demo: Path) -> Sequence[Mailed]:
    with closing(open_app(demo / "feeds.yaml")) as app:
        return [mail for issue in app.store.issues() for mail in mails(app, issue, "demo")]


@pytest.fixture(scope="session")
def corpus_mails(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Mailed]:
    with replayed(tmp_path_factory.mktemp("corpus")) as app:
        return [mail for issue in app.store.issues() for mail in mails(app, issue, f"corpus-{issue.number}")]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()
