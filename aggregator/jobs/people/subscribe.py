"""letters | token | leave, or come back: who asks by mail to leave has left, at once."""

from __future__ import annotations

from aggregator.errors import TokenError
from aggregator.jobs.people.leave import leave
from aggregator.jobs.people.office import Office
from aggregator.jobs.people.signup import confirm
from aggregator.model import Report
from aggregator.parse.returned import subject
from aggregator.ports import Letters


def subscribe(office: Office, letters: Letters) -> Report:
    """Read the mailbox: a subject that holds a subscriber's token ends that subscription, one with the token of a
    goodbye mail undoes that. Other letters stay."""
    now = office.clock()
    counts = {"left": 0, "back": 0, "waiting": 0}
    for key, letter in letters.waiting():
        told = subject(letter)
        if subscriber_id := _leaving(told, office):
            counts["left"] += leave(office, subscriber_id, "asked by mail, with the token of an issue")
        elif token := office.keyring.find_confirm(told, now):
            counts["back"] += _is_back(office, token)
        else:
            counts["waiting"] += 1  # for a person to read
            continue
        letters.done(key)
    office.store.touch(now)
    return Report("subscribe", now, now, counts)


def _is_back(office: Office, token: str) -> bool:
    """Whether there was a leave to undo, or a wish to confirm; a token older than the leave undoes nothing."""
    try:
        return confirm(office, token).state in ("waits", "left")
    except TokenError:
        return False


def _leaving(subject: str, office: Office) -> str:
    """The id of who asks, if we know them."""
    found = office.keyring.find_leave(subject)
    known = found and (office.store.subscriber_by_id(found) or office.store.pending(found))
    return found if found and known else ""
