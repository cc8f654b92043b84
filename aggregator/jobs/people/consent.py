"""What the administrator says of a subscriber | consent | store: entered, imported, removed, erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aggregator.errors import AddressError, ConfigError
from aggregator.jobs.people.leave import withdrawn
from aggregator.jobs.people.office import Office
from aggregator.jobs.people.preferences import erase as forget
from aggregator.jobs.people.reserved import keyed
from aggregator.jobs.people.signup import ask
from aggregator.model import Subscriber
from aggregator.parse import subscribers
from aggregator.ports import Store


@dataclass(frozen=True, slots=True)
class Imported:
    """`asked`: who was mailed a confirmation instead of being entered."""

    added: int
    known: int
    faults: tuple[str, ...]
    asked: int = 0


def find(store: Store, address: str) -> Subscriber:
    found = store.subscriber(address) or _pending(store, address)
    if found is None:
        raise AddressError(f"{address} is no subscriber; `aggregator subscribers list` shows them all")
    return found


def add(office: Office, told: Mapping[str, str], basis: str) -> Subscriber:
    """Here the administrator vouches for the consent: one address is a deliberate act."""
    now = office.clock()
    evidence = basis or f"entered by the administrator, {now:%Y-%m-%d}"
    wanted = subscribers.subscriber(told, office.config, evidence, now)
    found = office.store.subscriber(wanted.address)
    if found is None or found.consent != "confirmed":
        return _enter(office, wanted)[0]
    # In already: what was agreed to stands, what is wanted of it is as told now.
    changed = replace(wanted, id=found.id, consent=found.consent, since=found.since, evidence=found.evidence)
    changed = keyed(changed, found)
    office.store.save_subscriber(changed)
    return changed


def import_file(office: Office, body: bytes, name: str, basis: str) -> Imported:
    """Every row that can be read is entered, every other one is a fault. A list needs a ground for its consent; without
    one each is mailed a confirmation, where there is a web side to answer it.

    Who has left stays out: a list may be older than their leave, and revives nobody.
    """
    if not basis and not office.post.web:
        raise ConfigError(
            "no confirmation can be sent without a web side; say where, when and on what ground they agreed: "
            '--basis "modulo d\'iscrizione al convegno, 12/05/2026"'
        )
    now = office.clock()
    evidence = basis or f"asked because of the list {name}, imported by the administrator, {now:%Y-%m-%dT%H:%M:%SZ}"
    added, known, asked, faults = 0, 0, set(), []
    for row in subscribers.rows(body, name, office.config, evidence, now):
        if row.subscriber is None:
            faults.append(row.fault)
        elif gone := _gone(office, row.subscriber):
            faults.append(f"{name}:{row.line} {gone}")
        elif basis:
            fresh = _enter(office, row.subscriber)[1]
            added, known = added + fresh, known + (not fresh)
        elif row.subscriber.id in asked or _is_known(office.store, row.subscriber):
            known += 1
        else:
            ask(office, replace(row.subscriber, consent="pending"))
            asked.add(row.subscriber.id)
    return Imported(added, known, tuple(faults), len(asked))


def _is_known(store: Store, told: Subscriber) -> bool:
    found = store.subscriber(told.address)
    return bool(found and found.consent == "confirmed") or store.pending(told.id) is not None


def _gone(office: Office, told: Subscriber) -> str:
    found, back = office.store.subscriber(told.address), f"if they ask to come back: subscribers add {told.address}"
    if found and found.consent in ("withdrawn", "bounced"):
        since = f" since {found.since:%Y-%m-%d}" if found.since else ""
        return f"{told.address} is {found.consent}{since}; {back}"
    erased = office.store.erased_since(office.keyring.fingerprint(told.address))
    return f"{told.address} left, and was erased on {erased:%Y-%m-%d}; {back}" if erased else ""


def remove(office: Office, address: str) -> Subscriber:
    now, found = office.clock(), find(office.store, address)
    gone = withdrawn(found, now, "removed by the administrator, as asked")
    if found.consent == "pending":
        office.store.drop_pending(found.id)
        return gone
    office.store.save_subscriber(gone)
    office.store.touch(now)
    return gone


def erase(office: Office, address: str) -> Subscriber:
    """At once, and without a mail: who asked by letter or by telephone is answered in the same way."""
    found = find(office.store, address)
    forget(office, found, tell=False)
    return found


def _pending(store: Store, address: str) -> Subscriber | None:
    return store.pending(subscribers.subscriber_id(address))


def _enter(office: Office, told: Subscriber) -> tuple[Subscriber, bool]:
    """Who is in already is left as they are; who had left comes back by a new consent."""
    found = office.store.subscriber(told.address)
    if found and found.consent == "confirmed":
        return found, False
    entered = keyed(replace(told, id=found.id) if found else told, found)
    office.store.admit(entered, office.keyring.fingerprint(entered.address))
    office.store.touch(office.clock())
    return entered, True
