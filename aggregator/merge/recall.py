"""Stories and what issues told of them -> what the next one recalls, and what changed since. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aggregator.content import AHEAD, Content, Told, Update
from aggregator.merge.owed import wants
from aggregator.merge.route import Placed
from aggregator.merge.select import trimmed, visible
from aggregator.model import Entry, Story
from aggregator.reasons import hidden_at
from aggregator.settings import Config, Newsletter


def recalled(
    stories: Iterable[Story],
    newsletter: Newsletter,
    untold: Collection[str],
    moved: Collection[str],
    today: date,
    zone: ZoneInfo,
) -> tuple[Story, ...]:
    """The stories this newsletter wants whose deadline or event is within two weeks, or whose deadline has `moved`
    since it was told; none of the entries `untold` (its news, and what an editor wants left out)."""
    return tuple(
        story
        for story in stories
        if wants(newsletter, story)
        and not any(entry.id in untold for entry in story.entries)
        and (story.lead.id in moved or any(today <= day <= today + AHEAD for day in _days(story, zone)))
    )


def _days(story: Story, zone: ZoneInfo) -> Iterator[date]:
    lead = story.lead
    if lead.deadline:
        yield lead.deadline
    yield from (event.start.astimezone(zone).date() for event in lead.events)


def updates(
    told: Iterable[Told],
    placed: Mapping[str, Placed],
    former: Mapping[str, Entry],
    survivors: Collection[str],
    newsletter: Newsletter,
    config: Config,
    now: datetime,
) -> tuple[Update, ...]:
    """What really changed since it was told last, the oldest number first. `placed` are the entries as they stand,
    `former` as they were told; of a story that others tell still (`survivors`) nobody says that it is gone."""
    found = (_update(one, placed[one.entry_id], former[one.entry_id], newsletter, config, now) for one in told)
    kept = (update for update in found if update and not (update.gone and update.entry.id in survivors))
    return tuple(sorted(kept, key=lambda update: (update.number, update.entry.id)))


def _update(
    told: Told, one: Placed, former: Entry, newsletter: Newsletter, config: Config, now: datetime
) -> Update | None:
    entry, sections = one.entry, tuple(placement.section for placement in one.placements)
    if hidden_at(entry.left_out):
        unnamed = Entry(entry.source_id, entry.id, revision=entry.revision)
        return None if told.gone else Update(unnamed, former, told.number, sections, gone=True)
    if entry.withdrawn:
        admitted = one.area == "public" or newsletter.area == "reserved"
        known = told.gone or not admitted
        return None if known else Update(trimmed(entry, config), former, told.number, sections, gone=True)
    if entry.revised != former.revised and visible(one, config, now, newsletter.area):
        return Update(trimmed(entry, config), former, told.number, sections)
    return None


def has_cause(content: Content, today: date, following: date) -> bool:
    """Whether there is reason for an issue of `today`: news, a deadline before the one that is `following`, or a
    change an editor announced. What else changed waits for company."""
    deadlines = (story.lead.deadline for story in content.recalled)
    pressing = any(deadline and today <= deadline < following for deadline in deadlines)
    return bool(content.news) or pressing or any(update.is_announced for update in content.updates)
