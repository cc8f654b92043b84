"""Issue + the files as they stand -> its editions: one for each language and choice of sections that somebody reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregator.content import Content
from aggregator.model import Edition, Issue, Subscriber
from aggregator.ports import Store
from aggregator.render.heads import titles
from aggregator.render.mail.newsletter import edition
from aggregator.render.templates import Templates
from aggregator.settings import Config, Newsletter

Choice = tuple[str, tuple[str, ...]]  # language, sections (empty: all)


def render_edition(
    issue: Issue,
    newsletter: Newsletter,
    content: Content,
    choice: Choice,
    config: Config,
    store: Store,
    templates: Templates,
    preface: Sequence[str] = (),
) -> Edition:
    language, sections = choice
    named = titles(config, store.checks())
    told = chosen(content, newsletter, sections)
    return edition(newsletter, issue, told, config, language, sections, named, templates, preface)


def chosen(content: Content, newsletter: Newsletter, sections: tuple[str, ...]) -> Content:
    """What an edition for a choice of sections tells. Its news stands in a section that is chosen and the newsletter's:
    a story that is in one of each has no place in it."""
    told = content.of(sections)
    if not sections or not newsletter.sections:
        return told
    both = set(sections).intersection(newsletter.sections)
    news, recalled = (tuple(s for s in some if both.intersection(s.sections)) for some in (told.news, told.recalled))
    return replace(told, news=news, recalled=recalled)


def choices(newsletter: Newsletter, subscribers: Iterable[Subscriber], language: str) -> tuple[Choice, ...]:
    """What the subscribers of a newsletter read, each choice once."""
    return tuple(dict.fromkeys(choice_of(one, language) for one in subscribers if reads(one, newsletter)))


def choice_of(subscriber: Subscriber, language: str) -> Choice:
    """What a subscriber reads; `language` is the site's."""
    return subscriber.language or language, tuple(sorted(subscriber.sections))


def reads(subscriber: Subscriber, newsletter: Newsletter) -> bool:
    """Whether this newsletter may be sent there: confirmed, wanted, and to a reserved one admitted."""
    wants = not subscriber.newsletters or newsletter.id in subscriber.newsletters
    admitted = newsletter.area == "public" or subscriber.area == "reserved"
    return subscriber.consent == "confirmed" and wants and admitted
