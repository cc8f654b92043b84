"""How each source fares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.model import Check
from aggregator.settings import Config, Source

State = Literal["ok", "late", "silent", "failing", "gone", "quarantined", "invalid", "paused"]


@dataclass(frozen=True, slots=True)
class Health:
    id: str
    state: State
    problem: str = ""
    last_success: datetime | None = None
    next_check: datetime | None = None


def health(
    config: Config, checks: Mapping[str, Check], invalid: Iterable[tuple[str, str]], now: datetime
) -> Iterator[Health]:
    """One line a source, in the order of feeds.yaml; then those whose configuration is wrong, as (id, fault)."""
    for source in config.sources:
        yield _health(source, checks.get(source.id, Check(source.id)), now)
    for id_, fault in invalid:
        yield Health(id_, "invalid", fault)


def _health(source: Source, check: Check, now: datetime) -> Health:
    state: State = "ok"
    problem = check.problem
    if source.paused:
        state, problem = "paused", source.paused
    elif check.problem:
        state = "failing"
    elif check.last_success is None:
        state, problem = "late", "not pulled yet"
    elif check.next_check and now - check.next_check > source.every:
        state, problem = "late", "its next check is overdue: is `aggregator run` running?"
    return Health(source.id, state, problem, check.last_success, check.next_check)
