"""A source's answer -> what is known of the source from now on, and when it is asked again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.intake import moves, oddities, pace
from aggregator.intake.identify import Identified
from aggregator.intake.policy import Policy
from aggregator.model import Changes, Check, Entry, Feed, Fetched, Problem, Unchanged, Validators

# How often, and over how long, a server says 410 before it is believed.
_TIMES_GONE = 3
_DAYS_GONE = timedelta(days=2)


def succeeded(
    check: Check,
    feed: Feed,
    entries: Sequence[Entry],
    told: Sequence[Identified],
    policy: Policy,
    now: datetime,
    answer: Fetched | None,
    *,
    brought: bool,
    held: bool,
) -> Check:
    """After a document that could be read: `told` are its distinct entries; some were new (`brought`), or are kept
    back (`held`)."""
    first = check.first_pull is None
    known = {one.known.id for one in told if one.known}
    same = moves.is_same(feed, check, [one.id for one in told], known)
    after = replace(
        _answered(check, answer, now, same=same),
        title=feed.title or check.title,
        home=feed.home or check.home,
        language=feed.language or check.language,
        feed_id=feed.id,
        validators=answer.validators if answer else Validators(),
        first_pull=check.first_pull or now,
        present=tuple(sorted({one.id for one in told})),
        remarks=(*feed.mended, *oddities.of(entries, told, now, policy.source)),
        wishes=feed.wishes,
        arrivals=(*check.arrivals, now)[-pace.ARRIVALS :] if brought and not first else check.arrivals,
        quarantined=(check.quarantined or now) if held else None,
    )
    return _timed(after, policy, now, answer.max_age if answer else None)


def unchanged(answer: Unchanged, check: Check, policy: Policy, now: datetime) -> Changes:
    """The source answered that nothing changed; without the document that says nothing of who it is, after a move."""
    same = answer.is_seen or (check.move is not None and check.move.same)
    after = _timed(_answered(check, answer, now, same=same), policy, now, answer.max_age)
    return Changes(check.source_id, now, after, unread=True)


def failed(problem: Problem, check: Check, policy: Policy, now: datetime) -> Changes:
    """The source gave nothing usable; what it gave before stays."""
    again = bool(check.problem) and (check.problem_kind == "gone") == (problem.kind == "gone")
    fallen = replace(
        check,
        last_attempt=now,
        problem=problem.text,
        problem_kind=problem.kind,
        problem_since=check.problem_since if again else now,
        failures=check.failures + 1 if again else 1,
        wanted_pause=now + timedelta(seconds=problem.retry_after) if problem.retry_after else None,
    )
    return Changes(check.source_id, now, _timed(fallen, policy, now, problem.retry_after), problem=problem)


def cut(changes: Changes, before: Check, why: str, now: datetime) -> Changes:
    """What a document brought whose end is missing counts; that it is in trouble is said, and nothing follows from what
    it did not hold."""
    check = replace(
        changes.check,
        present=tuple(sorted({*before.present, *changes.check.present})),
        first_pull=before.first_pull,  # the rest of a first document would come as news
        problem=why,
        problem_kind="fetch",
        problem_since=before.problem_since if before.problem else now,
        last_success=before.last_success,
        failures=before.failures + 1 if before.problem else 1,
    )
    return replace(changes, check=check, problem=Problem(changes.source_id, "fetch", why))


def is_gone(check: Check) -> bool:
    """Whether its server has said for days that it is gone for good (410): then it is not asked any more."""
    if check.problem_kind != "gone" or not check.problem_since or not check.last_attempt:
        return False
    lasting = check.last_attempt - check.problem_since >= _DAYS_GONE
    return bool(check.problem) and check.failures >= _TIMES_GONE and lasting


def _answered(check: Check, answer: Fetched | Unchanged | None, now: datetime, *, same: bool) -> Check:
    return replace(
        check,
        last_attempt=now,
        last_success=now,
        problem="",
        problem_since=None,
        failures=0,
        wanted_pause=None,
        certificate_ends=answer.certificate_ends if answer else None,
        move=moves.seen(check, answer.moved, now, same=same) if answer else None,
    )


def _timed(check: Check, policy: Policy, now: datetime, wanted: float | None) -> Check:
    source = policy.source
    return replace(check, next_check=pace.next_check(check, source.every, now, source.zone, wanted or 0.0))
