"""due | fetch | parse | decide | save: what the sources say, into the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain

from aggregator.errors import StoreError
from aggregator.intake.checks import is_gone
from aggregator.intake.health import health
from aggregator.intake.moves import is_settled
from aggregator.intake.policy import Policy
from aggregator.jobs.pulling import announcements, pages, retention
from aggregator.jobs.pulling.asking import Headers, asked, current, displaced, due, request, rules
from aggregator.jobs.pulling.pages import Ahead
from aggregator.jobs.pulling.reading import Answer, Work, crashed, read
from aggregator.jobs.pulling.robots import Rules
from aggregator.jobs.pulling.standing import take_over
from aggregator.jobs.windows import open_windows
from aggregator.model import Changes, Check, Failure, Fetched, Report, Request, Window
from aggregator.ports import Disk, Network, Store
from aggregator.settings import Config, Source

_ENTRIES = ("new", "changed", "reappeared", "withdrawn")
_COUNTS = ("sources", "fetched", "unchanged", "failed", *_ENTRIES)  # announcements/ counts by its entries only

MANY = 12  # sources: it pays to have several read at once, and to keep some together
_HEAVY = 500  # sources and entries in one transaction

Reading = Callable[[Work], Changes | Ahead]
Map = Callable[[Reading, Iterable[Work]], Iterator[Changes | Ahead]]
Batch = list[Changes]
Keep = Callable[[Callable[[Batch], Batch], Iterable[Batch]], Iterable[Batch]]


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
    spread: Callable[[int], Map] = lambda _sources: map,
    beside: Keep = map,
    stopping: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Fetch what is due, or what is named in `only`; decide and save, so that nothing done is lost when a source fails
    or the run is stopped. `headers` by source id; `edited`: when feeds.yaml was written last; `spread` gives a map fit
    for so many sources, maybe one over other processes; `beside` is one that keeps what is read while more is read,
    where there is much; `progress` hears how many of how many are done."""
    windows = open_windows(config, now)
    for newsletter, window in zip(config.newsletters, windows, strict=True):
        store.opened(newsletter.id, window.opens)
    checks = take_over(config, store, now)
    sources = {s.id: s for s in due(config, checks, now, only, force, edited)}
    refused = [problem for s in sources.values() if (problem := displaced(config, s, checks))]
    held = {problem.source_id for problem in refused}
    checks = {s.id: checks[s.id] if s.id in held else current(s, checks) for s in sources.values()}
    requests = [request(s, checks[s.id], config, headers or {}) for s in sources.values() if s.id not in held]
    tally = _Tally(len(sources))
    heeded = rules(network, requests, sources, config)
    answers = _until(stopping, chain(refused, asked(network, requests, sources, heeded)))
    works = _works(answers, sources, checks, windows, store, now)
    are_many = len(sources) >= MANY
    found = _read(spread(len(sources)), works, requests, heeded, network)
    reading = _counted(found, len(sources), progress)
    keep = partial(_saved, sources=sources, checks=checks, store=store)
    kept = beside(keep, _batches(reading, _HEAVY)) if are_many else map(keep, _batches(reading, 1))
    for some in kept:
        for changes in some:
            tally.take(changes, checks[changes.source_id])
    if not only and config.announcements:
        changes, wrong = announcements.read(config, store, disk, now)
        tally.count_entries(changes)
        tally.failures += wrong
    retention.forget(config, store, now)
    store.touch(now)
    return tally.report(now)


def _until(stopping: Callable[[], bool], answers: Iterable[Answer]) -> Iterator[Answer]:
    for answer in answers:
        yield answer
        if stopping():
            break


def _works(
    answers: Iterable[Answer],
    sources: Mapping[str, Source],
    checks: Mapping[str, Check],
    windows: tuple[Window, ...],
    store: Store,
    now: datetime,
) -> Iterator[Work]:
    """What is known of entries is asked for where a document came only."""
    for answer in answers:
        source, check = sources[answer.source_id], checks[answer.source_id]
        known = store.known(source.id) if isinstance(answer, Fetched) and check.last_attempt else ()
        yield Work(answer, check, Policy(source, windows), known, now)


def _read(
    reading: Map, works: Iterable[Work], requests: Iterable[Request], rules: Rules, network: Network
) -> Iterator[Changes]:
    """What goes on over several pages comes last, page by page, those of all sources together: it keeps nobody else
    waiting."""
    begun: dict[str, Work] = {}
    firsts = {request.source_id: request for request in requests}
    while works:
        ahead = []
        for found in reading(read, _noted(works, begun)):
            if isinstance(found, Ahead):
                ahead.append(found)
            else:
                yield found
        answers = tuple(pages.asked(ahead, firsts, rules, network))
        works = [replace(work, more=(*work.more, one)) for one in answers if (work := begun[one.source_id])]


def _noted(works: Iterable[Work], begun: dict[str, Work]) -> Iterator[Work]:
    """The same; those that may go on are kept."""
    for work in works:
        if work.policy.source.select:
            begun[work.check.source_id] = work
        yield work


def _counted(reading: Iterable[Changes], total: int, progress: Callable[[int, int], None]) -> Iterator[Changes]:
    for done, changes in enumerate(reading, 1):
        progress(done, total)
        yield changes


def _saved(some: Batch, sources: Mapping[str, Source], checks: Mapping[str, Check], store: Store) -> Batch:
    """The same, kept. What fails together is tried one by one."""
    try:
        store.save(*[_judged(one, store) for one in some])
    except Exception:  # noqa: BLE001  whose fault it is will be seen at once
        return [_saved_alone(one, sources[one.source_id], checks[one.source_id], store) for one in some]
    return some


def _judged(changes: Changes, store: Store) -> Changes:
    """What only the stored words can tell: whether a change is one for readers."""
    if not changes.changed:
        return changes
    from aggregator.intake.revise import judged  # here because a first pull, which has most to do, does not need it

    return judged(changes, {e.id: e for e in store.entries(ids=[e.id for e in changes.changed])})


def _batches(found: Iterable[Changes], heavy: int) -> Iterator[Batch]:
    """Some at a time, as a commit takes as long as reading several documents. Should this be killed in between, their
    sources are only asked once more."""
    batch: Batch = []
    weight = 0
    for changes in found:
        batch.append(changes)
        weight += 1 + len(changes.new) + len(changes.changed)
        if weight >= heavy:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _saved_alone(changes: Changes, source: Source, check: Check, store: Store) -> Changes:
    """A database that cannot be reached is nobody's fault and ends the run; what it cannot hold costs its source."""
    try:
        store.save(_judged(changes, store))
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001  one odd feed never stops the run
        changes = crashed(check, Policy(source), changes.at, error)
        store.save(changes)
    return changes


class _Tally:
    """What the report will say."""

    def __init__(self, sources: int) -> None:
        self.counts = Counter(dict.fromkeys(_COUNTS, 0))
        self.counts["sources"] = sources
        self.failures: list[Failure] = []
        self._questions: list[Failure] = []
        self._broken: list[str] = []
        self._mended: list[str] = []

    def take(self, changes: Changes, before: Check) -> None:
        """One source's changes; `before` is what was known of it."""
        failed_now = changes.problem is not None
        self.counts["failed"] += failed_now
        self.counts["unchanged"] += changes.unread
        self.counts["fetched"] += not failed_now and not changes.unread
        self.count_entries(changes)
        if asked := _question(changes, before):
            self._questions.append(Failure(changes.source_id, asked))
        if changes.problem:
            self.failures.append(Failure(changes.source_id, changes.problem.text))
            self._broken += [] if before.problem else [changes.source_id]
        elif (before.problem or before.quarantined) and not changes.check.quarantined:
            self._mended.append(changes.source_id)

    def count_entries(self, changes: Changes) -> None:
        for name in _ENTRIES:
            self.counts[name] += len(getattr(changes, name))

    def report(self, now: datetime) -> Report:
        failures, broken, mended = tuple(self.failures), tuple(self._broken), tuple(self._mended)
        asked = tuple(self._questions)
        return Report("pull", now, now, dict(self.counts), failures, broken=broken, mended=mended, questions=asked)


def _question(changes: Changes, before: Check) -> str:
    """What to tell where a source waits for an answer from now on, or is given up; empty where it does not, or has been
    told: an answer may take weeks."""
    then, now = _waits(before, before.last_attempt or changes.at), _waits(changes.check, changes.at)
    if not any(is_so and not was for was, is_so in zip(then, now, strict=True)):
        return ""
    return health(Source(before.source_id, url=before.url), changes.check, changes.at).problem


def _waits(check: Check, at: datetime) -> tuple[bool, ...]:
    return check.quarantined is not None, is_gone(check), is_settled(check.move, at)
