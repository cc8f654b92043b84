"""Shelves -> the feeds of the site: of each section and of all, in every format, by month, by tag, and their list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from aggregator.markup import legal
from aggregator.model import ANNOUNCEMENTS, Document, Entry, Feed, Gone, Story
from aggregator.render import paths
from aggregator.render.feeds import atom, jsonfeed, opml, rss
from aggregator.render.feeds.context import Context
from aggregator.render.feeds.facts import with_facts
from aggregator.render.heads import dated
from aggregator.render.press import Press
from aggregator.render.shelving import month_of
from aggregator.render.view import freshest, moment, newest_first
from aggregator.settings import Config


class Format(NamedTuple):
    name: str
    type: str
    render: Callable[[Feed, Context], bytes]


FORMATS = {
    "atom": Format("Atom", "application/atom+xml", atom.render),
    "rss": Format("RSS", "application/rss+xml", rss.render),
    "json": Format("JSON Feed", "application/feed+json", jsonfeed.render),
}


# RFC 3987: a scheme, a colon, and neither blanks nor control characters anywhere.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f\x7f-\x9f<>\"{}|\\^`]+")
_KEPT = 2000  # stories as feeds tell them: one stands in several


def current(press: Press, name: str) -> Iterator[Document]:
    """`feeds/NAME` in every format: the freshest `feed_entries` of a section, or of `all`, and in the Atom one a
    tombstone for what is gone. The months before stand in its archives."""
    gone = press.stock.gone("gone" if name == "all" else f"gone:{name}")
    stories = press.stock.stories(press.shelves.freshest(_shelf(name), press.config.publish.feed_entries))
    former = () if name == "all" else press.section(name).formerly
    for suffix in FORMATS:
        links = _links(press, name, {"prev-archive": _archived(press, name)[:1]}) if suffix == "atom" else {}
        made = _feed(press, paths.feed(name, suffix), *_titled(press, name), stories, gone, links)
        yield made
        # Where the feed lay before: the same bytes, which name its new address.
        yield from (replace(made, path=paths.feed(old, suffix)) for old in former)


def archive(press: Press, name: str, month: str) -> Iterator[Document]:
    """`feeds/NAME/MONTH.atom`: all that it held in a month (RFC 5005, 4); nothing while the current one holds that."""
    archived = _archived(press, name)
    if month not in archived:
        return
    at = archived.index(month)
    around = {"prev-archive": archived[at + 1 : at + 2], "next-archive": archived[:at][-1:]}
    links = {"current": paths.address(press.config.site, paths.feed(name)), **_links(press, name, around)}
    stories = press.stock.stories(press.shelves.in_months(_shelf(name), month, month))
    title, home = _titled(press, name)
    yield _feed(press, paths.archive(name, month), f"{title} – {month}", home, stories, (), links, is_archive=True)


def reserved(press: Press, name: str, token: str) -> Document:
    """A section, or `all`, as readers of the reserved area see it: what is public and what is not, in one feed of their
    own at an address with `token`. It stays one feed when that is changed."""
    most, kept = press.config.publish.feed_entries, "reserved" if name == "all" else f"reserved-section:{name}"
    leads = (*press.shelves.freshest(_shelf(name), most), *press.shelves.freshest(kept, most))
    stories = freshest(newest_first(press.stock.stories(leads)), most)
    of = "" if name == "all" else f":{name}"
    gone = (*press.stock.gone(f"gone{of}"), *press.stock.gone(f"reserved-gone{of}"))
    title, home = _titled(press, name)
    own_id = f"tag:{press.config.site.host},2026:reserved-{name}"
    title = press.words("%(title)s (reserved)") % {"title": title}
    return _feed(press, paths.reserved_feed(token, name), title, home, stories, gone, own_id=own_id)


def by_tag(press: Press, slug: str) -> Iterator[Document]:
    """`tags/SLUG.atom`"""
    shelf = f"tag:{slug}"
    if stories := press.stock.stories(press.shelves.freshest(shelf, press.config.publish.feed_entries)):
        title = f"{press.config.site.title} – {press.shelves.name(shelf)[0][0]}"
        yield _feed(press, paths.tag_feed(slug), title, paths.tag_page(slug), stories)


def listed(press: Press) -> Iterator[Document]:
    """`feeds.opml`, every feed there is."""
    site = press.config.site

    def one(title: str, feed: str, page: str) -> opml.Subscribable:
        return opml.Subscribable(title, paths.address(site, feed), paths.address(site, page))

    names = ["all", *(section.id for section in press.config.sections)]
    plain = [one(title, paths.feed(name), page) for name in names for title, page in [_titled(press, name)]]
    named = [(shelf.removeprefix("tag:"), name) for shelf, (name, _) in press.shelves.names("tag:").items()]
    tags = [
        one(f"{site.title} – {name}", paths.tag_feed(slug), paths.tag_page(slug))
        for slug, name in sorted(named, key=lambda tag: (tag[1].casefold(), tag[0]))
    ]
    issues = [
        one(newsletter.title or site.title, paths.newsletter_feed(newsletter.id), paths.newsletter_page(newsletter.id))
        for newsletter in press.config.newsletters
        if newsletter.area == "public"
    ]
    groups = [("", plain), (press.words("Newsletter"), issues), (press.words("Tags"), tags)]
    body = opml.render(site.title, groups)
    yield Document(paths.OPML, body, "text/x-opml")


def _shelf(name: str) -> str:
    return "all" if name == "all" else f"section:{name}"


def _titled(press: Press, name: str) -> tuple[str, str]:
    """Title and page of a feed."""
    if name == "all":
        return press.config.site.title, "index.html"
    return f"{press.config.site.title} – {press.section(name).title}", paths.section_page(name)


def _archived(press: Press, name: str) -> list[str]:
    """The months that have an archive, the latest first: all that are over, so that an archive stays as it is. The
    present one, too, where it brought more than the current feed holds: nothing may stand in neither."""
    present = month_of(press.day(press.now))
    most = press.config.publish.feed_entries
    return [month for month, count in press.shelves.months(_shelf(name)).items() if month < present or count > most]


def _links(press: Press, name: str, months: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """{relation: address} of the archives of these months."""
    site = press.config.site
    return {
        relation: paths.address(site, paths.archive(name, month))
        for relation, found in months.items()
        for month in found
    }


def atom_id(entry: Entry, host: str, owner: Callable[[str], str]) -> str:
    """The source's own id where it is an absolute IRI and no other entry's, else a tag of ours (RFC 4151)."""
    guid, ours = entry.guid or "", f"tag:{host},2026:"
    if _IRI.fullmatch(guid) and guid == legal(guid) and not guid.startswith(ours) and owner(guid) == entry.id:
        return guid
    return f"{ours}{entry.id}"


def _feed(
    press: Press,
    path: str,
    title: str,
    home: str,
    stories: Sequence[Story],
    gone: Iterable[Gone] = (),
    links: Mapping[str, str] = MappingProxyType({}),
    *,
    is_archive: bool = False,
    own_id: str = "",
) -> Document:
    site, form = press.config.site, FORMATS[path.rpartition(".")[2]]
    told = [_told(press, story) for story in stories]
    entries = tuple(entry for entry, _ in told)
    context = Context(
        sources=dated(press.heads, (story.lead for story in stories)),
        mates={entry.id: others for entry, others in told if others},
        publisher=site.publisher.name if site.publisher else site.title,
        gone={atom_id(one.entry, site.host, press.stock.owner): one.at for one in gone},
        links=links,
        is_archive=is_archive,
        tags=paths.address(site, paths.TAGS),
    )
    feed = Feed(
        id=own_id or paths.address(site, path),
        title=title,
        home=paths.address(site, home),
        self_url=paths.address(site, path),
        language=site.language,
        updated=max((*(e.updated for e in entries if e.updated), *context.gone.values()), default=None),
        entries=entries,
    )
    return Document(path, form.render(feed, context), form.type)


def _told(press: Press, story: Story) -> tuple[Entry, tuple[Entry, ...]]:
    """The lead of a story as feeds tell it, and its others."""
    known = press.told
    if story.lead.id not in known:
        if len(known) >= _KEPT:
            known.clear()
        others = tuple(published(other, press) for other in story.others)
        lead = published(story.lead, press)
        language = press.config.site.language
        known[lead.id] = with_facts(lead, others, press.titles, press.templates, language), others
    return known[story.lead.id]


def published(entry: Entry, press: Press) -> Entry:
    """The entry as feeds show it: final id and addresses, its Fonte and type, dates that do not lie in the future."""
    shown, config = moment(entry), press.config
    return replace(
        entry,
        guid=atom_id(entry, config.site.host, press.stock.owner),
        url=entry.url or (paths.address(config.site, paths.entry_page(entry)) if entry.area == "public" else ""),
        authors=entry.authors or tuple(filter(None, [entry.origin])),
        tags=tuple(filter(None, [entry.type])) + entry.tags,
        published=shown if entry.published else None,
        updated=_updated(entry, shown),
        licence=_licence(entry, config),
    )


def _licence(entry: Entry, config: Config) -> str:
    """What its source says, or we of it; the site's own licence covers what was written here only."""
    if entry.source_id == ANNOUNCEMENTS:
        return entry.licence or config.site.licence
    source = config.source(entry.source_id)
    return entry.licence or (source.licence if source else "")


def _updated(entry: Entry, shown: datetime) -> datetime:
    """Moved by changes only: the one we saw, else the one its source had written before we saw it first."""
    if entry.revised:
        return entry.revised
    seen = entry.first_seen or shown
    return entry.updated if entry.updated and shown <= entry.updated <= seen else shown
