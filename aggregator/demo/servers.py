"""Sample feeds -> a web server; mails -> files, by a mail server. Both real, both on 127.0.0.1 alone."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources.abc import Traversable
from pathlib import Path
from socketserver import TCPServer
from threading import Thread

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_LOOPBACK = "127.0.0.1"
# Real servers call a feed many things, and are often wrong; what is not named here goes by its suffix.
_MEDIA_TYPES = {
    "albo-borgo-esempio.xml": "text/html; charset=utf-8",
    "regione-valdesempio.xml": "text/xml; charset=UTF-8",
    "agenzia-dati.json": "text/plain; charset=utf-8",
    "giornale-ufficiale.rdf": "application/octet-stream",
    ".atom": "application/atom+xml; charset=utf-8",
    ".json": "application/feed+json",
    ".rdf": "application/rdf+xml",
    ".xml": "application/rss+xml; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is up; `port` on 127.0.0.1."""

    port: int


@dataclass(frozen=True, slots=True)
class _Sample:
    body: bytes
    media_type: str
    etag: str


@contextmanager
def sample_server(folder: Traversable) -> Iterator[Running]:
    """Serve the files of a folder (a path, or a package's resources) over HTTP, as they were when it started."""
    samples = {f"/{file.name}": _sample(file.name, file.read_bytes()) for file in folder.iterdir() if file.is_file()}
    with _SampleServer(samples) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield Running(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


def _sample(name: str, body: bytes) -> _Sample:
    suffix = name[name.rfind(".") :]
    media_type = _MEDIA_TYPES.get(name) or _MEDIA_TYPES.get(suffix, "application/octet-stream")
    return _Sample(body, media_type, f'"{sha256(body).hexdigest()[:16]}"')


class _SampleServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that keeps its connection open must not keep us

    def __init__(self, samples: Mapping[str, _Sample]) -> None:
        self.samples = samples
        super().__init__((_LOOPBACK, 0), _Answer)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own would ask the name server who we are


class _Answer(BaseHTTPRequestHandler):
    """200 with an ETag, 304 to whoever has it already (RFC 9110, 13.1.2), 404."""

    protocol_version = "HTTP/1.1"
    server: _SampleServer

    def do_GET(self) -> None:
        sample = self.server.samples.get(self.path.partition("?")[0])
        if sample is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        had = _tags(self.headers.get("If-None-Match", ""))
        fresh = sample.etag in had or "*" in had
        self.send_response(HTTPStatus.NOT_MODIFIED if fresh else HTTPStatus.OK)
        self.send_header("ETag", sample.etag)
        if not fresh:
            self.send_header("Content-Type", sample.media_type)
            self.send_header("Content-Length", str(len(sample.body)))
        self.end_headers()
        if not fresh and self.command == "GET":
            self.wfile.write(sample.body)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Quiet: the pull's own report says what was fetched."""


def _tags(if_none_match: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}


@contextmanager
def mail_sink(folder: Path) -> Iterator[Running]:
    """Take every message over SMTP and lay it into the folder, byte by byte, as a file named after its Message-ID."""
    sink = _Sink(_Letterbox(folder))
    sink.start()
    try:
        yield Running(sink.port)
    finally:
        sink.stop()


class _Letterbox:
    """aiosmtpd calls it once a message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        message = envelope.original_content or b""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / letter_name(message)).write_bytes(message)
        return "250 2.0.0 taken"


class _Sink(Controller):
    """aiosmtpd knocks at the port it was told, which must not be 0: so the port is bound before it starts."""

    def __init__(self, letterbox: _Letterbox) -> None:
        self._socket = socket.create_server((_LOOPBACK, 0))
        super().__init__(
            letterbox,
            hostname=_LOOPBACK,
            port=self._socket.getsockname()[1],
            server_hostname="localhost",  # or aiosmtpd asks the name server for one
            data_size_limit=None,
        )

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


def letter_name(message: bytes) -> str:
    """`settimanale-1.7f3a@notizie.example.it.eml`: the Message-ID, as far as a file may be named so.

    Where it had to be changed or is missing, a hash keeps two messages apart.
    """
    given = str(BytesHeaderParser().parsebytes(message).get("Message-ID", "")).strip().strip("<>")
    name = re.sub(r"[^A-Za-z0-9@._=+-]+", "-", given).strip("@._=+-")[:120]
    if name and name == given:
        return f"{name}.eml"
    return f"{name or 'message'}-{sha256(given.encode() or message).hexdigest()[:12]}.eml"
