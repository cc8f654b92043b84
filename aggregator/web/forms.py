"""A request | what was asked, bounded | handler | a page with the headers such pages want."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aggregator.errors import AggregatorError

log = logging.getLogger(__name__)

_BODY = 16_384  # octets: a form with every section chosen has some hundreds
_FIELDS = 200
# No page of a person is kept, framed, followed from, or shown with anything that is not ours.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """`form` and `query` hold the last of each name, `many` all; `network` is whom limits count, not whom we know."""

    method: str
    token: str
    query: Mapping[str, str]
    body: bytes = b""
    form: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, Sequence[str]] = field(default_factory=dict)
    network: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    html: str
    status: int = 200


Handler = Callable[[Asked], Page]


def form_route(path: str, handler: Handler, at_once: Handler | None = None) -> Route:
    """GET (and HEAD) shows, POST acts; what `handler` does may take its time, it has a thread. `at_once` shows instead,
    where nothing is waited for: to change threads takes as long as a small page."""

    async def endpoint(request: Request) -> Response:
        try:
            body = await _body(request) if request.method == "POST" else b""
        except ClientDisconnect:
            return PlainTextResponse("", 400, _HEADERS)
        if body is None:
            return PlainTextResponse("413: this is more than a form holds\n", 413, _HEADERS)
        try:
            asked = _asked(request, body)
            if at_once and asked.method == "GET":
                page = at_once(asked)
            else:
                page = await run_in_threadpool(handler, asked)
        except AggregatorError as error:  # the database is away, or a template is broken
            log.error("%s: %s", path, error)
            return PlainTextResponse("503: try again in a minute\n", 503, _HEADERS | {"Retry-After": "60"})
        return Response(page.html, page.status, _HEADERS, "text/html")

    return Route(path, endpoint, methods=["GET", "POST"])


async def _body(request: Request) -> bytes | None:
    """None where it is too long, whatever its head says."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > _BODY:
            return None
    return bytes(read)


def _asked(request: Request, body: bytes) -> Asked:
    many = _fields(body)
    return Asked(
        "GET" if request.method == "HEAD" else request.method,
        request.path_params.get("token", ""),
        dict(request.query_params),
        body,
        {name: values[-1] for name, values in many.items()},
        many,
        network_of(request.client.host if request.client else ""),
    )


def _fields(body: bytes) -> Mapping[str, Sequence[str]]:
    """Of application/x-www-form-urlencoded; nothing of what is no form."""
    try:
        text = body.decode("ascii", "replace")
        return parse_qs(text, keep_blank_values=True, errors="replace", max_num_fields=_FIELDS)
    except ValueError:
        return {}


def network_of(host: str) -> str:
    """A whole one of IPv6, and 256 addresses of IPv4: neighbours are one to the limits, and nobody is told apart."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:  # as a socket for both kinds tells it
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 56), strict=False))
