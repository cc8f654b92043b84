"""A publish that is killed: what is served is whole at every moment, and the next one does what was left undone."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from lxml import etree

from aggregator import disk
from aggregator.catalogue import Catalogue
from aggregator.jobs.publishing.publish import publish
from aggregator.jobs.pulling.hide import hide
from aggregator.model import Report
from aggregator.render.templates import Templates
from aggregator.store import open_store
from tests import rfc4287
from tests.build import NOW, changes, check, days, entry
from tests.jobs.test_publish_changes import SITE

LATER = NOW + timedelta(hours=1)
MOMENTS = 25  # of each of two publishes

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


def published(folder: Path, templates: Templates, killed_at: int | None = None) -> Report:
    """A publish, killed at its nth call into the file system or commit of the catalogue."""
    store = open_store(f"sqlite:///{folder}/a.db")
    with closing(store), closing(Catalogue(folder / "catalogue.db")) as catalogue:
        if killed_at is not None:
            _count(catalogue, killed_at)
        return publish(SITE, store, disk.FolderDisk(None, folder / "public"), catalogue, templates, LATER)


def _count(catalogue: Catalogue, killed_at: int) -> None:
    left = killed_at

    def tick(event: str = "", _arguments: object = ()) -> None:
        nonlocal left
        if event in ("", "open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate"):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    commit = catalogue.commit

    def counted() -> None:
        tick()
        commit()
        tick()

    catalogue.commit = counted  # type: ignore[method-assign]
    sys.addaudithook(tick)


def killed(folder: Path, templates: Templates, moment: int) -> bool:
    child = os.fork()
    if child == 0:
        published(folder, templates, moment)
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


def held(folder: Path) -> dict[str, bytes]:
    public = folder / "public"
    kept = (".manifest", ".unfinished")
    files = (p for p in public.rglob("*") if p.is_file() and p.name not in kept)
    return {p.relative_to(public).as_posix(): p.read_bytes() for p in files}


def filled(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder}/a.db")
    with closing(store):
        for number in range(12):
            when = days(-20 * number)
            told = {"published": when, "first_seen": when, "shown": when, "title": f"Avviso numero {number}"}
            store.save(changes("anci", new=[entry(f"e{number}", tags=("Anci",), **told)], check=_check()))


def changed(folder: Path) -> None:
    """One hidden, one new."""
    store = open_store(f"sqlite:///{folder}/a.db")
    with closing(store):
        hide(next(iter(store.entries(ids=["e3"]))), store, LATER)
        store.save(changes("anci", new=[entry("nuova", title="Bando", first_seen=LATER)], at=LATER, check=_check()))


def _check() -> object:
    return check("anci", url="https://anci.example.it/feed", keep_days=400)


@pytest.mark.parametrize("scene", ["first", "later"])
def test_at_every_moment_all_files_are_whole_and_the_next_publish_finishes(scene: str, templates: Templates) -> None:
    memory = "/dev/shm"
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as place:
        start = Path(place) / "start"
        start.mkdir()
        filled(start)
        if scene == "later":
            published(start, templates)
            changed(start)
        before = held(start)
        goal = Path(shutil.copytree(start, Path(place) / "goal"))
        assert published(goal, templates).failures == ()
        after = held(goal)
        assert after != before
        calls = _calls(start, Path(place), templates)
        for moment in range(0, calls, max(1, calls // MOMENTS)):
            folder = Path(shutil.copytree(start, Path(place) / f"at-{moment}"))
            assert killed(folder, templates, moment)
            whole(held(folder), before, after)
            assert published(folder, templates).failures == ()
            assert held(folder) == after
            shutil.rmtree(folder)


def _calls(start: Path, place: Path, templates: Templates) -> int:
    """How many moments there are to be killed at."""
    low, high = 0, 4096
    while low < high:
        middle = (low + high) // 2
        folder = Path(shutil.copytree(start, place / "tried"))
        if killed(folder, templates, middle):
            low = middle + 1
        else:
            high = middle
        shutil.rmtree(folder)
    return low


def whole(found: Mapping[str, bytes], before: Mapping[str, bytes], after: Mapping[str, bytes]) -> None:
    for path, body in found.items():
        assert body in (before.get(path), after.get(path)), path
        if path.endswith(".atom"):
            assert rfc4287.violations(body) == [], path
        elif path.endswith((".rss", ".xml", ".opml")):
            etree.fromstring(body)
        elif path.endswith(".html"):
            assert body.rstrip().endswith(b"</html>"), path
