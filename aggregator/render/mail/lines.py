"""Story -> Line: the words and links an issue shows of it, bounded, and fit for HTML, plain text and a subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from unicodedata import category
from urllib.parse import quote, unquote

from aggregator import i18n
from aggregator.content import Update
from aggregator.model import Enclosure, Entry, Event, Link, Story
from aggregator.render import paths
from aggregator.render.mail.contents import coming
from aggregator.render.mail.message import ADDRESS_MARK, LEAVE_MARK
from aggregator.render.view import cut, excerpt, file_kind, followable, headline, moment
from aggregator.settings import Site

# One story, however long, leaves room for the others.
_TITLE, _NAME, _PLACE, _ADDRESS = 180, 80, 160, 1500
_FILES, _SOURCES = 4, 4
_ODD = re.compile(r"[\s<>\"\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HREF = re.compile(r'href="([^"]*)"')
_MARKS = re.compile(f"{ADDRESS_MARK}|{LEAVE_MARK}")


@dataclass(frozen=True, slots=True)
class File:
    """A file allegato: `note` is `PDF, 80 kB`; without `href` only its name is known here."""

    name: str
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One story of an issue. `href` is empty where it can be read nowhere else; `online` is the event's own address,
    `calendar` that of a file for calendars; `was` the deadline as an earlier issue told it, if it moved."""

    title: str
    href: str
    language: str
    source: str
    when: datetime
    type: str
    excerpt: str
    files: tuple[File, ...]
    more_files: int
    links: tuple[Link, ...]
    also: str
    deadline: date | None
    deadline_found: bool
    was: date | None
    is_new: bool
    day: date | None
    occasion: str
    place: str
    online: str
    calendar: str


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a story that issue `number` told. One that is `gone` leads nowhere, and may have no title."""

    number: int
    title: str
    href: str
    language: str
    source: str
    words: str
    gone: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """Writes stories for one language; `today` is the day of the issue."""

    site: Site
    titles: Mapping[str, str]
    language: str
    today: date

    def line(self, story: Story, limit: int, *, is_new: bool = True, was: date | None = None) -> Line:
        """`limit`: characters of its excerpt."""
        entry, href = story.lead, self._href(story.lead)
        event = coming(entry, self.today, self.site.zone)
        files = [self._file(entry, enclosure) for enclosure in entry.enclosures if _is_attached(enclosure)]
        return Line(
            title=cut(clean(headline(entry)) or self._words("Untitled"), _TITLE),
            href=href,
            language=_other_language(entry.language, self.language),
            source=self._source(entry),
            when=moment(entry),
            type=cut(clean(entry.type), _NAME),
            excerpt=clean(excerpt(entry, limit)) if limit else "",
            files=tuple(files[:_FILES]),
            more_files=len(files[_FILES:]),
            links=() if href else _links(entry),
            also=self._also(story),
            deadline=entry.deadline,
            deadline_found=entry.deadline_found,
            was=was,
            is_new=is_new,
            day=i18n.local_day(event.start, self.site.zone) if event else None,
            occasion=self._occasion(event) if event else "",
            place=cut(clean(event.place), _PLACE) if event else "",
            online=_address(event.online) if event else "",
            calendar=self._calendar(entry, today=self.today),
        )

    def change(self, update: Update) -> Change:
        entry = update.entry
        return Change(
            number=update.number,
            title=cut(clean(headline(entry)), _TITLE),
            href="" if update.gone else self._href(entry),
            language=_other_language(entry.language, self.language),
            source=self._source(entry),
            words=cut(clean(self._changed(update)), _TITLE),
            gone=update.gone,
        )

    def _changed(self, update: Update) -> str:
        """What changed, in the editor's words, else in ours."""
        entry, former, zone = update.entry, update.former, self.site.zone
        if update.gone:
            return ""
        if update.is_announced:
            return entry.change
        if entry.deadline != former.deadline and entry.deadline:
            day = i18n.weekday_date(entry.deadline, self.language, zone)
            return self._words("new deadline: %(day)s") % {"day": day}
        if entry.events != former.events and (event := coming(entry, self.today, zone)):
            return self._words("new date: %(occasion)s") % {"occasion": self._occasion(event)}
        if entry.enclosures != former.enclosures:
            return self._words("attachments changed")
        if entry.title != former.title:
            return self._words("was: %(title)s") % {"title": former.title}
        return self._words("text changed")

    def _href(self, entry: Entry) -> str:
        """Where its source tells it; else its page on the portal, which a reserved entry has not."""
        page = entry.slug and entry.area == "public"
        return _address(entry.url) or (paths.address(self.site, paths.entry_page(entry)) if page else "")

    def _calendar(self, entry: Entry, today: date) -> str:
        """Where its day can be put into a calendar: beside its page, if it has one."""
        dated = coming(entry, today, self.site.zone) or (entry.deadline and entry.deadline >= today)
        if not dated or not entry.slug or entry.area != "public":
            return ""
        return paths.address(self.site, paths.entry_calendar(entry))

    def _file(self, entry: Entry, enclosure: Enclosure) -> File:
        href = _address(enclosure.url)
        if not href and enclosure.path and entry.area == "public":
            href = paths.address(self.site, paths.attachment(entry, enclosure))
        name = enclosure.title or unquote((enclosure.path or enclosure.url).rstrip("/").rpartition("/")[2])
        size = i18n.file_size(enclosure.length, self.language) if enclosure.length else ""
        return File(cut(clean(name), _NAME), ", ".join(filter(None, (file_kind(enclosure), size))), href)

    def _also(self, story: Story) -> str:
        """`ANCI, Cittalia e altre 3 fonti`: who else tells it."""
        own = self._source(story.lead)
        names = list(dict.fromkeys(name for name in map(self._source, story.others) if name != own))
        hidden = len(names[_SOURCES:])
        plural = i18n.translations(self.language).ngettext
        rest = [plural("one more source", "%(num)s more sources", hidden) % {"num": hidden}] if hidden else []
        return i18n.listing(names[:_SOURCES] + rest, self.language) if names else ""

    def _source(self, entry: Entry) -> str:
        return cut(clean(entry.origin or self.titles.get(entry.source_id) or entry.source_id), _NAME)

    def _occasion(self, event: Event) -> str:
        """`giovedì 2 luglio, ore 10:00–13:00`; `giovedì 2 luglio – sabato 4 luglio`."""
        zone, end = self.site.zone, event.end or event.start
        first, last = (i18n.weekday_date(moment, self.language, zone) for moment in (event.start, end))
        if first != last:
            return f"{first} – {last}"
        if event.all_day:
            return first
        start, stop = (i18n.clock_time(moment, self.language, zone) for moment in (event.start, end))
        hours = start if start == stop else f"{start}–{stop}"
        return self._words("%(day)s, %(hours)s") % {"day": first, "hours": hours}

    @property
    def _words(self) -> Callable[[str], str]:
        return i18n.translations(self.language).gettext


def clean(text: str) -> str:
    """One line of text without control characters, lone surrogates, or a mark of `render.mail.message`."""
    printable = "".join(" " if category(letter) in ("Cc", "Cs") else letter for letter in text)
    return " ".join(_MARKS.sub(" ", printable).split())


def unmarked(html: str) -> str:
    """HTML without a mark of `render.mail.message`."""
    return _MARKS.sub(" ", html)


def links(html: str) -> tuple[str, ...]:
    """The addresses that safe HTML leads to, in their order, for a text that cannot."""
    return tuple(dict.fromkeys(unescape(href) for href in _HREF.findall(html)))


def _address(url: str | None) -> str:
    """A link fit for a mail, or nothing: a mark in it would tell the reader's address to whoever wrote the entry."""
    address = followable(url)
    if len(address) > _ADDRESS or _MARKS.search(address):
        return ""
    return _ODD.sub(lambda odd: quote(odd[0], errors="replace"), address)


def _links(entry: Entry) -> tuple[Link, ...]:
    shown = ((_address(link.url), link.label) for link in entry.links)
    return tuple(Link(url, cut(clean(label), _NAME) or url) for url, label in shown if url)[:_FILES]


def _is_attached(enclosure: Enclosure) -> bool:
    """A picture that a feed adds to its entry only decorates it; what an announcement brings, it means."""
    return bool(enclosure.path) or not enclosure.type.startswith("image/")


def _other_language(language: str, own: str) -> str:
    return "" if language.lower().partition("-")[0] in ("", own) else language
