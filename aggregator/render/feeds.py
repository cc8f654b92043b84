"""Stories -> one feed per section and one for all, as documents of the output folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from aggregator import i18n
from aggregator.markup import legal
from aggregator.model import ANNOUNCEMENTS, Document, Entry, Feed, Gone, Story
from aggregator.render import atom, jsonfeed, opml, paths, rss
from aggregator.render.context import Context
from aggregator.render.facts import with_facts
from aggregator.render.tags import Tagged, by_tag
from aggregator.render.templates import Templates
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
_LATE = datetime.max.replace(tzinfo=UTC)


def feeds(
    config: Config,
    stories: Sequence[Story],
    sources: Mapping[str, Feed],
    owners: Mapping[str, str],
    titles: Mapping[str, str],
    templates: Templates,
    changed: datetime | None = None,
    gone: Sequence[Gone] = (),
) -> Iterator[Document]:
    """`feeds/SECTION` and `feeds/all` in every format, `tags/TAG.atom`, the freshest `feed_entries` in each, and a list
    of them. One that holds nothing any more is dated by `changed`, the site's last change. `titles` names the sources
    ({id: title}); what is `gone` leaves a tombstone in the Atom feeds it stood in."""
    press = _Press(config, sources, owners, titles, templates, changed)
    ordered = newest_first(stories)
    tags = by_tag(ordered)
    for section in config.sections:
        title, page = _titled(config, section.title), paths.section_page(section.id)
        placed = [s for s in ordered if section.id in s.sections]
        went = [one for one in gone if section.id in one.sections]
        for suffix in FORMATS:
            yield press.feed(paths.feed(section.id, suffix), title, page, placed, went)
    for suffix in FORMATS:
        yield press.feed(paths.feed("all", suffix), config.site.title, "index.html", ordered, gone)
    for tag in tags:
        yield press.feed(paths.tag_feed(tag.slug), _titled(config, tag.name), paths.tag_page(tag.slug), tag.stories)
    yield _listed(config, tags)


def _titled(config: Config, part: str) -> str:
    return f"{config.site.title} – {part}"


def _listed(config: Config, tags: Iterable[Tagged]) -> Document:
    def one(title: str, feed: str, page: str) -> opml.Subscribable:
        return opml.Subscribable(title, paths.address(config.site, feed), paths.address(config.site, page))

    whole = one(config.site.title, paths.feed("all"), "index.html")
    sections = [one(_titled(config, s.title), paths.feed(s.id), paths.section_page(s.id)) for s in config.sections]
    by_tags = [one(_titled(config, t.name), paths.tag_feed(t.slug), paths.tag_page(t.slug)) for t in tags]
    words = i18n.translations(config.site.language).gettext
    body = opml.render(config.site.title, [("", [whole, *sections]), (words("Tags"), by_tags)])
    return Document(paths.OPML, body, "text/x-opml")


def owners(entries: Iterable[Entry]) -> dict[str, str]:
    """{guid: id of the one entry that may publish it}: the first seen, as ids must be unique and must not change."""
    ordered = sorted((e for e in entries if e.guid), key=lambda e: (e.first_seen or _LATE, e.id))
    return {str(e.guid): e.id for e in reversed(ordered)}


def last_change(entries: Iterable[Entry]) -> datetime | None:
    """When the newest of all facts about entries came to be."""
    moments = (moment for e in entries for moment in (e.first_seen, e.revised, e.withdrawn) if moment)
    return max(moments, default=None)


def atom_id(entry: Entry, host: str, owners: Mapping[str, str]) -> str:
    """The source's own id where it is an absolute IRI and no other entry's, else a tag of ours (RFC 4151)."""
    guid, ours = entry.guid or "", f"tag:{host},2026:"
    if _IRI.fullmatch(guid) and guid == legal(guid) and not guid.startswith(ours) and owners.get(guid) == entry.id:
        return guid
    return f"{ours}{entry.id}"


@dataclass(frozen=True, slots=True)
class _Press:
    config: Config
    sources: Mapping[str, Feed]
    owners: Mapping[str, str]
    titles: Mapping[str, str]
    templates: Templates
    changed: datetime | None
    told: dict[str, tuple[Entry, tuple[Entry, ...]]] = field(default_factory=dict)  # by lead: in several feeds alike

    def feed(self, path: str, title: str, home: str, stories: Sequence[Story], gone: Iterable[Gone] = ()) -> Document:
        site, form = self.config.site, FORMATS[path.rpartition(".")[2]]
        told = [self._told(story) for story in freshest(stories, self.config.publish.feed_entries)]
        entries = tuple(entry for entry, _ in told)
        mates = {entry.id: others for entry, others in told if others}
        went = {atom_id(one.entry, site.host, self.owners): one.at for one in gone}
        context = Context(self.sources, mates, site.publisher.name if site.publisher else site.title, went)
        feed = Feed(
            id=paths.address(site, path),
            title=title,
            home=paths.address(site, home),
            self_url=paths.address(site, path),
            language=site.language,
            updated=max((*(e.updated for e in entries if e.updated), *went.values()), default=self.changed),
            entries=entries,
        )
        return Document(path, form.render(feed, context), form.type)

    def _told(self, story: Story) -> tuple[Entry, tuple[Entry, ...]]:
        """The lead of a story as feeds tell it, and its others."""
        if story.lead.id not in self.told:
            others = tuple(published(other, self.config, self.owners) for other in story.others)
            lead = published(story.lead, self.config, self.owners)
            language = self.config.site.language
            self.told[lead.id] = with_facts(lead, others, self.titles, self.templates, language), others
        return self.told[story.lead.id]


def published(entry: Entry, config: Config, owners: Mapping[str, str]) -> Entry:
    """The entry as feeds show it: final id and addresses, its Fonte and type, dates that do not lie in the future."""
    shown = moment(entry)
    return replace(
        entry,
        guid=atom_id(entry, config.site.host, owners),
        url=entry.url or paths.address(config.site, paths.entry_page(entry)),
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
