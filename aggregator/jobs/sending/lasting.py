"""The last report | what a run has seen -> what stands still, though the run has not met it.

A server that is asked again in six hours only, a newsletter that is paused: a run that hands nothing over has not seen
them work again, and must not say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from aggregator.model import Failure, Report
from aggregator.settings import Config

_SERVER = "mail."  # the keys of feeds.yaml begin so, and no newsletter's id has a dot


def server_fault(trouble: str, config: Config) -> Failure:
    """Of the server of `mail.smtp`, or of the folder in its place."""
    smtp = config.mail.smtp
    at = f"{smtp.host}:{smtp.port} takes" if smtp else "the folder takes"
    words = (
        f"{at} no mail of ours: {trouble}; what is owed is tried again, for two days "
        "(`aggregator newsletter test ADDRESS` tries at once)"
    )
    return Failure(f"{_SERVER}smtp" if smtp else f"{_SERVER}folder", words)


def lasting(
    before: Report | None,
    seen: Iterable[Failure],
    config: Config,
    now: datetime,
    *,
    works: bool,
    looked_at: Callable[[str], bool],
) -> Iterator[Failure]:
    """`works`: the server took a mail; `looked_at`: whether this run would have met a fault of that newsletter."""
    found = tuple(seen)
    for failure in before.failures if before else ():
        if failure.once:
            continue
        if failure.source.startswith(_SERVER):
            stands = not works and not any(one.source == failure.source for one in found)
        elif failure.until:
            stands = failure.until > now and not any(one.until and one.source == failure.source for one in found)
        else:
            stands = config.newsletter(failure.source) is not None and not looked_at(failure.source)
        if stands:
            yield failure
