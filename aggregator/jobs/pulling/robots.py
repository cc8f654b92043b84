"""Pages we would ask | robots.txt of their hosts | what these say to us (RFC 9309)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlsplit

from protego import Protego

from aggregator.model import EMPTY_ANSWER, Fetched, Problem, Request, Unchanged
from aggregator.parse import encoding
from aggregator.ports import Network

Answer = TypeVar("Answer", bound=Fetched | Unchanged | Problem)
_NAME = "Bollettino"  # by which robots.txt knows us
_LARGEST, _MOST = 5_000_000, 500_000  # bytes, as sent and as read; RFC 9309, 2.5
_TOO_MANY = 429  # says nothing of the rules
_PATIENCE = 60.0  # seconds; who wants more between two pages is asked for one


@dataclass(frozen=True, slots=True)
class Rules:
    """Of some hosts, by their robots.txt: its rules, or why they cannot be had. A host that has none (4xx) is not among
    them, and may be read."""

    found: Mapping[str, Protego | Problem] = field(default_factory=dict)
    agent: str = _NAME

    def refusal(self, url: str) -> Problem | None:
        """Why we do not ask for this page, as where the rules cannot be had (2.3.1); None where we may."""
        rules, host = self.found.get(_robots(url)), urlsplit(url).netloc
        if isinstance(rules, Problem):
            text = f"robots.txt of {host} cannot be had, so that the page is not asked either: {rules.text}"
            return Problem("", "fetch", text, rules.retry_after)
        if rules is None or rules.can_fetch(url, self.agent):
            return None
        text = (
            f"robots.txt of {host} does not let us read {urlsplit(url).path or '/'}; ask its webmaster for a feed, or "
            "for leave, and set `paused:` on this source until then"
        )
        return Problem("", "fetch", text)

    def judged(self, answer: Answer) -> Answer | Problem:
        """The same, or why it is not read: a redirect may lead where we would not have gone."""
        why = self.refusal(answer.url) if isinstance(answer, Fetched) else None
        return replace(why, source_id=answer.source_id) if why else answer

    def gap(self, url: str) -> float:
        """Seconds that the host wants between two pages (Crawl-delay: no standard, but widely written)."""
        rules = self.found.get(_robots(url))
        return float(rules.crawl_delay(self.agent) or 0.0) if isinstance(rules, Protego) else 0.0

    def impatience(self, url: str) -> Problem | None:
        """Why we do not ask for one page more; None where we may."""
        gap = self.gap(url)
        wanted = f"robots.txt of {urlsplit(url).netloc} wants {gap:g} seconds between two pages"
        return Problem("", "fetch", f"{wanted}: too long to wait") if gap > _PATIENCE else None


def rules(requests: Iterable[Request], network: Network, user_agent: str = "") -> Rules:
    """Each host is asked once."""
    agent = (user_agent or _NAME).partition("/")[0]
    hosts = {_robots(request.url): request for request in requests}
    asked = [
        Request(url, url, timeout=one.timeout, max_body=_LARGEST, is_typed=one.is_typed) for url, one in hosts.items()
    ]
    answers = network.fetch(asked) if asked else ()
    read = ((answer.source_id, _read(answer, agent)) for answer in answers)
    return Rules({url: found for url, found in read if found is not None}, agent)


def _robots(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def _read(answer: Fetched | Unchanged | Problem, agent: str) -> Protego | Problem | None:
    """None where the server says that there are no rules: none of this name (4xx), or empty ones."""
    assert not isinstance(answer, Unchanged), "who sends no validators is told everything"
    if isinstance(answer, Fetched):
        if answer.truncated:
            return Problem(answer.source_id, "fetch", answer.truncated)
        return Protego.parse(_ours(encoding.decode(answer.body[:_MOST]), agent))
    has_none = answer.text.startswith(EMPTY_ANSWER) or (400 <= answer.status < 500 and answer.status != _TOO_MANY)
    return None if has_none else answer


_AGENT = re.compile(r"^([ \t]*user[ -]?agent\b[ \t]*:?[ \t]*)([^#\r\n]*)", re.I | re.M)


def _ours(text: str, agent: str) -> str:
    """The same, with one name for all agents that cannot be us: rules are kept once for each agent of a group, and
    somebody may name thousands."""

    def renamed(line: re.Match[str]) -> str:
        name = line[2].strip().replace("*", "").lower()
        return line[0] if name in agent.lower() else f"{line[1]}somebody-else"

    return _AGENT.sub(renamed, text)
