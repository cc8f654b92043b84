"""Real feed readers take the demo's feeds from our own server: every entry once, nothing twice at the next visit."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import feedparser
import pytest

from aggregator import cli
from tests.cli.desk import Process

TOOLS = Path(__file__).parents[2] / "build" / "npm"  # where `./run.sh tools` puts what npm has
pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

FEEDS = ("all", "news", "agenda")


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(program), reason=f"no {program} here: apt-get install {package}")


@dataclass(frozen=True, slots=True)
class Served:
    """The demo's portal on the web: its address and its folder."""

    url: str
    public: Path

    def ids(self, name: str) -> set[str]:
        """What a feed holds, as feedparser reads it."""
        return {entry.id for entry in feedparser.parse((self.public / f"feeds/{name}.atom").read_bytes()).entries}

    def feed(self, name: str, suffix: str = "atom") -> str:
        return f"{self.url}/feeds/{name}.{suffix}"


@pytest.fixture(scope="module")
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


def run(*command: str, home: Path, told: bytes = b"") -> str:
    """What a program says; it has a home of its own, and a minute."""
    environment = os.environ | {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    done = subprocess.run(command, input=told, capture_output=True, timeout=60, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


# --- newsboat ---


@needs("newsboat", "newsboat")
@pytest.mark.parametrize("suffix", ["atom", "rss"])
@pytest.mark.parametrize("name", FEEDS)
def test_newsboat_keeps_every_entry_once(served: Served, tmp_path: Path, name: str, suffix: str) -> None:
    (tmp_path / "urls").write_text(served.feed(name, suffix) + "\n")
    (tmp_path / "config").touch()
    for _ in range(2):
        run("newsboat", "-u", f"{tmp_path}/urls", "-c", f"{tmp_path}/cache", "-C", f"{tmp_path}/config", "-x", "reload",
            home=tmp_path)  # fmt: skip
        kept = sqlite3.connect(tmp_path / "cache").execute("SELECT guid FROM rss_item").fetchall()
        assert sorted(guid for (guid,) in kept) == sorted(served.ids(name))


@needs("newsboat", "newsboat")
def test_newsboat_imports_the_list_of_feeds(served: Served, tmp_path: Path) -> None:
    (tmp_path / "urls").touch()
    run(
        "newsboat",
        "-u",
        f"{tmp_path}/urls",
        "-c",
        f"{tmp_path}/cache",
        "-i",
        f"{served.public}/feeds.opml",
        home=tmp_path,
    )
    listed = (tmp_path / "urls").read_text()
    assert all(f"/feeds/{name}.atom" in listed for name in FEEDS)
    assert "/tags/" in listed


# --- rss2email ---


@needs("r2e", "rss2email")
def test_rss2email_sees_every_entry_and_asks_for_no_document_twice(served: Served, tmp_path: Path) -> None:
    own = ("r2e", "-c", f"{tmp_path}/cfg", "-d", f"{tmp_path}/data.json")
    run(*own, "new", "lettore@example.it", home=tmp_path)
    run(*own, "add", "tutte", served.feed("all"), home=tmp_path)
    for _ in range(2):
        run(*own, "run", "-n", home=tmp_path)
        (kept,) = json.loads((tmp_path / "data.json").read_text())["feeds"]
        assert set(kept["seen"]) == served.ids("all")
        assert kept["etag"]


# --- sfeed ---


@needs("sfeed", "sfeed")
@pytest.mark.parametrize("suffix", ["atom", "rss"])
@pytest.mark.parametrize("name", FEEDS)
def test_sfeed_reads_every_entry(served: Served, tmp_path: Path, name: str, suffix: str) -> None:
    told = run("sfeed", home=tmp_path, told=(served.public / f"feeds/{name}.{suffix}").read_bytes())
    lines = [line.split("\t") for line in told.splitlines()]
    assert sorted(fields[5] for fields in lines) == sorted(served.ids(name))
    assert all(fields[0].isdigit() and fields[1] and fields[2] for fields in lines)


# --- feedsmith ---

FEEDSMITH = """
import { parseFeed } from 'feedsmith'
import { readFileSync } from 'node:fs'
for (const file of process.argv.slice(2)) {
  const { format, feed } = parseFeed(readFileSync(file, 'utf8'))
  const ids = (feed.items ?? feed.entries).map(one => one.id ?? one.guid.value)
  console.log(JSON.stringify({ format, title: feed.title?.value ?? feed.title, ids }))
}
"""


@pytest.mark.skipif(
    not shutil.which("node") or not (TOOLS / "node_modules" / "feedsmith").exists(),
    reason="no feedsmith here: ./run.sh tools, with npm",
)
@pytest.mark.parametrize("name", FEEDS)
def test_feedsmith_reads_all_three_formats_alike(served: Served, tmp_path: Path, name: str) -> None:
    script = TOOLS / "read.mjs"
    script.write_text(FEEDSMITH)
    files = [str(served.public / f"feeds/{name}.{suffix}") for suffix in ("atom", "rss", "json")]
    told = [json.loads(line) for line in run("node", str(script), *files, home=tmp_path).splitlines()]
    assert [one["format"] for one in told] == ["atom", "rss", "json"]
    assert len({one["title"] for one in told}) == 1
    for one in told:
        assert sorted(one["ids"]) == sorted(served.ids(name))
