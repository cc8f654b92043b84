"""The stories of an issue -> what stands under which heading, every story once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from aggregator.i18n import local_day
from aggregator.model import Entry, Event, Issue, Story
from aggregator.render.view import newest_first
from aggregator.settings import Config, Newsletter, Section


@dataclass(frozen=True, slots=True)
class Contents:
    """An issue in the order it is read. A deadline is one line; its story stands in full in the agenda or a section.

    `calendar` is the edition's section of events, which names the agenda.
    """

    deadlines: tuple[Story, ...]
    agenda: tuple[Story, ...]
    sections: tuple[tuple[Section, tuple[Story, ...]], ...]
    calendar: Section | None

    @property
    def news(self) -> int:
        return sum(len(stories) for _, stories in self.sections)

    @property
    def stories(self) -> tuple[Story, ...]:
        """Each once, in order of appearance."""
        below = [story for _, stories in self.sections for story in stories]
        return tuple({story.lead.id: story for story in (*self.deadlines, *self.agenda, *below)}.values())

    @property
    def lead(self) -> Story | None:
        """The one named in the subject: what an editor pinned, else what comes first."""
        stories = self.stories
        return next((story for story in stories if story.lead.pin), stories[0] if stories else None)


def arrange(
    newsletter: Newsletter, issue: Issue, stories: Sequence[Story], config: Config, chosen: Sequence[str]
) -> Contents:
    """The stories under their headings; one placed in none of the `chosen` sections (empty: all) is left out."""
    sections, zone = _sections(newsletter, config, chosen), config.site.zone
    today = local_day(issue.due, zone)
    here = [(story, home) for story in newest_first(stories) if (home := _home(story, sections))]
    agenda = {story.lead.id: story for story, home in here if home.kind == "events" or coming(story.lead, today, zone)}
    rest = [(story, home) for story, home in here if story.lead.id not in agenda]
    return Contents(
        deadlines=_soonest(story for story, _ in here if story.lead.deadline and story.lead.deadline >= today),
        agenda=_by_start(agenda.values(), today, zone),
        sections=tuple((section, _pinned_first(s for s, home in rest if home == section)) for section in sections),
        calendar=next((section for section in sections if section.kind == "events"), None),
    )


def coming(entry: Entry, today: date, zone: ZoneInfo) -> Event | None:
    """Its first event that is not over before today."""
    events = sorted(entry.events, key=lambda event: event.start)
    return next((event for event in events if local_day(event.end or event.start, zone) >= today), None)


def _sections(newsletter: Newsletter, config: Config, chosen: Sequence[str]) -> tuple[Section, ...]:
    """The newsletter's sections in its order (else the site's), of these the chosen ones."""
    named = map(config.section, newsletter.sections) if newsletter.sections else iter(config.sections)
    return tuple(section for section in named if section and (not chosen or section.id in chosen))


def _home(story: Story, sections: Sequence[Section]) -> Section | None:
    """Where it stands: the first of its placements that this edition has."""
    by_id = {section.id: section for section in sections}
    return next((by_id[placed] for placed in story.sections if placed in by_id), None)


def _soonest(stories: Iterable[Story]) -> tuple[Story, ...]:
    return tuple(sorted(stories, key=lambda story: (story.lead.deadline or date.max, story.lead.id)))


def _by_start(stories: Iterable[Story], today: date, zone: ZoneInfo) -> tuple[Story, ...]:
    """Events to come by their start, then those of the section that name no day to come."""

    def start(story: Story) -> tuple[bool, float]:
        event = coming(story.lead, today, zone)
        return (event is None, event.start.timestamp() if event else 0.0)

    return tuple(sorted(stories, key=start))


def _pinned_first(stories: Iterable[Story]) -> tuple[Story, ...]:
    return tuple(sorted(stories, key=lambda story: not story.lead.pin))
