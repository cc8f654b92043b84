"""issue | editions | outbox | mail | settled: what is owed goes out, each message once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain

from aggregator.addresses import named
from aggregator.errors import AddressError, ConfigError
from aggregator.jobs.issues.drafts import mail_drafts
from aggregator.jobs.issues.freeze import all_unapproved, freeze_due
from aggregator.jobs.post import Post
from aggregator.jobs.pulling.standing import standing
from aggregator.jobs.sending.hands import IN_HAND, Hands
from aggregator.jobs.sending.lasting import lasting, server_fault
from aggregator.jobs.sending.returned import note_refusal
from aggregator.jobs.sending.writing import Writer
from aggregator.model import Delivery, Outcome, Report
from aggregator.ports import Desk, Disk, Mail, Store
from aggregator.render.templates import Templates
from aggregator.settings import Config
from aggregator.tokens import Keyring

JOB = "newsletter send"
Letter = tuple[Delivery, bytes]
Answered = tuple[Delivery, Outcome]
Spread = Callable[[Callable[[Letter], Answered], Iterable[Letter]], Iterator[Answered]]


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
    spread: Spread = map,
    stopping: Callable[[], bool] = lambda: False,
) -> Report:
    """Freeze the issues whose hour has come (of the newsletter `only`), owe the editors the drafts of the others, then
    hand over everything the outbox owes. What a dead process was handing is `unknown`, and goes again unless
    `mail.on_unknown` says otherwise.

    Without `freeze` the issues stay as they are, so that a test mail can go out before its issue does. `spread` is a
    map, lazy, in any order. ConfigError where nobody could write in the name of `post`.
    """
    _refuse_unusable(post)
    again = config.mail.on_unknown == "at-least-once"
    lost = store.recover(resend=again)
    whole = standing(config, store, now)
    failures = list(freeze_due(whole, store, disk, desk, templates, now, only)) if freeze else []
    failures += mail_drafts(whole, store, disk, desk, post, keyring, templates, now, only) if freeze else []
    hands = Hands(store, now, stopping, config.site.zone, again=again)
    ready = partial(_ready, hands, Writer(config, store, post, keyring, now), store)
    send = partial(_send, mail, post)
    try:
        # Whichever of them ended its process may end this one: it must take none of the others with it.
        for delivery, outcome in chain(map(send, ready(1, lost if again else 0)), spread(send, ready(IN_HAND))):
            hands.answer(delivery, outcome)
            if post.returns and config.mail.bounces:
                note_refusal(delivery, outcome, store, config.mail.bounces, post.returns, now)
    finally:
        hands.settle()
    failures += hands.failures
    failures += [server_fault(hands.trouble, config)] if hands.trouble else []
    failures += lasting(
        store.last_report(JOB), failures, config, now,
        works=bool(hands.counts["accepted"]), looked_at=lambda newsletter: freeze and only in ("", newsletter),
    )  # fmt: skip
    _close_sent(store)
    store.touch(now)
    counts = hands.counts | {"unknown": hands.counts["unknown"] + lost}
    questions = tuple(all_unapproved(whole, store.issue_heads(), now))
    return Report(JOB, now, now, counts, tuple(failures), questions=questions)


def _ready(hands: Hands, writer: Writer, store: Store, at_once: int, most: int | None = None) -> Iterator[Letter]:
    """Messages in hand, written; what is not to be sent after all is answered here."""
    for claimed in hands.claimed(at_once, most):
        subscribers = store.subscribers_of(claimed)
        for delivery in claimed:
            written = writer.message(delivery, subscribers)
            if isinstance(written, Outcome):
                hands.answer(delivery, written)
            else:
                yield delivery, written


def _send(mail: Mail, post: Post, letter: Letter) -> Answered:
    delivery, message = letter
    return delivery, mail.send(post.envelope(delivery), delivery.address, message)


def _refuse_unusable(post: Post) -> None:
    """A sender that is no address would have every message refused, each for good: better none is touched."""
    for key, text in (("mail.from", post.sender), ("mail.reply_to", post.reply_to)):
        try:
            named(text or post.sender)
        except AddressError as error:
            raise ConfigError(f"{key}: {text!r} is {error}") from None


def _close_sent(store: Store) -> None:
    """An issue of which nothing is left to hand over is sent."""
    for issue in store.issue_heads():
        if issue.state == "sending" and not store.owes(issue.newsletter, issue.number):
            store.set_issue_state(issue.newsletter, issue.number, "sent")
