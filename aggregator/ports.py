"""What jobs ask of the world. The edges answer to these; `app` brings both together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from aggregator.model import (
    Changes,
    Check,
    Delivery,
    Document,
    Edition,
    Entry,
    Fetched,
    Issue,
    IssueState,
    Known,
    Outcome,
    Problem,
    Report,
    Request,
    Subscriber,
    Unchanged,
)


class Network(Protocol):
    def fetch(self, requests: Iterable[Request]) -> Iterator[Fetched | Unchanged | Problem]:
        """Answers as they arrive, in any order, exactly one for each request."""
        ...


class Disk(Protocol):
    def announcements(self) -> Iterator[tuple[str, bytes]]:
        """(path below the announcements folder, bytes) of every *.md, sorted by path."""
        ...

    def attachment(self, path: str) -> bytes:
        """A file below the announcements folder; FileNotFoundError where there is none."""
        ...

    def others(self) -> Iterator[str]:
        """Paths of the other files below the announcements folder: attachments, and what nobody attached."""
        ...

    def write(self, documents: Iterable[Document]) -> Mapping[str, int]:
        """Make the output folder hold these documents and none of our older ones; counts `written same removed`.

        Each file is replaced atomically and only where bytes differ. Files we did not write are neither replaced nor
        removed: StoreError names them after everything else is done.
        """
        ...


class Mail(Protocol):
    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand over one message (bytes with CRLF); the answer of the server, or of the folder."""
        ...

    def close(self) -> None: ...


class Letters(Protocol):
    """The mailbox where bounces and requests to leave arrive."""

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """(key, letter) of every letter not dealt with."""
        ...

    def done(self, key: str) -> None:
        """This letter was dealt with; it is kept, and never shown again."""
        ...


class Store(Protocol):
    """Facts. Every method is one transaction; StoreError where the database cannot be reached."""

    # sources and entries
    def checks(self) -> Mapping[str, Check]:
        """What is known of every source ever checked, by id."""
        ...

    def known(self, source_id: str) -> tuple[Known, ...]: ...

    def save(self, *changes: Changes) -> None:
        """Everything a pull of these sources found, all or nothing; former states become revisions.

        The `keys` of changes are stored for every entry they name, the unchanged ones too.
        """
        ...

    def entries(
        self, *, source: str = "", since: datetime | None = None, ids: Iterable[str] | None = None
    ) -> Iterator[Entry]:
        """Stored entries, newest first seen first; `since`: first seen, or shown, since then."""
        ...

    def over(self, now: datetime) -> Iterator[Entry]:
        """The entries of sources that are to be forgotten by now, and are not yet."""
        ...

    def forget(self, entries: Iterable[Entry]) -> None:
        """Keep no more of them than by what they are recognised, what is withheld, and who carried them."""
        ...

    def set_standing(self, entries: Iterable[Entry]) -> None:
        """Keep of these entries whether they are left out, when they were shown, whether they are archive and when they
        are forgotten. What an admin decides is no change of the entry: no revision."""
        ...

    def rename_source(self, old: str, new: str) -> None:
        """What was kept under one id goes on under another, of which nothing is known yet."""
        ...

    def revisions(self, entry_id: str) -> tuple[tuple[datetime, Entry], ...]:
        """Former states of an entry, oldest first, each with the moment at which it changed."""
        ...

    # issues: the ledger
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
        self, newsletter: str, opens: datetime, closes: datetime, due: datetime, entries: Iterable[str]
    ) -> Issue:
        """The next number, as a draft, with those of the entries that no issue of this newsletter carries yet."""
        ...

    def issues(self, newsletter: str = "") -> tuple[Issue, ...]:
        """Oldest first."""
        ...

    def set_issue_state(self, newsletter: str, number: int, state: IssueState) -> None: ...

    # subscribers
    def save_subscriber(self, subscriber: Subscriber) -> None:
        """Insert or replace by id; the evidence of every change of consent is kept beside it."""
        ...

    def subscriber(self, address: str) -> Subscriber | None:
        """By address, letter case aside."""
        ...

    def subscriber_by_id(self, subscriber_id: str) -> Subscriber | None: ...

    def subscribers(self) -> Iterator[Subscriber]: ...

    # the outbox
    def queue_issue(self, issue: Issue, editions: Iterable[Edition], deliveries: Iterable[Delivery]) -> int:
        """Freeze an issue: its editions, one delivery a subscriber, state `sending`, in one transaction.

        What it carried and `issue.entries` no longer names is owed to a later issue. Nothing is done where the issue is
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

    def claim(self, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Up to `limit` messages that are due, now `handing`, committed before it returns."""
        ...

    def settle(self, delivery: Delivery) -> None:
        """Store state, attempts, next_try and detail of one delivery; committed before it returns."""
        ...

    def deliveries(self, newsletter: str = "", number: int = 0) -> Iterator[Delivery]: ...

    # the house's own record
    def save_report(self, report: Report) -> None: ...

    def last_report(self, job: str) -> Report | None: ...

    def newest(self) -> datetime | None:
        """The newest moment any fact was stored at: no job may run before it."""
        ...

    def touch(self, now: datetime) -> None:
        """Remember that facts were stored at `now`."""
        ...

    def close(self) -> None: ...
