"""A story, or what is gone -> the shelves it stands on. Where it stands there, the documents of the site are made from.

all   section:ID   pinned:ID   events:ID (by their day)   tag:SLUG   act:SLUG   events   deadlines   gone   gone:ID
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time

from aggregator import i18n
from aggregator.cards import Place
from aggregator.model import Entry, Gone, Story
from aggregator.render import paths
from aggregator.render.tags import own_tags, tag_slug
from aggregator.render.view import moment
from aggregator.settings import Config, Section


def places(story: Story | None, gone: Iterable[Gone], config: Config) -> tuple[Place, ...]:
    """Each shelf once; `gone` are the entries of the story that are shown no longer."""
    found = [*_standing(story, config)] if story else []
    for went in gone:
        for shelf in ("gone", *(f"gone:{section}" for section in went.sections)):
            found.append(_place(shelf, went.at, went.entry.id, config))
    return tuple({(place.shelf, place.entry_id): place for place in reversed(found)}.values())[::-1]


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


def _standing(story: Story, config: Config) -> Iterator[Place]:
    lead = story.lead
    at = moment(lead)
    fresh = max(at, lead.revised or at)
    shelves = {"all": "", **{f"section:{id_}": "" for id_ in story.sections}}
    shelves |= {f"pinned:{id_}": "" for id_ in story.sections if lead.pin}
    for entry in story.entries:
        for tag in own_tags(entry):
            shelves.setdefault(f"tag:{tag_slug(tag)}", tag)
        for act in entry.acts:
            shelves.setdefault(f"act:{paths.act_slug(act)}", act.label)
    yield from (_place(shelf, at, lead.id, config, fresh, name) for shelf, name in shelves.items())
    for section in filter(None, map(config.section, story.sections)):
        if section.kind == "events":
            yield _place(listed(section), told_at(lead, section), lead.id, config)
    if ends := [event.end or event.start for entry in story.entries for event in entry.events]:
        yield _place("events", max(ends), lead.id, config)
    if deadlines := [entry.deadline for entry in story.entries if entry.deadline]:
        yield _place("deadlines", midnight(max(deadlines)), lead.id, config)


def _place(
    shelf: str, at: datetime, entry_id: str, config: Config, fresh: datetime | None = None, name: str = ""
) -> Place:
    called = name.encode("utf-8", "replace").decode()  # halves of characters are kept nowhere
    return Place(shelf, at, fresh or at, month_of(i18n.local_day(at, config.site.zone)), entry_id, called)
