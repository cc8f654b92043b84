"""Stories -> the portal's pages by act: one that lists them, one an act."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aggregator.model import Act, Document, Story
from aggregator.render import paths


class Page(Protocol):
    def __call__(self, path: str, template: str, **values: object) -> Document: ...


@dataclass(frozen=True, slots=True)
class Named:
    """An act, the path of its page, and the stories that name it."""

    act: Act
    path: str
    rows: tuple[Any, ...]


def act_pages(stories: Sequence[Story], rows: Mapping[str, object], page: Page) -> Iterator[Document]:
    """`rows` are the lines of the stories, by the id of their lead; nothing where no act is named."""
    named = _named(stories, rows)
    if not named:
        return
    yield page(paths.ACTS, "site/acts.html", acts=named)
    for one in named:
        yield page(one.path, "site/act.html", named=one)


def _named(stories: Sequence[Story], rows: Mapping[str, object]) -> tuple[Named, ...]:
    """The acts that stories name: kind by kind, the latest first."""
    told: dict[str, list[object]] = defaultdict(list)
    acts: dict[str, Act] = {}
    for story in stories:
        for act in {act.label: act for entry in story.entries for act in entry.acts}.values():
            told[paths.act_page(act)].append(rows[story.lead.id])
            acts.setdefault(paths.act_page(act), act)
    return tuple(
        Named(acts[path], path, tuple(told[path])) for path in sorted(told, key=lambda path: _order(acts[path]))
    )


def _order(act: Act) -> tuple[str, int, int, str]:
    kind = re.split(r"\s\d|\d", act.label)[0]
    numbers = [int(number) for number in re.findall(r"\d+", act.label)]
    year = max((number for number in numbers if 1800 < number < 2200), default=0)
    return kind.casefold(), -year, -max(numbers, default=0), act.label
