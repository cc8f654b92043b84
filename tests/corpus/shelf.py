"""The corpus beside the repository: where it lies, and its dated documents. Captured text stays there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus is not there: {CORPUS}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a feed said at a moment; `feed` is its place below institutional/, alike for all its snapshots."""

    feed: str
    at: datetime
    body: bytes


def snapshots() -> Iterator[Snapshot]:
    """Every dated document, oldest first."""
    found = []
    folder = CORPUS / "institutional"
    for path in folder.rglob("*@*"):
        name, _, time = path.stem.partition("@")
        at = datetime.strptime(time, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        found.append(Snapshot((path.parent.relative_to(folder) / name).as_posix(), at, path.read_bytes()))
    yield from sorted(found, key=lambda snapshot: (snapshot.at, snapshot.feed))
