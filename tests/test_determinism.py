"""The same store, configuration, templates and clock give the same bytes, on whatever machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aggregator.app import open_app
from aggregator.demo.servers import sample_server
from aggregator.demo.site import FEEDS, PULL_AT, SEND_AT, lay_out

ROOT = Path(__file__).parents[1]
# What differs from host to host, and from process to process.
HOSTS = {
    "uno": {"PYTHONHASHSEED": "0", "TZ": "Europe/Rome", "LC_ALL": "C"},
    "due": {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"},
    "tre": {"PYTHONHASHSEED": "2", "TZ": "America/Los_Angeles", "LC_ALL": "it_IT.UTF-8"},
}


def test_fresh_sites_with_the_same_clock_have_the_same_pages_feeds_and_mails(tmp_path: Path) -> None:
    with sample_server(FEEDS) as web, ThreadPoolExecutor(len(HOSTS)) as hosts:
        made = list(hosts.map(lambda host: make(tmp_path / host, web.port, HOSTS[host]), HOSTS))
    first, *others = made
    assert len(first) > 60
    assert any(path.startswith("outbox/") for path in first)
    for other in others:
        assert sorted(other) == sorted(first)
        assert [path for path in first if other[path] != first[path]] == []


def make(folder: Path, port: int, host: Mapping[str, str]) -> dict[str, bytes]:
    """{path: bytes} of the output and the mails of a site made from nothing, each command in a process of its own."""
    configuration = lay_out(folder, port, smtp_port=1)
    lines = configuration.read_text(encoding="utf-8").splitlines(keepends=True)
    configuration.write_text("".join(line for line in lines if "smtp:" not in line), encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "secret.key").write_bytes(b"one key for all of them, as tokens are made from it" * 2)
    app = open_app(configuration, lambda: PULL_AT)
    app.import_subscribers((folder / "subscribers.csv").read_bytes(), "subscribers.csv", "prova")
    app.close()
    _run(folder, ["--now", PULL_AT.isoformat(), "pull"], host)
    _run(folder, ["--now", SEND_AT.isoformat(), "run", "--once"], host)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in ("public", "outbox")
        for path in (folder / name).rglob("*")
        if path.is_file()
    }


def _run(folder: Path, words: list[str], host: Mapping[str, str]) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | dict(host)
    command = [sys.executable, "-m", "aggregator.cli", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
