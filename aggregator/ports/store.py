"""All the store keeps: the facts."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from aggregator.model import Report
from aggregator.ports.entries import Entries
from aggregator.ports.ledger import Ledger
from aggregator.ports.outbox import Outbox
from aggregator.ports.people import People, Returns


class Record(Protocol):
    """The house's own record."""

    def save_report(self, report: Report) -> None: ...

    def last_report(self, job: str) -> Report | None: ...

    def newest(self) -> datetime | None:
        """The newest moment any fact was stored at: no job may run before it."""
        ...

    def touch(self, now: datetime) -> None:
        """Remember that facts were stored at `now`."""
        ...

    def hold(self, job: str) -> AbstractContextManager[None]:
        """Be the only run of a job wherever this store is reached from; LockedError where another machine's is."""
        ...


class Store(Entries, Ledger, People, Returns, Outbox, Record, Protocol):
    """Facts. Every method is one transaction; StoreError where the database cannot be reached."""

    def close(self) -> None: ...
