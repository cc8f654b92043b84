"""An entry -> the same with what readers of feeds would not see otherwise said in its text: days, files, who else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from aggregator.model import Enclosure, Entry
from aggregator.render.templates import Templates
from aggregator.render.view import file_kind, followable, headline


class File(NamedTuple):
    """A file allegato; `length` in bytes."""

    href: str
    title: str
    kind: str
    length: int | None


class Elsewhere(NamedTuple):
    """Another entry of the same story, where its own source tells it."""

    source: str
    title: str
    href: str


def with_facts(
    entry: Entry, mates: Iterable[Entry], titles: Mapping[str, str], templates: Templates, language: str
) -> Entry:
    """They stand around the content, of an entry that has only a summary around that. Every address is final."""
    before = templates.render("feeds/before.html", language, entry=entry, followable=followable).strip()
    after = templates.render(
        "feeds/after.html",
        language,
        links=[link for link in entry.links if followable(link.url)],
        files=[_file(one) for one in entry.enclosures if followable(one.url)],
        others=[_elsewhere(mate, titles) for mate in mates],
    ).strip()
    if entry.content:
        return replace(entry, content=_joined(before, entry.content, after))
    return replace(entry, summary=_joined(before, entry.summary, after))


def _joined(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def _elsewhere(mate: Entry, titles: Mapping[str, str]) -> Elsewhere:
    return Elsewhere(mate.origin or titles.get(mate.source_id) or mate.source_id, headline(mate), mate.url or "")


def _file(one: Enclosure) -> File:
    title = one.title or one.url.rstrip("/").rpartition("/")[2]
    return File(one.url, title, file_kind(one), one.length)
