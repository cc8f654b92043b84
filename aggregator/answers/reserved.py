"""The catalogue | the store | the gate of the reserved area: a feed, or a file, as its readers see it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from posixpath import basename

from aggregator.jobs.publishing.stock import Stock
from aggregator.jobs.pulling.standing import with_stand_ins
from aggregator.merge.route import route
from aggregator.merge.select import visible
from aggregator.ports import Catalogue, Disk, Store
from aggregator.render import feeds
from aggregator.render.heads import heads, titles
from aggregator.render.press import Press
from aggregator.render.templates import Templates
from aggregator.settings import Config


@dataclass(frozen=True, slots=True)
class File:
    body: bytes
    type: str


def reserved_feed(
    name: str,
    token: str,
    config: Config,
    store: Store,
    catalogue: Catalogue,
    disk: Disk,
    templates: Templates,
    now: datetime,
) -> bytes:
    """`name`: of a section, or `all`; `token` stands in the feed's own address, and in those of the files."""
    checks = store.checks()
    config = with_stand_ins(config, checks)
    stock = Stock(config, store, catalogue, disk, now, "reserved", token)
    press = Press(config, templates, catalogue.shelves, stock, titles(config, checks), heads(config, checks), now)
    return feeds.reserved(press, name, token).body


def reserved_file(entry_id: str, name: str, config: Config, store: Store, disk: Disk, now: datetime) -> File | None:
    """The file of this name that an entry brings, if its readers may see that now."""
    config = with_stand_ins(config, store.checks())
    for entry in store.entries(ids=[entry_id]):
        attached = [one for one in entry.enclosures if one.path and basename(one.path) == name]
        if attached and visible(route(entry, config), config, now, "reserved"):
            try:
                return File(disk.attachment(attached[0].path), attached[0].type)
            except FileNotFoundError:
                return None
    return None
