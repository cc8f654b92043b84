"""A send that is killed again and again while a mail server that remembers everything looks on.

    told = killed(folder, mails=2000, kills=20, seed=1)

`python -m tests.killing FOLDER PORT` is the process that is killed: it delivers what the store in FOLDER owes.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Lock, Thread
from typing import Any

from aggregator.jobs.sending.deliver import deliver
from aggregator.jobs.sending.hands import IN_HAND
from aggregator.mail import SmtpMail
from aggregator.model import Delivery
from aggregator.settings import Smtp
from aggregator.store import SqlStore, open_store, people
from aggregator.store.dialect import transaction
from aggregator.threads import Threads
from tests.build import NOW, config, days, edition, hours, issue, subscriber
from tests.fakes import FakeDesk, FakeDisk
from tests.jobs.sending import KEYRING, POST

ROOT = Path(__file__).parent.parent


@dataclass
class Told:
    """What the server has got, and what stood `handing` after each death."""

    got: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # recipient: Message-IDs
    lost: list[set[str]] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)  # recipient: how its delivery ended

    @property
    def doubles(self) -> set[str]:
        return {recipient for recipient, ids in self.got.items() if len(ids) > 1}


class Sink(ThreadingTCPServer):
    """Takes every message; calls `moment` at each MAIL, before its word on a message, and after it."""

    daemon_threads = True

    def __init__(self, told: Told) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.told, self.lock = told, Lock()
        self.moment: Callable[[], None] = lambda: None


class _Talk(StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        self._say("220 sink.example")
        recipient = ""
        try:
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    self._say("250-sink.example\r\n250 PIPELINING")
                elif verb == b"DATA":
                    self._say("354 go on")
                    self._take(recipient)
                else:
                    if verb == b"MAIL":
                        self.server.moment()
                    recipient = line[9:-3].decode() if verb == b"RCPT" else recipient
                    self._say("250 yes")
        except ConnectionError:
            return

    def _take(self, recipient: str) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return  # cut short: it was never handed over
            lines.append(line)
        (message_id,) = re.findall(rb"(?m)^Message-ID: (.*)\r$", b"".join(lines))
        with self.server.lock:
            self.server.told.got[recipient].append(message_id.decode())
        self.server.moment()
        self._say("250 taken")
        self.server.moment()

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


def killed(folder: Path, mails: int, kills: int, seed: int) -> Told:
    """Deliver an issue to so many, killed so often on the way, at moments that `seed` chooses."""
    told, dice = Told(), random.Random(seed)
    with closing(open_store(_url(folder))) as store, Sink(told) as sink:
        Thread(target=sink.serve_forever, daemon=True).start()
        _owe(store, mails)
        step = 3 * mails // (kills + 1)
        for _ in range(kills):
            _run(folder, sink, after=dice.randrange(1, step))
            told.lost.append({d.address for d in store.deliveries() if d.state == "handing"})
        _run(folder, sink, after=None)
        told.states = {d.address: d.state for d in store.deliveries()}
        sink.shutdown()
    return told


def _run(folder: Path, sink: Sink, after: int | None) -> None:
    """Until it has done, or is killed at the moment `after` so many others."""
    command = [sys.executable, "-m", "tests.killing", str(folder), str(sink.server_address[1])]
    process = subprocess.Popen(command, cwd=ROOT)
    left = after

    def moment() -> None:
        nonlocal left
        with sink.lock:
            left = left if left is None else left - 1
            if left == 0:
                process.kill()
                process.wait()

    sink.moment = moment
    code = process.wait()
    assert code == (0 if after is None else -9), f"it ended by itself: {code}"


def _owe(store: SqlStore, mails: int) -> None:
    store.opened("settimanale", days(-7))
    store.add_issue("settimanale", days(-7), NOW, NOW, ())
    readers = [subscriber(f"s{n}") for n in range(mails)]
    with transaction(store._engine, "write") as connection:
        for one in readers:
            people.save_subscriber(connection, one)
    owed = (
        Delivery(f"d{s.id}", "issue", s.address, f"<{s.id}@example.it>", s.id, "settimanale", 1, "it") for s in readers
    )
    store.queue_issue(issue(), [edition()], owed)


def _url(folder: Path) -> str:
    return f"sqlite:///{folder}/a.db"


def main(folder: Path, port: int) -> None:
    look: Any = None  # no issue is frozen here
    store, mail = open_store(_url(folder)), SmtpMail(Smtp("127.0.0.1", port, "none"), "", 999_999)
    deliver(
        config(), store, FakeDisk({}), FakeDesk(), mail, POST, KEYRING, look, hours(1),
        freeze=False, spread=Threads(3).map,
    )  # fmt: skip


def judge(told: Told, mails: int, kills: int) -> None:
    """Nobody is forgotten; what came twice is among what nobody knew the fate of, under the same Message-ID."""
    assert len(told.got) == mails
    assert set(told.states.values()) == {"accepted"}
    assert all(len(set(ids)) == 1 for ids in told.got.values())
    assert told.doubles <= set().union(*told.lost)
    assert sum(map(len, told.lost)) <= kills * IN_HAND


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
