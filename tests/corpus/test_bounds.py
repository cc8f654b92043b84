"""No document of the corpus costs more than two seconds of a processor and 300 MB, hostile ones included."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from aggregator.answers.window import read_document
from aggregator.model import Fetched, Problem
from tests.corpus.shelf import needs_corpus
from tests.corpus.test_parse_everything import documents

pytestmark = [needs_corpus, pytest.mark.timeout(300)]

SECONDS, BYTES = 2.0, 300_000_000
SHARDS = 8


def costs(paths: Sequence[str]) -> dict[str, str]:
    """What costs too much, in a process whose memory is bounded: read, identified and cleaned, as a pull would."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + BYTES, resource.RLIM_INFINITY))
    found = {}
    for path in paths:
        body = Path(path).read_bytes()
        start = process_time()
        _, told = read_document(Fetched(path, "https://www.example.it/feed", body), ZoneInfo("Europe/Rome"))
        if (took := process_time() - start) > SECONDS:
            found[path] = f"{took:.1f} s"
        elif isinstance(told, Problem) and told.kind == "crash":
            found[path] = told.text
    return found


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded on Linux")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_document_is_cheap(shard: int) -> None:
    paths = documents()[shard::SHARDS]
    assert len(paths) > 600
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(costs, (paths,)) == {}


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded on Linux")
def test_a_document_that_is_too_dear_would_be_seen(tmp_path: Path) -> None:
    hungry = tmp_path / "fame.xml"
    hungry.write_bytes(b"<rss><channel>" + b"<item><title>x</title></item>" * 4_000_000)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(costs, ([str(hungry)],)).keys() == {str(hungry)}
