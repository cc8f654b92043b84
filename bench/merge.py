"""What an issue costs in a store ten times as large: select, cluster and route; only the ratio counts.

    .venv/bin/python bench/merge.py              10,000 and 100,000 stored entries, of which 500 are new; 5 rounds
    .venv/bin/python bench/merge.py 2000 3       2,000 and 20,000, 3 rounds

The larger store holds ten times as many years of the same sources. What is timed is what `compose` does of them: read
what the window needs, group it, route it, ask the gate, and say what is owed. CPU time, medians, in turn.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from generated import feeds  # noqa: E402

from aggregator import parse  # noqa: E402
from aggregator.intake.decide import decide  # noqa: E402
from aggregator.intake.policy import Policy  # noqa: E402
from aggregator.jobs.issues.newsroom import Newsroom  # noqa: E402
from aggregator.model import Changes, Check, Entry, Feed, Fetched, Window  # noqa: E402
from aggregator.ports import Store  # noqa: E402
from aggregator.rhythm import Rhythm  # noqa: E402
from aggregator.settings import Condition, Config, Newsletter, Rule, Section, Site, Source  # noqa: E402
from aggregator.store import open_store  # noqa: E402

NOW = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
NEW = 500
WEEK = timedelta(days=7)
SOURCES = 300
RULES = tuple(
    Rule(Condition(title=(f"{word}*",)), section)
    for word, section in (("bando", "atti"), ("delibera", "atti"), ("corso", "agenda"), ("scuola", "agenda"))
)


def main(size: int = 10_000, rounds: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stores = {n: filled(Path(folder) / f"{n}.db", n) for n in (size, 10 * size)}
        taken: dict[int, list[float]] = {n: [] for n in stores}
        for _ in range(rounds):
            for n, store in stores.items():
                taken[n].append(cost(store))
        small, large = (median(found) for found in taken.values())
        print(f"{NEW} new of {size}: {small:.2f} s; of {10 * size}: {large:.2f} s; {large / small:.2f} times")


class NoDesk:
    """Nobody writes notes."""

    def note(self, _newsletter: str, _number: int) -> tuple[str, bytes]:
        return "", b""

    def file_away(self, newsletter: str, number: int) -> None:
        pass


def cost(store: Store) -> float:
    start = process_time()
    window = Window(NOW - WEEK, NOW, NOW)
    due = Newsroom(NEWSLETTER, CONFIG, store, NOW).due(window, NOW - WEEK, 1, NoDesk()).content.news
    taken = process_time() - start
    assert NEW // 2 < len(due) <= NEW, len(due)
    return taken


def filled(place: Path, size: int, apart: timedelta = WEEK / NEW) -> Store:
    """`size` entries, the newest now, the others so far apart before."""
    store = open_store(f"sqlite:///{place}")
    store.opened(NEWSLETTER.id, NOW - WEEK)
    entries = islice(generated(apart), size)
    for batch in iter(lambda: list(islice(entries, 5000)), []):
        for source in {e.source_id for e in batch}:
            mine = tuple(e for e in batch if e.source_id == source)
            store.save(Changes(source, NOW, Check(source), new=mine))
    return store


def generated(apart: timedelta = WEEK / NEW) -> Iterator[Entry]:
    """Newest first."""
    moment, number = NOW, 0
    for number, body in enumerate(feeds(1_000_000)):
        source = CONFIG.sources[number % SOURCES]
        found = parse.document(Fetched(source.id, f"https://{source.id}.example.it/", body), ZoneInfo("Europe/Rome"))
        assert isinstance(found, Feed)
        for one in decide(found, (), Check(source.id), Policy(source), NOW).new:
            moment -= apart
            yield replace(one, published=moment, first_seen=moment, shown=moment, archive=False)


NEWSLETTER = Newsletter("settimanale", Rhythm.parse("mon 08:00"), "La settimana")
CONFIG = Config(
    site=Site("Banco", "https://banco.example.it/"),
    sections=(Section("news", "News"), Section("agenda", "Agenda", "events"), Section("atti", "Atti")),
    sources=tuple(Source(f"s{n}", url=f"https://s{n}.example.it/", section="news") for n in range(SOURCES)),
    newsletters=(NEWSLETTER,),
    rules=RULES,
)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
