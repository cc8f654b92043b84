"""A pull of a hundred sources of which forty misbehave: each is told in its own words, and costs the others nothing.

The one place where time is asserted: the promise itself is a time, and a generous one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.cli.desk import FRESH, FRESHER, HEAD, Process, rss
from tests.edges.misbehaviours import PROBLEMS, is_slow, serving
from tests.servers import Site, serve

TIMEOUT = 3
GRACE = 5
BAD = sorted(PROBLEMS, key=lambda what: not is_slow(PROBLEMS[what][0]))[:40]


@contextmanager
def bad_sites() -> Iterator[Mapping[str, Site]]:
    """Each on a server of its own."""
    with ExitStack() as stack:
        yield {f"bad-{n}": stack.enter_context(serve(serving(PROBLEMS[what][0]))) for n, what in enumerate(BAD)}


@contextmanager
def good_sources(number: int = 60, per_site: int = 3) -> Iterator[Mapping[str, str]]:
    with ExitStack() as stack:
        sites = [stack.enter_context(serve({"/": rss(FRESH, FRESHER)})) for _ in range(number // per_site)]
        yield {f"good-{n}": sites[n % len(sites)].url(f"/?{n}") for n in range(number)}


def pulled(folder: Path, sources: Mapping[str, str]) -> tuple[Any, float]:
    """A whole pull, in a process of its own and from an empty store: its report, and how many seconds it took."""
    listed = "".join(f"  - {{id: {id_}, url: '{url}'}}\n" for id_, url in sources.items())
    network = f"network: {{timeout: {TIMEOUT}s, max_body: 2MB, allow_private: 127.0.0.0/8}}\n"
    folder.mkdir()
    (folder / "feeds.yaml").write_text(f"{HEAD}{network}sources:\n{listed}", encoding="utf-8")
    began = time.monotonic()
    ran = Process(folder, "--now", "2026-06-12T09:00", "pull", "--json").ended()
    return ran.told, time.monotonic() - began


def test_forty_that_misbehave_cost_no_more_than_the_timeout_and_a_little(tmp_path: Path) -> None:
    with good_sources() as good, bad_sites() as bad:
        alone, needed = pulled(tmp_path / "alone", good)
        told, took = pulled(tmp_path / "all", {id_: site.url() for id_, site in bad.items()} | dict(good))

    assert (len(good), len(bad)) == (60, 40)
    assert (alone["counts"]["fetched"], alone["counts"]["failed"], alone["counts"]["new"]) == (60, 0, 120)
    assert (told["counts"]["fetched"], told["counts"]["failed"], told["counts"]["new"]) == (60, 40, 120)
    said = {failure["source"]: failure["error"] for failure in told["failures"]}
    for (id_, site), what in zip(bad.items(), BAD, strict=True):
        words = PROBLEMS[what][1].format(host=site.authority).replace("0.5 seconds", f"{TIMEOUT} seconds")
        assert said[id_].startswith(words), what
    assert took < TIMEOUT + needed + GRACE
