"""Permanent redirects -> when an address may be called the new one (RFC 9110, 15.4). Pure.

A hacked site, a captive portal or a page of "work in progress" answers 301 as well: only what is answered again and
again over days, and leads to the feed we know, is worth a question. Nothing is ever adopted without one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Check, Feed, Move

_TIMES = 3
_DAYS = timedelta(days=2)


def seen(check: Check, to: str, now: datetime, *, same: bool) -> Move | None:
    """What is known of a move after one more answer. `same`: whether the document there is the feed we know."""
    before = check.move
    if not to or to == check.url or to in check.stays_from:
        return None
    if before is None or before.to != to:
        return Move(to, now, same=same)
    return replace(before, times=before.times + 1, same=same)


def is_same(feed: Feed, check: Check, told: Collection[str], known: Collection[str]) -> bool:
    """Whether a document is the feed we know: by its own id, or as half of its entries (ids in `told`) are."""
    if feed.id and feed.id == check.feed_id:
        return True
    return bool(told) and 2 * sum(one in known for one in told) >= len(told)


def is_settled(move: Move | None, now: datetime) -> bool:
    """Whether the admin should be asked."""
    return move is not None and move.same and move.times >= _TIMES and now - move.since >= _DAYS
