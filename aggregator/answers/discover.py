"""An address somebody found -> the feeds behind it, best first: its own, those it advertises, those its CMS keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aggregator import parse, urls
from aggregator.model import Feed, Fetched, Problem, Request
from aggregator.parse import encoding
from aggregator.parse.instead import advertised
from aggregator.ports import Network

# Where content systems of institutions keep their feeds: WordPress (and its Design Comuni theme, whose /feed/ is
# empty), Drupal, Plone, Joomla, Siscom, Liferay, and by custom.
_PLACES = (
    "/feed/", "/?feed=rss2", "/?post_type=notizia&feed=rss2", "/rss.xml", "/RSS", "/?format=feed&type=rss", "/RSSNews",
    "/rss", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/news.xml", "/it/rss.xml", "/it/feed/", "/feed.json",
)  # fmt: skip
_LINK = re.compile(r"""<a\b[^>]{0,500}?href\s*=\s*["']([^"'<>]{1,500})["']""", re.I)
_LOOKS = re.compile(r"\b(?:rss|atom|feed)\b|\.(?:rss|xml|rdf)(?:$|\?)", re.I)
_COMMENTS = re.compile(r"comment", re.I)
_MOST = 12  # links of a page that are tried


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was really read. `answer` is how it came."""

    url: str
    feed: Feed
    answer: Fetched
    parser: str

    @property
    def newest(self) -> datetime | None:
        return max((e.published for e in self.feed.entries if e.published), default=None)


def discover(url: str, network: Network, zone: ZoneInfo) -> tuple[Found, ...] | Problem:
    """Feeds with entries, best first; a Problem where the address does not answer, or no feed is behind it."""
    [answer] = _asked([url], network)
    if not isinstance(answer, Fetched):
        return answer
    if own := _read([answer], zone):
        return tuple(own)
    html = encoding.decode(answer.body, answer.charset)
    for places in (_told(html, answer.url), _linked(html, answer.url), _guessed(answer.url)):
        answers = [one for one in _asked(places, network) if isinstance(one, Fetched)]
        if found := _read(answers, zone):
            return tuple(sorted(found, key=_merit, reverse=True))
    problem = parse.document(answer, zone)
    why = problem.text if isinstance(problem, Problem) else "its feed is empty"
    return Problem(url, "parse", f"no feed was found behind {url}: {why}")


def _asked(places: Iterable[str], network: Network) -> list[Fetched | Problem]:
    requests = [Request(url, url) for url in dict.fromkeys(places)]
    answers = {answer.source_id: answer for answer in (network.fetch(requests) if requests else ())}
    return [one for r in requests if isinstance(one := answers.get(r.url), Fetched | Problem)]


def _read(answers: Iterable[Fetched], zone: ZoneInfo) -> list[Found]:
    found: dict[str, Found] = {}
    for answer in answers:
        parser, feed = parse.read(answer, zone)
        if isinstance(feed, Feed) and feed.entries:
            found.setdefault(urls.key(answer.url), Found(answer.moved or answer.source_id, feed, answer, parser or ""))
    return list(found.values())


def _told(html: str, base: str) -> Iterator[str]:
    return (url for url, _ in advertised(html, base))


def _linked(html: str, base: str) -> list[str]:
    resolved = (urls.resolve(base, href) for href in _LINK.findall(html) if _LOOKS.search(href))
    return list(dict.fromkeys(url for url in resolved if urls.is_web(url)))[:_MOST]


def _guessed(url: str) -> Iterator[str]:
    """On the site, and below the page where that is no file."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    if (below := parts.path.rstrip("/")) and "." not in below.rpartition("/")[2]:
        yield from (f"{root}{below}{place}" for place in ("/feed/", "/rss.xml", "/RSS", "?format=feed&type=rss"))
    yield from (f"{root}{place}" for place in _PLACES)


def _merit(found: Found) -> tuple[bool, datetime, int]:
    """News before comments, the living before the dead, the long before the short."""
    is_news = not _COMMENTS.search(f"{found.url} {found.feed.title}")
    return is_news, found.newest or datetime.min.replace(tzinfo=UTC), len(found.feed.entries)
