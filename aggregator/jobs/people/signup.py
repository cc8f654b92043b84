"""A wish to subscribe | pending | confirmation mail | token | subscriber: nobody is in who has not answered by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from aggregator.errors import TokenError
from aggregator.jobs.people.leave import come_back
from aggregator.jobs.people.office import Office
from aggregator.jobs.people.reserved import keyed
from aggregator.model import Subscriber
from aggregator.tokens import DAYS_TO_ANSWER

Found = Literal["waits", "left", "in", "nobody"]


@dataclass(frozen=True, slots=True)
class Confirmable:
    """Whom a token to confirm by names, and how they stand."""

    state: Found
    subscriber: Subscriber | None = None


def ask(office: Office, wish: Subscriber) -> None:
    """`wish` is pending, with its evidence. Who is in already is told so, and nothing changes: anybody may have asked.
    Whatever happens, who asked sees the same."""
    store, now = office.store, office.clock()
    found = store.subscriber(wish.address)
    known = found if found and found.consent == "confirmed" else None
    reader = replace(wish, id=found.id if found else wish.id)
    letters = office.letters(known or reader)
    if known:
        link = office.post.links(office.keyring, known.id)["preferences"]
        letter = letters.known(link)
    else:
        store.save_pending(reader)
        store.touch(now)
        link = f"{office.post.web}confirm/{office.keyring.confirm(reader.id, now)}"
        letter = letters.confirmation(link, now + DAYS_TO_ANSWER)
    office.owe("confirmation", f"confirmation-{now:%Y%m%dT%H%M%S%f}", letter, reader, now)


def confirmable(office: Office, token: str) -> Confirmable:
    """TokenError where the token is none, or too old. A leave outdates what was asked before it: an old mail that is
    opened again brings nobody back."""
    subscriber_id, made = office.keyring.read_confirm(token, office.clock())
    pending, found = office.store.pending(subscriber_id), office.store.subscriber_by_id(subscriber_id)
    if found and found.consent == "confirmed":
        return Confirmable("in", found)
    if found and found.consent == "withdrawn" and _is_older(made, found.since):
        raise TokenError("who this token names has left since it was made")
    if pending:
        return Confirmable("waits", keyed(replace(pending, area=found.area), found) if found else pending)
    return Confirmable("left", found) if found and found.consent == "withdrawn" else Confirmable("nobody")


def confirm(office: Office, token: str) -> Confirmable:
    """What `confirmable` found, done."""
    found = confirmable(office, token)
    one, now = found.subscriber, office.clock()
    if one and found.state == "waits":
        evidence = f"{one.evidence}; confirmed by the mailed link, {now:%Y-%m-%dT%H:%M:%SZ}"
        entered = replace(one, consent="confirmed", since=now, evidence=evidence)
        office.store.admit(entered, office.keyring.fingerprint(one.address))
        office.is_reached(one)
        office.store.touch(now)
    elif one and found.state == "left":
        come_back(office, one)
    return found


def _is_older(made: datetime, left: datetime | None) -> bool:
    """Tokens know seconds only."""
    return left is not None and made < left.replace(microsecond=0)
