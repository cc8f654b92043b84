"""The nouns that flow through the house: frozen, slotted, tuples not lists, every datetime aware and UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Literal

Area = Literal["public", "reserved"]

# How far a date can be trusted, best first:
#   exact    day, time and zone were given          zone     the zone was missing and taken from the source
#   day      only a day was given (midnight there)  refused  something was written that is no date (see published_raw)
#   missing  nothing was written
DateQuality = Literal["exact", "zone", "day", "refused", "missing"]


ANNOUNCEMENTS = "announcements"  # the folder of our own announcements is a source too, under this id


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that belongs to an entry. `length` in bytes.

    `path` is set for an announcement's attachment only: its place below the announcements folder, always with
    slashes. Such a file is copied out at publish, and its `url` is known from then on.
    """

    url: str = ""
    type: str = ""
    length: int | None = None
    title: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled link of an announcement ("Internet sito progetto")."""

    url: str
    label: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """A law, a circular or a judgment that an entry names; `url` leads to its text, and is empty where nobody keeps it
    under a lasting address."""

    label: str  # `D.Lgs. 286/1998`
    url: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An appointment. `start` and `end` are UTC; `all_day` means that only their local days count."""

    start: datetime
    end: datetime | None = None
    place: str = ""
    online: str = ""
    all_day: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, from the moment it is parsed to the moment it is printed.

    `summary` and `content` are HTML: as the source wrote it when it comes from `parse`, safe after `intake` (only
    safe HTML is ever stored). `title` is plain text throughout. The second block holds what only the store knows;
    it stays at its defaults in a freshly parsed entry.
    """

    source_id: str
    id: str = ""  # ours, unique in the site: intake.identify
    guid: str | None = None  # the source's own id, untouched
    url: str | None = None
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    published: datetime | None = None
    published_raw: str = ""  # as written: what is fingerprinted, and shown when a date was refused
    date_quality: DateQuality = "missing"
    updated: datetime | None = None
    enclosures: tuple[Enclosure, ...] = ()
    links: tuple[Link, ...] = ()
    events: tuple[Event, ...] = ()
    deadline: date | None = None
    deadline_found: bool = False  # read in its text by intake; its source does not say so itself
    origin: str = ""  # Fonte, where it is not the source's own title
    type: str = ""  # the seed portal's first tag line: Notizia, Evento, ...
    section: str = ""  # asked for by the announcement itself
    area: Area = "public"
    licence: str = ""
    pin: bool = False
    publish_at: datetime | None = None
    expires: datetime | None = None  # of a source that has `keep_days`: when it is forgotten
    change: str = ""  # the editor's own sentence about an edit

    slug: str = ""  # path of its page, minted once
    first_seen: datetime | None = None
    acts: tuple[Act, ...] = ()  # those it names: derived at each publish by merge, never stored
    shown: datetime | None = None  # when it could first be shown; None for archive
    archive: bool = False  # was never news: no newsletter owes it
    left_out: str = ""  # why it is shown nowhere, see `reasons`; empty: it is kept
    withdrawn: datetime | None = None  # its announcement was deleted
    revised: datetime | None = None  # its last real update, if any: intake.revise
    revision: int = 0  # how often it changed, in whatever way
    updates: int = 0  # how many real ones followed each other within a week
    restless: datetime | None = None  # its last real update that was not told, as too many had been
    fingerprint: str = ""  # hash of its content as parsed

    def __reduce__(self) -> tuple[Any, ...]:
        """Thousands travel between processes: as plain values, which is four times faster than dataclasses' own way."""
        return Entry, _FIELDS(self)

    def posted(self, seen: datetime) -> datetime:
        """When it was posted, as far as one can say: a missing date, or one in the future, is when we saw it first."""
        return self.published if self.published is not None and self.published <= seen else seen


_FIELDS = attrgetter(*(one.name for one in fields(Entry)))


@dataclass(frozen=True, slots=True)
class Wishes:
    """How often a document asks to be fetched at most: RSS 2.0's `ttl` or RSS 1.0's `sy:`, `skipHours`, `skipDays`."""

    every: float = 0.0  # seconds between two checks
    skip_hours: tuple[int, ...] = ()  # 0 to 23, UTC
    skip_days: tuple[int, ...] = ()  # 0 is Monday, UTC


@dataclass(frozen=True, slots=True)
class Feed:
    """A document with entries, incoming and published alike. `mended` says in words what had to be done to read it."""

    id: str
    title: str
    home: str = ""
    self_url: str = ""
    language: str = ""
    description: str = ""
    updated: datetime | None = None
    entries: tuple[Entry, ...] = ()
    wishes: Wishes = Wishes()
    mended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "changed since?" (RFC 9110, 8.8), and a hash of the last body."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask of one server. `timeout` in seconds covers the whole exchange; `max_body` in bytes, decompressed.

    `per_host`: how many of its host's documents may be fetched at once; None: as many as the network allows.
    """

    source_id: str
    url: str
    validators: Validators = Validators()
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float = 30.0
    max_body: int = 10_000_000
    per_host: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document as it arrived; from here on nothing knows where it came from but by `source_id`.

    `url` is the address that answered, after redirects; `media_type` lower case, without parameters. A document that
    is `truncated` is read like any other, but nothing follows from what it does not hold.
    """

    source_id: str
    url: str
    body: bytes
    media_type: str = ""
    charset: str = ""
    validators: Validators = Validators()
    max_age: float | None = None  # seconds it stays fresh, as the server says (RFC 9111, 4.2); 7 days at most
    truncated: str = ""  # why the end is missing, in words; empty: it is whole
    moved: str = ""  # where 301 and 308 alone led, from the first hop on; empty: nowhere
    certificate_ends: datetime | None = None  # of the last hop; None: it was not https


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The server answered 304, or the same bytes as last time."""

    source_id: str
    max_age: float | None = None  # as in Fetched, and so are these
    moved: str = ""
    certificate_ends: datetime | None = None


ProblemKind = Literal["fetch", "gone", "parse", "config", "crash"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one source gave nothing this time, in words an admin understands. A value: it never stops a run."""

    source_id: str
    kind: ProblemKind
    text: str
    retry_after: float | None = None  # seconds the server wants to be left alone (429, 503); 7 days at most
    status: int = 0  # of HTTP; 0: the server said nothing


@dataclass(frozen=True, slots=True)
class Move:
    """A permanent redirect a source answers with, the same at every check since."""

    to: str
    since: datetime
    times: int = 1
    same: bool = False  # what answered there last is the feed we know
    rejected: bool = False  # the admin does not want it


@dataclass(frozen=True, slots=True)
class Check:
    """What we know of a source between two pulls."""

    source_id: str
    url: str = ""
    title: str = ""  # as its document calls itself
    home: str = ""
    language: str = ""
    feed_id: str = ""  # as its document names itself
    validators: Validators = Validators()
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
    wishes: Wishes = Wishes()
    certificate_ends: datetime | None = None
    arrivals: tuple[datetime, ...] = ()  # its last checks that brought something new, oldest first
    move: Move | None = None
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


@dataclass(frozen=True, slots=True)
class Placement:
    """A section, and the rule that placed the story there (`source`, `front matter` or `rules[3]`)."""

    section: str
    rule: str


@dataclass(frozen=True, slots=True)
class Story:
    """Entries that tell the same news, one of them in the lead."""

    lead: Entry
    others: tuple[Entry, ...] = ()
    placements: tuple[Placement, ...] = ()

    @property
    def sections(self) -> tuple[str, ...]:
        return tuple(p.section for p in self.placements)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them, the lead first."""
        return (self.lead, *self.others)


@dataclass(frozen=True, slots=True)
class Gone:
    """An entry that readers of the public feeds have had, and that is shown no longer; the sections it stood in."""

    entry: Entry
    sections: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the output folder; `path` relative, with slashes."""

    path: str
    body: bytes
    media_type: str = ""
    fault: str = ""  # why it must not be written, in words: what stands there stays


@dataclass(frozen=True, slots=True)
class Part:
    """Files of the output folder that are made together, such as a page and its feeds; its documents are made as they
    are asked for. `name`: any text without control characters."""

    name: str
    documents: Iterable[Document]


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


Consent = Literal["pending", "confirmed", "withdrawn", "bounced"]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address and what it agreed to. Empty `newsletters` or `sections` means all of them."""

    id: str
    address: str
    consent: Consent = "pending"
    language: str = ""
    name: str = ""
    newsletters: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    area: Area = "public"
    municipality: str = ""
    since: datetime | None = None  # when the consent took its present state
    evidence: str = ""  # who, when, where, on what ground


@dataclass(frozen=True, slots=True)
class Consented:
    """One line of the proof: what a subscriber's consent became, when, and by what evidence."""

    at: datetime | None
    consent: Consent
    evidence: str


@dataclass(frozen=True, slots=True)
class Problems:
    """What came back of the mails to one subscriber."""

    times: int
    at: datetime  # the last time
    words: str  # the server's, then


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one handed message."""

    state: Literal["accepted", "deferred", "refused", "unknown"]  # unknown: the answer to the last dot never came
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """One line of a report: the id of the source, announcement or newsletter at fault, and why in words."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a job returns; log lines, tables, `--json` and the exit code are all made from it."""

    job: str
    started: datetime
    ended: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    issues: tuple[Issue, ...] = ()  # composed by this run
    broken: tuple[str, ...] = ()  # what failed and did not before
    mended: tuple[str, ...] = ()  # what failed before and does no longer
