"""What is known of a source and of its entries between two pulls, and the changes that a pull found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model.entries import Area, Entry, Wishes
from aggregator.model.fetched import Problem, ProblemKind, Validators

ANNOUNCEMENTS = "announcements"  # the folder of our own announcements is a source too, under this id


@dataclass(frozen=True, slots=True)
class Move:
    """A permanent redirect a source answers with, the same at every check since."""

    to: str
    since: datetime
    times: int = 1
    same: bool = False  # what answered there last is the feed we know


@dataclass(frozen=True, slots=True)
class Check:
    """What we know of a source between two pulls."""

    source_id: str
    url: str = ""
    title: str = ""  # as its document calls itself
    home: str = ""
    language: str = ""
    feed_id: str = ""  # as its document names itself
    validators: Validators = Validators()  # noqa: RUF009 - frozen
    first_pull: datetime | None = None  # its first success: what came with it is archive
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    next_check: datetime | None = None
    problem: str = ""
    problem_kind: ProblemKind = "fetch"  # means something while there is a problem
    problem_since: datetime | None = None
    failures: int = 0  # checks in a row that gave nothing, for the same kind of reason
    present: tuple[str, ...] = ()  # ids of the entries in its last document
    remarks: tuple[str, ...] = ()  # what is odd about its last document, in words
    wishes: Wishes = Wishes()  # noqa: RUF009 - frozen
    certificate_ends: datetime | None = None
    arrivals: tuple[datetime, ...] = ()  # its last checks that brought something new, oldest first
    move: Move | None = None
    stays_from: tuple[str, ...] = ()  # addresses it might have moved to, and the admin does not want
    wanted_pause: datetime | None = None  # until when its server wants to be left alone (Retry-After)
    quarantined: datetime | None = None  # since when what is new is held back, until the admin has answered
    area: Area = "public"  # what feeds.yaml last said of it, for the day it is taken out or wrong
    keep_days: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What intake must know of a stored entry to recognise it and to leave its facts alone."""

    id: str
    keys: Mapping[str, str]  # kind of key -> hash, see intake.identify
    fingerprint: str
    slug: str
    first_seen: datetime
    shown: datetime | None
    archive: bool
    left_out: str
    withdrawn: datetime | None
    revision: int
    guid: str | None = None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a pull of one source found; the store saves it in one transaction.

    `new` and `changed` are whole entries, safe and with all their facts, and `keys` the identity keys of each of
    them. `same`, `reappeared` and `withdrawn` are ids.
    """

    source_id: str
    at: datetime
    check: Check
    new: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    same: tuple[str, ...] = ()
    reappeared: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problem: Problem | None = None
    unread: bool = False  # the source said that nothing changed: no document was read
