"""feeds.yaml, what is known and the hour -> which sources are asked, what exactly, and what they answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from aggregator import urls
from aggregator.intake.checks import is_gone
from aggregator.intake.pace import is_open
from aggregator.jobs.pulling import robots
from aggregator.jobs.pulling.robots import Rules
from aggregator.model import Check, Fetched, Problem, Request, Unchanged, Validators
from aggregator.ports import Network
from aggregator.settings import Config, Source

Headers = Mapping[str, tuple[tuple[str, str], ...]]  # by source id


def due(
    config: Config,
    checks: Mapping[str, Check],
    now: datetime,
    only: Collection[str] = (),
    force: bool = False,
    edited: datetime | None = None,
) -> Iterator[Source]:
    """The sources whose time has come: never checked, checked long enough ago, at a new address, or in trouble when
    feeds.yaml was edited since, perhaps to mend it. A paused source is never due; a named one is, whatever the hour."""
    for source in config.sources:
        if source.paused or (only and source.id not in only):
            continue
        check = checks.get(source.id)
        if force or only or check is None or check.url != address(source) or _is_due(check, now, edited):
            yield source


def _is_due(check: Check, now: datetime, edited: datetime | None) -> bool:
    """What is gone for good stays so until somebody looks after it; nobody is asked while its server, or its document,
    wants to be left alone."""
    if check.next_check is None or check.last_attempt is None:
        return True
    if (check.wanted_pause and now < check.wanted_pause) or not is_open(now, check.wishes):
        return False
    if check.problem and edited is not None and check.last_attempt < edited <= now:
        return True
    return check.next_check <= now and not is_gone(check)


def address(source: Source) -> str:
    return source.url or source.page


def displaced(config: Config, source: Source, checks: Mapping[str, Check]) -> Problem | None:
    """Why a source is not asked: its id stood for another address, and its address for another id. Ids made from the
    host count the lines of that host; one line less, and what each gave would be taken for another's."""
    here, check = address(source), checks.get(source.id)
    if check is None or not check.url or check.url == here:
        return None
    for former in checks.values():
        other = config.source(former.source_id)
        if former.url != here or former.source_id in (source.id, *source.formerly):
            continue
        if other is None or address(other) != here:
            text = (
                f"{here} was {former.source_id} so far, and {source.id} was {check.url}: write "
                f"`id: {former.source_id}` to this source, so that it keeps its history wherever its line stands, or "
                f"`formerly: [{former.source_id}]`, if it goes on as {source.id}"
            )
            return Problem(source.id, "config", text)
    return None


def current(source: Source, checks: Mapping[str, Check]) -> Check:
    """What is known of the source, less what was said by an address it no longer has."""
    check = checks.get(source.id, Check(source.id, url=address(source)))
    if (check.area, check.keep_days) != (source.area, source.keep_days):
        check = replace(check, area=source.area, keep_days=source.keep_days)
    if check.url != address(source):
        return replace(check, url=address(source), validators=Validators(), move=None)
    return check


def rules(network: Network, requests: Iterable[Request], sources: Mapping[str, Source], config: Config) -> Rules:
    """Feeds are there for programs; of pages robots.txt is asked first."""
    pages = (one for one in requests if sources[one.source_id].kind == "page")
    return robots.rules(pages, network, config.network.user_agent)


def asked(
    network: Network, requests: Iterable[Request], sources: Mapping[str, Source], rules: Rules
) -> Iterator[Fetched | Unchanged | Problem]:
    """The answers, and why the pages that are not asked are not."""
    allowed = []
    for one in requests:
        if sources[one.source_id].kind != "page":
            allowed.append(one)
        elif why := rules.refusal(one.url):
            yield replace(why, source_id=one.source_id)
        else:
            allowed.append(replace(one, gap=rules.gap(one.url)))
    for answer in network.fetch(in_turn(allowed)):
        yield rules.judged(answer) if sources[answer.source_id].kind == "page" else answer


def in_turn(requests: Iterable[Request]) -> list[Request]:
    """The hosts by turns: many sources of one slow host, one behind the other, would hold up everybody else's."""
    hosts: dict[str, list[Request]] = {}
    for one in requests:
        hosts.setdefault(urls.host(one.url), []).append(one)
    rounds = zip_longest(*hosts.values())
    return [one for some in rounds for one in some if one is not None]


def request(source: Source, check: Check, config: Config, headers: Headers) -> Request:
    timeout = source.timeout or config.network.timeout
    validators = check.validators
    if check.move and not check.move.same:  # who answers there now must show what it has
        validators = replace(validators, etag="", last_modified="")
    return Request(
        source_id=source.id,
        url=address(source),
        validators=validators,
        headers=headers.get(source.id, ()),
        timeout=timeout.total_seconds(),
        max_body=source.max_body or config.network.max_body,
        per_host=source.per_host,
        is_typed=True,
    )
