"""Real feed readers take the demo's feeds from our own server: every entry once, nothing twice at the next visit."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.clients.desk import Served, needs, needs_npm, node, run

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

FEEDS = ("all", "news", "agenda")


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


@needs_npm("feedsmith")
@pytest.mark.parametrize("name", FEEDS)
def test_feedsmith_reads_all_three_formats_alike(served: Served, tmp_path: Path, name: str) -> None:
    files = [str(served.public / f"feeds/{name}.{suffix}") for suffix in ("atom", "rss", "json")]
    told = [json.loads(line) for line in node(FEEDSMITH, *files, home=tmp_path).splitlines()]
    assert [one["format"] for one in told] == ["atom", "rss", "json"]
    assert len({one["title"] for one in told}) == 1
    for one in told:
        assert sorted(one["ids"]) == sorted(served.ids(name))
