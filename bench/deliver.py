"""What sending costs: an issue of 40 kB to many subscribers, against the bare calls it cannot do without.

    .venv/bin/python bench/deliver.py [MAILS]

Three ways to the same smtp-sink (Debian's postfix package) on loopback: `deliver` with its outbox on the disk; a bare
loop of smtplib with bytes made beforehand; the same loop building each mail with EmailMessage. They take turns, three
rounds, and the best of each counts: the machine may be busy with something else. Wanted: at least half the rate of the
bare loop, at least six times that of building each mail; and no more memory for 50,000 subscribers than for 1,000.
"""

from __future__ import annotations

import re
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from aggregator.jobs.post import Post  # noqa: E402
from aggregator.jobs.sending.deliver import deliver  # noqa: E402
from aggregator.mail import SmtpMail  # noqa: E402
from aggregator.model import Delivery, Edition, Subscriber  # noqa: E402
from aggregator.render.mail.message import ADDRESS_MARK, LEAVE_MARK, build  # noqa: E402
from aggregator.settings import Smtp  # noqa: E402
from aggregator.store import open_store  # noqa: E402
from aggregator.threads import Threads  # noqa: E402
from aggregator.tokens import Keyring  # noqa: E402
from tests.build import NOW, config, days  # noqa: E402
from tests.fakes import FakeDesk, FakeDisk  # noqa: E402

POST = Post("Permessi di soggiorno <notizie@example.it>", "servizi@example.it", "notizie@example.it")
ROUNDS = 3
CONNECTIONS = 3
SITE = config()
LINE = "Le domande si presentano allo sportello del Comune, perché così è più semplice per chi ne ha diritto. "
HTML = "".join(f"<h3>Avviso {n}</h3>\n<p>{LINE * 3}</p>\n" for n in range(80))
FOOT = f"Inviata a {ADDRESS_MARK} · {LEAVE_MARK}\n"
EDITION = Edition(
    "settimanale", 1, "it", (), "Permessi di soggiorno n. 1/2026 – 80 novità", HTML + FOOT, LINE * 60 + FOOT
)


def address(number: int) -> str:
    return f"ufficio{number}@comune{number % 97}.example"


@contextmanager
def sink() -> Iterator[int]:
    """The port of an smtp-sink that swallows whatever it is given."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "500"])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def ours(port: int, mails: int, edition: Edition = EDITION) -> float:
    """Seconds to deliver an issue that is frozen, with its outbox on the disk."""
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/a.db")
        owe(store, mails, edition)
        mail = SmtpMail(Smtp("127.0.0.1", port, "none"), "", 999_999)
        start = perf_counter()
        threads = Threads(CONNECTIONS).map
        report = deliver(
            SITE,
            store,
            FakeDisk({}),
            FakeDesk(),
            mail,
            POST,
            Keyring(b"k" * 32),
            None,
            NOW,
            spread=threads,  # type: ignore[arg-type]
        )
        took = perf_counter() - start
        assert report.counts["accepted"] == mails, report
        mail.close()
        store.close()
    return took


def owe(store: Any, mails: int, edition: Edition) -> None:
    store.opened("settimanale", days(-7))
    issue = store.add_issue("settimanale", days(-7), NOW, NOW, ())
    for number in range(mails):
        store.save_subscriber(Subscriber(f"s{number}", address(number), "confirmed", "it"))
    owed = (
        Delivery(f"d{n}", "issue", address(n), f"<issue.settimanale.1.{n}@example.it>", f"s{n}", "settimanale", 1, "it")
        for n in range(mails)
    )
    store.queue_issue(issue, [edition], owed)


def bare(port: int, mails: int) -> float:
    """Seconds of a loop that sends what was made beforehand, and remembers nothing."""
    made = [(address(n), prebuilt(n)) for n in range(mails)]
    with smtplib.SMTP("127.0.0.1", port, "example.it") as server:
        start = perf_counter()
        for recipient, message in made:
            server.sendmail("notizie@example.it", recipient, message)
        return perf_counter() - start


def prebuilt(number: int) -> bytes:
    leave = f"mailto:notizie@example.it?subject=token{number}"
    return build(
        EDITION, sender=POST.sender, recipient=address(number), reply_to="", message_id=f"<{number}@example.it>",
        date=NOW, leave=(leave,), list_id="<settimanale.example.it>",
    )  # fmt: skip


def built_each(port: int, mails: int) -> float:
    """Seconds of a loop that makes each mail by the standard library as it goes."""
    with smtplib.SMTP("127.0.0.1", port, "example.it") as server:
        start = perf_counter()
        for number in range(mails):
            server.send_message(standard(number))
        return perf_counter() - start


def standard(number: int) -> EmailMessage:
    leave = f"mailto:notizie@example.it?subject=token{number}"
    words = {ADDRESS_MARK: address(number), LEAVE_MARK: leave}
    text, html = EDITION.text, EDITION.html
    for mark, word in words.items():
        text, html = text.replace(mark, word), html.replace(mark, word)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = POST.sender, address(number), EDITION.subject
    mail["Message-ID"], mail["List-Unsubscribe"] = f"<{number}@example.it>", f"<{leave}>"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail


def memory(mails: int) -> int:
    """Megabytes a process of its own takes at most while it delivers to so many."""
    done = subprocess.run(
        [sys.executable, __file__, "--memory", str(mails)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def measure(mails: int) -> None:
    ways: dict[str, tuple[Callable[[int, int], float], int]] = {
        "deliver": (ours, mails), "bare loop": (bare, mails), "EmailMessage": (built_each, max(mails // 10, 1)),
    }  # fmt: skip
    rates = dict.fromkeys(ways, 0.0)
    with sink() as port:
        for _ in range(ROUNDS):
            for name, (way, some) in ways.items():
                rates[name] = max(rates[name], some / way(port, some))
    print(f"{mails} mails of {len(prebuilt(0)) // 1000} kB, messages a second: "
          + ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items()))  # fmt: skip
    print(f"{rates['deliver'] / rates['bare loop']:.2f} of the bare loop (wanted: 0.5 at least), "
          f"{rates['deliver'] / rates['EmailMessage']:.1f} times EmailMessage (wanted: 6 at least)")  # fmt: skip
    few, many = memory(1000), memory(50_000)
    print(f"memory: {few} MB for 1,000 subscribers, {many} MB for 50,000")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        small = Edition("settimanale", 1, "it", (), "Prova", f"<p>{FOOT}</p>", FOOT)
        with sink() as port:
            ours(port, int(sys.argv[2]), small)
        # Not ru_maxrss: a child begins with its parent's.
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        print(int(peak[1]) // 1024 if peak else 0)
    else:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
