"""How far down a pull could go: the calls it cannot do without, and not one decision, against the bare loop's.

    .venv/bin/python bench/floor.py              200 generated feeds, 5 rounds

Both read the same documents in one process, without HTTP and without start-up. The bare loop takes apart, cleans,
hashes and stores; a pull must besides recognise entries by their words, look twice at what it cleaned, know what
changed, send entries between processes and keep them so that they are found again. CPU time, medians.
"""

from __future__ import annotations

import json
import pickle
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from hashlib import blake2b
from html import unescape
from itertools import count as counting
from pathlib import Path
from statistics import median
from time import process_time

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import bare  # noqa: E402
from generated import feeds  # noqa: E402
from lxml import etree  # noqa: E402

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


def main(count: int = 200, rounds: int = 5) -> None:
    bodies = list(feeds(count))
    taken: dict[str, list[float]] = {"bare": [], "floor": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            taken["bare"].append(cost(barely, bodies, Path(folder) / "bare.db"))
            taken["floor"].append(cost(indispensable, bodies, Path(folder) / "floor.db"))
    print(f"the least a pull can cost: {median(taken['floor']) / median(taken['bare']):.2f} x the bare loop, in CPU")


def cost(step: Callable[[list[bytes], Path], None], bodies: list[bytes], file: Path) -> float:
    start = process_time()
    step(bodies, file)
    return process_time() - start


def barely(bodies: list[bytes], file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE entry (guid PRIMARY KEY, title, link, published, text, hash)")
    for place in range(0, len(bodies), bare.A_BATCH):
        bare.store(database, bare.read(bodies[place : place + bare.A_BATCH]))
    database.close()


def indispensable(bodies: list[bytes], file: Path) -> None:
    database = sqlite3.connect(file)
    database.executescript(TABLES)
    for place in range(0, len(bodies), bare.A_BATCH):
        told = [one for body in bodies[place : place + bare.A_BATCH] for one in entries(body)]
        travelled = pickle.loads(pickle.dumps(told))
        numbers = counting()
        with database:
            rows = [(e.id, "s", f"{e.title}{place}-{next(numbers)}", k, f, "2026") for e, k, f in travelled]
            database.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
            kept = [(e.id, compact({"title": e.title, "url": e.url, "content": e.content})) for e, _, _ in travelled]
            database.executemany("INSERT INTO entry_body VALUES (?, ?)", kept)
    database.close()


_NUMBERS = counting()


def entries(body: bytes) -> Iterator[tuple[Entry, str, str]]:
    """Each with its keys and its fingerprint."""
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
        yield Entry("s", id=str(next(_NUMBERS)), title=title, url=url, content="".join(clean)), key, mark


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
