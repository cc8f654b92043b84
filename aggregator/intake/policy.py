"""What deciding needs beside the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model import Window
from aggregator.settings import Source

# An entry is out of every output when its days are over, but not forgotten before it was known for a week, nor within a
# week of an edit of `keep_days`: a slip in feeds.yaml can be taken back.
SECOND_THOUGHTS = timedelta(days=7)


def kept_until(posted: datetime, keep_days: int | None, since: datetime) -> datetime | None:
    """When an entry is forgotten; `since`: when this was settled. None: never."""
    return max(posted + timedelta(days=keep_days), since + SECOND_THOUGHTS) if keep_days else None


@dataclass(frozen=True, slots=True)
class Policy:
    """The source as feeds.yaml has it, and the windows of the issues that are open now."""

    source: Source
    windows: tuple[Window, ...] = ()
