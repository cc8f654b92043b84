"""issue | editions | outbox | mail | settled: what is owed goes out, each message once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.errors import AddressError, RenderError
from aggregator.jobs.editions import chosen, readers, render_edition, stories_of
from aggregator.model import Delivery, Edition, Failure, Issue, Outcome, Report, Subscriber
from aggregator.ports import Disk, Mail, Store
from aggregator.render.message import build, list_id_for, message_id_for
from aggregator.render.templates import Templates
from aggregator.settings import Config, Newsletter
from aggregator.tokens import Keyring, mailto

_IN_HAND = 8
_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=6)
_PATIENCE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Post:
    """Who writes, where answers go, and where a reader asks to leave."""

    sender: str
    reply_to: str
    leave_to: str


def deliver(
    config: Config,
    store: Store,
    disk: Disk,
    mail: Mail,
    post: Post,
    keyring: Keyring,
    templates: Templates,
    now: datetime,
    *,
    only: str = "",
    stopping: Callable[[], bool] = lambda: False,
) -> Report:
    """Freeze the issues whose hour has come, then hand over everything the outbox owes. What a dead process was handing
    is `unknown`, and goes again unless `mail.on_unknown` says otherwise."""
    counts = Counter({"accepted": 0, "deferred": 0, "refused": 0})
    counts["unknown"] = store.recover(resend=config.mail.on_unknown == "at-least-once")
    failures = list(_freeze_due(config, store, disk, templates, now, only))
    for delivery in _claimed(store, now, stopping):
        outcome = _hand_over(delivery, config, store, mail, post, keyring, now)
        settled = _settled(delivery, outcome, config, now)
        store.settle(settled)
        counts[outcome.state] += 1
        if settled.state == "refused":
            failures.append(Failure(delivery.newsletter or delivery.kind, f"delivery {delivery.id}: {outcome.detail}"))
    _close_sent(store)
    store.touch(now)
    return Report("newsletter send", now, now, dict(counts), tuple(failures), broken=bool(failures))


# --- issues into the outbox ---


def _freeze_due(
    config: Config, store: Store, disk: Disk, templates: Templates, now: datetime, only: str
) -> Iterator[Failure]:
    for issue in store.issues(only):
        newsletter = config.newsletter(issue.newsletter)
        if newsletter is None or not may_leave(issue, newsletter, now):
            continue
        try:
            _freeze(issue, newsletter, config, store, disk, templates, now)
        except RenderError as error:
            yield Failure(newsletter.id, f"issue {issue.number} was not sent: {error}")


def may_leave(issue: Issue, newsletter: Newsletter, now: datetime) -> bool:
    """Whether its hour has come and nobody holds it back."""
    free = ("approved",) if newsletter.approval == "required" else ("draft", "approved")
    return issue.state in free and issue.due <= now


def _freeze(
    issue: Issue, newsletter: Newsletter, config: Config, store: Store, disk: Disk, templates: Templates, now: datetime
) -> None:
    stories = stories_of(issue, newsletter, config, store, disk, now)
    editions, deliveries = [], []
    for choice, subscribers in readers(newsletter, store.subscribers(), config.site.language).items():
        if not any(True for _ in chosen(stories, choice[1])) and newsletter.empty == "skip":
            continue
        rendered = render_edition(issue, newsletter, stories, choice, config, store, templates)
        editions.append(rendered)
        deliveries += [_owed(rendered, subscriber, config) for subscriber in subscribers]
    store.queue_issue(issue, editions, deliveries)


def _owed(edition: Edition, subscriber: Subscriber, config: Config) -> Delivery:
    message_id = message_id_for("issue", edition.newsletter, edition.number, subscriber.id, config.site.host)
    return Delivery(
        id=f"{edition.newsletter}-{edition.number}-{subscriber.id}",
        kind="issue",
        address=subscriber.address,
        message_id=message_id,
        subscriber_id=subscriber.id,
        newsletter=edition.newsletter,
        number=edition.number,
        language=edition.language,
        sections=edition.sections,
    )


def _close_sent(store: Store) -> None:
    """An issue of which nothing is left to hand over is sent."""
    for issue in store.issues():
        if issue.state == "sending":
            open_states = {"queued", "handing", "deferred"}
            if not any(d.state in open_states for d in store.deliveries(issue.newsletter, issue.number)):
                store.set_issue_state(issue.newsletter, issue.number, "sent")


# --- the outbox into the mail ---


def _claimed(store: Store, now: datetime, stopping: Callable[[], bool]) -> Iterator[Delivery]:
    """What is due, a few at a time; on a stop, what is in hand and not handed over goes back."""
    while batch := store.claim(now, _IN_HAND):
        for place, delivery in enumerate(batch):
            if stopping():
                _put_back(store, batch[place:])
                return
            yield delivery


def _put_back(store: Store, deliveries: Iterable[Delivery]) -> None:
    for delivery in deliveries:
        store.settle(replace(delivery, state="queued"))


def _hand_over(
    delivery: Delivery, config: Config, store: Store, mail: Mail, post: Post, keyring: Keyring, now: datetime
) -> Outcome:
    """Consent is looked at once more: who left since the issue was frozen gets nothing."""
    message = delivery.message
    if delivery.kind == "issue":
        subscriber = store.subscriber_by_id(delivery.subscriber_id)
        edition = store.edition(delivery.newsletter, delivery.number, delivery.language, delivery.sections)
        if subscriber is None or subscriber.consent != "confirmed":
            return Outcome("refused", "the subscriber has left")
        if edition is None:
            return Outcome("refused", "its edition is missing from the store")
        try:
            message = _message(edition, delivery, config, post, keyring, now)
        except (AddressError, ValueError) as error:  # one bad address costs its own mail only
            return Outcome("refused", str(error))
    return mail.send(post.sender, delivery.address, message)


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
        leave=mailto(post.leave_to, keyring.leave(delivery.subscriber_id)),
        list_id=list_id_for(delivery.newsletter, config.site.host),
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
