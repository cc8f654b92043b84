"""Stories with attachments in announcements/ -> the same with addresses and sizes, and the files to copy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from posixpath import basename

from aggregator.model import Document, Enclosure, Entry, Failure, Story
from aggregator.ports import Disk
from aggregator.render import paths
from aggregator.settings import Site


@dataclass(frozen=True, slots=True)
class Attached:
    stories: tuple[Story, ...]
    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]


def attach(stories: Iterable[Story], site: Site, disk: Disk, token: str = "") -> Attached:
    """`token`: of whom the files of what is reserved are for; without it they have no address.

    A missing file costs its own line only, and is a failure that names the announcement.
    """
    documents: list[Document] = []
    failures: list[Failure] = []

    def settled(entry: Entry) -> Entry:
        if not entry.enclosures:
            return entry
        kept = []
        for enclosure in entry.enclosures:
            found = _found(entry, enclosure, site, disk, token) if enclosure.path else (enclosure, None)
            if found is None:
                text = f"announcements/{entry.guid}: {enclosure.path} is not there; add the file or take the line out"
                failures.append(Failure(entry.source_id, text))
                continue
            kept.append(found[0])
            documents.extend(filter(None, [found[1]]))
        return replace(entry, enclosures=tuple(kept))

    told = tuple(replace(s, lead=settled(s.lead), others=tuple(map(settled, s.others))) for s in stories)
    return Attached(told, tuple(documents), tuple(failures))


def _found(
    entry: Entry, enclosure: Enclosure, site: Site, disk: Disk, token: str
) -> tuple[Enclosure, Document | None] | None:
    try:
        body = disk.attachment(enclosure.path)
    except FileNotFoundError:
        return None
    there = replace(enclosure, length=len(body))
    if entry.area == "reserved":  # lies nowhere that a public link could lead to
        path = paths.reserved_file(token, entry.id, basename(enclosure.path))
        return replace(there, url=paths.address(site, path) if token else ""), None
    path = paths.attachment(entry, enclosure)
    return replace(there, url=paths.address(site, path)), Document(path, body, enclosure.type)
