"""A story, or what is gone -> the shelves it stands on. Where it stands there, the documents of the site are made from.

all   indexed   issue:ID/NUMBER   section:ID   pinned:ID   events:ID (by their day)   tag:SLUG   act:SLUG   source:ID
events   deadlines   calendar (in each of their months)   gone   gone:ID

reserved   reserved-section:ID   reserved-gone   reserved-gone:ID (what is reserved stands on no other shelf)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aggregator import i18n
from aggregator.cards import Place
from aggregator.model import Entry, Event, Gone, Story
from aggregator.render import paths
from aggregator.render.rows import is_indexed
from aggregator.render.tags import own_tags, tag_slug
from aggregator.render.view import moment, story_deadline, story_events
from aggregator.settings import Config, Section

_LONGEST = 366  # days of an event that are shown


def places(
    story: Story | None,
    gone: Iterable[Gone],
    config: Config,
    titles: Mapping[str, str],
    issues: Iterable[str] = (),
) -> tuple[Place, ...]:
    """Each shelf and month once; `gone` are the entries of the story that are shown no longer, `titles` names the
    sources ({id: title}), `issues` the shelves of those that tell it."""
    found = [*_standing(story, config, titles)] if story else []
    found += [_place(shelf, moment(story.lead), story.lead.id, config) for shelf in issues if story]
    for went in gone:
        for shelf in ("gone", *(f"gone:{section}" for section in went.sections)):
            found.append(_place(shelf, went.at, went.entry.id, config))
    return tuple({(place.shelf, place.month, place.entry_id): place for place in reversed(found)}.values())[::-1]


def reserved_places(story: Story | None, gone: Iterable[Gone], config: Config) -> Iterator[Place]:
    """The shelves of a story that only readers of the reserved area may see."""
    if story:
        at = moment(story.lead)
        fresh = max(at, story.lead.revised or at)
        for shelf in ("reserved", *(f"reserved-section:{section}" for section in story.sections)):
            yield _place(shelf, at, story.lead.id, config, fresh)
    for went in gone:
        for shelf in ("reserved-gone", *(f"reserved-gone:{section}" for section in went.sections)):
            yield _place(shelf, went.at, went.entry.id, config)


def listed(section: Section) -> str:
    """The shelf that a section's page is made from: agendas go by when things take place."""
    return f"events:{section.id}" if section.kind == "events" else f"section:{section.id}"


def told_at(entry: Entry, section: Section) -> datetime:
    """When an event takes place, when anything else was published."""
    starts = [event.start for event in entry.events] if section.kind == "events" else []
    return min(starts, default=moment(entry))


def midnight(day: date) -> datetime:
    """Where a day without hours stands on a shelf."""
    return datetime.combine(day, time(), UTC)


def month_of(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def days_of(event: Event, zone: ZoneInfo) -> Iterator[date]:
    """Each local day of an event; of one that lasts longer than a year, the first ones."""
    first, last = i18n.local_day(event.start, zone), i18n.local_day(event.end or event.start, zone)
    return (first + timedelta(days=number) for number in range(min((last - first).days, _LONGEST) + 1))


def _standing(story: Story, config: Config, titles: Mapping[str, str]) -> Iterator[Place]:
    lead = story.lead
    at = moment(lead)
    fresh = max(at, lead.revised or at)
    shelves = {"all": "", **{f"section:{id_}": "" for id_ in story.sections}}
    if any(is_indexed(entry, config) for entry in story.entries):
        shelves["indexed"] = ""
    shelves |= {f"pinned:{id_}": "" for id_ in story.sections if lead.pin}
    for entry in story.entries:
        shelves.setdefault(f"source:{entry.source_id}", titles.get(entry.source_id) or entry.source_id)
        for tag in own_tags(entry):
            shelves.setdefault(f"tag:{tag_slug(tag)}", tag)
        for act in entry.acts:
            shelves.setdefault(f"act:{paths.act_slug(act)}", act.label)
    yield from (_place(shelf, at, lead.id, config, fresh, name) for shelf, name in shelves.items())
    for section in filter(None, map(config.section, story.sections)):
        if section.kind == "events":
            yield _place(listed(section), told_at(lead, section), lead.id, config)
    yield from _dated(story, config)


def _dated(story: Story, config: Config) -> Iterator[Place]:
    events, deadline = story_events(story), story_deadline(story)
    days = {day for event in events for day in days_of(event, config.site.zone)}
    if events:
        yield _place("events", max(event.end or event.start for event in events), story.lead.id, config)
    if deadline:
        yield _place("deadlines", midnight(deadline), story.lead.id, config)
        days.add(deadline)
    for month in sorted({month_of(day) for day in days}):
        yield replace(_place("calendar", moment(story.lead), story.lead.id, config), month=month)


def _place(
    shelf: str, at: datetime, entry_id: str, config: Config, fresh: datetime | None = None, name: str = ""
) -> Place:
    called = name.encode("utf-8", "replace").decode()  # halves of characters are kept nowhere
    return Place(shelf, at, fresh or at, month_of(i18n.local_day(at, config.site.zone)), entry_id, called)
