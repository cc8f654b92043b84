"""The first page of a source without a feed | the pages that go on with it | one Feed of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from aggregator.errors import ParseError
from aggregator.jobs.pulling.robots import Rules
from aggregator.model import Feed, Fetched, Problem, Request, Unchanged, Validators
from aggregator.parse import page
from aggregator.ports import Network
from aggregator.settings import Source

_MOST = 5  # pages of one source


Pages = tuple[Fetched | Problem, ...]


def following(
    firsts: Iterable[Fetched],
    sources: Mapping[str, Source],
    asked: Mapping[str, Request],
    rules: Rules,
    network: Network,
) -> Mapping[str, Pages]:
    """{source: the pages behind `select.next` of its first}, on the same host and never one twice; the last may be a
    Problem. They are asked for as the first was, all second pages together, then all third ones."""
    last = {first.source_id: first for first in firsts}
    found: dict[str, Pages] = dict.fromkeys(last, ())
    seen = {id_: {first.url} for id_, first in last.items()}
    for _ in range(_MOST - 1):
        wanted = []
        for id_, one in last.items():
            address = _next_address(one, sources[id_])
            if not address or address in seen[id_]:
                continue
            seen[id_].add(address)
            if why := rules.refusal(address) or rules.impatience(address):
                found[id_] += (Problem(id_, "fetch", why),)
            else:
                gap = rules.gap(address)
                wanted.append(replace(asked[id_], url=address, validators=Validators(), gap=gap))
        answers = tuple(network.fetch(wanted)) if wanted else ()
        for answer in answers:
            found[answer.source_id] += () if isinstance(answer, Unchanged) else (answer,)
        last = {answer.source_id: answer for answer in answers if isinstance(answer, Fetched)}
    return found


def _next_address(one: Fetched, source: Source) -> str:
    return page.next_address(one, source.select) if source.select else ""


def read(first: Fetched, more: Sequence[Fetched | Problem], source: Source) -> Feed | Problem:
    """What all the pages list; a later one that could not be fetched is a remark, the first is the source's."""
    assert source.select is not None
    fetched = [one for one in more if isinstance(one, Fetched)]
    try:
        feed = page.parse([first, *fetched], source.select, source.zone)
    except ParseError as error:
        return Problem(source.id, "parse", str(error))
    missing = (f"page {len(fetched) + 2} could not be fetched: {p.text}" for p in more if isinstance(p, Problem))
    return replace(feed, mended=tuple(missing))
