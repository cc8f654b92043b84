"""Stories -> lines in the lists of the portal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from aggregator import i18n
from aggregator.model import Entry, Event, Story
from aggregator.render import paths
from aggregator.render.tags import story_tags
from aggregator.render.view import cut, excerpt, headline, moment, story_deadline, story_events
from aggregator.settings import Config

_TITLE = 160  # characters of a title in a list
LONG = 30  # lines of a list from which its older months have pages of their own only


@dataclass(frozen=True, slots=True)
class Row:
    """A story in a list, told by its lead. `path` from the root of the site; `language` only where it is not the
    site's; `pages` are those that search engines may know, each with its last change."""

    id: str
    path: str
    title: str
    excerpt: str
    source: str
    when: datetime
    language: str
    pin: bool = False
    events: tuple[Event, ...] = ()
    deadline: date | None = None
    deadline_found: bool = False
    pages: tuple[tuple[str, datetime], ...] = ()
    sections: tuple[str, ...] = ()  # ids
    tags: tuple[str, ...] = ()  # of all who tell it, the acts among them


@dataclass(frozen=True, slots=True)
class Coming:
    """A day that is still to come: a deadline, or an event's."""

    day: date
    row: Row
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a year of a list, with a page of its own at `path`; `rows` only where they are shown."""

    id: str  # `2018-05`, `2018`
    first: date
    path: str
    count: int = 0
    rows: tuple[Row, ...] = ()


def row(story: Story, config: Config, titles: Mapping[str, str]) -> Row:
    """`titles` names the sources ({id: title})."""
    lead = story.lead
    return Row(
        id=lead.id,
        path=quote(paths.entry_page(lead)),
        title=cut(called(lead, config), _TITLE),
        excerpt=excerpt(lead),
        source=source_of(lead, titles),
        when=moment(lead),
        language=other_language(lead, config),
        pin=lead.pin,
        events=story_events(story),
        deadline=story_deadline(story),
        deadline_found=not any(entry.deadline and not entry.deadline_found for entry in story.entries),
        pages=tuple((paths.entry_page(e), e.revised or moment(e)) for e in story.entries if is_indexed(e, config)),
        sections=story.sections,
        tags=story_tags(story),
    )


def packed(row: Row) -> str:
    """As one line of text, whatever strangers wrote in it: JSON."""
    return json.dumps(asdict(row), default=str, separators=(",", ":"))


def unpacked(line: str) -> Row:
    told = json.loads(line)
    told["when"] = datetime.fromisoformat(told["when"])
    told["events"] = tuple(map(_event, told["events"]))
    told["deadline"] = date.fromisoformat(told["deadline"]) if told["deadline"] else None
    told["pages"] = tuple((path, datetime.fromisoformat(at)) for path, at in told["pages"])
    told["sections"], told["tags"] = tuple(told["sections"]), tuple(told["tags"])
    return Row(**told)


def _event(told: dict[str, Any]) -> Event:
    end = datetime.fromisoformat(told["end"]) if told["end"] else None
    return Event(**told | {"start": datetime.fromisoformat(told["start"]), "end": end})


def is_indexed(entry: Entry, config: Config) -> bool:
    """Whether search engines may know its page."""
    source = config.source(entry.source_id)
    return not (source and source.noindex)


def called(entry: Entry, config: Config) -> str:
    """Its headline, or that it has none."""
    words = i18n.translations(config.site.language).gettext
    return headline(entry) or words("Untitled")


def source_of(entry: Entry, titles: Mapping[str, str]) -> str:
    """Its Fonte."""
    return entry.origin or titles.get(entry.source_id) or entry.source_id


def other_language(entry: Entry, config: Config) -> str:
    """Its language, where it is not the site's."""
    language = entry.language
    return "" if language.lower().partition("-")[0] in ("", config.site.language) else language


def first_day(period: str) -> date:
    year, _, month = period.partition("-")
    return date(int(year), int(month or 1), 1)


def around(periods: Sequence[Period], period: str) -> tuple[Period | None, Period | None]:
    """The one before and the one after, of those in their order, the latest first."""
    earlier = [one for one in periods if one.id < period]
    later = [one for one in periods if one.id > period]
    return (earlier[0] if earlier else None), (later[-1] if later else None)
