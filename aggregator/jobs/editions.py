"""Issue + the files as they stand -> its editions: one for each language and choice of sections that somebody reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aggregator.jobs.attachments import attach
from aggregator.merge import grouped, stories
from aggregator.merge.cluster import LOOKBACK, mates
from aggregator.merge.owed import carrying
from aggregator.model import Edition, Issue, Story, Subscriber
from aggregator.ports import Disk, Store
from aggregator.render.heads import titles
from aggregator.render.mail.newsletter import edition
from aggregator.render.templates import Templates
from aggregator.settings import Config, Newsletter

Choice = tuple[str, tuple[str, ...]]  # language, sections (empty: all)


@dataclass(frozen=True, slots=True)
class Carried:
    """What an issue tells now, and those of its entries whose story is among it, told by themselves or by another."""

    stories: tuple[Story, ...]
    entries: tuple[str, ...]


def carried_by(
    issue: Issue, newsletter: Newsletter, config: Config, store: Store, disk: Disk, now: datetime
) -> Carried:
    """What the issue carries, in the words of this moment; what was hidden or withdrawn since is not among it, unless
    another entry tells it still."""
    carried = [moment for e in store.entries(ids=issue.entries) for moment in (e.shown, e.first_seen) if moment]
    groups = grouped(store.entries(since=min(carried, default=issue.opens) - LOOKBACK), config)
    told = carrying(stories(groups, config, now, newsletter.area), mates(groups, issue.entries))
    tellers = mates(groups, {entry.id for story in told for entry in story.entries})
    kept = tuple(id_ for id_ in issue.entries if id_ in tellers)
    return Carried(attach(told, config.site, disk).stories, kept)


def render_edition(
    issue: Issue,
    newsletter: Newsletter,
    told: Iterable[Story],
    choice: Choice,
    config: Config,
    store: Store,
    templates: Templates,
) -> Edition:
    language, sections = choice
    named = titles(config, store.checks())
    return edition(newsletter, issue, tuple(chosen(told, sections)), config, language, sections, named, templates)


def chosen(told: Iterable[Story], sections: tuple[str, ...]) -> Iterable[Story]:
    """The stories of a choice of sections; no choice means all."""
    return (s for s in told if not sections or any(section in sections for section in s.sections))


def readers(newsletter: Newsletter, subscribers: Iterable[Subscriber], language: str) -> dict[Choice, list[Subscriber]]:
    """The subscribers of a newsletter by what they read, so that equal choices share one edition."""
    by_choice: dict[Choice, list[Subscriber]] = defaultdict(list)
    for one in subscribers:
        if reads(one, newsletter):
            by_choice[(one.language or language, tuple(sorted(one.sections)))].append(one)
    return dict(by_choice)


def reads(subscriber: Subscriber, newsletter: Newsletter) -> bool:
    """Whether this newsletter may be sent there: confirmed, wanted, and to a reserved one admitted."""
    wants = not subscriber.newsletters or newsletter.id in subscriber.newsletters
    admitted = newsletter.area == "public" or subscriber.area == "reserved"
    return subscriber.consent == "confirmed" and wants and admitted
