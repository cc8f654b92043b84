"""Shelves -> the portal: home, the pages of a section, the page of an entry, the look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from aggregator.model import Document, Enclosure, Entry, Story
from aggregator.render import paths
from aggregator.render.feeds.facts import Elsewhere, File
from aggregator.render.palette import palette
from aggregator.render.press import Press
from aggregator.render.rows import (
    LONG,
    Coming,
    Period,
    Row,
    around,
    called,
    first_day,
    is_indexed,
    other_language,
    source_of,
)
from aggregator.render.shelving import listed, midnight
from aggregator.render.site import newsletters
from aggregator.render.site.calendar import present
from aggregator.render.site.content import safe_content
from aggregator.render.site.pages import asset, feed_of, page
from aggregator.render.view import excerpt, file_kind, followable, moment, standfirst
from aggregator.settings import Section

_ON_HOME = 5  # stories of a section on the home page
_COMING = 6  # deadlines, and events, on the home page


@dataclass(frozen=True, slots=True)
class Block:
    """A section on the home page."""

    section: Section
    rows: tuple[Row, ...]


# --- home ---


def home(press: Press) -> Iterator[Document]:
    sections = press.config.sections
    yield page(
        press,
        "index.html",
        "site/home.html",
        blocks=[Block(section, _newest(press, section)) for section in sections],
        deadlines=_deadlines(press),
        events=_events(press),
        calendar_path=paths.calendar(present(press)),
        issues=[
            (newsletters.called(one, press), newsletters.number(press.issues[id_][0], press))
            for id_, one in newsletters.archived(press).items()
            if press.issues.get(id_)
        ],
        feeds=[feed_of(section) for section in sections],
    )


def _newest(press: Press, section: Section) -> tuple[Row, ...]:
    """The newest of a section, pinned ones first; of events the next ones, then those just past."""
    shelf, shelves = listed(section), press.shelves
    coming = shelves.since(shelf, press.now)[::-1] if section.kind == "events" else ()
    past = shelves.latest(shelf, len(coming) + _ON_HOME)[len(coming) :]
    ordered = dict.fromkeys((*shelves.latest(f"pinned:{section.id}", _ON_HOME), *coming, *past))
    return tuple(press.stock.rows(list(ordered)[:_ON_HOME]))


def _deadlines(press: Press) -> tuple[Coming, ...]:
    today = press.day(press.now)
    rows = press.stock.rows(press.shelves.since("deadlines", midnight(today)))
    coming = [Coming(row.deadline, row) for row in rows if row.deadline and row.deadline >= today]
    return tuple(sorted(coming, key=lambda one: (one.day, one.row.id))[:_COMING])


def _events(press: Press) -> tuple[Coming, ...]:
    """Those not over yet; an all-day event is over when its last day is."""
    now, day = press.now, press.day
    coming = [
        (event.start, row.id, event, row)
        for row in press.stock.rows(press.shelves.since("events", now - timedelta(days=1)))
        for event in row.events
        if (day(event.end or event.start) >= day(now) if event.all_day else (event.end or event.start) >= now)
    ]
    ordered = sorted(coming, key=lambda one: one[:2])[:_COMING]
    return tuple(Coming(day(start), row, event) for start, _, event, row in ordered)


# --- sections ---


def section(press: Press, section_id: str) -> Iterator[Document]:
    """Its newest months with all their stories, and links to the months before."""
    shown, months = press.section(section_id), _months(press, section_id)
    recent = list(_recent(months))
    yield page(
        press,
        paths.section_page(section_id),
        "site/section.html",
        current=shown,
        feeds=(feed_of(shown),),
        months=[_filled(press, shown, month) for month in recent],
        older=months[len(recent) :],
    )


def moved(press: Press, section_id: str) -> Iterator[Document]:
    """Where the section was before: a page that leads to the present one."""
    section = press.section(section_id)
    for old in section.formerly:
        address = paths.address(press.config.site, paths.section_page(section_id))
        yield page(press, paths.section_page(old), "site/moved.html", section=section, address=address)


def section_month(press: Press, section_id: str, month: str) -> Iterator[Document]:
    """The page of one month; none where it has no stories."""
    shown, months = press.section(section_id), _months(press, section_id)
    this = next((one for one in months if one.id == month), None)
    if this is None:
        return
    before, after = around(months, month)
    yield page(
        press,
        paths.section_month(section_id, month),
        "site/month.html",
        current=shown,
        feeds=(feed_of(shown),),
        month=_filled(press, shown, this),
        before=before,
        after=after,
    )


def _months(press: Press, section_id: str) -> list[Period]:
    found = press.shelves.months(listed(press.section(section_id)))
    return [Period(m, first_day(m), paths.section_month(section_id, m), count) for m, count in found.items()]


def _recent(months: Iterable[Period]) -> Iterator[Period]:
    """The newest of them that have enough stories together."""
    shown = 0
    for month in months:
        if shown < LONG:
            yield month
        shown += month.count


def _filled(press: Press, section: Section, month: Period) -> Period:
    rows = tuple(press.stock.rows(press.shelves.in_months(listed(section), month.id, month.id)))
    return Period(month.id, month.first, month.path, len(rows), rows)


# --- entries ---


def entry_page(press: Press, entry: Entry, story: Story) -> Document:
    path = paths.entry_page(entry)
    own = paths.address(press.config.site, path)
    section = next(filter(None, map(press.config.section, story.sections)), None)
    source = press.config.source(entry.source_id)
    return page(
        press,
        path,
        "site/entry.html",
        address=paths.address(press.config.site, paths.entry_page(story.lead)),
        current=section,
        feeds=(feed_of(section),) if section else (),
        entry=entry,
        is_indexed=is_indexed(entry, press.config),
        title=called(entry, press.config),
        excerpt=excerpt(entry),
        source=source_of(entry, press.titles),
        when=moment(entry),
        language=other_language(entry, press.config),
        standfirst=_content(press, standfirst(entry)),
        body=_content(press, entry.content or entry.summary),
        source_url=followable(entry.url) if entry.url != own else "",
        licence=entry.licence or (source.licence if source else ""),
        links=[link for link in entry.links if followable(link.url)],
        files=[file for enclosure in entry.enclosures if (file := _file(entry, enclosure)).href],
        others=[_elsewhere(press, other) for other in story.entries if other is not entry],
        tags=[tag for tag in entry.tags if tag not in {act.label for act in entry.acts}],
        followable=followable,
    )


def _content(press: Press, stored: str) -> Markup:
    return safe_content(stored, press.words("image"))


def _elsewhere(press: Press, entry: Entry) -> Elsewhere:
    href = followable(entry.url) or "../../" + quote(paths.entry_page(entry))
    return Elsewhere(source_of(entry, press.titles), called(entry, press.config), href)


def _file(entry: Entry, enclosure: Enclosure) -> File:
    """An attachment lies beside its page; any other file where its source keeps it."""
    name = paths.attachment(entry, enclosure).rpartition("/")[2] if enclosure.path else ""
    href = f"./{quote(name)}" if name else followable(enclosure.url)
    title = enclosure.title or name or enclosure.url.rstrip("/").rpartition("/")[2]
    return File(href, title, file_kind(enclosure), enclosure.length)


# --- what hangs on no story ---


def look(press: Press) -> Iterator[Document]:
    yield page(press, "404.html", "site/not_found.html", root=urlsplit(press.config.site.url).path)
    colours = palette(press.config.site.theme.color)
    yield asset(press, "assets/style.css", "text/css", "site/style.css", colours=colours)
    yield asset(press, "assets/icon.svg", "image/svg+xml", "site/icon.svg", colours=colours)
    site = press.config.site
    for name in dict.fromkeys(filter(None, (site.theme.logo, *(partner.logo for partner in site.partners)))):
        picture = press.templates.pictures.get(name)
        fault = "" if picture else f"templates/{name} is not there; add the file, or take `logo` out of feeds.yaml"
        yield Document(paths.logo(name), picture or b"", "", fault)
