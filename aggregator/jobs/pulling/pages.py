"""The first page of a source without a feed | the pages that go on with it | one Feed of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregator.errors import ParseError
from aggregator.model import Feed, Fetched, Problem, Request, Validators
from aggregator.parse import page
from aggregator.ports import Network
from aggregator.settings import Source

_MOST = 5  # pages of one source


def following(first: Fetched, source: Source, asked: Request, network: Network) -> tuple[Fetched | Problem, ...]:
    """The pages behind `select.next`, on the same host and never one twice; the last may be a Problem. They are asked
    for as the first was."""
    assert source.select is not None
    found: list[Fetched | Problem] = []
    last, seen = first, {first.url}
    while len(found) < _MOST - 1:
        address = page.next_address(last, source.select)
        if not address or address in seen:
            break
        seen.add(address)
        answer = next(iter(network.fetch([replace(asked, url=address, validators=Validators())])))
        if not isinstance(answer, Fetched):
            found += [answer] if isinstance(answer, Problem) else []
            break
        found.append(answer)
        last = answer
    return tuple(found)


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
