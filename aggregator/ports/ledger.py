"""Issues and what they carried, as the store keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from aggregator.content import Draft, Told
from aggregator.model import Delivery, Issue, IssueState


class Ledger(Protocol):
    """What each newsletter has told and still owes: an entry is in one issue of it, once."""

    def opened(self, newsletter: str, opens: datetime) -> datetime:
        """The newsletter's first `opens`: the stored one, or `opens`, which is then stored for good."""
        ...

    def first_opens(self, newsletter: str) -> datetime | None:
        """The stored one, if there is one."""
        ...

    def carried(self, newsletter: str, entries: Iterable[str]) -> frozenset[str]:
        """Those of these entries (ids) that its issues have carried."""
        ...

    def add_issue(
        self,
        newsletter: str,
        opens: datetime,
        closes: datetime,
        due: datetime,
        entries: Iterable[str],
        *,
        state: IssueState = "draft",
        skip: Collection[str] = (),
        later: Collection[str] = (),
    ) -> Issue | None:
        """The next number, with those of the entries that no issue of this newsletter carries yet; None where one that
        closes then, or later, is there already. Entries to `skip` are carried never, those for `later` not by it."""
        ...

    def issues(self, newsletter: str = "") -> tuple[Issue, ...]:
        """Oldest first."""
        ...

    def issue_heads(self) -> tuple[Issue, ...]:
        """The same of all newsletters, without their entries."""
        ...

    def issues_telling(self, entries: Collection[str]) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """{entry: (newsletter, number) of each issue that carries it, or told what had changed in it}"""
        ...

    def told_by(self, newsletter: str, number: int) -> Mapping[str, str]:
        """{entry: what the issue said had changed in it; nothing of those it carries}"""
        ...

    def set_issue_state(self, newsletter: str, number: int, state: IssueState) -> None: ...

    def skip(self, newsletter: str, entries: Collection[str], *, later: bool = False) -> None:
        """No issue that waits carries these entries; none ever will, or with `later`, the next. The last word counts;
        what an issue has told is not owed again."""
        ...

    def skipped(self, newsletter: str) -> frozenset[str]:
        """Entries that none of its issues is to carry."""
        ...

    def owed_again(self, newsletter: str) -> frozenset[str]:
        """Entries that an issue was to carry and did not: owed, however long ago they were shown."""
        ...

    def changed_since_told(self, newsletter: str) -> tuple[Told, ...]:
        """As what the entries were told last that have changed since, or are withdrawn or hidden and not told as gone.
        Whether a change is a real one, their former states tell."""
        ...

    def last_draft(self, newsletter: str, number: int) -> Draft | None: ...

    def queue_draft(self, draft: Draft, deliveries: Iterable[Delivery]) -> None:
        """Remember what the editors are mailed, and owe it to them."""
        ...
