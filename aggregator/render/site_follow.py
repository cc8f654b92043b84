"""The portal's page "Seguici": every feed in every format, one line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aggregator.model import Document, Link
from aggregator.render import paths
from aggregator.render.feeds import FORMATS
from aggregator.render.site_acts import Page


@dataclass(frozen=True, slots=True)
class Form:
    """A format that a feed is offered in."""

    name: str
    type: str
    path: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed that readers may follow."""

    title: str
    formats: tuple[Form, ...]


def follow_page(feeds: Iterable[Link], page: Page) -> Document:
    """`feeds`: the paths of the Atom ones and what they are called."""
    return page(paths.FOLLOW, "site/follow.html", offers=tuple(_offers(feeds)))


def _offers(feeds: Iterable[Link]) -> Iterator[Offer]:
    for link in feeds:
        stem = link.url.removesuffix("atom")
        yield Offer(link.label, tuple(Form(form.name, form.type, stem + kind) for kind, form in FORMATS.items()))
