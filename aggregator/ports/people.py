"""Subscribers and who wants to be one, as the store keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from aggregator.model import Consented, Delivery, Problems, Subscriber


class People(Protocol):
    """Who agreed to what, and since when."""

    def save_subscriber(self, subscriber: Subscriber) -> None:
        """Insert or replace by id; the evidence of every change of consent is kept beside it."""
        ...

    def subscriber(self, address: str) -> Subscriber | None:
        """By address, letter case aside."""
        ...

    def subscriber_by_id(self, subscriber_id: str) -> Subscriber | None: ...

    def subscribers(self) -> Iterator[Subscriber]: ...

    def subscriber_counts(self) -> Mapping[str, int]:
        """{consent: how many}; who asked and has not answered is not among them."""
        ...

    def admit(self, subscriber: Subscriber, fingerprint: str) -> None:
        """Save who comes in: pending no longer, nor known as one who was erased."""
        ...

    def consents(self, subscriber_id: str) -> tuple[Consented, ...]:
        """The proof of every consent there was, oldest first."""
        ...

    def mailed(self, subscriber_id: str) -> tuple[Delivery, ...]:
        """All the outbox knows of mails to a subscriber, oldest first."""
        ...

    def save_pending(self, asked: Subscriber) -> None:
        """Remember who asked to subscribe, and what they chose, until they confirm it."""
        ...

    def pending(self, subscriber_id: str) -> Subscriber | None: ...

    def all_pending(self) -> Iterator[Subscriber]: ...

    def drop_pending(self, subscriber_id: str) -> bool:
        """Whether there was one."""
        ...

    def expire_pending(self, before: datetime) -> int:
        """Erase those who asked before; how many."""
        ...

    def left_before(self, moment: datetime) -> tuple[Subscriber, ...]: ...

    def erase(self, subscriber: Subscriber, fingerprint: str, now: datetime) -> None:
        """Keep no more of them than the proof of their consents, under the fingerprint of the address."""
        ...

    def erased_since(self, fingerprint: str) -> datetime | None: ...

    def drop_letters(self) -> int:
        """Erase confirmations, goodbyes and exports that are settled; how many."""
        ...


class Returns(Protocol):
    """What came back of the mails to them, and where nothing is sent any more."""

    def note_return(self, subscriber_id: str, about: str, at: datetime, words: str, *, since: datetime) -> int:
        """A mail came back for good: which one, and why. How many did since then, each counted once."""
        ...

    def returns(self) -> Mapping[str, Problems]:
        """What came back, by subscriber."""
        ...

    def suppress(self, address_hash: str, why: str, at: datetime) -> None:
        """Nothing is sent to the address of this hash any more."""
        ...

    def lift(self, address_hash: str) -> None:
        """Something may be again: its owner wants it."""
        ...

    def suppressed(self) -> frozenset[str]:
        """The hashes of all addresses nothing is sent to."""
        ...
