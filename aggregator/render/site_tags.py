"""Stories -> the portal's pages by tag: one that lists them, one a tag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aggregator.model import Document, Link, Story
from aggregator.render import paths
from aggregator.render.site_acts import Page
from aggregator.render.tags import by_tag


def tag_pages(stories: Sequence[Story], rows: Mapping[str, object], page: Page) -> Iterator[Document]:
    """`rows` are the lines of the stories, by the id of their lead."""
    tags = by_tag(stories)
    yield page(paths.TAGS, "site/tags.html", tags=tags)
    for tag in tags:
        told = [rows[story.lead.id] for story in tag.stories]
        feeds = (Link(paths.tag_feed(tag.slug), tag.name),)
        yield page(paths.tag_page(tag.slug), "site/tag.html", tag=tag, rows=told, feeds=feeds)
