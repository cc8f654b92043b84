"""Every call into the world may fail: the next round does what was left undone, and nothing is lost or told twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from aggregator.errors import RenderError, StoreError
from aggregator.jobs.sending.hands import IN_HAND
from aggregator.store import open_store
from tests.build import days
from tests.fakes import FakeDesk, FakeDisk, FakeMail
from tests.jobs.rounds import FILES, NOTE, Ports, facts, handed, look, prepared, run


class Failing:
    """The ports and the templates, whose nth call raises, whichever it is."""

    def __init__(self, fails_at: int) -> None:
        self.left = fails_at
        self.failed = ""

    def call(self, name: str, fault: Exception) -> None:
        self.left -= 1
        if self.left == 0:
            self.failed = name
            raise fault

    def around(self, port: Any, fault: Exception) -> Any:
        return _Around(port, fault, self.call)


class _Around:
    def __init__(self, port: Any, fault: Exception, call: Callable[[str, Exception], None]) -> None:
        self._port, self._fault, self._call = port, fault, call

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def called(*args: Any, **options: Any) -> Any:
            self._call(f"{type(self._port).__name__}.{name}", self._fault)
            return found(*args, **options)

        return called


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory, where there is one: hundreds of commits wait for no disk."""
    memory = "/dev/shm"
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def scene(place: Path) -> Path:
    """The database of a site whose issues are due."""
    with closing(open_store(f"sqlite:///{place}/scene/a.db")) as store:
        prepared(store)
    return place / "scene"


def rounds(scene: Path, folder: Path, fails_at: int) -> tuple[Any, FakeMail, str, int]:
    """A round that fails at that call, the one after it, and one that finds nothing to do; how much is unknown."""
    shutil.copytree(scene, folder)
    failing, mail, templates = Failing(fails_at), FakeMail(), look()
    with closing(open_store(f"sqlite:///{folder}/a.db")) as store:
        sound = Ports(store, FakeDisk(FILES), FakeDesk({"settimanale/next": NOTE}), mail)
        broken = Ports(
            failing.around(store, StoreError("store: the disk is full")),
            failing.around(sound.disk, OSError(5, "Input/output error")),
            failing.around(sound.desk, StoreError("newsletters/settimanale/next.md: cannot be read")),
            failing.around(mail, OSError(104, "Connection reset by peer")),
        )
        with suppress(StoreError, OSError):
            run(broken, failing.around(templates, RenderError("templates/newsletter/default/issue.html:1: wrong")))
        _, report = run(sound, templates)
        told = facts(store), sound.desk.notes  # type: ignore[attr-defined]
        before = len(mail.sent)
        composed, again = run(sound, templates)
        assert (composed.issues, sum(again.counts.values()), len(mail.sent)) == ((), 0, before)
        assert (facts(store), sound.desk.notes) == told  # type: ignore[attr-defined]
    return told, mail, failing.failed, report.counts["unknown"]


def test_an_error_at_any_call_costs_no_story_and_no_mail(scene: Path, place: Path) -> None:
    goal, mail, failed, unknown = rounds(scene, place / "goal", fails_at=0)
    once = handed(mail.sent)
    assert (failed, unknown, set(once.values())) == ("", 0, {1})
    names, number = set(), 0
    while number == 0 or failed:
        number += 1
        told, mail, failed, unknown = rounds(scene, place / str(number), fails_at=number)
        names.add(failed)
        assert told == goal, f"call {number}, {failed}"
        sent = handed(mail.sent)
        assert sent.keys() == once.keys(), f"call {number}, {failed}"
        assert sent.total() - once.total() <= unknown <= IN_HAND, f"call {number}, {failed}"
    assert names > {"FakeMail.send", "FakeDesk.note", "FakeDesk.file_away", "FakeDisk.attachment", "Templates.render"}
    assert names > {
        f"SqlStore.{name}" for name in ("add_issue", "queue_issue", "claim", "subscribers_of", "recover", "touch")
    }


def test_what_the_note_put_off_is_told_by_the_next_issue_and_what_it_skipped_by_none(scene: Path, place: Path) -> None:
    shutil.copytree(scene, place / "next")
    with closing(open_store(f"sqlite:///{place}/next/a.db")) as store:
        ports = Ports(store, FakeDisk(FILES), FakeDesk({"settimanale/next": NOTE}), FakeMail())
        issues = [
            {i.newsletter: set(i.entries) for i in run(ports, look(), moment)[0].issues}
            for moment in (days(0), days(7))
        ]
    assert issues == [{"settimanale": {"nuova", "decreto"}, "atti": {"decreto"}}, {"settimanale": {"rimandare"}}]
