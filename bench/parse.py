"""How many times faster than feedparser we take feeds apart and clean them; a ratio a line. Only ratios count.

    .venv/bin/python bench/parse.py              40 generated feeds; real ones where ../shared/corpus is
    .venv/bin/python bench/parse.py 100 9        100 feeds, 9 rounds (5 otherwise)

Ours is the strict parser with the loose one as its fallback, and all an intake cleans. feedparser does what it does by
default, sanitising included. CPU time, the medians of several rounds in which all take turns.
"""

from __future__ import annotations

import csv
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import feedparser  # noqa: E402
from generated import feeds  # noqa: E402

from aggregator import parse  # noqa: E402
from aggregator.errors import NotWellFormed, ParseError  # noqa: E402
from aggregator.intake.clean import safe_fields  # noqa: E402
from aggregator.model import Feed, Fetched  # noqa: E402
from aggregator.parse import encoding, loose, strict  # noqa: E402

CORPUS = ROOT.parent / "shared" / "corpus"
ZONE = ZoneInfo("Europe/Rome")
URL = "https://www.example.it/feed.xml"
HEADERS = {"content-location": URL, "content-type": "application/xml"}


def main(count: int = 40, rounds: int = 5) -> None:
    warnings.simplefilter("ignore")
    print(table("generated", list(feeds(count)), rounds))
    if (CORPUS / "MANIFEST.tsv").is_file():
        print(table("real", real(), rounds))
    else:
        print(f"the corpus is not there: {CORPUS}")


def real() -> list[bytes]:
    """The documents of the corpus that were captured somewhere, broken ones included."""
    with (CORPUS / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(CORPUS / row["path"]).read_bytes() for row in rows if row["class"].startswith("real-")]


def table(title: str, bodies: Sequence[bytes], rounds: int) -> str:
    taken: dict[str, list[float]] = {name: [] for name in STEPS}
    for _ in range(rounds):
        for name, step in STEPS.items():
            start = process_time()
            for body in bodies:
                step(body)
            taken[name].append(process_time() - start)
    times = {name: median(found) for name, found in taken.items()}
    strictly = sum(is_strict(body) for body in bodies) / len(bodies)
    lines = [f"{title}: {len(bodies)} feeds, {strictly:.1%} take the strict path"]
    lines += [f"  {name:34} {times['feedparser'] / time:5.1f} x feedparser" for name, time in times.items()]
    lines += [f"  ours against loose, both cleaned   {times['loose, cleaned'] / times['ours, cleaned']:5.1f} x"]
    return "\n".join(lines)


def is_strict(body: bytes) -> bool:
    try:
        strict.parse(encoding.read(body)[0], Fetched("bench", URL, body), ZONE)
    except NotWellFormed:
        return False
    return True


def ours(body: bytes) -> Feed | None:
    found = parse.document(Fetched("bench", URL, body), ZONE)
    return found if isinstance(found, Feed) else None


def loosely(body: bytes) -> Feed | None:
    try:
        return loose.parse(encoding.read(body)[0], Fetched("bench", URL, body), ZONE)
    except ParseError:
        return None


def cleaned(feed: Feed | None) -> None:
    for entry in feed.entries if feed else ():
        safe_fields(entry, URL)


STEPS: dict[str, Callable[[bytes], object]] = {
    "feedparser": lambda body: feedparser.parse(body, response_headers=HEADERS),
    "loose": loosely,
    "loose, cleaned": lambda body: cleaned(loosely(body)),
    "ours": ours,
    "ours, cleaned": lambda body: cleaned(ours(body)),
}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
