"""feeds.yaml, every source asked now -> what of each would be kept and what its words leave out. Stores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aggregator import markup
from aggregator.answers.window import read_document
from aggregator.intake.decide import left_out
from aggregator.jobs.pulling.asking import Headers, asked, request, rules
from aggregator.model import Check, Entry, Fetched, Problem, Unchanged
from aggregator.ports import Network
from aggregator.settings import Config, Source

_TITLE = 80  # letters


@dataclass(frozen=True, slots=True)
class Tried:
    """What one source gave: titles; or in `problem` why it gave nothing."""

    source: str
    kept: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()  # (title, why)
    problem: str = ""


def tried(config: Config, network: Network, headers: Headers) -> Iterator[Tried]:
    """Every source that is not paused, in the order of feeds.yaml; pages are asked for their first page only."""
    sources = {source.id: source for source in config.sources if not source.paused}
    requests = [request(source, Check(source.id), config, headers) for source in sources.values()]
    found = {
        answer.source_id: answer
        for answer in asked(network, requests, sources, rules(network, requests, sources, config))
    }
    for source in sources.values():
        answer = found.get(source.id)  # none where the run was stopped
        assert not isinstance(answer, Unchanged), "who sends no validators is told everything"
        if answer:
            yield _tried(answer, source)


def _tried(answer: Fetched | Problem, source: Source) -> Tried:
    feed = read_document(answer, source.zone, source)[1]
    if isinstance(feed, Problem):
        return Tried(source.id, problem=feed.text)
    judged = [(_title(entry), left_out(entry, source)) for entry in feed.entries]
    kept = tuple(title for title, why in judged if not why)
    return Tried(source.id, kept, tuple((title, why) for title, why in judged if why))


def _title(entry: Entry) -> str:
    return entry.title or markup.excerpt(entry.content or entry.summary, _TITLE)
