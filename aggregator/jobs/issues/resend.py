"""An issue as it was frozen | one subscriber | outbox: mailed once more, to who says that it never came."""

from __future__ import annotations

from datetime import datetime

from aggregator.errors import AddressError, ConfigError
from aggregator.jobs.issues.editions import choice_of, reads
from aggregator.jobs.post import Post
from aggregator.model import Delivery, Subscriber
from aggregator.ports import Store
from aggregator.render import paths
from aggregator.render.mail.message import list_id_for, message_id_for
from aggregator.settings import Config, Newsletter
from aggregator.tokens import Keyring


def resend(
    newsletter: Newsletter,
    number: int,
    subscriber: Subscriber,
    config: Config,
    store: Store,
    post: Post,
    keyring: Keyring,
    now: datetime,
) -> str:
    """The id of the delivery, under a new Message-ID: servers drop what they have seen before. AddressError where the
    newsletter may not be sent there, ConfigError where the issue was not sent, or not to readers who chose as this
    one."""
    if not reads(subscriber, newsletter):
        raise AddressError(f"{subscriber.address} does not read {newsletter.id}; `newsletter test` goes anywhere")
    language, sections = choice_of(subscriber, config.site.language)
    edition = store.edition(newsletter.id, number, language, sections)
    if edition is None:
        raise ConfigError(_missing(newsletter, number, subscriber, language, config, store))
    id_ = f"resend-{newsletter.id}-{number}-{subscriber.id}-{now:%Y%m%dT%H%M%S%f}"
    message_id = message_id_for("resend", newsletter.id, number, id_, config.site.host)
    list_id = list_id_for(newsletter.id, config.site.host)
    message = post.mail(edition, subscriber.address, message_id, now, list_id, post.links(keyring, subscriber.id))
    store.queue(
        Delivery(id_, "resend", subscriber.address, message_id, subscriber.id, newsletter.id, number, message=message)
    )
    return id_


def _missing(
    newsletter: Newsletter, number: int, subscriber: Subscriber, language: str, config: Config, store: Store
) -> str:
    """Why there is no such edition, and what to do."""
    issues = store.issue_heads()
    if not any(i.newsletter == newsletter.id and i.number == number and i.frozen for i in issues):
        return f"{newsletter.id} n. {number} was not sent; `aggregator newsletter list` shows the issues that were"
    what = ", ".join(subscriber.sections) or "all sections"
    told = f"{newsletter.id} n. {number} was made for no reader of {what} in {language}, as {subscriber.address} is now"
    if newsletter.area == "reserved":
        return f"{told}: it would tell them nothing, or they chose so since; they get the next one"
    page = f"{config.site.url}{paths.issue_page(newsletter.id, number)}"
    return f"{told}: it would tell them nothing, or they chose so since; send them the address of its page, {page}"
