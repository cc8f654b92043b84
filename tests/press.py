"""Stories on shelves without a store, and every document that is made of them.

documents(CONFIG, [story(1), story(2)], TEMPLATES, titles={"anci": "ANCI"})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from aggregator.catalogue import Catalogue
from aggregator.model import Document, Feed, Gone, Story
from aggregator.render import parts
from aggregator.render.press import Press, Stories
from aggregator.render.rows import Row, row
from aggregator.render.shelving import places
from aggregator.render.templates import Templates
from aggregator.settings import Config
from tests.build import NOW


class Shelved(Stories):
    """Each story under its lead. `owners`: {guid: id of the entry that may publish it}; else the first one may."""

    def __init__(
        self,
        config: Config,
        stories: Iterable[Story],
        titles: Mapping[str, str],
        gone: Iterable[Gone],
        owners: Mapping[str, str] | None,
    ) -> None:
        self.config, self.titles = config, titles
        self.known = {story.lead.id: story for story in stories}
        self.went = {one.entry.id: one for one in gone}
        self.owners = owners
        self.shelves = Catalogue(":memory:").shelves
        for id_ in (*self.known, *self.went):
            self.shelves.place(id_, places(self.known.get(id_), filter(None, [self.went.get(id_)]), config, titles))

    def rows(self, leads: Sequence[str]) -> Sequence[Row]:
        return [row(self.known[lead], self.config, self.titles) for lead in leads]

    def stories(self, leads: Sequence[str]) -> Sequence[Story]:
        return [self.known[lead] for lead in leads]

    def gone(self, shelf: str) -> Sequence[Gone]:
        return [self.went[id_] for id_ in self.shelves.latest(shelf)]

    def story(self, entry_id: str) -> Story | None:
        return next((s for s in self.known.values() if any(e.id == entry_id for e in s.entries)), None)

    def told_by(self, _newsletter: str, _number: int) -> Mapping[str, str]:
        return {}

    def owner(self, guid: str) -> str:
        if self.owners is not None:
            return self.owners.get(guid, "")
        entries = [e for story in self.known.values() for e in story.entries if e.guid == guid]
        ordered = sorted(entries, key=lambda e: (e.first_seen or NOW, e.id))
        return ordered[0].id if ordered else ""


def press(
    config: Config,
    stories: Iterable[Story],
    templates: Templates,
    *,
    now: datetime = NOW,
    titles: Mapping[str, str] | None = None,
    heads: Mapping[str, Feed] | None = None,
    gone: Iterable[Gone] = (),
    owners: Mapping[str, str] | None = None,
) -> Press:
    stock = Shelved(config, stories, titles or {}, gone, owners)
    return Press(config, templates, stock.shelves, stock, titles or {}, heads or {}, now)


def documents(config: Config, stories: Iterable[Story], templates: Templates, **known: object) -> list[Document]:
    """Those of all parts there are, without the packed ones."""
    told = list(stories)
    site = press(config, told, templates, **known)  # type: ignore[arg-type]
    assert isinstance(site.stock, Shelved)
    moves = site.stock.shelves.moves()
    names = dict.fromkeys((*parts.whole(config), *parts.by_the_hour(), *parts.by_the_day(site)))
    names |= dict.fromkeys(parts.entry_part(entry.id) for story in told for entry in story.entries)
    names |= dict.fromkeys(part for move in moves if move.month for part in parts.touched(site, move.shelf, move.month))
    found = [document for part in sorted(names) for document in parts.documents(part, site)]
    return [document for document in found if not document.path.endswith(".gz")]
