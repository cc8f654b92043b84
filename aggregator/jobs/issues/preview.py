"""What would go out now, without using anything up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.content import Content
from aggregator.errors import ConfigError
from aggregator.jobs.issues.compose import first_opens
from aggregator.jobs.issues.editions import render_edition
from aggregator.jobs.issues.newsroom import Newsroom, Prepared, with_files
from aggregator.jobs.post import Post
from aggregator.jobs.pulling.standing import standing
from aggregator.jobs.windows import open_windows
from aggregator.model import Edition, Issue
from aggregator.ports import Desk, Disk, Store
from aggregator.render.mail.message import as_read, list_id_for, message_id_for
from aggregator.render.templates import Templates
from aggregator.settings import Config, Newsletter
from aggregator.tokens import Keyring


@dataclass(frozen=True, slots=True)
class Preview:
    issue: Issue
    content: Content
    edition: Edition


def preview(
    config: Config, store: Store, disk: Disk, desk: Desk, templates: Templates, newsletter: Newsletter, now: datetime
) -> Preview:
    """The draft that waits, else what an issue closing now would tell; in the site's language, all sections.

    ConfigError where the editor's note is wrong.
    """
    config = standing(config, store, store.newest() or now)
    waiting = [i for i in store.issues(newsletter.id) if i.waits]
    if waiting:
        issue, prepared = waiting[0], Newsroom(newsletter, config, store, now).of(waiting[0], desk)
    else:
        issue, prepared = _as_if_closing(config, store, desk, newsletter, now)
    if prepared.faults:
        raise ConfigError(*prepared.faults)
    content = with_files(prepared.content, config, disk)
    choice = (config.site.language, ())
    return Preview(issue, content, render_edition(issue, newsletter, content, choice, config, store, templates))


def _as_if_closing(
    config: Config, store: Store, desk: Desk, newsletter: Newsletter, now: datetime
) -> tuple[Issue, Prepared]:
    window = open_windows(config, now)[config.newsletters.index(newsletter)]
    # What this remembers for good must be what the next job would: a look ahead, or back, at another hour of our own
    # choosing (`--now`) must not move what the newsletter owes.
    opens = first_opens(config, store, newsletter, store.newest() or now)
    number = max((issue.number for issue in store.issues(newsletter.id)), default=0) + 1
    # Up to the window's end, not to `now`: what was first shown this very moment would go out too.
    prepared = Newsroom(newsletter, config, store, now).due(window, opens, number, desk)
    return Issue(newsletter.id, number, window.opens, window.closes, window.due, prepared.entries), prepared


def as_read_at(shown: Preview, address: str, post: Post, keyring: Keyring) -> Edition:
    """What a subscriber at this address would read, with the links of the trial mail."""
    return as_read(shown.edition, recipient=address, **post.links(keyring, "nobody"))


def trial_message(shown: Preview, address: str, config: Config, post: Post, keyring: Keyring, now: datetime) -> bytes:
    """The mail as a subscriber at this address would get it. Its way to leave is real, and names nobody."""
    edition = shown.edition
    message_id = message_id_for("test", edition.newsletter, edition.number, address, config.site.host)
    list_id = list_id_for(edition.newsletter, config.site.host)
    return post.mail(edition, address, message_id, now, list_id, post.links(keyring, "nobody"))
