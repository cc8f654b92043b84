"""GET /r/TOKEN/SECTION.atom, and the files it leads to: what is reserved, for one reader, while they may see it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from secrets import token_hex
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from aggregator.app import App
from aggregator.errors import AggregatorError, TokenError
from aggregator.jobs.people.reserved import reader

log = logging.getLogger(__name__)

_KEPT = timedelta(minutes=1)  # so long a feed stays as it was made: many ask for the same
# Kept by nobody but the reader, found by no search engine, told to no other site, run by no browser.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_ATOM = "application/atom+xml"


def reserved_routes(site: App) -> list[BaseRoute]:
    feeds = Feeds(site)
    return [
        Route("/r/{token}/{name}.atom", partial(_answered, site, feeds.answer), methods=["GET"]),
        Route("/r/{token}/{entry}/{name}", partial(_answered, site, partial(_file, site)), methods=["GET"]),
    ]


class Answer(Protocol):
    def __call__(self, request: Request, token: str) -> Response: ...


def _answered(site: App, answer: Answer, request: Request) -> Response:  # no coroutine: Starlette gives it a thread
    token = request.path_params["token"]
    try:
        reader(site.office, token)
        return answer(request, token)
    except TokenError:
        return _nothing()
    except AggregatorError as error:  # the database is away, or nothing was published yet
        log.error("/r: %s", error)
        return PlainTextResponse("503: try again in a minute\n", 503, _HEADERS | {"Retry-After": "60"})


def _nothing() -> Response:
    return PlainTextResponse("404: there is nothing at this address, or not any more\n", 404, _HEADERS)


class Feeds:
    """What all readers of a feed get is made once, with a mark in place of their tokens. The mark is another one each
    time: no entry can name it, and lead away with the reader's token."""

    def __init__(self, site: App) -> None:
        self._site = site
        self._mark = token_hex(16)
        self._made: dict[str, tuple[datetime, bytes]] = {}

    def answer(self, request: Request, token: str) -> Response:
        name = request.path_params["name"]
        section = self._site.config.section(name)
        if name != "all" and section is None:
            return _nothing()
        body = self._current(section.id if section else "all").replace(self._mark.encode(), token.encode())
        tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        headers = _HEADERS | {"ETag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=_ATOM)

    def _current(self, name: str) -> bytes:
        now = self._site.clock()
        at, body = self._made.get(name, (None, b""))
        if at is None or not at <= now < at + _KEPT:
            body = self._site.reserved_feed(name, self._mark)
            self._made[name] = now, body
        return body


def _file(site: App, request: Request, token: str) -> Response:  # noqa: ARG001  the reader is known by now
    found = site.reserved_file(request.path_params["entry"], request.path_params["name"])
    if found is None:
        return _nothing()
    return Response(found.body, headers=_HEADERS, media_type=found.type or "application/octet-stream")
