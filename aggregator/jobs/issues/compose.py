"""entries | merge | owed | ledger: the issue that is due, as a draft."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aggregator.errors import StoreError
from aggregator.jobs.issues.newsroom import Newsroom, is_worth_sending
from aggregator.jobs.pulling.standing import standing
from aggregator.jobs.windows import closed_window, open_windows
from aggregator.model import Failure, Issue, Report
from aggregator.ports import Desk, Store
from aggregator.settings import Config, Newsletter


def compose(config: Config, store: Store, desk: Desk, now: datetime, only: str = "") -> Report:
    """One issue for each newsletter whose window has closed since its last one; none without a cause, unless the
    newsletter says `empty: send`. What is wrong with the note of an issue is told as long as that waits."""
    config = standing(config, store, now)
    issues, failures = [], []
    for newsletter in config.newsletters:
        if only in ("", newsletter.id):
            issue, faults = _due_issue(config, store, desk, newsletter, now)
            issues += [issue] if issue else []
            told = (*_faults_of_waiting(config, store, desk, newsletter, now), *faults)
            failures += [Failure(newsletter.id, fault) for fault in told]
    store.touch(now)
    counts = {"issues": len(issues), "entries": sum(len(i.entries) for i in issues)}
    return Report("newsletter compose", now, now, counts, tuple(failures), issues=tuple(issues))


def _due_issue(
    config: Config, store: Store, desk: Desk, newsletter: Newsletter, now: datetime
) -> tuple[Issue | None, tuple[str, ...]]:
    window = closed_window(newsletter, config, now)
    opens = first_opens(config, store, newsletter, now)
    past = store.issues(newsletter.id)
    if window.closes <= opens or (past and past[-1].closes >= window.closes):
        return None, ()
    number = max((issue.number for issue in past), default=0) + 1
    prepared = Newsroom(newsletter, config, store, now).due(window, opens, number, desk)
    content, note = prepared.content, prepared.content.note
    if not is_worth_sending(content, newsletter, window.closes, window.due, config):
        return None, ()
    try:
        desk.file_away(newsletter.id, number)  # first: should we end here, it is this number's note all the same
    except StoreError as error:  # the next issue would use it once more
        return None, (str(error),)
    issue = store.add_issue(
        newsletter.id,
        window.opens,
        window.closes,
        window.due,
        prepared.entries,
        state="held" if note.hold else "draft",
        skip=note.skip,
        later=note.later,
    )
    return issue, ()


def _faults_of_waiting(
    config: Config, store: Store, desk: Desk, newsletter: Newsletter, now: datetime
) -> Iterator[str]:
    """The one just composed is among them; its note bears its number by now."""
    newsroom = Newsroom(newsletter, config, store, now)
    for issue in store.issues(newsletter.id):
        if issue.waits:
            yield from newsroom.faults(issue, desk)


def first_opens(config: Config, store: Store, newsletter: Newsletter, now: datetime) -> datetime:
    """The newsletter's first `opens`, remembered for good the first time anybody asks."""
    at = config.newsletters.index(newsletter)
    return store.opened(newsletter.id, open_windows(config, now)[at].opens)
