"""Stories -> the portal: home, a page a section, a page an entry, the look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from aggregator import i18n
from aggregator.model import Document, Enclosure, Entry, Event, Link, Story
from aggregator.render import paths
from aggregator.render.content import safe_content
from aggregator.render.facts import Elsewhere, File
from aggregator.render.palette import palette
from aggregator.render.site_acts import act_pages
from aggregator.render.site_follow import follow_page
from aggregator.render.site_tags import tag_pages
from aggregator.render.sitemap import robots, sitemap
from aggregator.render.tags import tag_slug
from aggregator.render.templates import Templates
from aggregator.render.view import cut, excerpt, file_kind, followable, headline, moment, newest_first, standfirst
from aggregator.settings import Config, Section

_ON_HOME = 5  # stories of a section on the home page
_COMING = 6  # deadlines, and events, on the home page
_LONG = 15  # stories from which a section page lists its months first
_TITLE = 160  # characters of a title in a list


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in a list. `path` from the root of the site; `language` only where it is not the site's."""

    entry: Entry
    path: str
    title: str
    excerpt: str
    source: str
    when: datetime
    language: str


@dataclass(frozen=True, slots=True)
class Block:
    """A section on the home page."""

    section: Section
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a section page; `id` is its anchor, `first` its first day."""

    id: str
    first: date
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """A day that is still to come: a deadline, or an event's."""

    day: date
    row: Row
    event: Event | None = None


def site(
    config: Config, stories: Sequence[Story], now: datetime, templates: Templates, titles: Mapping[str, str]
) -> Iterator[Document]:
    """Every page and asset of the portal, for exactly these stories.

    The caller has passed the area gate and cut the texts to what may be republished. `titles` names the sources
    ({id: title}); RenderError where a template is broken.
    """
    portal, ordered, pages = _Portal(config, templates, titles), newest_first(stories), []
    for document in _documents(portal, ordered, now):
        yield document
        pages += [document.path] if document.path.endswith("index.html") else []
    entries = [entry for story in ordered for entry in story.entries]
    changed = {paths.entry_page(entry): entry.revised or moment(entry) for entry in entries}
    yield from sitemap(config.site, pages, changed)
    yield robots(config.site)


def _documents(portal: _Portal, ordered: Sequence[Story], now: datetime) -> Iterator[Document]:
    config = portal.config
    rows = {story.lead.id: portal.row(story.lead) for story in ordered}
    placed = {s.id: _in_order(s, [rows[x.lead.id] for x in ordered if s.id in x.sections]) for s in config.sections}
    yield portal.home(placed, rows.values(), now)
    for section in config.sections:
        yield portal.section(section, placed[section.id])
    for story in ordered:
        for entry in story.entries:
            yield portal.entry(entry, story)
    everything = Link(paths.feed("all"), portal.words("All the news"))
    dates = [Link(paths.EVENTS, portal.words("Agenda")), Link(paths.DEADLINES, portal.words("Deadlines"))]
    yield follow_page([everything, *map(_feed, config.sections)], dates, config.site, portal.page)
    yield from tag_pages(ordered, rows, portal.page)
    yield from act_pages(ordered, rows, portal.page)
    yield portal.page("404.html", "site/not_found.html", root=urlsplit(config.site.url).path)
    colours = palette(config.site.theme.color)
    yield portal.asset("assets/style.css", "text/css", "site/style.css", colours=colours)
    yield portal.asset("assets/icon.svg", "image/svg+xml", "site/icon.svg", colours=colours)


@dataclass(frozen=True, slots=True)
class _Portal:
    config: Config
    templates: Templates
    titles: Mapping[str, str]

    def page(self, path: str, template: str, **values: object) -> Document:
        here = {
            "site": self.config.site,
            "sections": self.config.sections,
            "root": "../" * path.count("/"),
            "address": paths.address(self.config.site, path),
            "feeds": (),
            "current": None,
            "feed_path": paths.feed,
            "section_path": paths.section_page,
            "act_path": paths.act_page,
            "acts_path": paths.ACTS,
            "tag_path": paths.tag_page,
            "tag_feed_path": paths.tag_feed,
            "tag_slug": tag_slug,
            "tags_path": paths.TAGS,
            "follow_path": paths.FOLLOW,
        }
        return self.asset(path, "text/html", template, **(here | values))

    def asset(self, path: str, media_type: str, template: str, **values: object) -> Document:
        text = self.templates.render(template, self.config.site.language, **values)
        return Document(path, text.encode("utf-8", "replace"), media_type)

    def home(self, placed: Mapping[str, Sequence[Row]], rows: Iterable[Row], now: datetime) -> Document:
        return self.page(
            "index.html",
            "site/home.html",
            blocks=[_block(section, placed[section.id], now) for section in self.config.sections],
            deadlines=_deadlines(rows, self._day(now)),
            events=_events(rows, now, self._day),
            feeds=[_feed(section) for section in self.config.sections],
        )

    def section(self, section: Section, rows: Sequence[Row]) -> Document:
        return self.page(
            paths.section_page(section.id),
            "site/section.html",
            current=section,
            feeds=(_feed(section),),
            months=[
                Month(f"m{first:%Y-%m}", first, tuple(group))
                for first, group in groupby(rows, lambda row: self._day(_told(section, row)).replace(day=1))
            ],
            long=len(rows) >= _LONG,
        )

    def entry(self, entry: Entry, story: Story) -> Document:
        path = paths.entry_page(entry)
        own = paths.address(self.config.site, path)
        section = next(filter(None, map(self.config.section, story.sections)), None)
        source = self.config.source(entry.source_id)
        return self.page(
            path,
            "site/entry.html",
            address=paths.address(self.config.site, paths.entry_page(story.lead)),
            current=section,
            feeds=(_feed(section),) if section else (),
            row=self.row(entry, title_limit=None),
            standfirst=self._content(standfirst(entry)),
            body=self._content(entry.content or entry.summary),
            source_url=followable(entry.url) if entry.url != own else "",
            licence=entry.licence or (source.licence if source else ""),
            links=[link for link in entry.links if followable(link.url)],
            files=[file for enclosure in entry.enclosures if (file := _file(entry, enclosure)).href],
            others=[self._elsewhere(other) for other in story.entries if other is not entry],
            tags=[tag for tag in entry.tags if tag not in {act.label for act in entry.acts}],
            followable=followable,
        )

    def row(self, entry: Entry, title_limit: int | None = _TITLE) -> Row:
        title = self._headline(entry)
        return Row(
            entry=entry,
            path=quote(paths.entry_page(entry)),
            title=cut(title, title_limit) if title_limit else title,
            excerpt=excerpt(entry),
            source=self._source(entry),
            when=moment(entry),
            language=_other_language(entry.language, self.config.site.language),
        )

    def _elsewhere(self, entry: Entry) -> Elsewhere:
        href = followable(entry.url) or "../../" + quote(paths.entry_page(entry))
        return Elsewhere(self._source(entry), self._headline(entry), href)

    def _headline(self, entry: Entry) -> str:
        return headline(entry) or self.words("Untitled")

    def _source(self, entry: Entry) -> str:
        return entry.origin or self.titles.get(entry.source_id) or entry.source_id

    def _content(self, stored: str) -> Markup:
        return safe_content(stored, self.words("image"))

    def words(self, message: str) -> str:
        return i18n.translations(self.config.site.language).gettext(message)

    def _day(self, when: datetime) -> date:
        return i18n.local_day(when, self.config.site.zone)


def _feed(section: Section) -> Link:
    return Link(paths.feed(section.id), section.title)


def _told(section: Section, row: Row) -> datetime:
    """What the section goes by: when an event takes place, when anything else was published."""
    starts = [event.start for event in row.entry.events] if section.kind == "events" else []
    return min(starts, default=row.when)


def _in_order(section: Section, rows: Sequence[Row]) -> Sequence[Row]:
    """Latest first; those of one moment stay as they are."""
    return sorted(rows, key=lambda row: _told(section, row), reverse=True)


def _block(section: Section, rows: Sequence[Row], now: datetime) -> Block:
    """The newest of a section, pinned ones first; of events the next ones, then those just past."""
    coming = [row for row in rows if section.kind == "events" and _told(section, row) >= now]
    past = rows[len(coming) :]
    return Block(section, tuple(sorted([*reversed(coming), *past], key=lambda row: not row.entry.pin)[:_ON_HOME]))


def _deadlines(rows: Iterable[Row], today: date) -> tuple[Coming, ...]:
    coming = [Coming(row.entry.deadline, row) for row in rows if row.entry.deadline and row.entry.deadline >= today]
    return tuple(sorted(coming, key=lambda c: (c.day, c.row.entry.id))[:_COMING])


def _events(rows: Iterable[Row], now: datetime, day: Callable[[datetime], date]) -> tuple[Coming, ...]:
    """Those not over yet; an all-day event is over when its last day is."""
    coming = [
        (event.start, row.entry.id, Coming(day(event.start), row, event))
        for row in rows
        for event in row.entry.events
        if (day(event.end or event.start) >= day(now) if event.all_day else (event.end or event.start) >= now)
    ]
    return tuple(c for _, _, c in sorted(coming, key=lambda c: c[:2])[:_COMING])


def _file(entry: Entry, enclosure: Enclosure) -> File:
    """An attachment lies beside its page; any other file where its source keeps it."""
    name = paths.attachment(entry, enclosure).rpartition("/")[2] if enclosure.path else ""
    href = f"./{quote(name)}" if name else followable(enclosure.url)
    title = enclosure.title or name or enclosure.url.rstrip("/").rpartition("/")[2]
    return File(href, title, file_kind(enclosure), enclosure.length)


def _other_language(language: str, sites: str) -> str:
    return "" if language.lower().partition("-")[0] in ("", sites) else language
