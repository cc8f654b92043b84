"""A token to leave by | consent | store: out at once, with a goodbye mail that carries the way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.jobs.people.office import Office
from aggregator.model import Subscriber
from aggregator.tokens import DAYS_TO_ANSWER


def leave(office: Office, subscriber_id: str, how: str) -> bool:
    """Whether anything changed: who has left already, or was erased, has left. `how` is the evidence."""
    store, now = office.store, office.clock()
    # Looked at first: providers repeat their one click, and what writes waits for the platter.
    asked = store.pending(subscriber_id) is not None and store.drop_pending(subscriber_id)
    found = store.subscriber_by_id(subscriber_id)
    if found is None or found.consent == "withdrawn":
        return asked
    store.save_subscriber(withdrawn(found, now, how))
    store.touch(now)
    if found.consent == "confirmed":
        _say_goodbye(office, found)
    return True


def come_back(office: Office, found: Subscriber) -> Subscriber:
    """Undo a leave: what was chosen stands again."""
    now = office.clock()
    evidence = f"came back by the goodbye mail, {now:%Y-%m-%dT%H:%M:%SZ}"
    back = replace(found, consent="confirmed", since=now, evidence=evidence)
    office.store.save_subscriber(back)
    office.is_reached(found)
    office.store.touch(now)
    return back


def withdrawn(subscriber: Subscriber, now: datetime, evidence: str) -> Subscriber:
    return replace(subscriber, consent="withdrawn", since=now, evidence=evidence)


def _say_goodbye(office: Office, found: Subscriber) -> None:
    """Where there is a way back. Named by the consent that ends, so that of two leaves at once one is answered."""
    now = office.clock()
    link = office.post.way_back(office.keyring.confirm(found.id, now))
    if not link:
        return
    name = f"goodbye-{found.since:%Y%m%dT%H%M%S%f}" if found.since else "goodbye"
    office.owe("goodbye", name, office.letters(found).goodbye(link, now + DAYS_TO_ANSWER), found, now)
