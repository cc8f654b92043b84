"""A template of the portal and what it shows -> a page, with what every page knows of the site."""

from __future__ import annotations

from aggregator.model import Document, Link
from aggregator.render import paths
from aggregator.render.press import Look, Press
from aggregator.render.tags import tag_slug
from aggregator.settings import Section


def page(press: Press | Look, path: str, template: str, **values: object) -> Document:
    here = {
        "site": press.config.site,
        "sections": press.config.sections,
        "root": "../" * path.count("/"),
        "address": paths.address(press.config.site, path),
        "feeds": (),
        "current": None,
        "feed_path": paths.feed,
        "section_path": paths.section_page,
        "act_path": paths.act_page,
        "act_slug": paths.act_slug,
        "acts_path": paths.ACTS,
        "tag_path": paths.tag_page,
        "tag_feed_path": paths.tag_feed,
        "tag_slug": tag_slug,
        "tags_path": paths.TAGS,
        "follow_path": paths.FOLLOW,
        "logo_path": lambda name: paths.logo(name) if name in press.templates.pictures else "",
        "source_path": paths.source_page,
        "sources_path": paths.SOURCES,
        "events_path": paths.EVENTS,
        "search_path": paths.SEARCH,
    }
    return asset(press, path, "text/html", template, **(here | values))


def asset(press: Press | Look, path: str, media_type: str, template: str, **values: object) -> Document:
    text = press.templates.render(template, press.config.site.language, **values)
    return Document(path, text.encode("utf-8", "replace"), media_type)


def feed_of(section: Section) -> Link:
    return Link(paths.feed(section.id), section.title)
