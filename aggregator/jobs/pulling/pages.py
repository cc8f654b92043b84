"""The first page of a source without a feed | the pages that go on with it | one Feed of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.errors import ParseError
from aggregator.jobs.pulling.robots import Rules
from aggregator.model import Feed, Fetched, Problem, Request, Unchanged, Validators, Wishes
from aggregator.parse import page
from aggregator.ports import Network
from aggregator.settings import Source

_MOST = 5  # pages of one source

Page = Fetched | Problem


@dataclass(frozen=True, slots=True)
class Ahead:
    """The page that goes on with those of a source."""

    source_id: str
    address: str


def next_address(first: Fetched, more: Sequence[Page], source: Source) -> str:
    """The page behind `select.next` of the last one, on the same host; empty where there is none, or it was read."""
    if not source.select or len(more) >= _MOST - 1:
        return ""
    *former, last = (first, *more)
    seen = {one.url for one in former if isinstance(one, Fetched)}
    if isinstance(last, Problem) or last.url in seen:
        return ""
    address = page.next_address(last, source.select)
    return "" if address in seen | {last.url} else address


def asked(ahead: Iterable[Ahead], firsts: Mapping[str, Request], rules: Rules, network: Network) -> Iterator[Page]:
    """The pages, asked for all together, each as the first of its source was; a Problem where it cannot be had."""
    wanted = []
    for one in ahead:
        if why := rules.refusal(one.address) or rules.impatience(one.address):
            yield replace(why, source_id=one.source_id)
        else:
            first, gap = firsts[one.source_id], rules.gap(one.address)
            wanted.append(replace(first, url=one.address, home=first.url, validators=Validators(), gap=gap))
    for answer in network.fetch(wanted) if wanted else ():
        assert not isinstance(answer, Unchanged), "who sends no validators is told everything"
        yield rules.judged(answer)


def read(first: Fetched, more: Sequence[Page], source: Source) -> Feed | Problem:
    """What all the pages list; a later one that could not be fetched is a remark, the first is the source's."""
    assert source.select is not None
    fetched = [one for one in more if isinstance(one, Fetched)]
    try:
        feed = page.parse([first, *fetched], source.select, source.zone)
    except ParseError as error:
        return Problem(source.id, "parse", str(error))
    failed = next((one for one in more if isinstance(one, Problem)), None)
    if failed is None:
        return feed
    why = failed.text.partition("; ")[0]  # what comes then is to be done where the source gives nothing
    pause = Wishes(every=failed.retry_after or 0.0)
    return replace(feed, mended=(f"page {len(fetched) + 2} could not be fetched: {why}",), wishes=pause)
