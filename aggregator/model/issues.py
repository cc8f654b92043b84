"""A periodical's dated numbers: the span of one, what it carries, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Window:
    """The span of one issue. `due` is the moment it may leave: `closes`, or later when there is a draft."""

    opens: datetime
    closes: datetime
    due: datetime


IssueState = Literal["draft", "held", "approved", "sending", "sent", "skipped"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One dated number of a newsletter, and the entries it carries."""

    newsletter: str
    number: int
    opens: datetime
    closes: datetime
    due: datetime
    entries: tuple[str, ...] = ()
    state: IssueState = "draft"
    hash: str = ""  # of its editions, once they are frozen
    frozen: datetime | None = None  # when its first delivery was queued
    note: str = ""  # the editor's, as it was sent: safe HTML

    @property
    def waits(self) -> bool:
        """Composed, and not on its way yet."""
        return self.state in ("draft", "held", "approved")


@dataclass(frozen=True, slots=True)
class Edition:
    """An issue as it is read: for one language and one choice of sections (empty: all).

    `html` and `text` carry the marks of `render.mail.message` where the recipient's own words go.
    """

    newsletter: str
    number: int
    language: str
    sections: tuple[str, ...]
    subject: str
    html: str
    text: str
