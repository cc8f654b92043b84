"""A message owed -> what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DeliveryKind = Literal["issue", "resend", "test", "draft", "confirmation", "goodbye", "alert", "export"]
DeliveryState = Literal["queued", "handing", "accepted", "deferred", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message owed: a row of the outbox.

    An issue's delivery names its edition (newsletter, number, language, sections) and the subscriber; any other
    carries its whole `message`. `message_id` is fixed when it is queued and the same at every attempt.
    """

    id: str
    kind: DeliveryKind
    address: str
    message_id: str
    subscriber_id: str = ""
    newsletter: str = ""
    number: int = 0
    language: str = ""
    sections: tuple[str, ...] = ()
    message: bytes = b""
    state: DeliveryState = "queued"
    attempts: int = 0
    next_try: datetime | None = None
    detail: str = ""  # the server's last words
    first_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one handed message."""

    state: Literal["accepted", "deferred", "refused", "unknown"]  # unknown: the answer to the last dot never came
    detail: str = ""
    about_us: bool = False  # the server cannot be reached, or refuses us, whoever the mail is for
