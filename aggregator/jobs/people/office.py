"""What it takes to answer one person: the site, the store, the key, and who writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aggregator.jobs.post import Post
from aggregator.model import Delivery, DeliveryKind, Edition, Subscriber
from aggregator.ports import Store
from aggregator.render.mail.message import list_id_for, message_id_for
from aggregator.render.mail.personal import Letters
from aggregator.render.templates import Templates
from aggregator.settings import Config
from aggregator.tokens import Keyring


@dataclass(frozen=True, slots=True)
class Office:
    """Bound once; the web side asks it from several threads."""

    config: Config
    store: Store
    post: Post
    keyring: Keyring
    templates: Templates
    clock: Callable[[], datetime]

    def letters(self, reader: Subscriber) -> Letters:
        return Letters(self.config.site, reader.language or self.config.site.language, self.templates)

    def is_reached(self, reader: Subscriber) -> None:
        """Who answers by a link of a mail has got it: whatever came back before counts no more."""
        if self.post.returns:
            self.store.lift(self.post.returns.hashed(reader.address))

    def owe(self, kind: DeliveryKind, name: str, letter: Edition, reader: Subscriber, now: datetime) -> None:
        """Queue a mail to one person; of several of one `name` the first is sent."""
        id_ = f"{name}-{reader.id}"
        message_id = message_id_for(kind, "people", 0, id_, self.config.site.host)
        list_id = list_id_for("people", self.config.site.host)
        links = self.post.links(self.keyring, reader.id)
        message = self.post.mail(letter, reader.address, message_id, now, list_id, links, is_automatic=True)
        self.store.queue(Delivery(id_, kind, reader.address, message_id, reader.id, message=message))
