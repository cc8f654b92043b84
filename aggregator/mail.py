"""One message -> the answer of a mail server, or a file in a folder."""

from __future__ import annotations

import hashlib
import re
import smtplib
import socket
import ssl
from collections import deque
from email.parser import BytesHeaderParser
from pathlib import Path

from aggregator.addresses import bare
from aggregator.errors import AddressError
from aggregator.model import Outcome
from aggregator.pace import Lanes, Pace
from aggregator.settings import Smtp

# Seconds (RFC 5321, 4.5.3.2). Servers scan a message after its final dot: who gives up too early there sends it twice.
_CONNECT, _COMMAND, _VERDICT = 30.0, 120.0, 600.0
_LONGEST_DETAIL = 300
_CLOSING = 421
_NEEDS_LOGIN = (530, 535, 538)  # RFC 4954: about us, not about the recipient


class SmtpMail:
    """`ports.Mail` over SMTP. May be used by several threads: each has a connection while it sends, kept for the next
    message whoever sends that.

    The server's certificate is always verified; a private authority is made known by the environment's SSL_CERT_FILE.
    """

    def __init__(
        self, smtp: Smtp, password: str, rate: int, per_domain: int = 2, per_domain_rate: int | None = None
    ) -> None:
        """Rates in messages a minute; `per_domain`: how many at a time."""
        self._smtp = smtp
        self._password = password
        self._pace = Pace(rate)
        self._lanes = Lanes(per_domain, per_domain_rate)
        self._idle: deque[_Line] = deque()

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """The server's answer. `unknown`: the message was out and the connection died before the answer came."""
        try:
            envelope = bare(sender), bare(recipient)
        except AddressError as error:
            return Outcome("refused", str(error))
        with self._lanes.lane(envelope[1].rpartition("@")[2].lower()):
            self._pace.wait()
            line = self._free()
            outcome = line.send(*envelope, message)
            self._idle.append(line)
        return outcome

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _free(self) -> _Line:
        try:
            return self._idle.pop()
        except IndexError:
            return _Line(self._smtp, self._password)


class _Line:
    """One connection, opened when it is needed and again when it drops."""

    def __init__(self, smtp: Smtp, password: str) -> None:
        self._smtp = smtp
        self._password = password
        self._server: smtplib.SMTP | None = None

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        kept = self._server is not None
        outcome = self._attempt(sender, recipient, message)
        # A kept connection may have been closed while it lay idle: that says nothing about this message.
        if kept and self._server is None and outcome.state == "deferred":
            outcome = self._attempt(sender, recipient, message)
        return outcome

    def close(self) -> None:
        if self._server is not None:
            try:
                self._server.quit()
            except OSError:
                self._drop()
            self._server = None

    def _attempt(self, sender: str, recipient: str, message: bytes) -> Outcome:
        server: smtplib.SMTP | None = None
        try:
            server = self._connected(sender)
            refusal = self._address(server, sender, recipient)
            if refusal is None:
                _begin(server, message)
        except OSError as error:  # every fault of smtplib, ssl and socket is one
            self._drop()
            return Outcome("deferred", _words(error), about_us=_is_about_us(error, reached=server is not None))
        return refusal or self._finish(server)

    def _connected(self, sender: str) -> smtplib.SMTP:
        if self._server is None:
            self._server = self._open(name=sender.rpartition("@")[2])
        return self._server

    def _open(self, name: str) -> smtplib.SMTP:
        """Connected, encrypted as configured, logged in. `name` spares EHLO a look-up of this machine's own."""
        smtp, context = self._smtp, ssl.create_default_context()
        server: smtplib.SMTP
        if smtp.security == "tls":
            server = smtplib.SMTP_SSL(smtp.host, smtp.port, name, timeout=_CONNECT, context=context)
        else:
            server = smtplib.SMTP(smtp.host, smtp.port, name, timeout=_CONNECT)
        try:
            _patience(server, _COMMAND)
            if smtp.security == "starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if smtp.user:
                server.login(smtp.user, self._password)
            _at_once(server)
        except OSError:
            server.close()
            raise
        return server

    def _address(self, server: smtplib.SMTP, sender: str, recipient: str) -> Outcome | None:
        """MAIL, RCPT and DATA up to "go ahead" (None), or why not. OSError where the connection is of no more use."""
        options = ""
        if not (sender + recipient).isascii():
            if not server.has_extn("smtputf8"):
                return Outcome(
                    "refused", "the mail server takes no addresses with accents (it does not offer SMTPUTF8)"
                )
            options, server.command_encoding = " SMTPUTF8 BODY=8BITMIME", "utf-8"
        mail, *others = _told(server, f"MAIL FROM:<{sender}>{options}", f"RCPT TO:<{recipient}>", "DATA")
        _expect(mail, 250)
        rcpt = others[0]
        if rcpt[0] not in (250, 251):
            if len(others) == 2 and others[1][0] == 354:
                server.docmd(".")  # a message for nobody; RFC 2920, 3.1
            return self._refusal(server, *rcpt)
        code, words = others[1]
        return None if code == 354 else self._refusal(server, code, words)

    def _finish(self, server: smtplib.SMTP) -> Outcome:
        """The final dot and the verdict on it: the only place where the truth can be lost."""
        try:
            _patience(server, _VERDICT)
            server.send(b".\r\n")
            code, words = server.getreply()
            _patience(server, _COMMAND)
        except OSError as error:
            self._drop()
            return Outcome("unknown", f"the connection died before the server's answer: {_words(error)}")
        if not 200 <= code <= 599:
            self._drop()
            return Outcome("unknown", f"the server's answer makes no sense: {_answer(code, words)}")
        return Outcome("accepted", _answer(code, words)) if code < 300 else self._refusal(server, code, words)

    def _refusal(self, server: smtplib.SMTP, code: int, words: bytes) -> Outcome:
        """4xx and what is about us: later; 5xx: never. The connection is cleared for the next message."""
        if code == _CLOSING:
            self._drop()
        else:
            try:
                _expect(server.rset(), 250)
            except OSError:
                self._drop()
        about_us = code in _NEEDS_LOGIN
        permanent = 500 <= code <= 599 and not about_us
        return Outcome("refused" if permanent else "deferred", _answer(code, words), about_us=about_us)

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


class FolderMail:
    """`ports.Mail` into a folder of .eml files: what would have been sent, to be read or passed on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:  # noqa: ARG002  the port's signature
        """One file a Message-ID, written whole or not at all: a repeat after a crash replaces it."""
        path = self._folder / file_name(message)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.new")
            fresh.write_bytes(message)
            fresh.replace(path)
        except OSError as error:
            return Outcome("deferred", f"{self._folder}: {error.strerror}", about_us=True)
        return Outcome("accepted", path.name)

    def close(self) -> None:
        """Nothing is held open."""


def file_name(message: bytes) -> str:
    """`issue.settimanale.14.5f0c@notizie.example.it.eml`: the Message-ID in letters every file system takes."""
    written = str(BytesHeaderParser().parsebytes(message)["Message-ID"] or "").strip(" <>")
    safe = re.sub(r"[^A-Za-z0-9@._-]|(?<![A-Za-z0-9])\.", "_", written)[:150]
    if safe != written or not written:
        safe += "-" + hashlib.sha256(written.encode() or message).hexdigest()[:12]
    return f"{safe}.eml"


def _told(server: smtplib.SMTP, *commands: str) -> list[tuple[int, bytes]]:
    """The replies to these commands: to all of them where the server lets them be sent at once (RFC 2920), which saves
    two round trips in three; else to the first that is refused, and those before it."""
    if server.has_extn("pipelining"):
        server.send("".join(f"{command}\r\n" for command in commands))
        return [server.getreply() for _ in commands]
    replies: list[tuple[int, bytes]] = []
    for command in commands:
        replies.append(server.docmd(command))
        if replies[-1][0] >= 400:
            break
    return replies


def _begin(server: smtplib.SMTP, message: bytes) -> None:
    """Everything but the final dot, so that no server has taken it yet; leading dots doubled (RFC 5321, 4.5.2)."""
    lines = message if message.endswith(b"\r\n") else message + b"\r\n"
    if lines.startswith(b".") or b"\n." in lines:  # to look is forty times faster than to replace what is not there
        lines = b"." * lines.startswith(b".") + lines.replace(b"\n.", b"\n..")
    server.send(lines)


def _patience(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)


def _at_once(server: smtplib.SMTP) -> None:
    """The final dot is a small packet after large ones: without this it waits 40 ms for them to be acknowledged."""
    if server.sock is not None:
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _expect(reply: tuple[int, bytes], code: int) -> None:
    """Any other answer is about us or the server: trying this recipient later is right, calling it refused is not."""
    if reply[0] != code:
        raise smtplib.SMTPResponseException(*reply)


def _is_about_us(error: OSError, *, reached: bool) -> bool:
    """No server there, or one that refuses our login or our sender; one that is busy, or hangs up in the midst of a
    mail, is tried again and no more is said."""
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return not reached


def _answer(code: int, words: bytes) -> str:
    return _without_addresses(f"{code} {words.decode('utf-8', 'replace')}")


def _words(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _answer(error.smtp_code, said if isinstance(said, bytes) else said.encode())
    return _without_addresses(error.strerror or str(error) or type(error).__name__)


def _without_addresses(words: str) -> str:
    """One line; what we keep of a server's words names nobody."""
    one_line = " ".join(words.split())[: 2 * _LONGEST_DETAIL]  # the expression takes the square of its length
    return re.sub(r"<?[^\s<>]+@[^\s<>]+>?", "<address>", one_line)[:_LONGEST_DETAIL]
