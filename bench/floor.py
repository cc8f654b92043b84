"""How far down a pull could go: a whole program that makes the calls no pull can do without, and not one decision.

    .venv/bin/python bench/floor.py              1,000 generated feeds, 5 rounds, in turn with the bare loop

It goes to work as bench/bare.py does, over HTTP and in two processes. A pull must besides know its sources from
feeds.yaml, recognise entries by their words, look twice at what it cleaned, know what changed, and keep entries so that
they are found again: of each the calls are made, nothing is concluded from them, and nobody is polite.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from hashlib import blake2b
from html import unescape
from itertools import count as counting
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "bench"))

import bare  # noqa: E402
from lxml import etree  # noqa: E402

from aggregator.config.reading import read as read_config  # noqa: E402
from aggregator.markup import cleaning, nesting, reading  # noqa: E402
from aggregator.model import Entry  # noqa: E402
from aggregator.store.rows import compact  # noqa: E402

TABLES = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE entry (
  id TEXT PRIMARY KEY, source_id TEXT, slug TEXT UNIQUE, keys TEXT, fingerprint TEXT, first_seen TEXT
);
CREATE INDEX by_source ON entry (source_id); CREATE INDEX by_age ON entry (first_seen, id);
CREATE TABLE entry_body (entry_id TEXT PRIMARY KEY, body TEXT);
"""
marked = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


Told = tuple[Entry, str, str]  # with its keys and its fingerprint


def main(count: int = 1000, rounds: int = 5) -> None:
    from pull import BASE, cost, lay_out, serving

    walls, cpus = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, count)
        with serving(folder, validators=True):
            for number in range(rounds):
                words = (BASE, str(count), str(folder / f"{number}.db"))
                least = cost(sys.executable, str(ROOT / "bench/floor.py"), *words, str(folder / "feeds.yaml"))
                wall, cpu = cost(
                    sys.executable, str(ROOT / "bench/bare.py"), *words[:2], str(folder / f"bare{number}.db")
                )
                walls.append(least[0] / wall)
                cpus.append(least[1] / cpu)
    for name, values in (("wall", walls), ("CPU", cpus)):
        print(
            f"the least a pull can cost, {name}: {median(values):.2f} x the bare loop   "
            f"({min(values):.2f} to {max(values):.2f})"
        )


def indispensable(bodies: list[bytes]) -> list[Told]:
    return [one for body in bodies for one in entries(body)]


def store(database: sqlite3.Connection, told: list[Told]) -> int:
    """Sources have entries of one title: their slugs are told apart."""
    with database:
        rows = [(e.id, "s", f"{e.title}-{e.id}", k, f, "2026") for e, k, f in told]
        database.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
        kept = [(e.id, compact({"title": e.title, "url": e.url, "content": e.content})) for e, _, _ in told]
        database.executemany("INSERT INTO entry_body VALUES (?, ?)", kept)
    return len(told)


_NUMBERS = counting()


def entries(body: bytes) -> Iterator[Told]:
    for element in etree.fromstring(body).iter("item", f"{bare.ATOM}entry"):
        told = {child.tag: child.text or child.get("href") or "" for child in element}
        texts = [told[name] for name in bare.TEXTS if told.get(name)]
        clean = [cleaning._DENYING_SEEN.clean(text) for text in texts]
        for text in clean:
            nesting._TAG.findall(text)
        words = "".join(reading._PLAIN_TAG.split(max(texts, key=len, default=""))[::2])
        key = blake2b(unescape(words).encode().translate(None, reading._BLANKS)).hexdigest()
        title, url = told.get("title") or "", told.get("link") or ""
        mark = blake2b(marked({"title": title, "url": url, "texts": texts}).encode()).hexdigest()
        own = blake2b(f"{os.getpid()} {next(_NUMBERS)}".encode(), digest_size=10).hexdigest()
        yield Entry("s", id=own, title=title, url=url, content="".join(clean)), key, mark


if __name__ == "__main__":
    if len(sys.argv) == 5:
        base, count, file, site = sys.argv[1:]
        read_config(Path(site).read_bytes(), site, Path(site).parent)
        bare.pull(base, int(count), file, indispensable, store, TABLES)
    else:
        main(*map(int, sys.argv[1:3]))
