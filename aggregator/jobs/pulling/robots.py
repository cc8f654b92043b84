"""Pages we would ask | robots.txt of their hosts | what these say to us (RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from aggregator.model import Fetched, Problem, Request, Unchanged
from aggregator.ports import Network

_NAME = "Bollettino"  # by which robots.txt knows us
_LARGEST = 500_000  # bytes; RFC 9309, 2.5
_PATIENCE = 60.0  # seconds; who wants more between two pages is asked for one


@dataclass(frozen=True, slots=True)
class Rules:
    """Of some hosts, by their robots.txt: its rules, or why they cannot be had. A host that has none (4xx) is not among
    them, and may be read."""

    found: Mapping[str, Protego | str] = field(default_factory=dict)
    agent: str = _NAME

    def refusal(self, url: str) -> str:
        """Why we do not ask for this page, as where the rules cannot be had (2.3.1); empty where we may."""
        rules, host = self.found.get(_robots(url)), urlsplit(url).netloc
        if isinstance(rules, str):
            return f"robots.txt of {host} cannot be had, so that the page is not asked either: {rules}"
        if rules is None or rules.can_fetch(url, self.agent):
            return ""
        return (
            f"robots.txt of {host} does not let us read {urlsplit(url).path or '/'}: ask its webmaster for a feed, or "
            "for leave; until then set `paused:` on this source"
        )

    def gap(self, url: str) -> float:
        """Seconds that the host wants between two pages (Crawl-delay: no standard, but widely written)."""
        rules = self.found.get(_robots(url))
        return float(rules.crawl_delay(self.agent) or 0.0) if isinstance(rules, Protego) else 0.0

    def impatience(self, url: str) -> str:
        """Why we do not ask for one page more; empty where we may."""
        gap = self.gap(url)
        wanted = f"robots.txt of {urlsplit(url).netloc} wants {gap:g} seconds between two pages"
        return f"{wanted}: too long to wait" if gap > _PATIENCE else ""


def rules(requests: Iterable[Request], network: Network, user_agent: str = "") -> Rules:
    """Each host is asked once."""
    hosts = {_robots(request.url): request for request in requests}
    asked = [Request(url, url, timeout=one.timeout, max_body=_LARGEST) for url, one in hosts.items()]
    answers = network.fetch(asked) if asked else ()
    read = ((answer.source_id, _read(answer)) for answer in answers)
    return Rules({url: found for url, found in read if found is not None}, (user_agent or _NAME).partition("/")[0])


def _robots(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def _read(answer: Fetched | Unchanged | Problem) -> Protego | str | None:
    if isinstance(answer, Fetched):
        return Protego.parse(answer.body.decode("utf-8", "replace"))
    return answer.text if isinstance(answer, Problem) and not 200 <= answer.status < 500 else None
