"""The output folder over HTTP: right types, strong ETags, 304, ranges and HEAD."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from aggregator.errors import ConfigError

TYPES = {
    ".atom": "application/atom+xml",
    ".rss": "application/rss+xml",
    ".json": "application/feed+json",
    ".ics": "text/calendar; charset=utf-8",
    ".opml": "text/x-opml",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}


class OutputFiles(StaticFiles):
    """What `publish` wrote; never what begins with a dot (our manifest among it)."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if any(part.startswith(".") and part != "." for part in Path(path).parts):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"  # may be kept, must be asked about
        if path.startswith("feeds/"):
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        kind = TYPES.get(Path(full_path).suffix)
        if isinstance(response, FileResponse) and kind:
            response.headers["Content-Type"] = kind
        return response


async def _not_found(request: Request, error: Exception) -> Response:  # noqa: ARG001  # Starlette's signature
    return PlainTextResponse("404: there is nothing at this address\n", status_code=404)


def files_app(folder: Path) -> Starlette:
    files = OutputFiles(directory=folder, html=True, check_dir=False)
    return Starlette(routes=[Mount("/", files)], exception_handlers={404: _not_found})


def serve(folder: Path, listen: str) -> None:
    """Until Ctrl-C. ConfigError where HOST:PORT is none, or nothing was published yet."""
    import uvicorn

    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f"--listen {listen!r}: expected HOST:PORT such as 127.0.0.1:8080")
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not there yet; write it with: aggregator publish")
    uvicorn.run(files_app(folder), host=host.strip("[]"), port=int(port), access_log=False, log_level="warning")
