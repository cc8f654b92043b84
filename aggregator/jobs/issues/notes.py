"""The editor's note as written | the entries it names -> the note to one issue, or what is wrong with it, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from aggregator.content import Note
from aggregator.errors import StoreError
from aggregator.folding import fold
from aggregator.merge.cluster import Group
from aggregator.model import Entry
from aggregator.parse import note as notes
from aggregator.ports import Desk
from aggregator.render import paths
from aggregator.settings import Config, Newsletter, Site

Faults = tuple[str, ...]


def note_to(
    newsletter: Newsletter, number: int, desk: Desk, groups: Sequence[Group], config: Config
) -> tuple[Note, Faults]:
    """The note to an issue and what is wrong with it, `newsletters/ID/next.md:3 skip: …`. What is wrong counts as not
    written; nothing is sent until it is mended."""
    try:
        path, body = desk.note(newsletter.id, number)
    except StoreError as error:  # it keeps back its own issue, not those of others
        return Note(), (str(error),)
    if not path:
        return Note(), ()
    written = notes.parse(body, config.site.zone, config.site.url)
    faults = [f"{path}:{fault.line} {fault.key}: {fault.text}" for fault in written.faults]
    named = _by_name(groups, config.site) if written.lead or written.skip or written.later else {}

    def found(key: str, names: Iterable[tuple[int, str]]) -> Iterator[str]:
        for line, name in names:
            if id_ := named.get(fold(name)):
                yield id_
            else:
                faults.append(f"{path}:{line} {key}: no entry is called {name[:80]!r}; {_hint(name, named)}")

    note = Note(
        html=written.html,
        signed=written.signed,
        lead=next(found("lead", written.lead), ""),
        skip=frozenset(found("skip", written.skip)),
        later=frozenset(found("later", written.later)),
        hold=written.hold,
    )
    return note, tuple(faults)


def _by_name(groups: Iterable[Group], site: Site) -> Mapping[str, str]:
    """{name, folded: id}: by title, id, address of its source or of its page here, as an editor copies them. Of several
    with one title the newest is meant."""
    entries = [one.entry for group in groups for one in group]
    entries.sort(key=lambda entry: (entry.first_seen is not None, entry.first_seen))
    return {fold(name): entry.id for entry in entries for name in _names(entry, site) if name}


def _names(entry: Entry, site: Site) -> Iterator[str | None]:
    yield from (entry.title, entry.url, entry.guid, entry.slug, entry.id)
    if entry.slug:
        yield paths.address(site, paths.entry_page(entry))


def _hint(name: str, named: Mapping[str, str]) -> str:
    near = get_close_matches(fold(name), named, 1)
    return f"did you mean {near[0]!r}?" if near else "write its title, or the address of its page"
