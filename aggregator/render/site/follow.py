"""The portal's page "Seguici": every feed in every format, one line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aggregator.model import Document, Link
from aggregator.render import paths
from aggregator.render.feeds import FORMATS
from aggregator.render.press import Press
from aggregator.render.site.newsletters import archived, called
from aggregator.render.site.pages import feed_of, page


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


@dataclass(frozen=True, slots=True)
class Subscription:
    """A calendar; programs for calendars take its `webcal:` address."""

    label: str
    url: str
    path: str


def follow(press: Press) -> Iterator[Document]:
    feeds = [Link(paths.feed("all"), press.words("All the news")), *map(feed_of, press.config.sections)]
    calendars = [(press.words("Agenda"), paths.EVENTS), (press.words("Deadlines"), paths.DEADLINES)]
    told = [Subscription(label, _webcal(paths.address(press.config.site, path)), path) for label, path in calendars]
    letters = [
        (called(one, press), paths.newsletter_page(one.id), paths.newsletter_feed(one.id))
        for one in archived(press).values()
    ]
    values = {"offers": tuple(_offers(feeds)), "calendars": told, "newsletters": letters, "joining": _joining(press)}
    yield page(press, paths.FOLLOW, "site/follow.html", **values)


def _joining(press: Press) -> str:
    """The address of the form to subscribe, where there is one; no file answers there."""
    public = any(one.area == "public" for one in press.config.newsletters)
    there = public and press.config.web != "none"
    return paths.address(press.config.site, paths.SUBSCRIBE) if there else ""


def _webcal(address: str) -> str:
    return f"webcal:{address.partition(':')[2]}"


def _offers(feeds: Iterable[Link]) -> Iterator[Offer]:
    for link in feeds:
        stem = link.url.removesuffix("atom")
        yield Offer(link.label, tuple(Form(form.name, form.type, stem + kind) for kind, form in FORMATS.items()))
