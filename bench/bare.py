"""The bare loop a pull is held against: fetch, take apart, clean, hash, store, and nothing else. No identity, no dates
without zones, no revisions, no politeness: what is left is the floor.

    python bench/bare.py ADDRESS-OF-A-FOLDER-OF-FEEDS COUNT DATABASE     prints {"entries", "cpu", "wall"} as JSON
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any

import nh3
import pycurl
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
TEXTS = {f"{ATOM}summary", f"{ATOM}content", "description", "{http://purl.org/rss/1.0/modules/content/}encoded"}
IN_FLIGHT, A_BATCH, WORKERS = 32, 16, 2

Row = tuple[str, str, str, str, str, bytes]
TABLES = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE entry (guid PRIMARY KEY, title, link, published, text, hash);
"""


def read(bodies: list[bytes]) -> list[Row]:
    return [row for body in bodies for row in _rows(etree.fromstring(body))]


def _rows(root: etree._Element) -> Iterator[Row]:
    for entry in root.iter("item", f"{ATOM}entry"):
        told = {child.tag: child.text or child.get("href") or "" for child in entry}
        texts = [nh3.clean(told[name]) for name in TEXTS if told.get(name)]
        link = told.get("link") or told.get(f"{ATOM}link") or ""
        date = told.get("pubDate") or told.get(f"{ATOM}published") or ""
        moment = parsedate_to_datetime(date).isoformat() if "," in date else date
        facts = (told.get("guid") or told.get(f"{ATOM}id") or link, told.get("title") or told.get(f"{ATOM}title") or "")
        yield (*facts, link, moment, "\n".join(texts), blake2b(repr((facts, texts)).encode()).digest())


def bodies(base: str, count: int) -> Iterator[bytes]:
    """The documents as they arrive."""
    multi, free = pycurl.CurlMulti(), [pycurl.Curl() for _ in range(IN_FLIGHT)]
    waiting, parts = iter(range(count)), {}
    while True:
        while free and (number := next(waiting, None)) is not None:
            curl = free.pop()
            parts[curl] = []
            curl.setopt(pycurl.URL, f"{base}/{number:04}.xml")
            curl.setopt(pycurl.WRITEFUNCTION, parts[curl].append)
            multi.add_handle(curl)
        if len(free) == IN_FLIGHT:
            return
        multi.perform()
        for curl in multi.info_read()[1]:
            multi.remove_handle(curl)
            free.append(curl)
            yield b"".join(parts.pop(curl))
        multi.select(0.05)


def store(database: sqlite3.Connection, rows: list[Row]) -> int:
    with database:
        database.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
    return len(rows)


def pull(
    base: str,
    count: int,
    file: str,
    read: Callable[[list[bytes]], list[Any]] = read,
    store: Callable[[sqlite3.Connection, list[Any]], int] = store,
    tables: str = TABLES,
) -> int:
    database = sqlite3.connect(file)
    database.executescript(tables)
    stored, batch = 0, []
    with ProcessPoolExecutor(WORKERS) as pool:
        reading: list[Future[list[Any]]] = []
        for body in bodies(base, count):
            batch.append(body)
            if len(batch) == A_BATCH:
                reading.append(pool.submit(read, batch))
                batch = []
            while reading and reading[0].done():
                stored += store(database, reading.pop(0).result())
        reading.append(pool.submit(read, batch))
        stored += sum(store(database, one.result()) for one in reading)
    return stored


if __name__ == "__main__":
    started = time.perf_counter()
    entries = pull(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    wall = time.perf_counter() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"entries": entries, "wall": wall, "cpu": sum(u.ru_utime + u.ru_stime for u in used)}))
