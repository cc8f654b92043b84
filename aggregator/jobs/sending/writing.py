"""delivery | consent | mould | bytes: each message as its recipient gets it, or why nobody gets it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from aggregator.errors import AddressError
from aggregator.jobs.issues.editions import reads
from aggregator.jobs.post import Post
from aggregator.jobs.sending.hands import LEFT, is_hopeless
from aggregator.model import Delivery, Outcome, Subscriber
from aggregator.ports import Store
from aggregator.render.mail.message import Mould, list_id_for
from aggregator.settings import Config
from aggregator.tokens import Keyring

_MOULDS = 256  # editions kept ready; each is as long as a mail


class Writer:
    def __init__(self, config: Config, store: Store, post: Post, keyring: Keyring, now: datetime) -> None:
        self._config, self._store, self._post, self._keyring, self._now = config, store, post, keyring, now
        self._suppressed = store.suppressed() if post.returns else frozenset()
        self._mould = lru_cache(_MOULDS)(self._made)

    def message(self, delivery: Delivery, subscribers: Mapping[str, Subscriber]) -> bytes | Outcome:
        """`subscribers` as they stand now: who left since the issue was frozen gets nothing."""
        if is_hopeless(delivery.attempts):  # it ended its process each time: nobody was left to settle it
            return Outcome("refused", f"given up after {delivery.attempts} attempts without an answer")
        if delivery.kind != "issue":
            return delivery.message
        if not self._still_reads(delivery, subscribers.get(delivery.subscriber_id)) or self._is_suppressed(delivery):
            return LEFT
        try:
            mould = self._mould(delivery.newsletter, delivery.number, delivery.language, delivery.sections)
            return self._cast(mould, delivery) if mould else Outcome("refused", "its edition is missing from the store")
        except (AddressError, ValueError) as error:  # one bad address costs its own mail only
            return Outcome("refused", str(error))

    def _still_reads(self, delivery: Delivery, subscriber: Subscriber | None) -> bool:
        """A newsletter that was taken out of feeds.yaml still sends what it owes."""
        newsletter = self._config.newsletter(delivery.newsletter)
        if subscriber is None or newsletter is None:
            return subscriber is not None and subscriber.consent == "confirmed"
        return reads(subscriber, newsletter)

    def _is_suppressed(self, delivery: Delivery) -> bool:
        """Whatever a list imported since then says."""
        returns = self._post.returns
        return bool(self._suppressed and returns and returns.hashed(delivery.address) in self._suppressed)

    def _made(self, newsletter: str, number: int, language: str, sections: tuple[str, ...]) -> Mould | None:
        edition = self._store.edition(newsletter, number, language, sections)
        if edition is None:
            return None
        list_id = list_id_for(newsletter, self._config.site.host)
        return Mould(edition, sender=self._post.sender, reply_to=self._post.reply_to, list_id=list_id)

    def _cast(self, mould: Mould, delivery: Delivery) -> bytes:
        links = self._post.links(self._keyring, delivery.subscriber_id)
        return mould.cast(recipient=delivery.address, message_id=delivery.message_id, date=self._now, **links)
