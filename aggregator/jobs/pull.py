"""due | fetch | parse | decide | save: what the sources say, into the store."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator import parse
from aggregator.errors import StoreError
from aggregator.intake.decide import Policy, decide, failed, unchanged
from aggregator.jobs import announcements
from aggregator.jobs.windows import open_windows
from aggregator.model import Changes, Check, Failure, Feed, Fetched, Problem, Report, Request, Unchanged
from aggregator.ports import Disk, Network, Store
from aggregator.settings import Config, Source

log = logging.getLogger(__name__)

Answer = Fetched | Unchanged | Problem

_ENTRIES = ("new", "changed", "reappeared", "withdrawn")
_COUNTS = ("sources", "fetched", "unchanged", "failed", *_ENTRIES)  # announcements/ counts by its entries only
Headers = Mapping[str, tuple[tuple[str, str], ...]]


def pull(
    config: Config,
    store: Store,
    network: Network,
    disk: Disk,
    now: datetime,
    *,
    only: Collection[str] = (),
    force: bool = False,
    headers: Headers | None = None,
    edited: datetime | None = None,
    stopping: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Fetch what is due, or what is named in `only`; decide and save source by source, so that nothing done is lost
    when one fails or the run is stopped. `headers` by source id; `edited`: when feeds.yaml was written last; `progress`
    hears how many of how many are done."""
    for newsletter, window in zip(config.newsletters, open_windows(config, now), strict=True):
        store.opened(newsletter.id, window.opens)
    checks = store.checks()
    sources = {s.id: s for s in due(config, checks, now, only, force, edited)}
    requests = [_request(s, _current(s, checks), config, headers or {}) for s in sources.values() if s.kind == "feed"]
    counts = Counter(dict.fromkeys(_COUNTS, 0))
    counts["sources"] = len(sources)
    failures: list[Failure] = []
    broken: list[str] = []
    mended: list[str] = []
    for done, answer in enumerate(_answers(network, requests, sources.values(), stopping), 1):
        source = sources[answer.source_id]
        check = _current(source, checks)
        changes = _taken(answer, source, check, store, config, now)
        _count(counts, answer, changes)
        if changes.problem:
            failures.append(Failure(source.id, changes.problem.text))
            broken += [] if check.problem else [source.id]
        elif check.problem:
            mended.append(source.id)
        progress(done, len(sources))
    if not only and config.announcements:
        changes, wrong = announcements.read(config, store, disk, now)
        _count_entries(counts, changes)
        failures += wrong
    store.touch(now)
    return Report("pull", now, now, dict(counts), tuple(failures), broken=tuple(broken), mended=tuple(mended))


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
        if force or only or check is None or check.url != _address(source) or _is_due(check, now, edited):
            yield source


def _is_due(check: Check, now: datetime, edited: datetime | None) -> bool:
    if check.next_check is None or check.last_attempt is None or check.next_check <= now:
        return True
    return bool(check.problem) and edited is not None and check.last_attempt < edited <= now


def _address(source: Source) -> str:
    return source.url or source.page


def _current(source: Source, checks: Mapping[str, Check]) -> Check:
    """What is known of the source, less the validators of an address it no longer has."""
    check = checks.get(source.id, Check(source.id, url=_address(source)))
    check = replace(check, area=source.area, keep_days=source.keep_days)
    if check.url != _address(source):
        return replace(check, url=_address(source), validators=Check("").validators)
    return check


def _request(source: Source, check: Check, config: Config, headers: Headers) -> Request:
    timeout = source.timeout or config.network.timeout
    return Request(
        source_id=source.id,
        url=source.url,
        validators=check.validators,
        headers=headers.get(source.id, ()),
        timeout=timeout.total_seconds(),
        max_body=source.max_body or config.network.max_body,
    )


def _answers(
    network: Network, requests: Iterable[Request], sources: Iterable[Source], stopping: Callable[[], bool]
) -> Iterator[Answer]:
    for source in sources:
        if source.kind == "page":
            yield Problem(source.id, "config", "pages without a feed cannot be read yet; set `paused:` on this source")
    answers = network.fetch(requests)
    for answer in answers:
        yield answer
        if stopping():
            break


def _taken(answer: Answer, source: Source, check: Check, store: Store, config: Config, now: datetime) -> Changes:
    """What one answer means, saved. The one place where any fault of ours costs its source only: it is logged with its
    trace. A database that cannot be reached is nobody's fault here, and ends the run."""
    try:
        changes = _politely(_changes(answer, source, check, store, config, now), answer, now)
        store.save(changes)
    except StoreError:
        raise
    except Exception as error:  # one odd feed never stops the run
        log.exception("source %s: reading it crashed", source.id)
        text = f"reading it crashed ({type(error).__name__}: {error}); this is a fault of ours, please report it"
        changes = failed(Problem(source.id, "crash", text), check, source.every, now)
        store.save(changes)
    return changes


def _changes(answer: Answer, source: Source, check: Check, store: Store, config: Config, now: datetime) -> Changes:
    found = parse.document(answer, source.zone) if isinstance(answer, Fetched) else answer
    cut = answer.truncated if isinstance(answer, Fetched) else ""
    if isinstance(found, Feed) and not found.entries:
        found = Problem(source.id, "parse", "the feed is empty: it has no entries")
    if isinstance(found, Problem) and cut:
        found = Problem(source.id, "fetch", cut)
    if isinstance(found, Unchanged):
        return unchanged(check, source.every, now)
    if isinstance(found, Problem):
        return failed(found, check, source.every, now)
    assert isinstance(answer, Fetched)
    policy = Policy(source, open_windows(config, now))
    changes = decide(found, store.known(source.id), check, policy, now, validators=answer.validators)
    return _of_a_part(changes, check, cut, now) if cut else changes


def _of_a_part(changes: Changes, before: Check, why: str, now: datetime) -> Changes:
    """What a document brought whose end is missing counts; that it is in trouble is said, and nothing follows from what
    it did not hold."""
    since = before.problem_since if before.problem else now
    present = tuple(sorted({*before.present, *changes.check.present}))
    # A first document that is cut is no first pull: the rest of it would come as news.
    check = replace(changes.check, present=present, first_pull=before.first_pull, problem=why, problem_since=since)
    return replace(changes, check=check, problem=Problem(changes.source_id, "fetch", why))


def _politely(changes: Changes, answer: Answer, now: datetime) -> Changes:
    """Not before the server wants to be asked again (Retry-After, max-age, Expires)."""
    seconds = answer.retry_after if isinstance(answer, Problem) else answer.max_age
    wanted = now + timedelta(seconds=seconds or 0)
    planned = changes.check.next_check or now
    return replace(changes, check=replace(changes.check, next_check=max(planned, wanted)))


def _count(counts: Counter[str], answer: Answer, changes: Changes) -> None:
    failed_now = changes.problem is not None
    counts["failed"] += failed_now
    counts["unchanged"] += isinstance(answer, Unchanged)
    counts["fetched"] += not failed_now and not isinstance(answer, Unchanged)
    _count_entries(counts, changes)


def _count_entries(counts: Counter[str], changes: Changes) -> None:
    for name in _ENTRIES:
        counts[name] += len(getattr(changes, name))
