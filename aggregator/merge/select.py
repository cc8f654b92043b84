"""The one gate: whether an entry may be shown at a moment, and how much of it. Every output passes here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from html import escape

from aggregator import markup
from aggregator.merge.route import Placed
from aggregator.model import ANNOUNCEMENTS, Area, Entry
from aggregator.settings import Config, Source

# Longer summaries are whole articles in the wrong element, and are cut where only a summary may be republished.
_EXCERPT = 600


def visible(placed: Placed, config: Config, now: datetime, area: Area) -> bool:
    """Whether an entry may be shown to readers of `area`; readers of the reserved one may see both."""
    return not withheld(placed, config, now, area)


def withheld(placed: Placed, config: Config, now: datetime, area: Area) -> str:
    """Why an entry may not be shown to readers of `area`, in words; nothing where it may."""
    entry = placed.entry
    if not placed.placements:
        return "a rule drops it"
    if entry.left_out:
        return f"left out: {entry.left_out}"
    if entry.withdrawn is not None:
        return f"withdrawn on {entry.withdrawn:%Y-%m-%d}"
    if placed.area != "public" and area != "reserved":
        return "reserved"
    if not _has_begun(entry, now):
        return "not shown yet"
    over = over_at(entry, config.source(entry.source_id))
    return "past its day" if over is not None and over <= now else ""


def _has_begun(entry: Entry, now: datetime) -> bool:
    return not any(moment and moment > now for moment in (entry.first_seen, entry.shown, entry.publish_at))


def over_at(entry: Entry, source: Source | None) -> datetime | None:
    """When its day is over, if ever. A source's `keep_days` counts as it stands today; announcements say so of
    themselves."""
    if source is None:
        return entry.expires
    posted = entry.posted(entry.first_seen) if entry.first_seen else entry.published
    return posted + timedelta(days=source.keep_days) if posted and source.keep_days else None


def trimmed(entry: Entry, config: Config) -> Entry:
    """The entry with no more text than its source lets us republish; announcements are ours."""
    source = config.source(entry.source_id)
    if entry.source_id == ANNOUNCEMENTS:
        return entry
    # Of a source taken out, or wrong in feeds.yaml today, nobody knows what it lets us; its titles are safe.
    text = source.text if source else "title"
    if text == "full":
        return entry
    if text == "title":
        return replace(entry, summary="", content="")
    return replace(entry, summary=_summary(entry), content="")


def _summary(entry: Entry) -> str:
    told = entry.summary or entry.content
    plain = markup.text(told)
    if entry.summary and len(plain) <= _EXCERPT:
        return entry.summary
    return escape(markup.excerpt(told, _EXCERPT), quote=False)
