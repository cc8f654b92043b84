"""The parts of the output folder: which there are, what each is made of, and which a move on the shelves changes.

    home   calendars   follow   opml   look   servers   tags   acts   sources   sitemap   sitemap:2018-05   entry:ID
    search   search:2018-05
    page:news   page:news/2018-05   feed:all   feed:all/2018-05   calendar:2018-05
    newsletter:ID   issue:ID/14   tag:anci   tag:anci/2018   act:...   act:.../2018   source:...   source:.../2018

A part with a month or a year is that of its name in that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from aggregator.model import Document
from aggregator.render import calendars, feeds, paths, servers, site
from aggregator.render.checks import checked
from aggregator.render.feeds import issues
from aggregator.render.press import Press
from aggregator.render.shelving import listed
from aggregator.render.site import calendar, lists, newsletters, search, sitemap
from aggregator.render.site.follow import follow
from aggregator.render.site.lists import LONG
from aggregator.settings import Config

__all__ = [
    "LONG",
    "by_the_day",
    "by_the_hour",
    "documents",
    "entry_part",
    "issue_parts",
    "lengthened",
    "main",
    "neighbours",
    "touched",
    "turned",
    "whole",
]


def documents(part: str, press: Press) -> Iterator[Document]:
    """The files of a part as they should be; none where nothing is left to show there."""
    kind, _, rest = part.partition(":")
    name, _, period = rest.partition("/")
    maker = _MAKERS.get(kind)
    if maker is None or (kind in ("page", "feed") and name not in ("all", *(s.id for s in press.config.sections))):
        return iter(())  # of another time: of a section that was, of an older program
    return servers.packed(map(checked, maker(press, name, period)))


def whole(config: Config) -> Iterator[str]:
    """The parts that there are without a single story."""
    yield from ("look", "servers", "follow", "opml", "tags", "acts", "sources", "search", "sitemap", "feed:all")
    yield "calendars"
    yield from (f"newsletter:{newsletter.id}" for newsletter in config.newsletters)
    for section in config.sections:
        yield from (f"page:{section.id}", f"feed:{section.id}")


def by_the_hour() -> Iterator[str]:
    """Those that change though nothing is moved: made at each publish."""
    yield "home"


def by_the_day(press: Press) -> Iterator[str]:
    yield from ("calendars", f"calendar:{calendar.present(press)}")


def main(config: Config) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(part, its files) of what readers and programs ask for first, but for those made by the hour."""
    for name in ("all", *(section.id for section in config.sections)):
        own = [paths.feed(name, suffix) for suffix in feeds.FORMATS]
        yield f"feed:{name}", (*own, *(f"{path}.gz" for path in own))
    yield from ((f"page:{section.id}", (paths.section_page(section.id),)) for section in config.sections)
    yield "calendars", (paths.EVENTS, paths.DEADLINES)
    yield from (("follow", (paths.FOLLOW,)), ("opml", (paths.OPML,)), ("tags", (paths.TAGS,)))
    yield from (("sources", (paths.SOURCES,)), ("sitemap", ("sitemap.xml",)))
    yield "search", (paths.SEARCH, paths.SEARCH_SCRIPT)
    yield from (("look", ("404.html", "assets/style.css")), ("servers", ("robots.txt", ".htaccess")))


def entry_part(entry_id: str) -> str:
    return f"entry:{entry_id}"


def issue_parts(newsletter_id: str, number: str | int) -> Iterator[str]:
    """Those that show an issue."""
    yield from (f"issue:{newsletter_id}/{number}", f"newsletter:{newsletter_id}")


def touched(press: Press, shelf: str, month: str) -> Iterator[str]:
    """The parts that show what stands, or stood, on a shelf in a month."""
    kind, _, name = shelf.partition(":")
    if kind == "all":
        yield from ("feed:all", f"feed:all/{month}", f"search:{month}")
    elif kind == "indexed":
        yield f"sitemap:{month}"
    elif shelf in ("events", "deadlines"):
        yield "calendars"
    elif kind == "gone":
        yield from (f"feed:{name or 'all'}", "calendars")
    elif shelf == "calendar":
        yield f"calendar:{month}"
    elif kind == "issue":
        yield from issue_parts(*name.split("/"))
    elif kind in ("tag", "act", "source"):
        yield from (f"{kind}s", shelf, f"{shelf}/{month[:4]}")
    elif section := press.config.section(name):
        if kind == "section":
            yield from (f"feed:{name}", f"feed:{name}/{month}")
        if listed(section) == shelf:
            yield from (f"page:{name}", f"page:{name}/{month}")


def neighbours(press: Press, shelf: str, month: str) -> Iterator[str]:
    """The parts that link to those of a month that came or went: those beside it, and the lists of all."""
    kind = shelf.partition(":")[0]
    bare = [calendar.present(press)] if shelf == "calendar" else []  # it has a page without any date, too
    for other in _beside([*press.shelves.months(shelf), *bare], month):
        yield from touched(press, shelf, other)
    if kind in ("indexed", "section", "events", "tag", "act", "source", "calendar"):
        yield "sitemap"
    if kind == "tag":
        yield "opml"
    if kind == "all":
        yield "search"


def lengthened(press: Press, shelf: str) -> Iterator[str]:
    """The parts that come, go or bear another name because so many stand on a shelf now, or so few, or most call it
    otherwise: the years of a tag or an act, and where tags are listed."""
    if shelf.startswith("tag:"):
        yield "opml"
    if shelf.startswith(("tag:", "act:", "source:")):
        yield from dict.fromkeys(f"{shelf}/{month[:4]}" for month in press.shelves.months(shelf))


def turned(press: Press, month: str) -> Iterator[str]:
    """The parts that change because this month is over: it goes into the archives."""
    for name in ("all", *(section.id for section in press.config.sections)):
        months = list(press.shelves.months("all" if name == "all" else f"section:{name}"))
        yield f"feed:{name}"
        yield from (f"feed:{name}/{one}" for one in months if one >= month)
        yield from (f"feed:{name}/{one}" for one in _beside(months, month)[:1])
    dated = press.shelves.months("calendar")
    for one in (month, calendar.present(press)):  # a month without any date has a page while it is the present one
        yield from (f"calendar:{other}" for other in (one, *_beside(dated, one)))
    yield "sitemap"


def _beside(months: Iterable[str], month: str) -> list[str]:
    """The month before and the month after, where there are such."""
    ordered = sorted(months)
    return [*[m for m in ordered if m < month][-1:], *[m for m in ordered if m > month][:1]]


def _entry(press: Press, entry_id: str, _period: str) -> Iterator[Document]:
    story = press.stock.story(entry_id)
    for entry in story.entries if story else ():
        if story and entry.id == entry_id:
            yield site.entry_page(press, entry, story)
            yield from calendars.entry_calendar(press, entry)


def _page(press: Press, name: str, month: str) -> Iterator[Document]:
    if month:
        return site.section_month(press, name, month)
    return chain(site.section(press, name), site.moved(press, name))


def _feed(press: Press, name: str, month: str) -> Iterator[Document]:
    return feeds.archive(press, name, month) if month else feeds.current(press, name)


def _tag(press: Press, slug: str, year: str) -> Iterator[Document]:
    yield from lists.tag(press, slug, year)
    if not year:
        yield from feeds.by_tag(press, slug)


def _newsletter(press: Press, newsletter_id: str, _period: str) -> Iterator[Document]:
    return chain(newsletters.index(press, newsletter_id), issues.feed(press, newsletter_id))


Maker = Callable[[Press, str, str], Iterator[Document]]

_MAKERS: Mapping[str, Maker] = {
    "home": lambda press, _name, _period: site.home(press),
    "calendars": lambda press, _name, _period: calendars.calendars(press),
    "newsletter": _newsletter,
    "issue": newsletters.issue_page,
    "follow": lambda press, _name, _period: follow(press),
    "opml": lambda press, _name, _period: feeds.listed(press),
    "look": lambda press, _name, _period: site.look(press),
    "servers": lambda press, _name, _period: chain(
        servers.settings(press.config.site, press.config.web), sitemap.robots(press)
    ),
    "tags": lambda press, _name, _period: lists.tag_list(press),
    "acts": lambda press, _name, _period: lists.act_list(press),
    "search": lambda press, month, _period: search.month(press, month) if month else search.index(press),
    "sitemap": lambda press, month, _period: sitemap.month(press, month) if month else sitemap.index(press),
    "entry": _entry,
    "page": _page,
    "feed": _feed,
    "tag": _tag,
    "act": lists.act,
    "sources": lambda press, _name, _period: lists.source_list(press),
    "source": lists.source,
    "calendar": lambda press, month, _period: calendar.month(press, month),
}
