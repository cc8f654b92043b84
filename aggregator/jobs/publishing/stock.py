"""Stories as they may be shown now, read from store and catalogue as they are asked for: `render.press.Stories`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import TypeVar

from aggregator.jobs.publishing.attachments import Attached, attach
from aggregator.merge import stories
from aggregator.merge.gone import gone
from aggregator.merge.route import Placed, route
from aggregator.merge.traits import Traits, traits
from aggregator.model import Act, Area, Document, Entry, Failure, Gone, Story
from aggregator.ports import Catalogue, Disk, Store
from aggregator.render.rows import Row, packed, row, unpacked
from aggregator.settings import Config

T = TypeVar("T")

_KEPT = 4000  # entries in memory at most, such as the months of a busy site that are rendered together
# Whose traits are at hand, 20 kB each: all that one that comes may tell the same as, or they would be taken anew for
# every one that comes. They are few, but where a first pull brings everything at one moment.
_COMPARED, _COMPARED_AT_MOST = 1500, 6000
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Stock:
    config: Config
    store: Store
    catalogue: Catalogue
    disk: Disk
    now: datetime
    area: Area = "public"  # whose readers are told
    token: str = ""  # of the reader whose feed it is, where it is one's own
    _entries: dict[str, Placed] = field(default_factory=dict)
    _traits: _Compared = field(default_factory=lambda: _Compared())
    _told: dict[str, tuple[Story, ...]] = field(default_factory=dict)  # by lead

    # --- entries and groups ---

    def placed(self, ids: Collection[str]) -> Mapping[str, Placed]:
        """{id: the entry with what the rules say of it}"""
        missing = [id_ for id_ in ids if id_ not in self._entries]
        found = {id_: self._entries[id_] for id_ in ids if id_ in self._entries}
        fresh = self._routed(missing) if missing else {}
        _keep(self._entries, fresh)
        return found | fresh

    def _routed(self, ids: Collection[str]) -> dict[str, Placed]:
        kept = self.catalogue.acts(ids)
        entries = self.store.entries(ids=ids)
        return {e.id: route(e, self.config, _acts(e, kept.get(e.id, ""))) for e in entries}

    def traits(self, ids: Sequence[str]) -> Mapping[str, Traits]:
        """{id: what the entry is recognised by when others tell the same}"""
        found = {id_: self._traits[id_] for id_ in ids if id_ in self._traits}
        fresh = {id_: traits(one.entry) for id_, one in self.placed([id_ for id_ in ids if id_ not in found]).items()}
        self._traits.keep(fresh, len(ids))
        return found | fresh

    def group(self, lead_id: str) -> tuple[Placed, ...]:
        """All who tell the story that an entry leads, in their order."""
        ids = self.catalogue.groups.members([lead_id]).get(lead_id, ())
        known = self.placed(ids)
        return tuple(known[id_] for id_ in ids)

    def told(self, lead_id: str) -> tuple[Story, ...]:
        """What of a group may be shown: its story, or nothing."""
        if lead_id not in self._told:
            self.prefetch([lead_id])
        return self._told[lead_id]

    def prefetch(self, leads: Iterable[str]) -> None:
        """Read the groups of these leads at once."""
        missing = [lead for lead in dict.fromkeys(leads) if lead not in self._told]
        groups = self.catalogue.groups.members(missing) if missing else {}
        known = self.placed([id_ for ids in groups.values() for id_ in ids])
        for lead in missing:
            group = [known[id_] for id_ in groups.get(lead, ())]
            _keep(self._told, {lead: self._attached(group).stories})

    # --- what is told ---

    def rows(self, leads: Sequence[str]) -> Sequence[Row]:
        lines = self.catalogue.lines(leads)
        return [unpacked(lines[lead]) for lead in leads]

    def line(self, story: Story, titles: Mapping[str, str]) -> str:
        """Its row, as the catalogue keeps it."""
        return packed(row(story, self.config, titles))

    def stories(self, leads: Sequence[str]) -> Sequence[Story]:
        found: list[Story] = []
        for start in range(0, len(leads), _AT_ONCE):
            some = leads[start : start + _AT_ONCE]
            self.prefetch(some)
            found += [story for lead in some for story in self.told(lead)]
        return found

    def gone(self, shelf: str) -> Sequence[Gone]:
        leads = dict.fromkeys(self.catalogue.shelves.latest(shelf))
        found = [one for lead in leads for one in gone(self.group(lead), self.config, self.now, self.area)]
        section = shelf.partition(":")[2]
        wanted = (one for one in found if not section or section in one.sections)
        return sorted(wanted, key=lambda one: (one.at, one.entry.id), reverse=True)

    def story(self, entry_id: str) -> Story | None:
        for lead in self.catalogue.groups.leads([entry_id]):
            return next(iter(self.told(lead)), None)
        return None

    def owner(self, guid: str) -> str:
        return next(iter(self.catalogue.with_guid(guid)), "")

    def told_by(self, newsletter: str, number: int) -> Mapping[str, str]:
        return self.store.told_by(newsletter, number)

    def files(self, entry_id: str) -> tuple[Document, ...]:
        """The attached files of an entry that is shown, to lie beside its page."""
        for lead in self.catalogue.groups.leads([entry_id]):
            group = [one for one in self.group(lead) if one.entry.id == entry_id and one.entry.enclosures]
            return self._attached(group).documents if group else ()
        return ()

    def faults(self, group: Sequence[Placed]) -> tuple[Failure, ...]:
        """The attached files that are not there."""
        return self._attached(group).failures

    def _attached(self, group: Sequence[Placed]) -> Attached:
        told = stories([tuple(group)], self.config, self.now, self.area)
        return attach(told, self.config.site, self.disk, self.token)


def kept_acts(entry: Entry) -> str:
    """The acts it names, as the catalogue keeps them: what takes longest to find of an entry, and is little to keep."""
    return json.dumps([_text_sign(entry), *((act.label, act.url) for act in entry.acts)])


def _acts(entry: Entry, kept: str) -> tuple[Act, ...] | None:
    """Those that are kept, as long as the text in which they were found is this one."""
    sign, *acts = json.loads(kept) if kept else ("",)
    return tuple(Act(label, url) for label, url in acts) if sign == _text_sign(entry) else None


def _text_sign(entry: Entry) -> str:
    told = repr((entry.title, entry.summary, entry.content, entry.url))
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class _Compared(dict[str, Traits]):
    """As many as twice the most that was asked for at once."""

    _most = _COMPARED

    def keep(self, fresh: Mapping[str, Traits], asked: int) -> None:
        self._most = min(max(self._most, 2 * asked), _COMPARED_AT_MOST)
        _keep(self, fresh, self._most)


def _keep(known: dict[str, T], fresh: Mapping[str, T], most: int = _KEPT) -> None:
    """Remember the fresh ones, and let go of those remembered longest."""
    known.update(fresh)
    for key in list(islice(known, max(0, len(known) - most))):
        del known[key]
