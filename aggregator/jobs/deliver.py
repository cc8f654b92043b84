"""issue | editions | outbox | mail | settled: what is owed goes out, each message once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.addresses import named
from aggregator.errors import AddressError, ConfigError
from aggregator.jobs.drafts import mail_drafts
from aggregator.jobs.editions import reads
from aggregator.jobs.freeze import freeze_due
from aggregator.jobs.post import Post
from aggregator.jobs.standing import standing
from aggregator.model import Delivery, Edition, Failure, Outcome, Report
from aggregator.ports import Desk, Disk, Mail, Store
from aggregator.render.mail.message import build, list_id_for
from aggregator.render.templates import Templates
from aggregator.settings import Config
from aggregator.tokens import Keyring

# More would be `handing` when a process dies, and count as handed over though nobody had begun with them.
_IN_HAND = 1
_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=6)
_PATIENCE = timedelta(days=2)
_LEFT = Outcome("refused", "the subscriber has left")


def deliver(
    config: Config,
    store: Store,
    disk: Disk,
    desk: Desk,
    mail: Mail,
    post: Post,
    keyring: Keyring,
    templates: Templates,
    now: datetime,
    *,
    only: str = "",
    freeze: bool = True,
    stopping: Callable[[], bool] = lambda: False,
) -> Report:
    """Freeze the issues whose hour has come (of the newsletter `only`), owe the editors the drafts of the others, then
    hand over everything the outbox owes. What a dead process was handing is `unknown`, and goes again unless
    `mail.on_unknown` says otherwise.

    Without `freeze` the issues stay as they are, so that a test mail can go out before its issue does. ConfigError
    where nobody could write in the name of `post`.
    """
    _refuse_unusable(post)
    counts = Counter({"accepted": 0, "deferred": 0, "refused": 0})
    counts["unknown"] = store.recover(resend=config.mail.on_unknown == "at-least-once")
    whole = standing(config, store, now)
    failures = list(freeze_due(whole, store, disk, desk, templates, now, only)) if freeze else []
    failures += mail_drafts(whole, store, disk, desk, post, keyring, templates, now, only) if freeze else []
    for delivery in _claimed(store, now, stopping):
        outcome = _hand_over(delivery, config, store, mail, post, keyring, now)
        settled = _settled(delivery, outcome, config, now)
        store.settle(settled)
        counts["refused" if settled.state == "refused" else outcome.state] += 1
        if settled.state == "refused" and outcome != _LEFT:
            failures.append(Failure(delivery.newsletter or delivery.kind, f"delivery {delivery.id}: {outcome.detail}"))
    _close_sent(store)
    store.touch(now)
    return Report("newsletter send", now, now, dict(counts), tuple(failures), broken=tuple(f.source for f in failures))


def _refuse_unusable(post: Post) -> None:
    """A sender that is no address would have every message refused, each for good: better none is touched."""
    for key, text in (("mail.from", post.sender), ("mail.reply_to", post.reply_to)):
        try:
            named(text or post.sender)
        except AddressError as error:
            raise ConfigError(f"{key}: {text!r} is {error}") from None


def _close_sent(store: Store) -> None:
    """An issue of which nothing is left to hand over is sent."""
    for issue in store.issues():
        if issue.state == "sending":
            open_states = {"queued", "handing", "deferred"}
            if not any(d.state in open_states for d in store.deliveries(issue.newsletter, issue.number)):
                store.set_issue_state(issue.newsletter, issue.number, "sent")


# --- the outbox into the mail ---


def _claimed(store: Store, now: datetime, stopping: Callable[[], bool]) -> Iterator[Delivery]:
    """What is due, one after the other; a stop finishes the one in hand."""
    while not stopping() and (claimed := store.claim(now, _IN_HAND)):
        yield from claimed


def _hand_over(
    delivery: Delivery, config: Config, store: Store, mail: Mail, post: Post, keyring: Keyring, now: datetime
) -> Outcome:
    """Consent is looked at once more: who left since the issue was frozen gets nothing."""
    if waited(delivery.attempts) > _PATIENCE:  # it ended its process each time: nobody was left to settle it
        return Outcome("refused", f"given up after {delivery.attempts} attempts without an answer")
    message = delivery.message
    if delivery.kind == "issue":
        if not _still_reads(delivery, config, store):
            return _LEFT
        edition = store.edition(delivery.newsletter, delivery.number, delivery.language, delivery.sections)
        if edition is None:
            return Outcome("refused", "its edition is missing from the store")
        try:
            message = _message(edition, delivery, config, post, keyring, now)
        except (AddressError, ValueError) as error:  # one bad address costs its own mail only
            return Outcome("refused", str(error))
    return mail.send(post.sender, delivery.address, message)


def _still_reads(delivery: Delivery, config: Config, store: Store) -> bool:
    """A newsletter that was taken out of feeds.yaml still sends what it owes."""
    subscriber = store.subscriber_by_id(delivery.subscriber_id)
    newsletter = config.newsletter(delivery.newsletter)
    if subscriber is None or newsletter is None:
        return subscriber is not None and subscriber.consent == "confirmed"
    return reads(subscriber, newsletter)


def _message(
    edition: Edition, delivery: Delivery, config: Config, post: Post, keyring: Keyring, now: datetime
) -> bytes:
    return build(
        edition,
        sender=post.sender,
        recipient=delivery.address,
        reply_to=post.reply_to,
        message_id=delivery.message_id,
        date=now,
        list_id=list_id_for(delivery.newsletter, config.site.host),
        **post.links(keyring, delivery.subscriber_id),
    )


def _settled(delivery: Delivery, outcome: Outcome, config: Config, now: datetime) -> Delivery:
    attempts = delivery.attempts + 1
    tried = replace(delivery, attempts=attempts, detail=outcome.detail, state=outcome.state, next_try=None)
    if outcome.state == "deferred" or (outcome.state == "unknown" and config.mail.on_unknown == "at-least-once"):
        if waited(attempts) > _PATIENCE:
            return replace(tried, state="refused")
        return replace(tried, state="deferred", next_try=now + pause(attempts))
    return tried


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5, 10, 20, … minutes, six hours at most."""
    doubled: int = 2 ** min(attempts - 1, 10)
    return min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)


def waited(attempts: int) -> timedelta:
    """How long we have waited for a server that deferred us so many times."""
    total = timedelta()
    for attempt in range(1, attempts):
        total += pause(attempt)
    return total
