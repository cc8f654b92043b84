"""What a subscriber wants of us | store, outbox: other sections, all we know by mail, or to be forgotten."""

from __future__ import annotations

import json
from dataclasses import replace

from aggregator.jobs.people.office import Office
from aggregator.jobs.people.reserved import addresses
from aggregator.model import Consented, Delivery, Subscriber
from aggregator.tokens import DAYS_TO_ANSWER


def change(office: Office, found: Subscriber, wish: Subscriber) -> Subscriber:
    """Take over what was chosen; the consent stays as it is."""
    changed = replace(
        found,
        newsletters=wish.newsletters,
        sections=wish.sections,
        language=wish.language,
        municipality=wish.municipality,
    )
    office.store.save_subscriber(changed)
    office.store.touch(office.clock())
    return changed


def export(office: Office, found: Subscriber) -> None:
    """Mail everything we know to the address itself: who holds a forwarded mail gets nothing."""
    now = office.clock()
    letter = office.letters(found).export(known(office, found))
    office.owe("export", f"export-{now:%Y%m%dT%H%M%S%f}", letter, found, now)


def ask_erasure(office: Office, found: Subscriber) -> None:
    """Mail the link that erases, for the same reason."""
    now = office.clock()
    token = office.keyring.erase(found.id, now)
    letter = office.letters(found).erasing(f"{office.post.web}preferences/{token}/erase", now + DAYS_TO_ANSWER)
    office.owe("export", f"erasing-{now:%Y%m%dT%H%M%S%f}", letter, found, now)


def erase(office: Office, found: Subscriber, *, tell: bool = True) -> None:
    """Erase all but the proof of consent, under a keyed hash; `tell` them so, by the last mail there is."""
    now = office.clock()
    letter = office.letters(found).erased()
    office.store.erase(found, office.keyring.fingerprint(found.address), now)
    office.store.touch(now)
    if tell:
        office.owe("export", f"erased-{now:%Y%m%dT%H%M%S%f}", letter, found, now)


def known(office: Office, found: Subscriber) -> str:
    """All that is stored about a subscriber, as JSON that people read, too."""
    told = {
        "address": found.address,
        "consent": found.consent,
        "name": found.name,
        "language": found.language,
        "newsletters": list(found.newsletters) or "all",
        "sections": list(found.sections) or "all",
        "area": found.area,
        "municipality": found.municipality,
        "feeds": list(addresses(office, found).values()),
        "consents": [_line(one) for one in office.store.consents(found.id)],
        "mails": [_mail(one) for one in office.store.mailed(found.id)],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _line(one: Consented) -> dict[str, object]:
    return {"at": one.at.isoformat() if one.at else None, "consent": one.consent, "evidence": one.evidence}


def _mail(one: Delivery) -> dict[str, object]:
    return {"kind": one.kind, "newsletter": one.newsletter, "number": one.number, "state": one.state}
