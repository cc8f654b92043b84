"""Who writes our mails."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Post:
    """Who writes, where answers go, and where a reader asks to leave."""

    sender: str
    reply_to: str
    leave_to: str
