"""Shelves -> the calendars of the site: events, deadlines, and one for each entry that has any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from aggregator.model import Document, Entry, Event, Gone, Story
from aggregator.render import paths
from aggregator.render.calendars.ical import Appointment, render
from aggregator.render.press import Press
from aggregator.render.rows import source_of
from aggregator.render.view import excerpt, followable, headline, moment
from aggregator.settings import Site

_TYPE = "text/calendar"
_PAST = timedelta(days=90)  # that stay in the calendars of the whole site
_REFRESH = timedelta(hours=6)


def calendars(press: Press) -> Iterator[Document]:
    """`feeds/events.ics` and `feeds/deadlines.ics` of the last 90 days and all to come, what was called off among
    them."""
    desk, since = _Desk(press), press.now - _PAST - timedelta(days=1)
    taking_place = press.stock.stories(press.shelves.since("events", since))
    due = press.stock.stories(press.shelves.since("deadlines", since))
    events = [one for story in taking_place for one in desk.first(story, desk.events)]
    deadlines = [one for story in due for one in desk.first(story, desk.deadlines)]
    called_off = [one for went in press.stock.gone("gone") for one in desk.called_off(went)]
    yield desk.calendar(paths.EVENTS, press.words("Agenda"), [*events, *called_off])
    yield desk.calendar(paths.DEADLINES, press.words("Deadlines"), deadlines)


def entry_calendar(press: Press, entry: Entry) -> Iterator[Document]:
    """`entries/SLUG/event.ics` of an entry that has any day."""
    desk = _Desk(press)
    if own := [*desk.events(entry), *desk.deadlines(entry)]:
        yield Document(paths.entry_calendar(entry), render(headline(entry), own), _TYPE)


@dataclass(frozen=True, slots=True)
class _Desk:
    press: Press

    @property
    def site(self) -> Site:
        return self.press.config.site

    def calendar(self, path: str, name: str, told: Iterable[Appointment]) -> Document:
        oldest = self.press.day(self.press.now - _PAST)
        recent = [one for one in told if self.press.day(one.end or one.start) >= oldest]
        return Document(path, render(f"{self.site.title} – {name}", recent, _REFRESH), _TYPE)

    def first(self, story: Story, of: Callable[[Entry], Sequence[Appointment]]) -> Sequence[Appointment]:
        """The appointments of the first entry that has any: the others tell the same."""
        return next(filter(None, map(of, story.entries)), ())

    def events(self, entry: Entry) -> Sequence[Appointment]:
        return [self._event(entry, event, number) for number, event in enumerate(entry.events, 1)]

    def deadlines(self, entry: Entry) -> Sequence[Appointment]:
        if entry.deadline is None:
            return ()
        title = f"{self.press.words('Due by')}: {headline(entry)}"
        uid = self._uid(entry, "deadline")
        return [replace(self._about(entry), uid=uid, start=entry.deadline, title=title, is_busy=False)]

    def called_off(self, went: Gone) -> Iterator[Appointment]:
        """They are told by their day and nothing else: what is gone may have gone for what it said."""
        for one in self.events(went.entry):
            bare = Appointment(one.uid, one.sequence + 1, went.at, one.start, one.end, is_cancelled=True)
            yield replace(bare, title=self.press.words("Called off"))

    def _about(self, entry: Entry) -> Appointment:
        page = paths.address(self.site, paths.entry_page(entry))
        stamp = max(filter(None, (entry.first_seen, entry.revised, entry.shown)), default=moment(entry))
        sequence = 2 * entry.revision  # odd ones call off
        return Appointment("", sequence, stamp, stamp, None, headline(entry), "", self._text(entry), page, entry.tags)

    def _text(self, entry: Entry, event: Event | None = None) -> str:
        source = source_of(entry, self.press.titles)
        online = followable(event.online) if event else ""
        return " – ".join(filter(None, (excerpt(entry), source, online)))

    def _event(self, entry: Entry, event: Event, number: int) -> Appointment:
        start, end = self._when(event.start, event), self._when(event.end, event) if event.end else None
        uid, place = self._uid(entry, f"event-{number}"), event.place or event.online
        return replace(self._about(entry), uid=uid, start=start, end=end, place=place, text=self._text(entry, event))

    def _when(self, at: datetime, event: Event) -> datetime | date:
        return self.press.day(at) if event.all_day else at

    def _uid(self, entry: Entry, what: str) -> str:
        return f"{entry.id}-{what}@{self.site.host}"
