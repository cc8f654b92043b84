"""entries | merge | owed | ledger: the issue that is due, as a draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.jobs.standing import standing
from aggregator.jobs.windows import closed_window, open_windows
from aggregator.merge import grouped, stories
from aggregator.merge.cluster import LOOKBACK, Group, mates
from aggregator.merge.owed import owed
from aggregator.model import Issue, Report, Story
from aggregator.ports import Store
from aggregator.settings import Config, Newsletter

# Before the window of the last issue: a pull that was slow, an issue that let go of something. What was shown earlier
# had its issue, whatever rule moves it now.
_SLACK = timedelta(days=31)


def compose(config: Config, store: Store, now: datetime, only: str = "") -> Report:
    """One issue for each newsletter whose window has closed since its last one; none where nothing is owed, unless the
    newsletter says `empty: send`."""
    config = standing(config, store, now)
    issues = [
        issue
        for newsletter in config.newsletters
        if only in ("", newsletter.id) and (issue := _due_issue(config, store, newsletter, now))
    ]
    store.touch(now)
    counts = {"issues": len(issues), "entries": sum(len(i.entries) for i in issues)}
    return Report("newsletter compose", now, now, counts, issues=tuple(issues))


def _due_issue(config: Config, store: Store, newsletter: Newsletter, now: datetime) -> Issue | None:
    window = closed_window(newsletter, config, now)
    opens = first_opens(config, store, newsletter, now)
    last = store.issues(newsletter.id)[-1:]
    if window.closes <= opens or (last and last[0].closes >= window.closes):
        return None
    wanted = due_stories(config, store, newsletter, opens, window.closes, now)
    if not wanted and newsletter.empty == "skip":
        return None
    entries = [entry.id for story in wanted for entry in story.entries]
    issue = store.add_issue(newsletter.id, window.opens, window.closes, window.due, entries)
    if not issue.entries and newsletter.empty == "skip":
        # Another run took everything between our look and our word: its issue goes out, ours must not.
        store.set_issue_state(newsletter.id, issue.number, "skipped")
        return None
    return issue


def first_opens(config: Config, store: Store, newsletter: Newsletter, now: datetime) -> datetime:
    """The newsletter's first `opens`, remembered for good the first time anybody asks."""
    at = config.newsletters.index(newsletter)
    return store.opened(newsletter.id, open_windows(config, now)[at].opens)


def due_stories(
    config: Config, store: Store, newsletter: Newsletter, opens: datetime, closes: datetime, now: datetime
) -> tuple[Story, ...]:
    """What an issue of this newsletter that closes at `closes` would carry now. It takes as long as the window is
    wide, however many years the store holds."""
    since = owes_since(store, newsletter, opens)
    groups = grouped(store.entries(since=since - LOOKBACK), config)
    return owed_among(groups, config, store, newsletter, since, closes, now)


def owed_among(
    groups: Sequence[Group],
    config: Config,
    store: Store,
    newsletter: Newsletter,
    since: datetime,
    closes: datetime,
    now: datetime,
) -> tuple[Story, ...]:
    told = mates(groups, store.carried(newsletter.id, (one.entry.id for group in groups for one in group)))
    return owed(stories(groups, config, now, newsletter.area), newsletter, told, since, closes)


def owes_since(store: Store, newsletter: Newsletter, opens: datetime) -> datetime:
    """A month before the window of the last issue, or of the oldest that waits; never before its first `opens`."""
    past = store.issues(newsletter.id)
    opened = [issue.opens for issue in past if issue.waits or issue is past[-1]]
    return max(opens, min(opened) - _SLACK) if opened else opens
