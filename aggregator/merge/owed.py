"""Stories + the ledger -> what an issue must carry. The ledger says what is owed; the window only says up to when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from aggregator.model import Entry, Story
from aggregator.settings import Newsletter


def owed(
    stories: Iterable[Story],
    newsletter: Newsletter,
    carried: Collection[str],
    first_opens: datetime,
    closes: datetime,
    again: Collection[str] = (),
) -> tuple[Story, ...]:
    """The stories this newsletter wants, first shown before `closes` and not before its first `opens`, and told by
    none of its issues yet. A story is news through those of its entries that are; one of them then leads.

    `carried` are the ids its issues carried and their `cluster.mates`; entries owed `again` are news however old.
    """
    return tuple(
        news
        for story in stories
        if wants(newsletter, story)
        and not any(entry.id in carried for entry in story.entries)
        and (news := _news(story, first_opens, closes, again))
    )


def wants(newsletter: Newsletter, story: Story) -> bool:
    """Whether one of the story's sections is the newsletter's; one that names none wants all."""
    return not newsletter.sections or any(section in newsletter.sections for section in story.sections)


def carrying(stories: Iterable[Story], carried: Collection[str]) -> tuple[Story, ...]:
    """Those stories, as they stand now, that an issue carries by any of their entries; a carried entry leads."""
    return tuple(_led_by(story, mine) for story in stories if (mine := [e for e in story.entries if e.id in carried]))


def _news(story: Story, first_opens: datetime, closes: datetime, again: Collection[str]) -> Story | None:
    fresh = [
        entry
        for entry in story.entries
        if entry.shown and not entry.archive and entry.shown < closes
        if entry.shown >= first_opens or entry.id in again
    ]
    return _led_by(story, fresh) if fresh else None


def _led_by(story: Story, leaders: list[Entry]) -> Story:
    lead = leaders[0]
    return replace(story, lead=lead, others=tuple(e for e in story.entries if e.id != lead.id))
