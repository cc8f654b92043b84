"""What the administrator says of a subscriber | consent | store: entered, imported, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.errors import AddressError, ConfigError
from aggregator.model import Subscriber
from aggregator.parse import subscribers
from aggregator.ports import Store
from aggregator.settings import Config


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    known: int
    faults: tuple[str, ...]


def find(store: Store, address: str) -> Subscriber:
    found = store.subscriber(address)
    if found is None:
        raise AddressError(f"{address} is no subscriber; `aggregator subscribers list` shows them all")
    return found


def add(config: Config, store: Store, told: Mapping[str, str], basis: str, now: datetime) -> Subscriber:
    """Without a web side the administrator vouches for the consent: nobody could follow a link to confirm it."""
    evidence = basis or f"entered by the administrator, {now:%Y-%m-%d}"
    wanted = subscribers.subscriber(told, config, evidence, now)
    found = store.subscriber(wanted.address)
    if found is None or found.consent != "confirmed":
        return _enter(store, wanted, now)[0]
    # In already: what was agreed to stands, what is wanted of it is as told now.
    changed = replace(wanted, id=found.id, consent=found.consent, since=found.since, evidence=found.evidence)
    store.save_subscriber(changed)
    return changed


def import_file(config: Config, store: Store, body: bytes, name: str, basis: str, now: datetime) -> Imported:
    """Every row that can be read is entered, every other one is a fault; a list needs a ground for its consent.

    Who has left stays out: a list may be older than their leave, and revives nobody.
    """
    if not basis:
        raise ConfigError(
            "no confirmation can be sent without a web side; say where, when and on what ground they agreed: "
            '--basis "modulo d\'iscrizione al convegno, 12/05/2026"'
        )
    added, known, faults = 0, 0, []
    for row in subscribers.rows(body, name, config, basis, now):
        if row.subscriber is None:
            faults.append(row.fault)
        elif gone := _gone(store, row.subscriber):
            faults.append(f"{name}:{row.line} {gone}")
        else:
            fresh = _enter(store, row.subscriber, now)[1]
            added, known = added + fresh, known + (not fresh)
    return Imported(added, known, tuple(faults))


def _gone(store: Store, told: Subscriber) -> str:
    found = store.subscriber(told.address)
    if found is None or found.consent not in ("withdrawn", "bounced"):
        return ""
    since = f" since {found.since:%Y-%m-%d}" if found.since else ""
    return f"{told.address} is {found.consent}{since}; if they ask to come back: subscribers add {told.address}"


def remove(store: Store, address: str, now: datetime) -> Subscriber:
    gone = withdrawn(find(store, address), now, "removed by the administrator, as asked")
    store.save_subscriber(gone)
    store.touch(now)
    return gone


def withdrawn(subscriber: Subscriber, now: datetime, evidence: str) -> Subscriber:
    return replace(subscriber, consent="withdrawn", since=now, evidence=evidence)


def _enter(store: Store, told: Subscriber, now: datetime) -> tuple[Subscriber, bool]:
    """Who is in already is left as they are; who had left comes back by a new consent."""
    found = store.subscriber(told.address)
    if found and found.consent == "confirmed":
        return found, False
    entered = replace(told, id=found.id) if found else told
    store.save_subscriber(entered)
    store.touch(now)
    return entered, True
