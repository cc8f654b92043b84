"""The Store of `ports` on a database: every method is one transaction around one verb of the rooms beside this."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from aggregator.content import Told
from aggregator.errors import LockedError
from aggregator.model import Delivery, Edition, Issue
from aggregator.store import archive, desk, drafts, leaving, ledger, outbox, people, record, returned, sources
from aggregator.store.dialect import Kind, alone, transaction

P = ParamSpec("P")
T = TypeVar("T")
Verb = Callable[Concatenate[Connection, P], T]
Method = Callable[Concatenate["SqlStore", P], T]


def _whole(verb: Verb[P, T], kind: Kind) -> Method[P, T]:
    @wraps(verb)
    def method(self: SqlStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with transaction(self._engine, kind) as connection:
            return verb(connection, *args, **kwargs)

    return method


def _reading(verb: Verb[P, T]) -> Method[P, T]:
    return _whole(verb, "read")


def _writing(verb: Verb[P, T]) -> Method[P, T]:
    return _whole(verb, "durable")


def _streaming(verb: Verb[P, Iterator[T]]) -> Method[P, Iterator[T]]:
    """The transaction lasts as long as the stream is read; writers do not wait for it."""

    @wraps(verb)
    def method(self: SqlStore, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        with transaction(self._engine) as connection:
            yield from verb(connection, *args, **kwargs)

    return method


class SqlStore:
    """Facts in SQLite or PostgreSQL. May be used by several threads; `open_store` makes one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    checks = _reading(sources.checks)
    known = _reading(sources.known)
    save = _whole(sources.save, "write")
    entries = _streaming(sources.entries)
    over = _streaming(sources.over)
    forget = _writing(sources.forget)
    set_standing = _writing(sources.set_standing)
    set_expiry = _writing(sources.set_expiry)
    withhold = _writing(sources.withhold)
    rename_source = _writing(sources.rename_source)
    revisions = _reading(sources.revisions)
    changed = _reading(sources.changed)

    opened = _writing(ledger.opened)
    first_opens = _reading(ledger.first_opens)
    carried = _reading(ledger.carried)
    add_issue = _writing(ledger.add_issue)
    issues = _reading(ledger.issues)
    issue_heads = _reading(ledger.issue_heads)
    issues_telling = _reading(archive.issues_telling)
    told_by = _reading(archive.told_by)
    set_issue_state = _writing(ledger.set_issue_state)
    skip = _writing(desk.skip)
    skipped = _reading(desk.skipped_entries)
    owed_again = _reading(desk.entries_owed_again)
    changed_since_told = _reading(desk.changed_since_told)
    last_draft = _reading(drafts.last_draft)
    queue_draft = _writing(drafts.queue_draft)

    save_subscriber = _writing(people.save_subscriber)
    subscriber = _reading(people.by_address)
    subscriber_by_id = _reading(people.by_id)
    subscribers = _streaming(people.subscribers)
    subscriber_counts = _reading(people.subscriber_counts)
    admit = _writing(leaving.admit)
    consents = _reading(leaving.consents)
    mailed = _reading(leaving.mailed)
    save_pending = _writing(leaving.save_pending)
    pending = _reading(leaving.pending_by_id)
    all_pending = _streaming(leaving.all_pending)
    drop_pending = _writing(leaving.drop_pending)
    expire_pending = _writing(leaving.expire_pending)
    left_before = _reading(leaving.left_before)
    erase = _writing(leaving.erase)
    erased_since = _reading(leaving.erased_since)
    drop_letters = _writing(leaving.drop_letters)

    note_return = _writing(returned.note_return)
    returns = _reading(returned.returns)
    suppress = _writing(returned.suppress)
    lift = _writing(returned.lift)
    suppressed = _reading(returned.suppressed_addresses)

    def queue_issue(
        self,
        issue: Issue,
        editions: Iterable[Edition],
        deliveries: Iterable[Delivery],
        told: Iterable[Told] = (),
        skip: Collection[str] = (),
    ) -> int:
        frozen = tuple(editions)  # drawn before we lock; deliveries are drawn as they are stored, and may be made from
        # what this very store reads in another transaction
        with transaction(self._engine, "durable") as connection:
            return outbox.queue_issue(connection, issue, frozen, deliveries, tuple(told), skip)

    queue = _writing(outbox.queue)
    edition = _reading(ledger.edition)
    recover = _writing(outbox.recover)
    claim = _writing(outbox.claim)
    settle = _writing(outbox.settle)
    postpone = _writing(outbox.postpone)
    subscribers_of = _reading(outbox.subscribers_of)
    owes = _reading(outbox.owes)
    deliveries = _streaming(outbox.deliveries)
    outbox_counts = _reading(outbox.outbox_counts)

    save_report = _writing(record.save_report)
    last_report = _reading(record.last_report)
    newest = _reading(record.newest)
    touch = _writing(record.touch)
    change_name = _reading(record.change_name)

    @contextmanager
    def hold(self, job: str) -> Iterator[None]:
        with alone(self._engine, job) as is_ours:
            if not is_ours:
                raise LockedError(f"{job}: another run is at it, on another machine; try again when it has ended")
            yield

    def close(self) -> None:
        self._engine.dispose()
