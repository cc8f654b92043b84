"""One source's answer | parse | decide -> its Changes. No store and no clock: it may be done in any process."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator import parse
from aggregator.intake import checks
from aggregator.intake.decide import decide
from aggregator.intake.policy import Policy
from aggregator.jobs.pulling import pages
from aggregator.jobs.pulling.pages import Ahead, Page
from aggregator.model import Changes, Check, Feed, Fetched, Known, Problem, Unchanged

log = logging.getLogger(__name__)

Answer = Fetched | Unchanged | Problem


@dataclass(frozen=True, slots=True)
class Work:
    """An answer, and all that is needed to say what it means. `known` is empty where no document came."""

    answer: Answer
    check: Check
    policy: Policy
    known: tuple[Known, ...]
    now: datetime
    more: tuple[Page, ...] = ()  # the pages that go on with a page


def read(work: Work) -> Changes | Ahead:
    """What the answer means, or which page goes on with it. Any fault of ours costs its source only: it is
    logged with its trace."""
    try:
        return _changes(work)
    except Exception as error:  # noqa: BLE001  one odd feed never stops the run
        return crashed(work.check, work.policy, work.now, error)


def is_heavy(work: Work) -> bool:
    """Whether there is a document to read."""
    return isinstance(work.answer, Fetched)


def given_up(work: Work, why: str) -> Changes:
    """What is kept of a document that cannot be read in time, or at all."""
    problem = Problem(work.check.source_id, "crash", f"reading its document {why}; please report it, with the document")
    return checks.failed(problem, work.check, work.policy, work.now)


def crashed(check: Check, policy: Policy, now: datetime, error: Exception) -> Changes:
    problem = crash(check.source_id, f"source {check.source_id}", error)
    return checks.failed(problem, check, policy, now)


def crash(source_id: str, name: str, error: Exception) -> Problem:
    """A fault of ours as a Problem, logged with its trace."""
    log.error("%s: reading it crashed", name, exc_info=error)
    text = f"reading it crashed ({type(error).__name__}: {error}); this is a fault of ours, please report it"
    return Problem(source_id, "crash", text)


def _changes(work: Work) -> Changes | Ahead:
    answer, check, policy, now = work.answer, work.check, work.policy, work.now
    if isinstance(answer, Fetched) and (address := pages.next_address(answer, work.more, policy.source)):
        return Ahead(policy.source.id, address)
    if isinstance(answer, Unchanged):
        return checks.unchanged(answer, check, policy, now)
    found = _document(work)
    if isinstance(found, Problem):
        return checks.failed(found, check, policy, now)
    assert isinstance(answer, Fetched)
    changes = decide(found, work.known, check, policy, now, answer=answer)
    return checks.cut(changes, check, answer.truncated, now) if answer.truncated else changes


# Some servers cut off what comes after the document, or count its bytes wrongly.
_ENDED = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|html)\s*>\s*\Z", re.I)


def _document(work: Work) -> Feed | Problem:
    answer, source = work.answer, work.policy.source
    assert not isinstance(answer, Unchanged)
    if isinstance(answer, Problem):
        return answer
    found = pages.read(answer, work.more, source) if source.select else parse.document(answer, source.zone)
    if isinstance(found, Feed) and answer.truncated and not _ENDED.search(answer.body[-1000:]):
        found = replace(found, entries=found.entries[:-1])  # half an entry; the whole one would be taken for another
    if isinstance(found, Feed) and not found.entries:
        found = Problem(answer.source_id, "parse", "the feed is empty: it has no entries")
    if isinstance(found, Problem) and answer.truncated:
        return Problem(answer.source_id, "fetch", answer.truncated)
    return found
