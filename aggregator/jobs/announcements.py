"""announcements/ | parse | decide | save: the folder is a source whose network is the disk.

Read before every job that shows something, so that an editor's change is there when it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aggregator.errors import SourceError
from aggregator.intake.decide import Policy, decide, failed
from aggregator.jobs.windows import open_windows
from aggregator.model import Changes, Check, Entry, Failure, Feed, Problem
from aggregator.parse import announcement
from aggregator.ports import Disk, Store
from aggregator.settings import Config, Source

File = tuple[str, Entry | Problem | None]  # path, and what it holds; None: a draft

ID = "announcements"


def read(config: Config, store: Store, disk: Disk, now: datetime) -> tuple[Changes, tuple[Failure, ...]]:
    """What changed in the folder, saved; and each file that could not be read, with every fault in it. A file at fault
    leaves its entry as it was."""
    source = Source(id=ID, text="full", language=config.site.language)
    check = store.checks().get(ID, Check(ID))
    try:
        files = _files(config, disk)
    except SourceError as error:
        problem = Problem(ID, "fetch", str(error))
        return failed(problem, check, source.every, now), (Failure(ID, problem.text),)
    known = store.known(ID)
    changes = decide(
        Feed(ID, config.site.title, self_url=config.site.url, entries=tuple(_entries(files))),
        known,
        check,
        Policy(source, open_windows(config, now)),
        now,
        unread={announcement.identity(path) for path, found in files if isinstance(found, Problem)},
    )
    if changes.new or changes.changed or changes.withdrawn or changes.reappeared or not known:
        store.save(changes)
    return changes, tuple(_wrong(files))


def folder_faults(config: Config, disk: Disk) -> tuple[tuple[Entry, ...], tuple[Failure, ...]]:
    """What the folder holds and what is wrong in it; nothing is stored."""
    try:
        files = _files(config, disk)
    except SourceError as error:
        return (), (Failure(ID, str(error)),)
    return tuple(_entries(files)), tuple(_wrong(files))


def _files(config: Config, disk: Disk) -> list[File]:
    sections = {s.id: s.kind for s in config.sections}
    return [(path, announcement.parse(path, body, config.site.zone, sections)) for path, body in disk.announcements()]


def _entries(files: Iterable[File]) -> Iterable[Entry]:
    return (found for _, found in files if isinstance(found, Entry))


def _wrong(files: Iterable[File]) -> Iterable[Failure]:
    yield from (Failure(ID, found.text) for _, found in files if isinstance(found, Problem))
    for name, where in announcement.duplicates([path for path, _ in files]).items():
        places = " and ".join(f"announcements/{path}" for path in where)
        yield Failure(ID, f"{places}: two files are called {name}, and the name is the announcement; rename one")
