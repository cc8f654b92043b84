"""Handing over one message: to real SMTP servers on loopback, well-behaved and not, and to a folder."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from aggregator.mail import FolderMail, SmtpMail, file_name
from aggregator.pace import Lanes, Pace
from aggregator.settings import Smtp
from aggregator.threads import Threads

MESSAGE = b"Message-ID: <issue.news.1.ab@example.it>\r\nSubject: Prova\r\n\r\nCiao\r\n"
FROM, TO = "Notizie <notizie@example.it>", "anagrafe@comune.example"


@dataclass
class Desk:
    """What the server was told, and what it says: an answer by recipient, or by the number of the message."""

    recipients: dict[str, str] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)
    got: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    greetings: list[str] = field(default_factory=list)
    senders: str = "250 OK"
    hang_up_after: int = 0  # messages a connection
    die: str = ""  # the moment at which the connection dies: rcpt, data, dot

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greetings.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.senders.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.senders

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self._die(server, "rcpt")
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        self._die(server, "dot")
        if self.hang_up_after and len(self.got) % self.hang_up_after == 0:
            server.loop.call_soon(server.transport.close)
        return self.verdicts.pop(0) if self.verdicts else "250 Queued as 5F0C"

    def _die(self, server: Any, moment: str) -> None:
        if self.die == moment:
            server.transport.abort()


class Pipelining(Desk):
    """A server that lets commands be sent at once (RFC 2920)."""

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        await super().handle_EHLO(server, session, envelope, hostname, responses)
        return [*responses[:-1], "250-PIPELINING", responses[-1]]


Open = Callable[..., tuple[SmtpMail, Desk]]


@pytest.fixture
def opened() -> Iterator[Open]:
    """opened(desk, **of the server) -> a mail that speaks to a fresh server, and the server's desk."""
    with ExitStack() as stack:

        def open_(desk: Desk | None = None, smtp: dict[str, Any] | None = None, **server: Any) -> tuple[SmtpMail, Desk]:
            desk = desk or Desk()
            port = stack.enter_context(serving(desk, **server))
            mail = SmtpMail(Smtp("127.0.0.1", port, **({"security": "none"} | (smtp or {}))), "secret", rate=1_000_000)
            stack.callback(mail.close)
            return mail, desk

        yield open_


class Bound(Controller):
    """aiosmtpd knocks at the port it was told, so a free one is bound before it starts."""

    def __init__(self, desk: Desk, **options: Any) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        super().__init__(desk, hostname="127.0.0.1", port=self.socket.getsockname()[1], **options)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.socket, ssl=self.ssl_context)


@contextmanager
def serving(desk: Desk, **options: Any) -> Iterator[int]:
    controller = Bound(desk, **{"server_hostname": "localhost"} | options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def test_a_message_is_handed_over_as_it_is(opened):
    mail, desk = opened()
    outcome = mail.send(FROM, TO, MESSAGE)
    assert outcome.state == "accepted"
    assert outcome.detail == "250 Queued as 5F0C"
    assert desk.got == [("notizie@example.it", [TO], MESSAGE)]


def test_one_connection_serves_many_messages(opened):
    mail, desk = opened()
    assert [mail.send(FROM, TO, MESSAGE).state for _ in range(5)] == ["accepted"] * 5
    assert len(desk.got) == 5
    assert desk.greetings == ["example.it"]


def test_several_threads_send_over_connections_of_their_own(opened):
    mail, desk = opened()
    to = [f"ufficio{n}@comune.example" for n in range(40)]
    outcomes = Threads(4).map(lambda one: mail.send(FROM, one, MESSAGE).state, to)
    assert list(outcomes) == ["accepted"] * 40
    assert sorted(recipient for _, (recipient,), _ in desk.got) == sorted(to)
    assert len(desk.greetings) <= 4


def test_where_commands_may_be_sent_at_once_a_refused_recipient_costs_no_other(opened):
    mail, desk = opened(Pipelining(recipients={"via@comune.example": "550 5.1.1 No such user"}))
    outcome = mail.send(FROM, "via@comune.example", MESSAGE)
    assert (outcome.state, outcome.detail) == ("refused", "550 5.1.1 No such user")
    assert mail.send(FROM, TO, MESSAGE).state == "accepted"
    assert [recipients for _, recipients, _ in desk.got] == [[TO]]
    assert desk.greetings == ["example.it"]


def test_where_commands_may_be_sent_at_once_a_refused_sender_is_our_fault(opened):
    mail, desk = opened(Pipelining(senders="550 You may not send as this"))
    assert mail.send(FROM, TO, MESSAGE).state == "deferred"
    desk.senders = "250 OK"
    assert mail.send(FROM, TO, MESSAGE).state == "accepted"


def test_dots_and_a_missing_last_line_end_do_not_hurt(opened):
    mail, desk = opened()
    hostile = b"Subject: x\r\n\r\n.\r\n..\r\n. punto\r\nFrom here\r\n" + b"x" * 990 + b"\r\n."
    assert mail.send(FROM, TO, hostile).state == "accepted"
    assert desk.got[0][2] == hostile + b"\r\n"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("450 4.2.1 Mailbox busy", "deferred"),
        ("451 Greylisted, come back", "deferred"),
        ("550 5.1.1 No such user", "refused"),
        ("554 5.7.1 Refused", "refused"),
        ("530 5.7.0 Authentication required", "deferred"),
        ("421 Too many recipients today", "deferred"),
    ],
)
def test_the_answer_about_a_recipient_settles_that_recipient_only(opened, answer, state):
    mail, desk = opened(Desk(recipients={"via@comune.example": answer}))
    outcome = mail.send(FROM, "via@comune.example", MESSAGE)
    assert (outcome.state, outcome.detail) == (state, answer)
    assert mail.send(FROM, TO, MESSAGE).state == "accepted"
    assert len(desk.got) == 1


@pytest.mark.parametrize(
    ("verdict", "state"), [("452 Disk full", "deferred"), ("554 Spam", "refused"), ("250 Fine", "accepted")]
)
def test_the_verdict_on_a_message_is_kept(opened, verdict, state):
    mail, _ = opened(Desk(verdicts=[verdict]))
    assert mail.send(FROM, TO, MESSAGE).state == state
    assert mail.send(FROM, TO, MESSAGE).state == "accepted"


def test_a_refused_sender_is_our_fault_and_refuses_no_recipient(opened):
    mail, desk = opened(Desk(senders="550 You may not send as this"))
    outcome = mail.send(FROM, TO, MESSAGE)
    assert (outcome.state, outcome.detail) == ("deferred", "550 You may not send as this")
    desk.senders = "250 OK"
    assert mail.send(FROM, TO, MESSAGE).state == "accepted"


@pytest.mark.parametrize(
    ("senders", "recipient", "is_about_us"),
    [
        ("550 You may not send as this", "250 OK", True),
        ("554 5.7.1 Client host rejected", "250 OK", True),
        ("451 Try again later", "250 OK", False),
        ("250 OK", "451 Greylisted, come back", False),
        ("250 OK", "550 5.1.1 No such user", False),
        ("250 OK", "530 5.7.0 Authentication required", True),
    ],
)
def test_a_server_that_refuses_us_is_told_from_one_that_refuses_a_recipient(opened, senders, recipient, is_about_us):
    mail, _ = opened(Desk(senders=senders, recipients={TO: recipient}))
    assert mail.send(FROM, TO, MESSAGE).about_us is is_about_us


def test_a_server_that_is_not_there_is_about_us_and_one_that_hangs_up_is_not(opened):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    outcome = SmtpMail(Smtp("127.0.0.1", port, "none"), "", rate=1_000_000).send(FROM, TO, MESSAGE)
    assert (outcome.state, outcome.about_us) == ("deferred", True)
    assert "Connection refused" in outcome.detail
    mail, _ = opened(Desk(die="rcpt"))
    assert not mail.send(FROM, TO, MESSAGE).about_us


def test_the_servers_words_are_kept_without_addresses(opened):
    mail, _ = opened(
        Desk(recipients={TO: f"550-5.1.1 <{TO}>: unknown,\r\n550 ask postmaster@comune.example {'x' * 400}"})
    )
    detail = mail.send(FROM, TO, MESSAGE).detail
    assert "@" not in detail
    assert detail.startswith("550 5.1.1 <address>: unknown, ask <address>")
    assert len(detail) <= 300


def test_a_connection_that_dies_before_the_message_is_out_is_only_a_delay(opened):
    mail, desk = opened(Desk(die="rcpt"))
    assert mail.send(FROM, TO, MESSAGE).state == "deferred"
    desk.die = ""
    assert mail.send(FROM, TO, MESSAGE).state == "accepted"


def test_a_connection_that_dies_after_the_last_dot_leaves_it_unknown(opened):
    """The server may have taken the message: calling it deferred would send it twice, accepted would lose it."""
    mail, desk = opened(Desk(die="dot"))
    outcome = mail.send(FROM, TO, MESSAGE)
    assert outcome.state == "unknown"
    assert len(desk.got) == 1
    desk.die = ""
    assert mail.send(FROM, TO, MESSAGE).state == "accepted"


def test_a_connection_closed_between_two_messages_is_opened_again(opened):
    mail, desk = opened(Desk(hang_up_after=1))
    assert [mail.send(FROM, TO, MESSAGE).state for _ in range(3)] == ["accepted"] * 3
    assert len(desk.got) == 3
    assert len(desk.greetings) == 3


def test_a_server_that_is_not_there_is_a_delay():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mail = SmtpMail(Smtp("127.0.0.1", free.getsockname()[1], "none"), "", 60)
        outcome = mail.send(FROM, TO, MESSAGE)
    assert outcome.state == "deferred"
    assert "refused" in outcome.detail


@pytest.mark.parametrize("address", ["comune.example", "a@b.example\r\nRCPT TO:<all@example.it>", ""])
def test_what_is_no_address_never_reaches_the_server(opened, address):
    mail, desk = opened()
    assert mail.send(FROM, address, MESSAGE).state == "refused"
    assert desk.greetings == []


def test_a_domain_with_accents_travels_in_ascii(opened):
    mail, desk = opened()
    assert mail.send(FROM, "protocollo@città.example", MESSAGE).state == "accepted"
    assert desk.got[0][1] == ["protocollo@xn--citt-3na.example"]


def test_an_address_with_accents_needs_a_server_that_takes_it(opened):
    able, desk = opened(enable_SMTPUTF8=True)
    assert able.send(FROM, "josé@comune.example", MESSAGE).state == "accepted"
    assert desk.got[0][1] == ["josé@comune.example"]
    unable, _ = opened(enable_SMTPUTF8=False)
    outcome = unable.send(FROM, "josé@comune.example", MESSAGE)
    assert outcome.state == "refused"
    assert "SMTPUTF8" in outcome.detail
    assert unable.send(FROM, TO, MESSAGE).state == "accepted"


# --- encryption and login ---


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    """A self-signed certificate of 127.0.0.1 and its key."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed: encryption was not tried")
    folder = tmp_path_factory.mktemp("certificate")
    signed, key = folder / "signed.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(signed), *subject]
    subprocess.run([openssl, *made], check=True, capture_output=True)
    return signed, key


def context(certificate):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate)
    return made


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_refused(opened, certificate, security):
    mail, desk = opened(smtp={"security": security}, **encrypted(security, certificate))
    outcome = mail.send(FROM, TO, MESSAGE)
    assert outcome.state == "deferred"
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.detail
    assert desk.got == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_a_known_authority_is_taken(opened, certificate, monkeypatch, security):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    mail, desk = opened(smtp={"security": security}, **encrypted(security, certificate))
    assert mail.send(FROM, TO, MESSAGE).state == "accepted"
    assert len(desk.got) == 1


def test_a_server_without_encryption_gets_nothing_when_it_was_asked_for(opened):
    mail, desk = opened(smtp={"security": "starttls"})
    outcome = mail.send(FROM, TO, MESSAGE)
    assert outcome.state == "deferred"
    assert "STARTTLS" in outcome.detail
    assert desk.got == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # not over loopback
@pytest.mark.parametrize(("right", "state"), [("secret", "accepted"), ("another", "deferred")])
def test_the_password_is_given_and_a_wrong_one_refuses_no_recipient(opened, right, state):
    def check(server, session, envelope, mechanism, login):
        return AuthResult(success=login.password == right.encode(), handled=False)

    wants = {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    mail, _ = opened(smtp={"user": "notizie"}, **wants)
    outcome = mail.send(FROM, TO, MESSAGE)
    assert outcome.state == state
    assert "secret" not in outcome.detail


def encrypted(security: str, certificate: tuple[Path, Path]) -> dict[str, Any]:
    if security == "starttls":
        return {"tls_context": context(certificate), "require_starttls": True}
    return {"ssl_context": context(certificate)}


# --- the rate ---


def test_messages_are_spread_over_the_minute_and_the_first_does_not_wait():
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        now[0] += seconds

    pace = Pace(30, clock=lambda: now[0], sleep=sleep)
    pace.wait()
    assert slept == []
    pace.wait()
    pace.wait()
    assert slept == [2.0, 2.0]
    now[0] += 60  # a slow server: what was missed is not made up for in a burst
    pace.wait()
    pace.wait()
    assert slept == [2.0, 2.0, 2.0]


def test_to_one_domain_go_few_at_a_time_and_others_pass_by():
    lanes = Lanes(2, None)
    in_lane, most = Counter(), Counter()
    both = Barrier(2, timeout=30)

    def one(domain: str) -> None:
        with lanes.lane(domain):
            in_lane[domain] += 1
            most[domain] = max(most[domain], in_lane[domain])
            if domain == "large.example":
                both.wait()  # two are let in together
            in_lane[domain] -= 1

    list(Threads(6).map(one, ["large.example"] * 20 + ["small.example"] * 4))
    assert most["large.example"] == 2
    assert in_lane.total() == 0


def test_to_one_domain_go_so_many_a_minute():
    slept = []
    lanes = Lanes(2, 30, clock=lambda: 100.0, sleep=slept.append)
    for domain in ("a.example", "b.example", "a.example", "a.example"):
        with lanes.lane(domain):
            pass
    assert slept == [2.0, 4.0]


def test_domains_nobody_waits_for_are_forgotten():
    now = [0.0]
    lanes = Lanes(2, 60, clock=lambda: now[0], sleep=lambda _seconds: None)
    for number in range(5000):
        now[0] += 1
        with lanes.lane(f"comune{number}.example"):
            pass
    assert len(lanes._paces) <= 1000
    assert lanes._busy == {}


# --- the folder ---


def test_a_folder_takes_every_message_as_a_file(tmp_path):
    mail = FolderMail(tmp_path / "outbox")
    assert mail.send(FROM, TO, MESSAGE).state == "accepted"
    mail.close()
    assert [(p.name, p.read_bytes()) for p in (tmp_path / "outbox").iterdir()] == [
        ("issue.news.1.ab@example.it.eml", MESSAGE)
    ]


def test_a_message_handed_over_twice_is_one_file(tmp_path):
    for message in (MESSAGE, MESSAGE.replace(b"Ciao", b"Di nuovo")):
        FolderMail(tmp_path).send(FROM, TO, message)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [MESSAGE.replace(b"Ciao", b"Di nuovo")]


@pytest.mark.parametrize(
    "message_id", ["<../../etc/passwd@x>", "</abs@x>", "<..@x>", "<a\\b:c*?@x>", "<" + "x" * 400 + "@x>", "<è@x>", ""]
)
def test_a_files_name_stays_in_the_folder_whatever_the_message_says(tmp_path, message_id):
    FolderMail(tmp_path).send(FROM, TO, f"Message-ID: {message_id}\r\n\r\nCiao\r\n".encode())
    (path,) = tmp_path.iterdir()
    assert path.suffix == ".eml"
    assert not path.name.startswith(".")


def test_two_odd_message_ids_are_two_files():
    names = {file_name(f"Message-ID: <{odd}@x>\r\n\r\n".encode()) for odd in ("a/b", "a:b", "a_b")}
    assert len(names) == 3


def test_a_folder_that_cannot_be_written_is_a_delay(tmp_path):
    (tmp_path / "outbox").write_text("a file in the way")
    outcome = FolderMail(tmp_path / "outbox").send(FROM, TO, MESSAGE)
    assert outcome.state == "deferred"
    assert "outbox" in outcome.detail
