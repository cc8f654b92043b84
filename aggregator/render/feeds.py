"""Stories -> one feed per section and one for all, as documents of the output folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.markup import legal
from aggregator.model import ANNOUNCEMENTS, Document, Entry, Feed, Story
from aggregator.render import atom, paths
from aggregator.render.view import moment, newest_first
from aggregator.settings import Config

FORMATS = {"atom": (atom.render, "application/atom+xml")}

# RFC 3987: a scheme, a colon, and neither blanks nor control characters anywhere.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f\x7f-\x9f<>\"{}|\\^`]+")
_LATE = datetime.max.replace(tzinfo=UTC)


def feeds(
    config: Config,
    stories: Sequence[Story],
    sources: Mapping[str, Feed],
    owners: Mapping[str, str],
    changed: datetime | None = None,
) -> Iterator[Document]:
    """`feeds/SECTION.atom` and `feeds/all.atom`, the newest `feed_entries` in each. One that holds nothing any more is
    dated by `changed`, the site's last change."""
    ordered = newest_first(stories)
    for section in config.sections:
        title = f"{config.site.title} – {section.title}"
        placed = [s for s in ordered if section.id in s.sections]
        page = paths.section_page(section.id)
        yield from _formats(config, section.id, title, page, placed, sources, owners, changed)
    yield from _formats(config, "all", config.site.title, "index.html", ordered, sources, owners, changed)


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


def _formats(
    config: Config,
    name: str,
    title: str,
    home: str,
    stories: Sequence[Story],
    sources: Mapping[str, Feed],
    owners: Mapping[str, str],
    changed: datetime | None,
) -> Iterator[Document]:
    newest = stories[: config.publish.feed_entries]
    entries = tuple(published(s.lead, config, owners) for s in newest)
    publisher = config.site.publisher.name if config.site.publisher else config.site.title
    mates = {s.lead.id: tuple(published(o, config, owners) for o in s.others) for s in newest if s.others}
    for suffix, (render, media_type) in FORMATS.items():
        path = f"feeds/{name}.{suffix}"
        feed = Feed(
            id=paths.address(config.site, path),
            title=title,
            home=paths.address(config.site, home),
            self_url=paths.address(config.site, path),
            language=config.site.language,
            updated=max((e.updated for e in entries if e.updated), default=changed),
            entries=entries,
        )
        yield Document(path, render(feed, atom.Context(sources, mates, publisher)), media_type)


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
