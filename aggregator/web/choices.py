"""What a form offers, and what was chosen on it | a wish, or what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aggregator import municipalities
from aggregator.i18n import LANGUAGES
from aggregator.model import Area, Subscriber
from aggregator.settings import Config, Newsletter, Section
from aggregator.web.forms import Asked


@dataclass(frozen=True, slots=True)
class Offer:
    newsletters: tuple[Newsletter, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """As a form shows it; `municipality` as it was typed, or its name."""

    address: str = ""
    newsletters: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    language: str = ""
    municipality: str = ""


def offered(config: Config, area: Area = "public") -> Offer:
    """What may be chosen; a reserved newsletter by who is admitted to it only."""
    newsletters = tuple(n for n in config.newsletters if n.area == "public" or area == "reserved")
    named = {section for n in newsletters for section in n.sections or [s.id for s in config.sections]}
    return Offer(newsletters, tuple(s for s in config.sections if s.id in named))


def everything(offer: Offer, language: str) -> Chosen:
    return Chosen("", tuple(n.id for n in offer.newsletters), tuple(s.id for s in offer.sections), language)


def of_subscriber(one: Subscriber, offer: Offer, language: str) -> Chosen:
    full = everything(offer, one.language or language)
    return Chosen(
        one.address,
        one.newsletters or full.newsletters,
        one.sections or full.sections,
        full.language,
        municipalities.called(one.municipality),
    )


def chosen(asked: Asked, offer: Offer, language: str) -> Chosen:
    """As it was sent; of what cannot be chosen nothing is taken. Where there is one thing only, nobody is asked."""
    full = everything(offer, language)
    newsletters = tuple(one for one in full.newsletters if one in asked.many.get("newsletter", ()))
    sections = tuple(one for one in full.sections if one in asked.many.get("section", ()))
    wanted = asked.form.get("language", "")
    return Chosen(
        asked.form.get("address", "").strip(),
        newsletters if len(full.newsletters) > 1 else full.newsletters,
        sections if len(full.sections) > 1 else full.sections,
        wanted if wanted in LANGUAGES else language,
        asked.form.get("municipality", "").strip(),
    )


def faults(made: Chosen, say: Callable[[str], str], *, kept: str = "") -> list[str]:
    """`kept` is the municipality there was: one that only an imported list knows may stay."""
    told = []
    if not made.newsletters:
        told.append(say("Choose at least one newsletter."))
    if not made.sections:
        told.append(say("Choose at least one section."))
    if made.municipality and not _code(made.municipality, kept):
        told.append(_which(made.municipality, say))
    return told


def _code(written: str, kept: str) -> str:
    """Of the one municipality that is meant, empty where it is not one."""
    found = municipalities.find(written)
    return found[0].code if len(found) == 1 else kept if written == kept else ""


def _which(written: str, say: Callable[[str], str]) -> str:
    alike = municipalities.find(written) or municipalities.near(written)
    if not alike:
        return say("No municipality is called so; write its name, its ISTAT or IPA code, or leave it out.")
    named = {"municipalities": ", ".join(map(str, alike))}
    return say("Which municipality is meant? Write one of these, or leave it out: %(municipalities)s.") % named


def titles(one: Subscriber, offer: Offer, site_title: str) -> list[str]:
    """What a subscriber gets, newsletters first, as feeds.yaml calls it."""
    newsletters = [n.title or site_title for n in offer.newsletters if not one.newsletters or n.id in one.newsletters]
    return newsletters + [s.title for s in offer.sections if not one.sections or s.id in one.sections]


def wish(
    made: Chosen, offer: Offer, *, id: str = "", since: datetime | None = None, evidence: str = "", kept: str = ""
) -> Subscriber:
    """All sections are written as none, so that a new one is among them; a newsletter is what was agreed to by name."""
    every = made.sections == tuple(s.id for s in offer.sections)
    return Subscriber(
        id,
        made.address,
        language=made.language,
        newsletters=made.newsletters,
        sections=() if every else made.sections,
        municipality=_code(made.municipality, kept),
        since=since,
        evidence=evidence,
    )
