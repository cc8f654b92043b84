"""The output folder over HTTP: right types, strong ETags, 304, ranges and HEAD."""

from __future__ import annotations

import os
import re
import socket
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path
from threading import Thread

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Receive, Scope, Send

from aggregator.errors import ConfigError
from aggregator.render import servers

# Text is served as UTF-8; what is not named here goes by what the machine knows.
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_BELOW_A_FILE = "404.html/"  # where nothing can be: shows the page that says so
_BEFORE_US = "127.0.0.1,::1"  # whose X-Forwarded-For is believed: a web server on this machine
_MOST_KEPT, _LONGEST_KEPT = 200, 200_000  # answers in memory, and octets of each
# Headers that the whole file may not be the answer to.
_CONDITIONS = {b"if-none-match", b"if-modified-since", b"range", b"if-range"}
_PATIENCE = 5  # seconds for answers under way when we are told to stop


Sign = tuple[tuple[int, int, int], ...]


class _Whole(Response):
    """An answer with all of a file, good as long as the file, and what lies packed beside it, have this sign."""

    file: Path
    sign: Sign


class OutputFiles(StaticFiles):
    """What `publish` wrote; never what begins with a dot (our manifest among it). What was asked for last is kept in
    memory: to look whether it is the same file still takes a tenth of reading and hashing it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self._kept: OrderedDict[tuple[str, bytes], _Whole] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = self._kept.get(_key(scope))
        if kept and scope["method"] == "GET" and not _CONDITIONS & {name for name, _ in scope["headers"]}:
            if _sign(kept.file) == kept.sign:
                return await kept(scope, receive, send)
            self._kept.pop(_key(scope), None)
        return await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        hidden = any(part.startswith(".") and part != "." for part in Path(path).parts)
        response = await super().get_response(_BELOW_A_FILE + path if hidden else path, scope)
        response.headers["Cache-Control"] = "no-cache"  # may be kept, must be asked about
        response.headers["X-Content-Type-Options"] = "nosniff"  # an attachment is what its name says
        if Path(path).suffix in servers.TYPES:
            response.headers["Access-Control-Allow-Origin"] = "*"
        if isinstance(response, _Whole) and response.status_code == 200 and len(response.body) <= _LONGEST_KEPT:
            self._kept[_key(scope)] = response
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return response

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file as it is now, read in one go: `publish` may replace it before it is sent. Its ETag is made from its
        bytes, so that a folder written anew has nothing new to say."""
        file, asked = Path(full_path), Headers(scope=scope)
        sign = _sign(file)  # before it is read: what comes later has another one
        try:
            body, encoding = _read(file, asked)
        except FileNotFoundError:
            raise HTTPException(404) from None
        headers = encoding | {
            "ETag": f'"{blake2b(body, digest_size=16).hexdigest()}"',
            "Last-Modified": formatdate(stat_result.st_mtime, usegmt=True),
            "Accept-Ranges": "bytes",
        }
        known = servers.media_type(file.name) or _TYPES.get(file.suffix)
        media_type = known or guess_type(file.name)[0] or "application/octet-stream"
        whole = _Whole(body, status_code, headers, media_type)
        whole.file, whole.sign = file, sign
        if self.is_not_modified(whole.headers, asked):
            return NotModifiedResponse(whole.headers)
        has_parts = scope["method"] == "GET" and "Content-Encoding" not in encoding
        return _part(whole, body, asked) if has_parts else whole


def _key(scope: Scope) -> tuple[str, bytes]:
    """What the bytes of an answer depend on."""
    return scope["path"], next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"")


def _sign(file: Path) -> Sign:
    signs = []
    for path in (file, file.with_name(f"{file.name}.gz")) if file.suffix in servers.TYPES else (file,):
        try:
            found = path.stat()
            signs.append((found.st_ino, found.st_ctime_ns, found.st_size))  # ctime: nobody can set it back
        except OSError:
            signs.append((0, 0, 0))
    return tuple(signs)


def _read(file: Path, asked: Headers) -> tuple[bytes, dict[str, str]]:
    """The file, or what was packed beside it where that is asked for; and what must be said of it."""
    if file.suffix not in servers.TYPES:
        return file.read_bytes(), {}
    packed = file.with_name(f"{file.name}.gz")
    if re.search(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", asked.get("accept-encoding", "")) and packed.is_file():
        return packed.read_bytes(), {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"}
    return file.read_bytes(), {"Vary": "Accept-Encoding"}


def _part(whole: Response, body: bytes, asked: Headers) -> Response:
    """The one range that was asked for (RFC 9110, 14.2); several, or a range of older bytes, get the whole."""
    match = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", asked.get("range", "").replace(" ", ""))
    if match is None or asked.get("if-range", whole.headers["etag"]) != whole.headers["etag"]:
        return whole
    first, last = match.groups()
    if not (first or last) or (first and last and int(last) < int(first)):
        return whole
    start = int(first) if first else max(len(body) - int(last), 0)
    part = body[start : int(last) + 1] if first and last else body[start:]
    headers = {name: value for name, value in whole.headers.items() if name != "content-length"}
    if not part:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(body)}"})
    return Response(part, 206, headers | {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(body)}"})


async def _not_found(request: Request, error: Exception) -> Response:  # noqa: ARG001  # Starlette's signature
    return PlainTextResponse("404: there is nothing at this address\n", status_code=404)


def files_app(folder: Path, routes: Sequence[BaseRoute] = (), guards: Sequence[Middleware] = ()) -> Starlette:
    """`routes` come first, and answer what no file can; `guards` stand before both."""
    files = OutputFiles(folder)
    missing = {404: _not_found}
    return Starlette(routes=[*routes, Mount("/", files)], exception_handlers=missing, middleware=guards)


def listening(listen: str, *, or_any_port: bool = False) -> socket.socket:
    """A socket at HOST:PORT (0: any free port). ConfigError where that is none, or cannot be had."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535:
        raise ConfigError(f"--listen {listen!r}: expected HOST:PORT such as 127.0.0.1:8080")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        at = socket.create_server((host, int(port)), family=family)
        # Connections take it over: without it an answer's second packet waits 40 ms for the first to be acknowledged.
        at.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return at
    except OSError as error:
        if or_any_port:
            return listening(f"{host}:0")
        why = str(error.strerror or error).partition(" (while")[0]
        remedy = "choose another, as in --listen 127.0.0.1:8081"
        raise ConfigError(f"--listen {listen}: cannot be had ({why}); {remedy}") from None


@contextmanager
def serving(
    folder: Path, at: socket.socket, routes: Sequence[BaseRoute] = (), guards: Sequence[Middleware] = ()
) -> Iterator[str]:
    """Serve the folder, and these routes, while `with` lasts; gives its address. ConfigError where nothing was
    published yet."""
    import uvicorn

    with at:
        if not folder.is_dir():
            raise ConfigError(f"{folder} is not there yet; write it with: aggregator publish")
        config = uvicorn.Config(
            files_app(folder, routes, guards),
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            forwarded_allow_ips=_BEFORE_US,
            timeout_graceful_shutdown=_PATIENCE,
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [at]}, name="web", daemon=True)
        thread.start()
        try:
            yield _address(at)
        finally:
            server.should_exit = True
            thread.join()


def _address(at: socket.socket) -> str:
    host, port = at.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
