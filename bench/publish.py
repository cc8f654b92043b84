"""What a publish costs in a site of many years: the first one, and one after a single new entry; only the ratio counts.

    .venv/bin/python bench/publish.py              100,000 entries over ten years, into a folder on disk
    .venv/bin/python bench/publish.py 10000        10,000

The first publish also says how much memory it took at most; it runs in a process of its own.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from merge import CONFIG, SOURCES, filled, generated  # noqa: E402

from aggregator import disk  # noqa: E402
from aggregator.catalogue import Catalogue  # noqa: E402
from aggregator.jobs.publishing.publish import publish  # noqa: E402
from aggregator.model import Changes, Check  # noqa: E402
from aggregator.render.templates import Templates  # noqa: E402
from aggregator.store import open_store  # noqa: E402

NOW = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
YEARS = timedelta(days=3652)


def main(size: int = 100_000) -> None:
    place = Path(tempfile.mkdtemp(dir=os.environ.get("TMPDIR")))
    try:
        filled(place / "a.db", size, YEARS / size).close()
        first, memory = _apart(place, NOW)
        again, _ = _apart(place, NOW + timedelta(minutes=1))
        add_one(place)
        one, _ = _apart(place, NOW + timedelta(minutes=2))
        for name, (cpu, wall, counts) in {"first": first, "nothing new": again, "one new": one}.items():
            print(f"{name}: {cpu:.2f} s of CPU, {wall:.2f} s; {counts}")
        print(
            f"{size} entries: memory at most {memory:.0f} MB; one new entry {first[0] / one[0]:.0f} times faster (CPU)"
        )
    finally:
        shutil.rmtree(place)


def add_one(place: Path) -> None:
    store = open_store(f"sqlite:///{place}/a.db")
    (one,) = islice(generated(), 1)
    seen = NOW + timedelta(minutes=2)
    fresh = replace(one, id="nuova", guid="urn:x:nuova", slug="nuova", first_seen=seen, shown=seen, published=seen)
    store.save(Changes(one.source_id, seen, Check(one.source_id), new=(fresh,)))
    store.close()


def _apart(place: Path, now: datetime) -> tuple[tuple[float, float, dict[str, int]], float]:
    """((CPU seconds, seconds, counts), megabytes) of a publish in a process of its own, start-up left aside."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        told = repr(_measured(place, now))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        os.write(writing, f"({told}, {peak})".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    found: tuple[tuple[float, float, dict[str, int]], float] = eval(text)
    return found


def _measured(place: Path, now: datetime) -> tuple[float, float, dict[str, int]]:
    store = open_store(f"sqlite:///{place}/a.db")
    folder = disk.FolderDisk(None, place / "public")
    templates = Templates(disk.templates(None), CONFIG.site.zone, compiled=disk.Compiled(place / "templates.cache"))
    start, wall = process_time(), perf_counter()
    with closing(Catalogue(place / "catalogue.db")) as catalogue:
        report = publish(CONFIG, store, folder, catalogue, templates, now)
    assert not report.failures, report.failures
    return process_time() - start, perf_counter() - wall, dict(report.counts)


if __name__ == "__main__":
    assert SOURCES
    main(*map(int, sys.argv[1:2]))
