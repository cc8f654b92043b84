"""kill -9 in the middle of composing, freezing and sending: after the restart nothing is lost and nothing told twice.

A real process on real files: the database, the editors' folder, a folder of mails and, beside it, the memory of the
server that took them. Killed at moments spread over all its statements, commits, and calls into the file system.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import event

from aggregator.desk import FolderDesk
from aggregator.jobs.sending.hands import IN_HAND
from aggregator.mail import FolderMail
from aggregator.model import Outcome, Report
from aggregator.store import SqlStore, open_store
from tests.build import days
from tests.fakes import FakeDisk
from tests.jobs.rounds import FILES, NOTE, Ports, facts, handed, look, prepared, run

MOMENTS = 20

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

Tick = Callable[[], None]


class Server:
    """A folder of mails whose server remembers each it took, twice if it took it twice."""

    def __init__(self, folder: Path, tick: Tick) -> None:
        self._mail, self._log, self._tick = FolderMail(folder / "outbox"), folder / "taken", tick

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        outcome = self._mail.send(sender, recipient, message)
        ((address, message_id),) = handed([(recipient, message)])
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{address} {message_id}\n")
        self._tick()
        return outcome

    def close(self) -> None:
        """Nothing is held open."""


def round_in(folder: Path, tick: Tick = lambda: None, week: int = 0) -> tuple[Report, Report]:
    with closing(open_store(f"sqlite:///{folder}/a.db")) as store:
        count_statements(store, tick)
        desk, mail = FolderDesk(folder / "newsletters"), Server(folder, tick)
        return run(Ports(store, FakeDisk(FILES), desk, mail), look(), days(7 * week))


def count_statements(store: SqlStore, tick: Tick) -> None:
    for name in ("begin", "before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(store._engine, name, lambda *_told: tick())


def in_a_child(folder: Path, moment: int) -> int:
    """A round in a process of its own, killed at that moment: how many there were, or how it ended."""
    told, tells = os.pipe()
    child = os.fork()
    if child == 0:
        passed = Counter[str]()

        def tick() -> None:
            passed["ticks"] += 1
            if passed["ticks"] == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(lambda name, _told: tick() if name in ("os.rename", "os.mkdir") else None)
        round_in(folder, tick)
        os.write(tells, str(passed["ticks"]).encode())
        os._exit(0)
    os.close(tells)
    with os.fdopen(told, "rb") as pipe:
        written = pipe.read()
    status = os.waitpid(child, 0)[1]
    return int(written) if written else -os.WTERMSIG(status)


def taken(folder: Path) -> Counter[str]:
    """{recipient and Message-ID: how often the server took it}"""
    log = folder / "taken"
    return Counter(log.read_text(encoding="utf-8").splitlines() if log.exists() else [])


def notes(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text(encoding="utf-8") for p in (folder / "newsletters" / "settimanale").iterdir()}


def remembered(folder: Path) -> object:
    with closing(open_store(f"sqlite:///{folder}/a.db")) as store:
        return facts(store)


@pytest.fixture
def place() -> Iterator[Path]:
    memory = "/dev/shm"
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        start = Path(folder) / "start"
        (start / "newsletters" / "settimanale").mkdir(parents=True)
        (start / "newsletters" / "settimanale" / "next.md").write_text(NOTE, encoding="utf-8")
        with closing(open_store(f"sqlite:///{start}/a.db")) as store:
            prepared(store)
        yield Path(folder)


def copied(place: Path, name: str) -> Path:
    return Path(shutil.copytree(place / "start", place / name))


def test_killed_at_any_moment_a_round_is_finished_by_the_next_one(place: Path) -> None:
    goal = copied(place, "goal")
    moments = in_a_child(goal, moment=0)
    assert moments > MOMENTS
    mailed, told = taken(goal), remembered(goal)
    assert set(mailed.values()) == {1}
    assert notes(goal) == {"2.md": NOTE}
    doubled = 0
    for moment in range(1, moments + 1, moments // MOMENTS):
        folder = copied(place, f"at-{moment}")
        assert in_a_child(folder, moment) == -signal.SIGKILL
        _, sent = round_in(folder)
        assert remembered(folder) == told, f"moment {moment} of {moments}"
        assert taken(folder).keys() == mailed.keys(), f"moment {moment} of {moments}"
        twice = taken(folder).total() - mailed.total()
        assert twice <= sent.counts["unknown"] <= IN_HAND, f"moment {moment} of {moments}"
        assert len(list((folder / "outbox").glob("*.eml"))) == len(mailed)
        doubled += twice
        the_note_was_used_once(folder)
        shutil.rmtree(folder)
    assert doubled <= MOMENTS // 2, "most moments are none of handing over"


def the_note_was_used_once(folder: Path) -> None:
    assert notes(folder) == {"2.md": NOTE}
    composed, _ = round_in(folder, week=1)
    assert [issue.number for issue in composed.issues] == [3], "what the note put off"
    with closing(open_store(f"sqlite:///{folder}/a.db")) as store:
        editions = [store.edition("settimanale", number, "it", ()) for number in (2, 3)]
    assert [edition is not None and "Buona lettura" in edition.text for edition in editions] == [True, False]
