"""The output folder over HTTP: right types, strong ETags, 304, ranges and HEAD."""

from __future__ import annotations

import os
import re
import socket
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
from starlette.types import Scope

from aggregator.errors import ConfigError
from aggregator.render import servers

# Text is served as UTF-8; what is not named here goes by what the machine knows.
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_BELOW_A_FILE = "404.html/"  # where nothing can be: shows the page that says so
_BEFORE_US = "127.0.0.1,::1"  # whose X-Forwarded-For is believed: a web server on this machine
_PATIENCE = 5  # seconds for answers under way when we are told to stop


class OutputFiles(StaticFiles):
    """What `publish` wrote; never what begins with a dot (our manifest among it)."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        hidden = any(part.startswith(".") and part != "." for part in Path(path).parts)
        response = await super().get_response(_BELOW_A_FILE + path if hidden else path, scope)
        response.headers["Cache-Control"] = "no-cache"  # may be kept, must be asked about
        response.headers["X-Content-Type-Options"] = "nosniff"  # an attachment is what its name says
        if Path(path).suffix in servers.TYPES:
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file as it is now, read in one go: `publish` may replace it before it is sent. Its ETag is made from its
        bytes, so that a folder written anew has nothing new to say."""
        file, asked = Path(full_path), Headers(scope=scope)
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
        whole = Response(body, status_code, headers, media_type)
        if self.is_not_modified(whole.headers, asked):
            return NotModifiedResponse(whole.headers)
        has_parts = scope["method"] == "GET" and "Content-Encoding" not in encoding
        return _part(whole, body, asked) if has_parts else whole


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
    files = OutputFiles(directory=folder, html=True, check_dir=False)
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
        return socket.create_server((host, int(port)), family=family)
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
