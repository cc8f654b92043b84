"""What the tests of the network share: a small feed, and questions asked through a real CurlNetwork."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from aggregator import ports, settings
from aggregator.model import Fetched, Problem, Request, Unchanged
from aggregator.network import CurlNetwork

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Sportello di prova</title><item><title>Orari d’agosto: città chiusa per ferie</title>
</item></channel></rss>""".encode()
Got = Fetched | Unchanged | Problem
AGENT = "bollettino/0 (+https://notizie.example.it/)"


def network(**wishes: Any) -> ports.Network:
    """Loopback, where the tests' servers are, may be asked, unless `allow_private` says otherwise."""
    return CurlNetwork(settings.Network(**({"allow_private": ("127.0.0.0/8",)} | wishes)), AGENT)


def fetch(*requests: Request, **wishes: Any) -> dict[str, Got]:
    """Every answer by its source, each source having exactly one."""
    answers = list(network(**wishes).fetch(requests))
    assert Counter(a.source_id for a in answers) == Counter(r.source_id for r in requests)
    return {a.source_id: a for a in answers}


def fetch_one(url: str, *, private: Sequence[str] = ("127.0.0.0/8",), **wishes: Any) -> Got:
    return fetch(Request("comune", url, **wishes), allow_private=tuple(private))["comune"]


def problem(url: str, **wishes: Any) -> str:
    answer = fetch_one(url, **wishes)
    assert isinstance(answer, Problem)
    assert answer.kind == "fetch"
    return answer.text


def document(url: str, **wishes: Any) -> Fetched:
    answer = fetch_one(url, **wishes)
    assert isinstance(answer, Fetched), answer
    return answer
