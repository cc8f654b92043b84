"""Shelves -> the portal's search: its page and script, what of each month the script looks through; and what the web
side answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aggregator.model import Document, Story
from aggregator.render import paths
from aggregator.render.press import Look, Press
from aggregator.render.rows import Row, source_of
from aggregator.render.site.pages import asset, feed_of, page
from aggregator.render.tags import story_tags
from aggregator.render.view import headline, plain, standfirst
from aggregator.stems import SMALL


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, the best first; `total` are all. `asked` is what somebody typed, as far as it is read;
    nothing may have been asked for yet. Where nothing could be looked up, `away` is set."""

    asked: str
    rows: tuple[Row, ...] = ()
    total: int = 0
    number: int = 1
    pages: int = 1
    away: bool = False


def index(press: Press) -> Iterator[Document]:
    """The page, and the one script of the site. Without a web side the page needs it, and says so."""
    months = press.shelves.months("all")
    yield _page(press, paths.SEARCH, months=" ".join(months), small=SMALL[press.config.site.language], found=None)
    yield asset(press, paths.SEARCH_SCRIPT, "text/javascript", "site/search.js")


def month(press: Press, which: str) -> Iterator[Document]:
    """`search/2018-05.json`: what results tell of the stories of a month, the latest first; none where it had none."""
    if rows := press.stock.rows(press.shelves.in_months("all", which, which)):
        told = {"stories": [_told(row, press) for row in rows]}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        yield Document(paths.search_month(which), body, "application/json")


def said(story: Story, titles: Mapping[str, str]) -> tuple[str, str, str]:
    """What the web side finds a story by, as it is published: its titles, its tags, its texts and their sources; of all
    who tell it. `titles` names the sources ({id: title})."""
    texts = (
        part
        for entry in story.entries
        for part in (source_of(entry, titles), plain(standfirst(entry)), plain(entry.content or entry.summary))
    )
    return "\n".join(map(headline, story.entries)), "\n".join(story_tags(story)), "\n".join(texts)


def answer(look: Look, found: Found) -> Document:
    """What the web side answers, by the template of the page; it needs no script."""
    return _page(look, paths.SEARCH_ANSWERS, found=found, address=paths.address(look.config.site, paths.SEARCH))


def _page(press: Press | Look, path: str, **values: object) -> Document:
    answers = "" if press.config.web == "none" else paths.SEARCH_ANSWERS
    feeds = [feed_of(section) for section in press.config.sections]
    return page(press, path, "site/search.html", answers=answers, feeds=feeds, **values)


def _told(row: Row, press: Press) -> dict[str, object]:
    section = next(filter(None, map(press.config.section, row.sections)), None)
    told: dict[str, object] = {
        "title": row.title,
        "path": row.path,
        "day": press.day(row.when).isoformat(),
        "source": row.source,
        "section": section.title if section else "",
        "tags": row.tags,
        "text": row.excerpt,
    }
    return told | ({"language": row.language} if row.language else {})
