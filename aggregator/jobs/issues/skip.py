"""An entry | the editor's word | ledger: left out of a newsletter, for good or until the next issue."""

from __future__ import annotations

from datetime import datetime

from aggregator.errors import ConfigError
from aggregator.merge import grouped
from aggregator.merge.cluster import LOOKBACK, mates
from aggregator.model import Entry, Issue
from aggregator.ports import Store
from aggregator.settings import Config, Newsletter


def skip(
    entry: Entry, newsletter: Newsletter, config: Config, store: Store, now: datetime, *, later: bool
) -> Issue | None:
    """Its whole story is left out; the issue that would have carried it, if one waits. ConfigError where an issue has
    told it already, or where there is no issue to put it off from."""
    since = min(moment for moment in (entry.shown, entry.first_seen, now) if moment)
    story = mates(grouped(store.entries(since=since - LOOKBACK), config), {entry.id})
    issues = store.issues(newsletter.id)
    for issue in issues:
        if not issue.waits and story.intersection(issue.entries):
            raise ConfigError(f"{newsletter.id} n. {issue.number} has carried it already")
    waiting = next((issue for issue in issues if issue.waits), None)
    if later and (waiting is None or not story.intersection(waiting.entries)):
        note = f"newsletters/{newsletter.id}/next.md"
        raise ConfigError(f"no issue that waits carries it; to put it off from the next one write `later:` in {note}")
    store.skip(newsletter.id, story, later=later)
    store.touch(now)
    return waiting
