"""letters | returned | whose | consent: mails that came back and complaints end a subscription, by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Consent, Delivery, Outcome, Report, Subscriber
from aggregator.parse.returned import Returned, is_nobodys, returned
from aggregator.ports import Letters, Store
from aggregator.returns import Returns
from aggregator.settings import Bounces
from aggregator.tokens import Keyring

# Mails that came back longer ago than this no longer count: the mailbox was full one summer, and is not any more.
REMEMBERED = timedelta(days=90)


def read_returns(
    store: Store, letters: Letters, policy: Bounces, returns: Returns, keyring: Keyring, now: datetime
) -> Report:
    """Read the mailbox for reports on mails of ours; other letters stay, and so do reports on nobody's mail."""
    counts = {"returned": 0, "complaints": 0, "suppressed": 0}
    for key, letter in letters.waiting():
        told = returned(letter)
        found = _whose(told, returns, keyring) if told else None
        subscriber = store.subscriber_by_id(found[0]) if found else None
        if told is None or found is None or subscriber is None:
            continue
        counts["returned" if told.kind != "complaint" else "complaints"] += 1
        counts["suppressed"] += _judge(subscriber, told, found[1], store, policy, returns, now)
        letters.done(key)
    store.touch(now)
    return Report("returned", now, now, counts)


def note_refusal(
    delivery: Delivery, outcome: Outcome, store: Store, policy: Bounces, returns: Returns, now: datetime
) -> None:
    """A server that knows no such recipient says at once what others say by a mail that comes back: it counts alike."""
    if outcome.state == "refused" and is_nobodys(outcome.detail):
        subscriber = store.subscriber_by_id(delivery.subscriber_id)
        told = Returned("permanent", (), "", delivery.message_id, outcome.detail)
        if subscriber:
            _judge(subscriber, told, returns.about(delivery.message_id), store, policy, returns, now)


def _whose(told: Returned, returns: Returns, keyring: Keyring) -> tuple[str, str] | None:
    """By the return path, else by the way to leave that stands in the mail it is about: both are signed, so that
    nobody ends another's subscription by a report he made up."""
    for path in told.paths:
        if found := returns.read(path):
            return found
    subscriber_id = keyring.find_leave(told.leave)
    return (subscriber_id, returns.about(told.message_id)) if subscriber_id else None


def _judge(
    subscriber: Subscriber,
    told: Returned,
    about: str,
    store: Store,
    policy: Bounces,
    returns: Returns,
    now: datetime,
) -> bool:
    """Whether nothing is sent there any more from now on."""
    if told.kind == "temporary":
        return False
    evidence = f"complained to the mail provider ({told.words})"
    if told.kind == "permanent":
        # Who has confirmed since was reached: what came back before is of another time.
        since = max(now - REMEMBERED, subscriber.since or now - REMEMBERED)
        times = store.note_return(subscriber.id, about, now, told.words, since=since)
        if times < policy.after:
            return False
        evidence = f"{times} mails came back for good: {told.words}"
    if subscriber.consent not in ("confirmed", "pending"):
        return False
    consent: Consent = "withdrawn" if told.kind == "complaint" else "bounced"
    store.suppress(returns.hashed(subscriber.address), consent, now)
    store.save_subscriber(replace(subscriber, consent=consent, since=now, evidence=evidence))
    return True
