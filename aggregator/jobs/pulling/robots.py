"""Pages we would ask | robots.txt of their hosts | those we may ask, and why not the others (RFC 9309)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from protego import Protego

from aggregator.model import Fetched, Problem, Request, Unchanged
from aggregator.ports import Network

_NAME = "Bollettino"  # by which robots.txt knows us
_LARGEST = 500_000  # bytes; RFC 9309, 2.5


def heeded(requests: Sequence[Request], network: Network, user_agent: str = "") -> tuple[list[Request], list[Problem]]:
    """Each host is asked once. One without robots.txt (4xx) may be read; where it cannot be had, nothing is (2.3.1)."""
    hosts = {_robots(request.url): request for request in requests}
    asked = [Request(url, url, timeout=one.timeout, max_body=_LARGEST) for url, one in hosts.items()]
    answers = {answer.source_id: answer for answer in (network.fetch(asked) if asked else ())}
    allowed, refused = [], []
    for request in requests:
        answer = answers.get(_robots(request.url))
        why = _refusal(request, answer, (user_agent or _NAME).partition("/")[0])
        if why:
            refused.append(Problem(request.source_id, "fetch", why))
        else:
            allowed.append(request)
    return allowed, refused


def _robots(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def _refusal(request: Request, answer: Fetched | Unchanged | Problem | None, agent: str) -> str:
    host = urlsplit(request.url).netloc
    if isinstance(answer, Fetched):
        if Protego.parse(answer.body.decode("utf-8", "replace")).can_fetch(request.url, agent):
            return ""
        return (
            f"robots.txt of {host} does not let us read {urlsplit(request.url).path or '/'}: ask its webmaster for a "
            "feed, or for leave; until then set `paused:` on this source"
        )
    if isinstance(answer, Problem) and not 200 <= answer.status < 500:
        return f"robots.txt of {host} cannot be had, so that the page is not asked either: {answer.text}"
    return ""
