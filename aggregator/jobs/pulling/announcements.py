"""announcements/ | parse | decide | save: the folder is a source whose network is the disk.

Read before every job that shows something, so that an editor's change is there when it is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from aggregator.errors import SourceError
from aggregator.intake.checks import failed
from aggregator.intake.decide import decide
from aggregator.intake.policy import Policy
from aggregator.intake.revise import judged
from aggregator.jobs.pulling.reading import crash
from aggregator.jobs.windows import open_windows
from aggregator.model import ANNOUNCEMENTS, Changes, Check, Entry, Failure, Feed, Problem
from aggregator.parse import announcement
from aggregator.ports import Disk, Store
from aggregator.settings import Config, Source

File = tuple[str, Entry | Problem | None]  # path, and what it holds; None: a draft


def read(config: Config, store: Store, disk: Disk, now: datetime) -> tuple[Changes, tuple[Failure, ...]]:
    """What changed in the folder, saved; and each file that could not be read, with every fault in it."""
    changes, failures = decided(config, store, disk, now)
    first = changes.check.first_pull == now and not changes.problem
    if first or changes.new or changes.changed or changes.withdrawn or changes.reappeared:
        store.save(changes)
    return changes, failures


def decided(config: Config, store: Store, disk: Disk, now: datetime) -> tuple[Changes, tuple[Failure, ...]]:
    """The same, and nothing is saved. A file at fault leaves its entry as it was."""
    source = Source(id=ANNOUNCEMENTS, text="full", language=config.site.language)
    check = store.checks().get(ANNOUNCEMENTS, Check(ANNOUNCEMENTS))
    try:
        files = _files(config, disk)
    except SourceError as error:
        problem = Problem(ANNOUNCEMENTS, "fetch", str(error))
        return failed(problem, check, Policy(source), now), (Failure(ANNOUNCEMENTS, problem.text),)
    unread = _unread(files)
    changes = decide(
        Feed(ANNOUNCEMENTS, config.site.title, self_url=config.site.url, entries=tuple(_entries(files, unread))),
        store.known(ANNOUNCEMENTS),
        check,
        Policy(source, open_windows(config, now)),
        now,
        unread=unread,
    )
    changes = judged(changes, {e.id: e for e in store.entries(ids=[e.id for e in changes.changed])})
    return changes, tuple(_wrong(files))


def folder_faults(config: Config, disk: Disk) -> tuple[tuple[Entry, ...], tuple[Failure, ...]]:
    """What the folder holds and what is wrong in it; nothing is stored."""
    try:
        files = _files(config, disk)
    except SourceError as error:
        return (), (Failure(ANNOUNCEMENTS, str(error)),)
    return tuple(_entries(files)), tuple(_wrong(files))


def _files(config: Config, disk: Disk) -> list[File]:
    sections = {s.id: s.kind for s in config.sections}
    return [(path, _parsed(path, body, config, sections)) for path, body in disk.announcements()]


def _parsed(path: str, body: bytes, config: Config, sections: Mapping[str, str]) -> Entry | Problem | None:
    """What one file holds. Any fault of ours costs this file only, or nothing could be published or sent any more."""
    try:
        return announcement.parse(path, body, config.site.zone, sections)
    except Exception as error:  # noqa: BLE001  one odd file never stops the run
        problem = crash(ANNOUNCEMENTS, f"announcements/{path}", error)
        return replace(problem, text=f"announcements/{path}: {problem.text}")


def _unread(files: Iterable[File]) -> frozenset[str]:
    """The names of which nothing is concluded: of files at fault, and of twins, as nobody knows which was first."""
    told = list(files)
    faulty = {announcement.identity(path) for path, found in told if isinstance(found, Problem)}
    return frozenset(faulty | announcement.duplicates([path for path, _ in told]).keys())


def _entries(files: Iterable[File], unread: Collection[str] = ()) -> Iterable[Entry]:
    return (found for _, found in files if isinstance(found, Entry) and found.guid not in unread)


def _wrong(files: Iterable[File]) -> Iterable[Failure]:
    yield from (Failure(ANNOUNCEMENTS, found.text) for _, found in files if isinstance(found, Problem))
    for name, where in announcement.duplicates([path for path, _ in files]).items():
        places = " and ".join(f"announcements/{path}" for path in where)
        yield Failure(
            ANNOUNCEMENTS, f"{places}: two files are called {name}, and the name is the announcement; rename one"
        )
