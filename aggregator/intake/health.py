"""A source and what is known of it -> how it fares, in one word and in a sentence with what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from aggregator.intake import checks, moves, pace
from aggregator.model import Check
from aggregator.settings import Source

State = Literal["ok", "late", "silent", "failing", "gone", "quarantined", "invalid", "paused"]

_CERTIFICATE = timedelta(days=14)  # before its end
_SILENT_TIMES = 3  # the longest pause there ever was between two arrivals
_SILENT_AT_LEAST = timedelta(weeks=4)  # August
_SILENT_UNKNOWN = timedelta(days=180)  # of a source that never brought anything since its first pull
_LASTING = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Health:
    """`problem` says what is wrong and what to do; a source that is `ok` may have one that can wait: its address has
    changed, its certificate ends soon. `remarks` are what is odd about its last document."""

    id: str
    state: State
    problem: str = ""
    last_success: datetime | None = None
    next_check: datetime | None = None
    remarks: tuple[str, ...] = ()


def health(source: Source, check: Check, now: datetime) -> Health:
    state, problem = _judged(source, check, now)
    return Health(source.id, state, problem, check.last_success, check.next_check, check.remarks)


def is_for_its_webmaster(source: Source, check: Check, told: Health) -> bool:
    """Whether a webmaster could mend it: our own clock, selectors and slips are none of their business."""
    if told.state in ("late", "paused", "invalid") or (check.problem and check.problem_kind in ("config", "crash")):
        return False
    is_our_selector = bool(check.problem) and check.problem_kind == "parse" and source.select is not None
    return bool(told.remarks or told.problem) and not is_our_selector


def _judged(source: Source, check: Check, now: datetime) -> tuple[State, str]:
    if source.paused:
        return "paused", source.paused
    if check.quarantined:
        return "quarantined", _question(check, source)
    if checks.is_gone(check):
        return "gone", _gone(check, source)
    if check.problem:
        return "failing", _failing(check, source, now)
    if check.last_success is None:
        return "late", "not pulled yet"
    if check.next_check and now - check.next_check > source.every:
        return "late", "its next check is overdue: is `aggregator run` running?"
    if silence := _silence(check, now):
        return "silent", silence
    return "ok", _moved(check, now) or _certificate(check, now)


def _question(check: Check, source: Source) -> str:
    return (
        f"since {_day(check.quarantined)} most of its entries are new and yet say what earlier ones say: its site was "
        "rebuilt, or makes up ids at each visit. They wait, and nobody sees them: "
        f"`aggregator accept {source.id}` lets them in as archive beside the earlier ones (with --announce as news), "
        f"`aggregator reject {source.id}` keeps them out"
        + ("" if source.identity != "guid" else "; if this comes again, write `identity: title+date`")
    )


def _gone(check: Check, source: Source) -> str:
    return (
        f"{check.problem}, at every check since {_day(check.problem_since)}: it is not asked any more. "
        f"Look for its new address (`aggregator doctor URL`), or take {source.id} out of feeds.yaml"
    )


def _failing(check: Check, source: Source, now: datetime) -> str:
    if check.problem_since is None or now - check.problem_since < _LASTING:
        return check.problem
    return (
        f"{check.problem} (since {_day(check.problem_since)}; `aggregator sources {source.id} --letter` writes to its "
        "webmaster)"
    )


def _silence(check: Check, now: datetime) -> str:
    last = check.arrivals[-1] if check.arrivals else check.first_pull
    if last is None:
        return ""
    longest = max(pace.gaps(check.arrivals), default=_SILENT_UNKNOWN / _SILENT_TIMES)
    if now - last <= max(longest * _SILENT_TIMES, _SILENT_AT_LEAST):
        return ""
    return (
        f"it answers, but has brought nothing new since {_day(last)}, much longer than ever before: look on its site "
        "whether the news has moved to another feed"
    )


def _moved(check: Check, now: datetime) -> str:
    if check.move is None or not moves.is_settled(check.move, now):
        return ""
    return (
        f"it has moved for good to {check.move.to}, and has said so since {_day(check.move.since)}: "
        f"`aggregator accept {check.source_id}` writes the new address into feeds.yaml, "
        f"`aggregator reject {check.source_id}` stays with the old one"
    )


def _certificate(check: Check, now: datetime) -> str:
    if check.certificate_ends is None or check.certificate_ends - now > _CERTIFICATE:
        return ""
    return (
        f"its certificate ends on {_day(check.certificate_ends)}, and from then on we cannot fetch it: "
        f"`aggregator sources {check.source_id} --letter` writes to its webmaster"
    )


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "?"
