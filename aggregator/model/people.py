"""Who reads: a subscriber, the proof of their consent, what came back of their mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.model.entries import Area

Consent = Literal["pending", "confirmed", "withdrawn", "bounced"]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address and what it agreed to. Empty `newsletters` or `sections` means all of them."""

    id: str
    address: str
    consent: Consent = "pending"
    language: str = ""
    name: str = ""
    newsletters: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    area: Area = "public"
    municipality: str = ""
    since: datetime | None = None  # when the consent took its present state
    evidence: str = ""  # who, when, where, on what ground
    feeds_key: str = ""  # stands in the addresses of the reserved feeds; none: they were taken away


@dataclass(frozen=True, slots=True)
class Consented:
    """One line of the proof: what a subscriber's consent became, when, and by what evidence."""

    at: datetime | None
    consent: Consent
    evidence: str


@dataclass(frozen=True, slots=True)
class Problems:
    """What came back of the mails to one subscriber."""

    times: int
    at: datetime  # the last time
    words: str  # the server's, then
