"""A real Postfix on loopback takes an issue for 300: accepted, refused, put off, and what comes back is read back."""

from __future__ import annotations

import base64
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dkim
import pytest

from aggregator.jobs.sending.deliver import deliver
from aggregator.jobs.sending.returned import read_returns
from aggregator.mail import SmtpMail
from aggregator.maildir import MaildirLetters
from aggregator.model import Delivery, Outcome
from aggregator.returns import Returns
from aggregator.settings import Bounces, Smtp
from aggregator.store import SqlStore, open_store
from aggregator.threads import Threads
from tests.build import NOW, config, days, edition, issue, subscriber
from tests.edges.test_mail import Desk, serving
from tests.fakes import FakeDesk, FakeDisk
from tests.jobs.sending import KEYRING, POST

pytestmark = [pytest.mark.clients, pytest.mark.timeout(240)]

MAILS = 300
REFUSED, DEFERRED, BOUNCED = (f"anagrafe-{what}@comune.example.it" for what in ("s7", "s8", "s9"))
RETURNS = Returns(b"un segreto di prova", "notizie@example.it")
LISTS = [b"from", b"to", b"subject", b"date", b"message-id", b"list-id", b"list-unsubscribe", b"feedback-id"]

MAIN = """compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/log/mail
maillog_file_prefixes = {folder}
alternate_config_directories = {folder}/config
myhostname = mx.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
alias_maps =
alias_database =
recipient_delimiter = +
smtpd_recipient_restrictions =
  check_recipient_access inline:{{
    {{{refused} = 550 5.1.1 No such office}} {{{deferred} = 450 4.2.1 Come back later}} }},
  permit_mynetworks, reject
mynetworks = 127.0.0.1/32
relayhost = [127.0.0.1]:{far}
smtp_host_lookup = native
disable_dns_lookups = yes
virtual_mailbox_domains = example.it
virtual_mailbox_base = {folder}
virtual_mailbox_maps = static:bounces/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""
MASTER = """127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
""" + "".join(
    f"{name} {rest}\n"
    for name, rest in {
        "pickup": "unix n - n 60 1 pickup", "cleanup": "unix n - n - 0 cleanup", "qmgr": "unix n - n 300 1 qmgr",
        "rewrite": "unix - - n - - trivial-rewrite", "bounce": "unix - - n - 0 bounce",
        "defer": "unix - - n - 0 bounce", "trace": "unix - - n - 0 bounce", "verify": "unix - - n - 1 verify",
        "smtp": "unix - - n - - smtp", "relay": "unix - - n - - smtp", "error": "unix - - n - - error",
        "retry": "unix - - n - - error", "virtual": "unix - n n - - virtual", "anvil": "unix - - n - 1 anvil",
        "tlsmgr": "unix - - n 1000? 1 tlsmgr", "scache": "unix - - n - 1 scache", "proxymap": "unix - - n - - proxymap",
    }.items()
)  # fmt: skip


@dataclass
class Relay:
    port: int
    far: Desk  # the recipients' server
    bounces: Path
    log: Path


@pytest.fixture
def relay() -> Iterator[Relay]:
    """Our own Postfix, with a folder of its own for all it keeps; what it relays ends at a sink."""
    postfix = shutil.which("postfix")
    if postfix is None or os.getuid() != 0:
        pytest.skip("no Postfix here, or no right to start one")
    far = Desk(recipients={BOUNCED: "550 5.1.1 User unknown"})
    with tempfile.TemporaryDirectory(prefix="postfix-") as name, serving(far) as far_port:
        folder = Path(name)
        port = _configured(folder, far_port)
        command = [postfix, "-c", str(folder / "config")]
        subprocess.run([*command, "start"], check=True, capture_output=True)
        try:
            _wait(lambda: socket.create_connection(("127.0.0.1", port)).close() is None)
            yield Relay(port, far, folder / "bounces", folder / "log/mail")
        finally:
            subprocess.run([*command, "stop"], check=True, capture_output=True)


def _configured(folder: Path, far_port: int) -> int:
    owner = pwd.getpwnam("postfix")
    folder.chmod(0o755)
    for part in ("config", "spool", "data", "log"):
        (folder / part).mkdir(mode=0o755)
    MaildirLetters(folder / "bounces")
    for path in (folder / "data", folder / "bounces", *(folder / "bounces").iterdir()):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    told = {"folder": folder, "far": far_port, "refused": REFUSED, "deferred": DEFERRED}
    told |= {"uid": owner.pw_uid, "gid": grp.getgrnam("postfix").gr_gid}
    (folder / "config/main.cf").write_text(MAIN.format_map(told))
    (folder / "config/master.cf").write_text(MASTER.format(port=port))
    return port


def _wait(there: Callable[[], bool]) -> None:
    given_up = time.monotonic() + 60
    while time.monotonic() < given_up:
        try:
            if there():
                return
        except ConnectionRefusedError:
            pass
        time.sleep(0.1)
    pytest.fail("it did not come within a minute")


class Signing:
    """Signs each mail as a relay would, and hands it over."""

    def __init__(self, mail: SmtpMail, key: bytes) -> None:
        self._mail, self._key = mail, key

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        signature = dkim.sign(message, b"prova", b"example.it", self._key, include_headers=LISTS)
        return self._mail.send(sender, recipient, signature + message)

    def close(self) -> None:
        self._mail.close()


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A private key, and its public half as DNS would tell it."""
    file = tmp_path_factory.mktemp("dkim") / "private.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", file, "2048"], check=True, capture_output=True)
    told = subprocess.run(
        ["openssl", "rsa", "-in", file, "-pubout", "-outform", "DER"], check=True, capture_output=True
    )
    return file.read_bytes(), b"v=DKIM1; k=rsa; p=" + base64.b64encode(told.stdout)


def test_an_issue_for_three_hundred_through_postfix(relay: Relay, tmp_path: Path, key: tuple[bytes, bytes]) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/a.db")) as store:
        _owe(store)
        smtp = SmtpMail(Smtp("127.0.0.1", relay.port, "none"), "", 999_999)
        with closing(Signing(smtp, key[0])) as mail:
            report = _send(store, mail)
        assert Counter(report.counts) == {"accepted": MAILS - 2, "refused": 1, "deferred": 1, "unknown": 0}
        states = {d.address: (d.state, d.detail) for d in store.deliveries()}
        assert states[REFUSED] == ("refused", "550 5.1.1 <address>: Recipient address rejected: No such office")
        assert states[DEFERRED][0] == "deferred"
        assert states[BOUNCED][0] == "accepted", "the relay had taken it"

        _wait(lambda: len(relay.far.got) == MAILS - 3)
        _, _, arrived = relay.far.got[0]
        assert dkim.verify(arrived, dnsfunc=lambda *_args, **_named: key[1]), "the relay altered what was signed"
        assert len({recipients[0] for _, recipients, _ in relay.far.got}) == MAILS - 3

        letters = MaildirLetters(relay.bounces)
        _wait(lambda: bool(list(letters.waiting())))
        told = read_returns(store, letters, Bounces("bounces/", 1), RETURNS, KEYRING, days(1))
        assert told.counts == {"returned": 1, "complaints": 0, "suppressed": 1}
        gone = store.subscriber(BOUNCED)
        assert gone is not None
        assert gone.consent == "bounced"
        assert "User unknown" in gone.evidence
        assert list(letters.waiting()) == []


def _owe(store: SqlStore) -> None:
    store.opened("settimanale", days(-7))
    store.add_issue("settimanale", days(-7), NOW, NOW, ())
    readers = [subscriber(f"s{n}") for n in range(MAILS)]
    for one in readers:
        store.save_subscriber(one)
    owed = (
        Delivery(f"d{s.id}", "issue", s.address, f"<{s.id}@example.it>", s.id, "settimanale", 1, "it") for s in readers
    )
    store.queue_issue(issue(), [edition(text="Perché no?\n" * 50, html="<p>Perché no?</p>" * 50)], owed)


def _send(store: SqlStore, mail: Any) -> Any:
    look: Any = None
    return deliver(
        config(), store, FakeDisk({}), FakeDesk(), mail, replace(POST, returns=RETURNS), KEYRING, look, NOW,
        freeze=False, spread=Threads(3).map,
    )  # fmt: skip
