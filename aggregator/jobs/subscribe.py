"""letters | token | leave: who asks by mail to leave has left, at once."""

from __future__ import annotations

import email
import email.policy

from aggregator.jobs.leave import leave
from aggregator.jobs.office import Office
from aggregator.model import Report
from aggregator.ports import Letters


def subscribe(office: Office, letters: Letters) -> Report:
    """Read the mailbox: a subject that holds a subscriber's token ends that subscription. Other letters stay."""
    now = office.clock()
    left = waiting = 0
    for key, letter in letters.waiting():
        subscriber_id = _leaving(letter, office)
        if not subscriber_id:
            waiting += 1  # for a person to read
            continue
        left += leave(office, subscriber_id, "asked by mail, with the token of an issue")
        letters.done(key)
    office.store.touch(now)
    return Report("subscribe", now, now, {"left": left, "waiting": waiting})


def _leaving(letter: bytes, office: Office) -> str:
    """The id of who asks, if we know them."""
    subject = email.message_from_bytes(letter, policy=email.policy.default).get("Subject", "")
    found = office.keyring.find_leave(str(subject))
    known = found and (office.store.subscriber_by_id(found) or office.store.pending(found))
    return found if found and known else ""
