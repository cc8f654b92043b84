"""Strict and loose say the same of all documents of the corpus that strict reads; these are nearly all real ones."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from aggregator.errors import NotWellFormed
from aggregator.model import Feed, Fetched
from aggregator.parse import encoding, loose, strict

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
ROME = ZoneInfo("Europe/Rome")
URL = "https://www.example.it/feeds/notizie.xml"
# What the share of strictly read documents must not fall below, in tenths of a percent of the class.
AT_LEAST = {"synthetic": 500, "real": 950}

pytestmark = pytest.mark.skipif(not (CORPUS / "MANIFEST.tsv").is_file(), reason=f"the corpus is not there: {CORPUS}")


def documents(kind: str) -> Iterator[tuple[str, bytes]]:
    """(path, document in UTF-8) of the feeds of this kind, real or synthetic."""
    with (CORPUS / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["class"].startswith(kind):
                yield row["path"], encoding.read((CORPUS / row["path"]).read_bytes())[0]


def strictly(document: bytes) -> Feed | None:
    try:
        return strict.parse(document, Fetched("s", URL, b""), ROME)
    except NotWellFormed:
        return None


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", AT_LEAST)
def test_strict_and_loose_give_equal_feeds(kind: str) -> None:
    read, differ, total = 0, [], 0
    for path, document in documents(kind):
        total += 1
        feed = strictly(document)
        read += feed is not None
        if feed is not None and feed != loose.parse(document, Fetched("s", URL, b""), ROME):
            differ.append(path)
    assert differ == []
    assert read * 1000 >= AT_LEAST[kind] * total > 0
