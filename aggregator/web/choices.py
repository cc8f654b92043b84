"""What a form offers, and what was chosen on it | a wish, or what is wrong with it in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aggregator.i18n import LANGUAGES
from aggregator.model import Area, Subscriber
from aggregator.settings import Config, Newsletter, Section
from aggregator.web.forms import Asked

# ISTAT counts six digits, the first ones zero; IPA writes c_ and the cadastral code.
_MUNICIPALITY = re.compile(r"[0-9]{6}|c_[a-z][0-9]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Offer:
    newsletters: tuple[Newsletter, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """As a form shows it."""

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
        one.municipality,
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
        asked.form.get("municipality", "").strip().lower(),
    )


def faults(made: Chosen, say: Callable[[str], str]) -> list[str]:
    told = []
    if not made.newsletters:
        told.append(say("Choose at least one newsletter."))
    if not made.sections:
        told.append(say("Choose at least one section."))
    if made.municipality and not _MUNICIPALITY.fullmatch(made.municipality):
        told.append(say("The code of a municipality is like 058091 (ISTAT) or c_h501 (IPA); you may leave it out."))
    return told


def titles(one: Subscriber, offer: Offer, site_title: str) -> list[str]:
    """What a subscriber gets, newsletters first, as feeds.yaml calls it."""
    newsletters = [n.title or site_title for n in offer.newsletters if not one.newsletters or n.id in one.newsletters]
    return newsletters + [s.title for s in offer.sections if not one.sections or s.id in one.sections]


def wish(made: Chosen, offer: Offer, *, id: str = "", since: datetime | None = None, evidence: str = "") -> Subscriber:
    """All sections are written as none, so that a new one is among them; a newsletter is what was agreed to by name."""
    every = made.sections == tuple(s.id for s in offer.sections)
    return Subscriber(
        id,
        made.address,
        language=made.language,
        newsletters=made.newsletters,
        sections=() if every else made.sections,
        municipality=made.municipality,
        since=since,
        evidence=evidence,
    )
