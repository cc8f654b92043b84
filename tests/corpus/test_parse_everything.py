"""`aggregator parse --json` over the whole corpus: it reads what feedparser reads, and nothing crashes it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from aggregator import cli
from tests.corpus.shelf import CORPUS, ROOT, needs_corpus

pytestmark = [needs_corpus, pytest.mark.timeout(300)]

SHARDS = 20
ENOUGH = 0.995  # of the real documents: at least feedparser's entries
# Its elements are called rss:item, its attributes have no quotes and its first line is no XML: feedparser, too, finds
# a feed and not one entry in it. `pull` calls it empty.
UNREADABLE = {"feeds/kagisearch__fastfeedparser/benchmark_data/7ef13a42fa7e177a"}

Form = Mapping[str, Any]


@cache
def documents() -> tuple[str, ...]:
    """Every document, hostile ones included."""
    folders = [CORPUS / name for name in ("feeds", "institutional", "abuse")]
    return tuple(sorted(str(path) for folder in folders for path in folder.rglob("*") if path.is_file()))


def real() -> dict[str, tuple[int, int]]:
    """{document captured from a real server: entries that feedparser finds, and that stand in it by a plain count}."""
    items = {row["path"]: int(row["items"]) for row in _table("MANIFEST.tsv") if row["class"].startswith("real-")}
    found = {row["path"]: int(row["entries"]) for row in _table("ORACLE_feedparser.tsv")}
    return {path: (found[path], count) for path, count in items.items()}


def _table(name: str) -> Iterable[dict[str, str]]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def parse(paths: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Form]]:
    """Exit code, and the object printed for each document."""
    code = cli.run(["parse", "--json", *paths])
    return code, _forms(capsys.readouterr().out)


def _forms(out: str) -> list[Form]:
    # Not splitlines(): it also breaks at characters that JSON leaves as they are.
    return [json.loads(line) for line in out.rstrip("\n").split("\n")]


def check(paths: Sequence[str], code: int, forms: Sequence[Form]) -> None:
    assert [form["file"] for form in forms] == list(paths)
    assert code == (1 if any(form["error"] for form in forms) else 0)
    assert [fault for form in forms for fault in _faults(form)] == []


def _faults(form: Form) -> Iterable[str]:
    """What is wrong with one answer."""
    file, feed = form["file"], form["feed"]
    if (feed is None) != bool(form["error"]) or (feed is None) != (form["parser"] is None):
        yield f"{file}: neither a feed nor an error in words: {form}"
    if "crash" in (form["error"] or ""):
        yield f"{file}: {form['error']}"
    for entry in (feed or {}).get("entries", ()):
        dates = [entry[name] for name in ("published", "updated") if entry[name]]
        if not entry["id"]:
            yield f"{file}: an entry without id"
        if any(datetime.fromisoformat(date).utcoffset() != timedelta(0) for date in dates):
            yield f"{file}: a date that is not UTC: {dates}"


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_document_is_read_or_refused_in_words(shard: int, capsys: pytest.CaptureFixture[str]) -> None:
    paths = documents()[shard::SHARDS]
    assert len(paths) > 200
    check(paths, *parse(paths, capsys))


def test_a_process_of_its_own_reads_them_alike() -> None:
    """With the interpreter's own start, encoding and streams."""
    paths = documents()[::100]
    command = [sys.executable, "-m", "aggregator.cli", "parse", "--json", *paths]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=False, timeout=120)
    check(paths, done.returncode, _forms(done.stdout.decode("utf-8")))
    assert b"Traceback" not in done.stderr


def test_no_real_document_gives_fewer_entries_than_feedparser_finds(capsys: pytest.CaptureFixture[str]) -> None:
    known = real()
    _, forms = parse([str(CORPUS / path) for path in known], capsys)
    read = {path: len((form["feed"] or {}).get("entries", ())) for path, form in zip(known, forms, strict=True)}
    fewer = {path: f"{read[path]} of {found}" for path, (found, _) in known.items() if read[path] < found}
    lost = {path: f"{read[path]} of {items}" for path, (_, items) in known.items() if read[path] < items}
    assert len(known) > 250
    assert len(fewer) <= (1 - ENOUGH) * len(known), fewer
    assert lost.keys() <= UNREADABLE, lost
