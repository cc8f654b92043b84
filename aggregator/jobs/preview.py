"""What would go out now, without using anything up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.jobs.attachments import attach
from aggregator.jobs.compose import due_stories, first_opens
from aggregator.jobs.deliver import Post
from aggregator.jobs.editions import carried_by, render_edition
from aggregator.jobs.standing import standing
from aggregator.jobs.windows import open_windows
from aggregator.model import Edition, Issue, Story
from aggregator.ports import Disk, Store
from aggregator.render.mail.message import build, list_id_for, message_id_for
from aggregator.render.templates import Templates
from aggregator.settings import Config, Newsletter
from aggregator.tokens import Keyring, mailto


@dataclass(frozen=True, slots=True)
class Preview:
    issue: Issue
    stories: tuple[Story, ...]
    edition: Edition


def preview(
    config: Config, store: Store, disk: Disk, templates: Templates, newsletter: Newsletter, now: datetime
) -> Preview:
    """The draft that waits, else what an issue closing now would carry; in the site's language, all sections."""
    config = standing(config, store, store.newest() or now)
    waiting = [i for i in store.issues(newsletter.id) if i.waits]
    if waiting:
        issue = waiting[0]
        stories = carried_by(issue, newsletter, config, store, disk, now).stories
    else:
        issue, stories = _as_if_closing(config, store, disk, newsletter, now)
    choice = (config.site.language, ())
    return Preview(issue, stories, render_edition(issue, newsletter, stories, choice, config, store, templates))


def _as_if_closing(
    config: Config, store: Store, disk: Disk, newsletter: Newsletter, now: datetime
) -> tuple[Issue, tuple[Story, ...]]:
    window = open_windows(config, now)[config.newsletters.index(newsletter)]
    # What this remembers for good must be what the next job would: a look ahead, or back, at another hour of our own
    # choosing (`--now`) must not move what the newsletter owes.
    opens = first_opens(config, store, newsletter, store.newest() or now)
    # `closes`, not `now`: what was first shown this very moment would go out too.
    stories = due_stories(config, store, newsletter, opens, window.closes, now)
    number = len(store.issues(newsletter.id)) + 1
    entries = tuple(e.id for s in stories for e in s.entries)
    issue = Issue(newsletter.id, number, window.opens, window.closes, window.due, entries)
    return issue, attach(stories, config.site, disk).stories


def trial_message(shown: Preview, address: str, config: Config, post: Post, keyring: Keyring, now: datetime) -> bytes:
    """The mail as a subscriber at this address would get it. Its way to leave is real, and names nobody."""
    edition = shown.edition
    return build(
        edition,
        sender=post.sender,
        recipient=address,
        reply_to=post.reply_to,
        message_id=message_id_for("test", edition.newsletter, edition.number, address, config.site.host),
        date=now,
        leave=mailto(post.leave_to, keyring.leave("nobody")),
        list_id=list_id_for(edition.newsletter, config.site.host),
    )
