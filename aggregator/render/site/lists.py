"""Shelves -> the portal's pages by tag, act and source: a list of all, one each, one a year of those that are long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from aggregator.model import Act, Document, Link, Story
from aggregator.render import paths
from aggregator.render.press import Press
from aggregator.render.rows import Period, around
from aggregator.render.site.pages import page
from aggregator.render.view import followable

LONG = 100  # stories; what has more has a page for each year, too


@dataclass(frozen=True, slots=True)
class Named:
    """A tag, an act or a source as most write it, its name in addresses, and how many stories it has."""

    name: str
    slug: str
    count: int


def tag_list(press: Press) -> Iterator[Document]:
    tags = sorted(_named(press, "tag:"), key=lambda tag: (tag.name.casefold(), tag.slug))
    yield page(press, paths.TAGS, "site/tags.html", tags=tags)


def tag(press: Press, slug: str, year: str = "") -> Iterator[Document]:
    feeds = tuple(Link(paths.tag_feed(slug), name) for name, _ in press.shelves.name(f"tag:{slug}"))
    yield from _pages(press, "tag", slug, year, lambda y: paths.tag_year(slug, y), paths.tag_page(slug), feeds=feeds)


def source_list(press: Press) -> Iterator[Document]:
    sources = sorted(_named(press, "source:"), key=lambda source: (source.name.casefold(), source.slug))
    yield page(press, paths.SOURCES, "site/sources.html", sources=sources)


def source(press: Press, source_id: str, year: str = "") -> Iterator[Document]:
    """What a source told, and where it tells it itself."""
    head = press.heads.get(source_id)
    home = followable(head.home) if head else ""
    places = (lambda y: paths.source_year(source_id, y)), paths.source_page(source_id)
    yield from _pages(press, "source", source_id, year, *places, home=home)


def act_list(press: Press) -> Iterator[Document]:
    """Kind by kind, the latest first; nothing where no act is named."""
    if acts := sorted(_named(press, "act:"), key=lambda act: _order(act.name)):
        yield page(press, paths.ACTS, "site/acts.html", acts=acts)


def act(press: Press, slug: str, year: str = "") -> Iterator[Document]:
    """Its text is found where the latest story of the page says; a year's page knows of none but its own."""
    shelf = f"act:{slug}"
    leads = press.shelves.in_months(shelf, f"{year}-01", f"{year}-12") if year else press.shelves.latest(shelf, 1)
    told = press.stock.stories(leads[:1])
    text = next((act.url for act in _acts(told) if paths.act_slug(act) == slug), "")
    yield from _pages(press, "act", slug, year, lambda y: paths.act_year(slug, y), paths.act_page(slug), text=text)


def _pages(
    press: Press, kind: str, slug: str, year: str, path_of: Callable[[str], str], path: str, **values: object
) -> Iterator[Document]:
    """The page with the latest, or that of a year: of such that are not long, the former holds all."""
    shelf = f"{kind}:{slug}"
    for name, count in press.shelves.name(shelf):
        years = _years(press, shelf, path_of) if count > LONG else []
        if year and not any(one.id == year for one in years):
            return
        leads = (
            press.shelves.in_months(shelf, f"{year}-01", f"{year}-12") if year else press.shelves.latest(shelf, LONG)
        )
        before, after = around(years, year)
        place = path_of(year) if year else path
        values |= {"latest": path, "year": year, "before": before, "after": after, "older": () if year else years}
        yield page(
            press, place, f"site/{kind}.html", named=Named(name, slug, count), rows=press.stock.rows(leads), **values
        )


def _named(press: Press, kind: str) -> list[Named]:
    found = press.shelves.names(kind).items()
    return [Named(name, shelf.removeprefix(kind), count) for shelf, (name, count) in found]


def _years(press: Press, shelf: str, path_of: Callable[[str], str]) -> list[Period]:
    months = press.shelves.months(shelf).items()
    return [
        Period(year, date(int(year), 1, 1), path_of(year), sum(count for _, count in found))
        for year, found in groupby(months, key=lambda month: month[0][:4])
    ]


def _acts(stories: Sequence[Story]) -> Iterator[Act]:
    return (act for story in stories for entry in story.entries for act in entry.acts)


def _order(label: str) -> tuple[str, int, int, str]:
    kind = re.split(r"\s\d|\d", label)[0]
    numbers = [int(number) for number in re.findall(r"\d+", label)]
    year = max((number for number in numbers if 1800 < number < 2200), default=0)
    return kind.casefold(), -year, -max(numbers, default=0), label
