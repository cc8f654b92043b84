"""GET /search?q=&page=: what the last publish made known, as a page that needs no script; nothing is written."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.answers.search import search
from aggregator.ports import Finder
from aggregator.render import paths
from aggregator.render.press import Look
from aggregator.render.site.search import answer

_LATER = {"Retry-After": "60"}  # seconds


def search_route(folder: Path, finder: Finder, look: Look) -> Route:
    """`folder` is the output folder: what is not written yet is no result yet."""

    def endpoint(request: Request) -> Response:  # no coroutine: Starlette gives it a thread
        asked, number = request.query_params.get("q", ""), _number(request.query_params.get("page", ""))
        found = search(finder, asked, number, look.config.site.language)
        rows = tuple(row for row in found.rows if (folder / unquote(row.path)).is_file())
        page = answer(look, replace(found, rows=rows))
        headers = {"Cache-Control": "no-cache", **(_LATER if found.away else {})}  # as static pages, but for the latter
        return Response(page.body, 503 if found.away else 200, headers, page.media_type)

    return Route(f"/{paths.SEARCH_ANSWERS}", endpoint, methods=["GET"])


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else 1
