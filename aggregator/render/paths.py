"""Where things lie in the output folder, and their addresses on the site."""

from __future__ import annotations

from posixpath import basename
from urllib.parse import quote

from aggregator.model import Act, Enclosure, Entry
from aggregator.settings import Site
from aggregator.slugs import slug


def entry_page(entry: Entry) -> str:
    return f"entries/{entry.slug}/index.html"


def section_page(section_id: str) -> str:
    return f"{section_id}/index.html"


def section_month(section_id: str, month: str) -> str:
    """`month`: `2018-05`."""
    return f"{section_id}/{month}.html"


ACTS = "acts/index.html"


def act_slug(act: Act) -> str:
    return slug(act.label)


def act_page(slug: str) -> str:
    return f"acts/{slug}/index.html"


def act_year(slug: str, year: str) -> str:
    return f"acts/{slug}/{year}.html"


TAGS = "tags/index.html"


def tag_page(slug: str) -> str:
    return f"tags/{slug}/index.html"


def tag_year(slug: str, year: str) -> str:
    return f"tags/{slug}/{year}.html"


def tag_feed(slug: str) -> str:
    return f"tags/{slug}.atom"


def logo(name: str) -> str:
    """`name`: of a file in the templates folder."""
    return f"assets/{basename(name)}"


SOURCES = "sources/index.html"


def source_page(source_id: str) -> str:
    return f"sources/{source_id}/index.html"


def source_year(source_id: str, year: str) -> str:
    return f"sources/{source_id}/{year}.html"


def calendar(month: str) -> str:
    return f"calendar/{month}.html"


EVENTS = "feeds/events.ics"
DEADLINES = "feeds/deadlines.ics"


def entry_calendar(entry: Entry) -> str:
    return f"entries/{entry.slug}/event.ics"


SEARCH = "search/index.html"
SEARCH_SCRIPT = "search/search.js"
SEARCH_ANSWERS = "search"  # the web side's, where there is one
SUBSCRIBE = "subscribe"  # likewise


def search_month(month: str) -> str:
    return f"search/{month}.json"


FOLLOW = "follow/index.html"
OPML = "feeds.opml"


def feed(name: str, suffix: str = "atom") -> str:
    """`name`: a section's id, or `all`."""
    return f"feeds/{name}.{suffix}"


def archive(name: str, month: str) -> str:
    """What a feed held in a month (RFC 5005)."""
    return f"feeds/{name}/{month}.atom"


def reserved_feed(token: str, name: str) -> str:
    """The web side's: no file of the output folder."""
    return f"r/{token}/{name}.atom"


def reserved_file(token: str, entry_id: str, name: str) -> str:
    """Likewise; `name`: of the file."""
    return f"r/{token}/{entry_id}/{name}"


def newsletter_page(newsletter_id: str) -> str:
    return f"newsletter/{newsletter_id}/index.html"


def issue_page(newsletter_id: str, number: int) -> str:
    return f"newsletter/{newsletter_id}/{number}/index.html"


def newsletter_feed(newsletter_id: str) -> str:
    return f"newsletter/{newsletter_id}.atom"


def attachment(entry: Entry, enclosure: Enclosure) -> str:
    return f"entries/{entry.slug}/{basename(enclosure.path)}"


def address(site: Site, path: str) -> str:
    """The public address of a path; an index.html is addressed by its folder."""
    return site.url + quote(path.removesuffix("index.html"))
