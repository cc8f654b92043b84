"""letters | token | consent | store: who asks by mail to leave has left, at once."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime

from aggregator.jobs.consent import withdrawn
from aggregator.model import Report, Subscriber
from aggregator.ports import Letters, Store
from aggregator.tokens import Keyring


def subscribe(store: Store, letters: Letters, keyring: Keyring, now: datetime) -> Report:
    """Read the mailbox: a subject that holds a subscriber's token ends that subscription. Other letters stay."""
    left = waiting = 0
    for key, letter in letters.waiting():
        subscriber = _leaving(letter, store, keyring)
        if subscriber is None:
            waiting += 1  # for a person to read
            continue
        if subscriber.consent != "withdrawn":
            store.save_subscriber(withdrawn(subscriber, now, "asked by mail, with the token of an issue"))
            left += 1
        letters.done(key)
    store.touch(now)
    return Report("subscribe", now, now, {"left": left, "waiting": waiting})


def _leaving(letter: bytes, store: Store, keyring: Keyring) -> Subscriber | None:
    subject = email.message_from_bytes(letter, policy=email.policy.default).get("Subject", "")
    subscriber_id = keyring.find_leave(str(subject))
    return store.subscriber_by_id(subscriber_id) if subscriber_id else None
