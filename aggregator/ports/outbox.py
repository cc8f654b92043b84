"""Messages owed, as the store keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from aggregator.content import Told
from aggregator.model import Delivery, Edition, Issue, Subscriber


class Outbox(Protocol):
    """A row for each message, from being owed to being settled."""

    def queue_issue(
        self,
        issue: Issue,
        editions: Iterable[Edition],
        deliveries: Iterable[Delivery],
        told: Iterable[Told] = (),
        skip: Collection[str] = (),
    ) -> int:
        """Freeze an issue: its editions, one delivery a subscriber, state `sending`, in one transaction.

        What it carried and `issue.entries` no longer names is owed to a later issue, but for entries to `skip`; `told`
        is kept for the day one of them changes. Nothing is done where the issue is
        no longer in the state that `issue` says: somebody held it meanwhile, or sent it.
        A delivery already owed (same kind, newsletter, number, subscriber) is left as it is; how many were new.
        """
        ...

    def queue(self, delivery: Delivery) -> None:
        """Owe one message that is no issue's."""
        ...

    def edition(self, newsletter: str, number: int, language: str, sections: tuple[str, ...]) -> Edition | None: ...

    def recover(self, resend: bool) -> int:
        """What a dead process left `handing` becomes `unknown`, and is queued again with `resend`; how many."""
        ...

    def claim(self, now: datetime, limit: int, answered: Iterable[Delivery] = ()) -> tuple[Delivery, ...]:
        """Settle what was answered, and up to `limit` messages that are due are `handing`: in one commit, before it
        returns."""
        ...

    def settle(self, *answered: Delivery) -> None:
        """Store state, attempts, next_try and detail of deliveries; committed before it returns."""
        ...

    def postpone(self, newsletter: str, until: datetime) -> int:
        """What waits of this newsletter is due then, or later; how many."""
        ...

    def subscribers_of(self, deliveries: Iterable[Delivery]) -> Mapping[str, Subscriber]:
        """{id: subscriber} of whom these deliveries are for, as they stand now."""
        ...

    def owes(self, newsletter: str, number: int) -> bool:
        """Whether anything of this issue is still to be handed over, or is in hand."""
        ...

    def deliveries(self, newsletter: str = "", number: int = 0) -> Iterator[Delivery]: ...

    def outbox_counts(self) -> Mapping[str, int]:
        """{state: how many messages}"""
        ...
