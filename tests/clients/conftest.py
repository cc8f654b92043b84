"""The demo's portal on the web, for clients."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregator import cli
from tests.cli.desk import Process
from tests.clients.desk import CHROMIUM, Served

FLAGS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("demo")
    here = Path.cwd()
    os.chdir(folder)
    try:
        assert cli.run(["demo"]) == 0
    finally:
        os.chdir(here)
    process = Process(folder / "demo-site", "serve", "--listen", "127.0.0.1:0")
    try:
        assert process.running.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.running.stdout.readline())
        assert found
        yield Served(found[0], folder / "demo-site" / "public")
    finally:
        process.terminate()
        process.ended()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    reason = "playwright is not installed: pip install playwright"
    with pytest.importorskip("playwright.sync_api", reason=reason).sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()
