"""The stories of an issue -> what stands under which heading, every story once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from aggregator.content import AHEAD, Content, Update
from aggregator.i18n import local_day
from aggregator.model import Entry, Event, Issue, Story
from aggregator.render.view import newest_first
from aggregator.settings import Config, Newsletter, Section


@dataclass(frozen=True, slots=True)
class Contents:
    """An issue in the order it is read. A deadline is one line; its story, if it is news, stands in full in the agenda
    or a section. `fresh` are the ids of the leads that are news; `moved` what the deadline was of those told before.

    `calendar` is the edition's section of events, which names the agenda.
    """

    deadlines: tuple[Story, ...]
    agenda: tuple[Story, ...]
    updates: tuple[Update, ...]
    sections: tuple[tuple[Section, tuple[Story, ...]], ...]
    calendar: Section | None
    fresh: frozenset[str]
    moved: Mapping[str, date]
    wanted: str  # the id of the entry an editor wants in front

    @property
    def in_sections(self) -> int:
        return sum(len(stories) for _, stories in self.sections)

    @property
    def stories(self) -> tuple[Story, ...]:
        """Each once, in order of appearance."""
        below = [story for _, stories in self.sections for story in stories]
        return tuple({story.lead.id: story for story in (*self.deadlines, *self.agenda, *below)}.values())

    @property
    def news(self) -> tuple[Story, ...]:
        return tuple(story for story in self.stories if story.lead.id in self.fresh)

    @property
    def lead(self) -> Story | None:
        """The one named in the subject: what an editor wants in front or pinned, else the first news, else what is
        recalled first."""
        ordered = (*self.news, *self.stories)
        chosen = [story for story in ordered if self.wanted and self.wanted in {entry.id for entry in story.entries}]
        return next(iter([*chosen, *(story for story in ordered if story.lead.pin), *ordered]), None)


def arrange(newsletter: Newsletter, issue: Issue, content: Content, config: Config, chosen: Sequence[str]) -> Contents:
    """The stories under their headings; one placed in none of the `chosen` sections (empty: all) is left out. Of what
    is recalled only its day is told, and a deadline that moved is no further news."""
    sections, zone = _sections(newsletter, config, chosen), config.site.zone
    today = local_day(issue.due, zone)
    here = [(story, home) for story in newest_first(content.news) if (home := _home(story, sections))]
    near = [story for story in newest_first(content.recalled) if _home(story, sections)]
    moved = {u.entry.id: u.former.deadline for u in content.updates if u.former.deadline and _has_moved(u, today)}
    agenda = {s.lead.id: s for s, home in here if home.kind == "events" or coming(s.lead, today, zone)}
    agenda |= {s.lead.id: s for s in near if (event := coming(s.lead, today, zone)) and _is_near(event, today, zone)}
    deadlines = [s for s in (*(s for s, _ in here), *near) if _is_due(s.lead, today, moved)]
    shown = {story.lead.id for story in deadlines}
    return Contents(
        deadlines=_soonest(deadlines),
        agenda=_by_start(agenda.values(), today, zone),
        updates=tuple(u for u in content.updates if u.entry.id not in moved.keys() & shown or u.is_announced),
        sections=tuple(
            (section, _pinned_first(s for s, home in here if home == section and s.lead.id not in agenda))
            for section in sections
        ),
        calendar=next((section for section in sections if section.kind == "events"), None),
        fresh=frozenset(story.lead.id for story, _ in here),
        moved=moved,
        wanted=content.note.lead,
    )


def _is_due(entry: Entry, today: date, moved: Collection[str]) -> bool:
    """Within two weeks; one that moved is told however far it went."""
    if entry.deadline is None or entry.deadline < today:
        return False
    return entry.deadline <= today + AHEAD or entry.id in moved


def _has_moved(update: Update, today: date) -> bool:
    later = update.entry.deadline
    return not update.gone and later is not None and later >= today and later != update.former.deadline


def _is_near(event: Event, today: date, zone: ZoneInfo) -> bool:
    return local_day(event.start, zone) <= today + AHEAD


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
