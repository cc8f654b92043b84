"""Who writes our mails, and the links in them by which a reader acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from aggregator.model import Delivery, Edition
from aggregator.render.mail.message import build
from aggregator.returns import Returns
from aggregator.tokens import Keyring, mailto


class Links(TypedDict):
    """As `render.mail.message.build` takes them; with a web side the way to leave by one click comes first."""

    leave: tuple[str, ...]
    preferences: str  # empty without a web side


@dataclass(frozen=True, slots=True)
class Post:
    """Who writes, where answers go, where a reader asks to leave, and the address of the web side, if there is one."""

    sender: str
    reply_to: str
    leave_to: str
    web: str = ""  # ends in a slash
    returns: Returns | None = None  # None: nobody reads what comes back

    def links(self, keyring: Keyring, subscriber_id: str) -> Links:
        token = keyring.leave(subscriber_id)
        return {
            "leave": (*([f"{self.web}leave/{token}"] if self.web else []), mailto(self.leave_to, token)),
            "preferences": f"{self.web}preferences/{keyring.preferences(subscriber_id)}" if self.web else "",
        }

    def way_back(self, token: str) -> str:
        """What undoes a leave: a page, or a mail to where mails are read; empty where there is neither."""
        if self.web:
            return f"{self.web}confirm/{token}"
        return mailto(self.leave_to, token) if self.returns else ""

    def mail(
        self,
        edition: Edition,
        recipient: str,
        message_id: str,
        at: datetime,
        list_id: str,
        links: Links,
        *,
        is_automatic: bool = False,
    ) -> bytes:
        return build(
            edition,
            sender=self.sender,
            recipient=recipient,
            reply_to=self.reply_to,
            message_id=message_id,
            date=at,
            list_id=list_id,
            is_automatic=is_automatic,
            **links,
        )

    def envelope(self, delivery: Delivery) -> str:
        """The address a mail comes back to: where returns are read, it says whose mail it was (VERP)."""
        if self.returns is None or not delivery.subscriber_id:
            return self.sender
        return self.returns.path(delivery.subscriber_id, delivery.message_id)
