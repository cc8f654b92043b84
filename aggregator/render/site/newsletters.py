"""Shelves -> the portal's archive of a newsletter: a list of its issues, and a page for each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from aggregator import i18n
from aggregator.model import Document, Issue, Link
from aggregator.render import paths
from aggregator.render.press import Press
from aggregator.render.rows import Row
from aggregator.render.site.pages import page
from aggregator.settings import Newsletter, Section


@dataclass(frozen=True, slots=True)
class Number:
    """An issue in the archive; `title` is what it tells first, as far as it may still be shown."""

    name: str  # `n. 14 del 17 giugno 2026`
    path: str
    year: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A section of an issue."""

    section: Section
    rows: tuple[Row, ...]


def archived(press: Press) -> dict[str, Newsletter]:
    """The newsletters that have an archive, by id: those everybody may read."""
    return {one.id: one for one in press.config.newsletters if one.area == "public"}


def called(newsletter: Newsletter, press: Press) -> str:
    return newsletter.title or press.config.site.title


def number(issue: Issue, press: Press, title: str = "") -> Number:
    day = press.day(issue.due)
    date = i18n.long_date(day, press.config.site.language, press.config.site.zone)
    name = press.words("no. %(number)s of %(date)s") % {"number": issue.number, "date": date}
    name = i18n.elided(name, press.config.site.language)
    return Number(name, paths.issue_page(issue.newsletter, issue.number), day.year, title)


def shelf(issue: Issue) -> str:
    return f"issue:{issue.newsletter}/{issue.number}"


def first_titles(press: Press, newsletter_id: str) -> dict[int, str]:
    """{number: what it tells first} of its issues that tell anything still."""
    firsts = {
        issue.number: lead
        for issue in press.issues.get(newsletter_id, ())
        for lead in press.shelves.latest(shelf(issue), 1)
    }
    rows = {row.id: row.title for row in press.stock.rows(list(dict.fromkeys(firsts.values())))}
    return {number: rows[lead] for number, lead in firsts.items() if lead in rows}


def index(press: Press, newsletter_id: str) -> Iterator[Document]:
    """`newsletter/ID/`: all issues, year by year, the latest first."""
    newsletter = archived(press).get(newsletter_id)
    if newsletter is None:
        return
    titles = first_titles(press, newsletter_id)
    numbers = [number(issue, press, titles.get(issue.number, "")) for issue in press.issues.get(newsletter_id, ())]
    yield page(
        press,
        paths.newsletter_page(newsletter_id),
        "site/newsletter.html",
        name=called(newsletter, press),
        feeds=(feed_of(newsletter, press),),
        years=[(year, list(found)) for year, found in groupby(numbers, key=lambda one: one.year)],
    )


def issue_page(press: Press, newsletter_id: str, which: str) -> Iterator[Document]:
    """`newsletter/ID/NUMBER/`: what the issue told, as it stands now: what is hidden or over since is not in it."""
    newsletter, issues = archived(press).get(newsletter_id), press.issues.get(newsletter_id, ())
    issue = next((one for one in issues if str(one.number) == which), None)
    if newsletter is None or issue is None:
        return
    told = press.stock.told_by(newsletter_id, issue.number)
    stories = press.stock.stories(press.shelves.latest(shelf(issue)))
    changed = {s.lead.id: words for s in stories if (words := _changed([e.id for e in s.entries], told))}
    rows = {row.id: row for row in press.stock.rows([story.lead.id for story in stories])}
    sections = {
        section.id: [rows[s.lead.id] for s in stories if s.lead.id not in changed and s.sections[0] == section.id]
        for section in press.config.sections
    }
    order = newsletter.sections or tuple(sections)
    ordered = dict.fromkeys((*order, *sections))
    yield page(
        press,
        paths.issue_page(newsletter_id, issue.number),
        "site/issue.html",
        name=called(newsletter, press),
        number=number(issue, press),
        note=Markup(issue.note),  # noqa: S704 - the sanitiser wrote it
        updates=[(rows[id_], words) for id_, words in changed.items()],
        told=[_block(press.section(id_), sections[id_]) for id_ in ordered if sections.get(id_)],
        feeds=(feed_of(newsletter, press),),
        before=next((number(one, press) for one in issues if one.number < issue.number), None),
        after=next((number(one, press) for one in reversed(issues) if one.number > issue.number), None),
        back=paths.newsletter_page(newsletter_id),
    )


def _block(section: Section, rows: list[Row]) -> Told:
    """Of events the first to take place comes first."""

    def starts(row: Row) -> float:
        return min((event.start.timestamp() for event in row.events), default=math.inf)

    return Told(section, tuple(sorted(rows, key=starts) if section.kind == "events" else rows))


def _changed(entries: list[str], told: Mapping[str, str]) -> str:
    """What the issue said had changed in a story; nothing where it told the story as news."""
    found = [told[id_] for id_ in entries if id_ in told]
    return next(iter(found), "") if all(found) else ""


def feed_of(newsletter: Newsletter, press: Press) -> Link:
    return Link(paths.newsletter_feed(newsletter.id), called(newsletter, press))
