"""Sources and what is known of them -> how they are named beside their entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from aggregator import urls
from aggregator.model import ANNOUNCEMENTS, Check, Entry, Feed
from aggregator.render.view import moment
from aggregator.settings import Config


def titles(config: Config, checks: Mapping[str, Check]) -> dict[str, str]:
    """{source id: the name readers see as Fonte}: ours, else the feed's own, else its host; sources taken out too."""
    publisher = config.site.publisher.name if config.site.publisher else config.site.title
    named = {s.id: s.title for s in config.sources}
    found = {id_: named.get(id_) or check.title or urls.host(check.url) or id_ for id_, check in checks.items()}
    return {**named, **found, ANNOUNCEMENTS: publisher}


def heads(config: Config, checks: Mapping[str, Check]) -> dict[str, Feed]:
    """{source id: its feed without entries}, for atom:source. Announcements have no other source than the site."""
    names = titles(config, checks)
    return {
        id_: Feed(check.url, names[id_], check.home, check.url, check.language)
        for id_, check in checks.items()
        if id_ != ANNOUNCEMENTS
    }


def dated(heads: Mapping[str, Feed], entries: Iterable[Entry]) -> dict[str, Feed]:
    """Those of these entries, each as new as the newest of them: a pull that brought nothing changes no byte, and what
    comes elsewhere changes no archive."""
    newest: dict[str, datetime] = {}
    for entry in entries:
        newest[entry.source_id] = max(newest.get(entry.source_id, moment(entry)), moment(entry))
    return {id_: replace(heads[id_], updated=at) for id_, at in newest.items() if id_ in heads}
