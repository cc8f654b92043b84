"""Real HTTP servers on loopback, well-behaved and not.

    routes = {"/feed": FEED, "/old": redirect("/feed"), "/slow": Answer(hang=True)}
    with serve(routes) as site:
        answers = list(network.fetch([Request("a", site.url("/feed"))]))
        routes["/feed"] = Answer(FEED, etag='"1"', gzip=True)      # what it says may change while it runs
        assert site.requests[0].headers["user-agent"] == "..."     # names in lower case

A route is bytes, an `Answer`, or a function of what was asked that gives an `Answer`. A path that is not in `routes`
is tried again without its query; then it is 404. What a route's function raises is raised where `with` ends.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in; header names in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says, rightly or wrongly."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/rss+xml; charset=utf-8"
    etag: str = ""  # answers 304 by itself to a matching If-None-Match
    last_modified: str = ""  # the same, to an If-Modified-Since of the same words
    gzip: bool = False
    delay: float = 0.0  # seconds before it answers
    hang: bool = False  # never answers while the server is up
    stall: bool = False  # announces one byte more than it sends, and never sends it
    drip: float = 0.0  # seconds between its bytes, after the headers or of `raw`
    truncate: bool = False  # announces the whole body, sends half of it and hangs up
    reset: bool = False  # hangs up with a TCP reset, not a farewell
    endless: bool = False  # repeats its body for ever
    raw: bytes | None = None  # these very bytes instead of headers and body; b"" hangs up at once


Route = bytes | Answer | Callable[[Asked], Answer]


def redirect(to: str, status: int = 301) -> Answer:
    return Answer(status=status, headers={"Location": to})


class Site:
    """A running server: where it is, and what it was asked."""

    def __init__(self, routes: Mapping[str, Route], host: str, tls: ssl.SSLContext | None) -> None:
        self.routes = routes
        self.requests: list[Asked] = []
        self.busiest = 0  # how many requests it ever had in hand at once
        self.faults: list[Exception] = []
        self.closing = Event()
        self._in_hand = 0
        self._lock = Lock()
        self._scheme = "https" if tls else "http"
        self._server = _Server((host, 0), self)
        self.authority = f"{host}:{self._server.server_port}"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    def url(self, path: str = "/") -> str:
        return f"{self._scheme}://{self.authority}{path}"

    def answer(self, asked: Asked) -> Answer:
        """What the routes say now to a request."""
        route = self.routes.get(asked.path)
        if route is None:
            route = self.routes.get(asked.path.partition("?")[0], Answer(b"nothing here", status=404))
        if isinstance(route, bytes):
            return Answer(route)
        return route if isinstance(route, Answer) else route(asked)

    @contextmanager
    def in_hand(self, asked: Asked) -> Iterator[None]:
        """Count one request until its answer begins: after that, its asker may have begun the next."""
        with self._lock:
            self.requests.append(asked)
            self._in_hand += 1
            self.busiest = max(self.busiest, self._in_hand)
        try:
            yield
        finally:
            with self._lock:
                self._in_hand -= 1

    def start(self) -> None:
        Thread(target=self._server.serve_forever, args=(0.01,), name=f"site {self.authority}", daemon=True).start()

    def close(self) -> None:
        """Hang up on everybody; raises what went wrong in a route's function."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        for line in tuple(self._server.lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        if self.faults:
            raise self.faults[0]


@contextmanager
def serve(routes: Mapping[str, Route], host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site on a free port while `with` lasts; see the module's docstring."""
    site = Site(routes, host, tls)
    site.start()
    try:
        yield site
    finally:
        site.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        super().__init__(address, _Talk)
        self.site = site
        self.lines: set[socket.socket] = set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are why these servers exist; `_Talk` keeps every other fault."""


class _Talk(BaseHTTPRequestHandler):
    """One connection: reads requests, says what the site's routes say."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.lines.add(self.connection)

    def finish(self) -> None:
        self.server.lines.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: pytest shows what a test shows."""

    def do_GET(self) -> None:
        asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
        try:
            answer = self._considered(asked)
            if answer is None:
                self.close_connection = True
            else:
                self._say(answer, asked)
        except ConnectionError:
            self.close_connection = True
        except Exception as fault:  # noqa: BLE001  whatever it is, the test must see it
            self.server.site.faults.append(fault)
            self.close_connection = True

    do_HEAD = do_GET

    def _considered(self, asked: Asked) -> Answer | None:
        """What to say, after due delay; None where the site closes before that."""
        site = self.server.site
        with site.in_hand(asked):
            answer = site.answer(asked)
            closed = site.closing.wait(answer.delay) or (answer.hang and site.closing.wait())
        return None if closed else answer

    def _say(self, answer: Answer, asked: Asked) -> None:
        if answer.raw is not None:
            self._body(answer.raw, answer)
            self.close_connection = True
        elif _is_current(answer, asked):
            self._head(304, answer, None)
        else:
            self._document(answer)

    def _document(self, answer: Answer) -> None:
        body = gzip.compress(answer.body, 1) if answer.gzip else answer.body
        self._head(answer.status, answer, None if answer.endless else len(body) + answer.stall)
        self._body(body[: len(body) // 2] if answer.truncate else body, answer)
        if answer.endless or answer.truncate or answer.stall or answer.reset:
            self.close_connection = True

    def _body(self, body: bytes, answer: Answer) -> None:
        """Some bytes, and what the answer wants to follow them."""
        for piece in (body[n : n + 1] for n in range(len(body))) if answer.drip else (body,):
            self.wfile.write(piece)
            if answer.drip and self._closing.wait(answer.drip):
                return
        while answer.endless and not self._closing.is_set():
            self.wfile.write(answer.body)
        if answer.stall:
            self._closing.wait()
        if answer.reset:  # to linger for no time at all is to reset
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    @property
    def _closing(self) -> Event:
        return self.server.site.closing

    def _head(self, status: int, answer: Answer, length: int | None) -> None:
        headers = {"Content-Type": answer.media_type, "ETag": answer.etag, "Last-Modified": answer.last_modified}
        if answer.gzip:
            headers["Content-Encoding"] = "gzip"
        if length is not None:
            headers["Content-Length"] = str(length)
        self.send_response(status)
        for name, value in (headers | dict(answer.headers)).items():
            if value:
                self.send_header(name, value)
        self.end_headers()


def _is_current(answer: Answer, asked: Asked) -> bool:
    """RFC 9110, 13.2.2: the ETag is asked first, the date only where there is none."""
    if "if-none-match" in asked.headers:
        return bool(answer.etag) and answer.etag in asked.headers["if-none-match"]
    return bool(answer.last_modified) and asked.headers.get("if-modified-since") == answer.last_modified
