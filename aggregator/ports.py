"""What jobs ask of the world. The edges answer to these; `app` brings both together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.cards import Card, Clue, Move, Place
from aggregator.content import Draft, Told
from aggregator.model import (
    Changes,
    Check,
    Consented,
    Delivery,
    Edition,
    Entry,
    Fetched,
    Issue,
    IssueState,
    Known,
    Outcome,
    Part,
    Problem,
    Problems,
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

    def attachment_mark(self, path: str) -> str:
        """Another mark, another file; cheap. Empty where there is none that may be read."""
        ...

    def mark(self) -> str:
        """Which catalogue the files of the output folder were last written from; empty where nobody knows."""
        ...

    def parts(self) -> frozenset[str]:
        """The names of the parts the output folder holds."""
        ...

    def missing(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of these paths of the output folder where no file stands."""
        ...

    def output_mark(self, paths: Iterable[str]) -> str:
        """Another mark: one of these files of the output folder is another, or gone. Cheap."""
        ...

    def write(
        self,
        parts: Iterable[Part],
        *,
        gone: Collection[str] = (),
        mark: str = "",
        done: Callable[[Sequence[str]], None] = ...,
    ) -> Mapping[str, int]:
        """Make each part hold its documents and none of its older ones, remove the parts that are gone, and leave all
        others alone; counts `written same removed`. The output folder bears `mark` from the first change on.

        Each file is replaced atomically and only where bytes differ. Documents are drawn in batches, the first wholly
        before anything is touched; `done` is told the names of parts once their files are on the disk, and of those
        that are gone. Files we did not write are neither replaced nor removed: StoreError names them after everything
        else is done, and their parts are not told; likewise RenderError, where paths are unfit or collide, or where
        documents have a fault: what stands there stays. An AggregatorError has the `counts` of what was done so far.
        """
        ...


class Mail(Protocol):
    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand over one message (bytes with CRLF); the answer of the server, or of the folder. May be called by several
        threads at once."""
        ...

    def close(self) -> None: ...


class Desk(Protocol):
    """The editors' notes to the issues of newsletters: `newsletters/ID/next.md`, and one for each number."""

    def note(self, newsletter: str, number: int) -> tuple[str, bytes]:
        """(path, text) of the note to this number: its own, else the next one's; empty where there is none."""
        ...

    def file_away(self, newsletter: str, number: int) -> None:
        """The note to the next issue is that to this number from now on, unless it has one."""
        ...


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

    def changed(self, since: int) -> tuple[int, tuple[str, ...]]:
        """The number of the newest change to entries, and the ids of the entries written after change number `since`,
        by the moment they were shown (or first seen), then by first seen, then id. `since=0`: all there are."""
        ...

    def change_name(self, number: int) -> str:
        """The random name that change took: of another history, it bears another one. Empty where it is not known,
        be it long ago."""
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

    # subscribers
    def save_subscriber(self, subscriber: Subscriber) -> None:
        """Insert or replace by id; the evidence of every change of consent is kept beside it."""
        ...

    def subscriber(self, address: str) -> Subscriber | None:
        """By address, letter case aside."""
        ...

    def subscriber_by_id(self, subscriber_id: str) -> Subscriber | None: ...

    def subscribers(self) -> Iterator[Subscriber]: ...

    def admit(self, subscriber: Subscriber, fingerprint: str) -> None:
        """Save who comes in: pending no longer, nor known as one who was erased."""
        ...

    def consents(self, subscriber_id: str) -> tuple[Consented, ...]:
        """The proof of every consent there was, oldest first."""
        ...

    def mailed(self, subscriber_id: str) -> tuple[Delivery, ...]:
        """All the outbox knows of mails to a subscriber, oldest first."""
        ...

    def save_pending(self, asked: Subscriber) -> None:
        """Remember who asked to subscribe, and what they chose, until they confirm it."""
        ...

    def pending(self, subscriber_id: str) -> Subscriber | None: ...

    def all_pending(self) -> Iterator[Subscriber]: ...

    def drop_pending(self, subscriber_id: str) -> bool:
        """Whether there was one."""
        ...

    def expire_pending(self, before: datetime) -> int:
        """Erase those who asked before; how many."""
        ...

    def left_before(self, moment: datetime) -> tuple[Subscriber, ...]: ...

    def erase(self, subscriber: Subscriber, fingerprint: str, now: datetime) -> None:
        """Keep no more of them than the proof of their consents, under the fingerprint of the address."""
        ...

    def erased_since(self, fingerprint: str) -> datetime | None: ...

    def drop_letters(self) -> int:
        """Erase confirmations, goodbyes and exports that are settled; how many."""
        ...

    def note_return(self, subscriber_id: str, about: str, at: datetime, words: str, *, since: datetime) -> int:
        """A mail came back for good: which one, and why. How many did since then, each counted once."""
        ...

    def returns(self) -> Mapping[str, Problems]:
        """What came back, by subscriber."""
        ...

    def suppress(self, address_hash: str, why: str, at: datetime) -> None:
        """Nothing is sent to the address of this hash any more."""
        ...

    def lift(self, address_hash: str) -> None:
        """Something may be again: its owner wants it."""
        ...

    def suppressed(self) -> frozenset[str]:
        """The hashes of all addresses nothing is sent to."""
        ...

    # the outbox
    def queue_issue(
        self,
        issue: Issue,
        editions: Iterable[Edition],
        deliveries: Iterable[Delivery],
        told: Iterable[Told] = (),
        skip: Collection[str] = (),
    ) -> int:
        """Freeze an issue: its editions, one delivery a subscriber, state `sending`, in one transaction.

        What it carried and `issue.entries` no longer names is owed to a later issue, but for entries to `skip`; `told`
        is kept for the day one of them changes. Nothing is done where the issue is
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

    def claim(self, now: datetime, limit: int, answered: Iterable[Delivery] = ()) -> tuple[Delivery, ...]:
        """Settle what was answered, and up to `limit` messages that are due are `handing`: in one commit, before it
        returns."""
        ...

    def settle(self, *answered: Delivery) -> None:
        """Store state, attempts, next_try and detail of deliveries; committed before it returns."""
        ...

    def postpone(self, newsletter: str, until: datetime) -> int:
        """What waits of this newsletter is due then, or later; how many."""
        ...

    def subscribers_of(self, deliveries: Iterable[Delivery]) -> Mapping[str, Subscriber]:
        """{id: subscriber} of whom these deliveries are for, as they stand now."""
        ...

    def owes(self, newsletter: str, number: int) -> bool:
        """Whether anything of this issue is still to be handed over, or is in hand."""
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


# --- the catalogue ---


class Index(Protocol):
    """The entries placed so far, those before `one` only: by what they are found."""

    def count(self, clue: Clue, since: datetime, one: Card, /) -> int:
        """How many with this clue were shown since then."""
        ...

    def groups(self, clues: Iterable[Clue], since: datetime, one: Card, /) -> Iterable[Sequence[Card]]:
        """The groups led since then of whom somebody with one of these clues was shown since then; the oldest first."""
        ...


class Groups(Index, Protocol):
    """The entries known, and where they stand. What is known, and stands nowhere yet, nobody can join."""

    def learn(self, card: Card) -> None:
        """Know the entry by this card; it stands nowhere."""
        ...

    def pointing(self, source_id: str, page: str, since: datetime, upto: datetime) -> Sequence[Card]:
        """The entries known of a source that point at a page, first seen from then to then."""
        ...

    def group(self, entry_id: str) -> Sequence[Card]:
        """All that stand where an entry stands, the lead first; none where it stands nowhere."""
        ...

    def evidence(self, entry_id: str) -> str:
        """Why it stands there."""
        ...

    def settle(self, card: Card, lead_id: str, evidence: str, names: Sequence[Clue], texts: Sequence[Clue]) -> None:
        """Let it stand there, and be found by these clues."""
        ...

    def sharing(self, others: Sequence[Card], names: timedelta, texts: timedelta, one: Card) -> Iterable[Card]:
        """The entries after `one` that share a clue with one of the others, shown no longer after it than so."""
        ...

    def leads(self, ids: Iterable[str]) -> frozenset[str]:
        """The leads of the groups of these entries."""
        ...

    def members(self, leads: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """{lead: ids of its group, in their order}, in the order of the leads; none of who leads no more."""
        ...


class Places(Protocol):
    """Which stories, named by their leads, stand on which shelves; the latest first."""

    def place(self, lead_id: str, places: Collection[Place]) -> None:
        """Let the story stand on these shelves and no others."""
        ...

    def moves(self) -> tuple[Move, ...]:
        """What has been moved since this was asked last."""
        ...

    def latest(self, shelf: str, most: int = -1) -> tuple[str, ...]: ...

    def freshest(self, shelf: str, most: int) -> tuple[str, ...]: ...

    def since(self, shelf: str, at: datetime) -> tuple[str, ...]: ...

    def in_months(self, shelf: str, first: str, last: str) -> tuple[str, ...]: ...

    def months(self, shelf: str) -> Mapping[str, int]: ...

    def names(self, prefix: str) -> Mapping[str, tuple[str, int]]: ...

    def name(self, shelf: str) -> tuple[tuple[str, int], ...]: ...


class Words(Protocol):
    """What the stories that are published say."""

    def say(self, lead_id: str, at: datetime, stems: Sequence[str]) -> None:
        """Let the story be found by these stems, parted by spaces: of its titles, its tags, its texts. None: it is
        found no more."""
        ...


class Finder(Protocol):
    """The same, for who looks for something; StoreError where nothing can be told now."""

    def found(self, stems: Sequence[str], start: str, first: int, most: int) -> tuple[int, tuple[str, ...]]:
        """How many stories have all these stems (instead of the last one, any that begins with `start`), and what lists
        say of `most` of them from the `first` on: the best first, of equals the latest."""
        ...


class Catalogue(Protocol):
    """What the last publish derived. It may be lost: then everything is derived again. Anything raises DamagedError
    where it is not as it was left."""

    @property
    def groups(self) -> Groups: ...

    @property
    def shelves(self) -> Places: ...

    @property
    def words(self) -> Words: ...

    def state(self, name: str) -> str:
        """What was noted under this name; empty where nothing was."""
        ...

    def states(self, prefix: str) -> Mapping[str, str]:
        """The same of all names that begin so, without that."""
        ...

    def note(self, name: str, value: str) -> None: ...

    def make_anew(self) -> None:
        """Begin again knowing nothing, whatever is wrong with it. What was `groups` and `shelves` is no more."""
        ...

    def commit(self) -> None:
        """Keep what was derived so far; what is not kept is derived again."""
        ...

    def signs(self, ids: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """{id: (sign, guid)} of the entries known, as `mark` said last."""
        ...

    def mark(self, entry_id: str, sign: str, guid: str, again: datetime | None, acts: str) -> None:
        """`again`: when the hour next changes what readers see of it; `acts`: those it names, for who asks `acts`."""
        ...

    def acts(self, ids: Iterable[str]) -> Mapping[str, str]:
        """{id: what `mark` said of its acts} of the entries known."""
        ...

    def overdue(self, now: datetime) -> tuple[str, ...]:
        """Ids of the entries to be looked at again by now."""
        ...

    def of_sources(self, sources: Iterable[str]) -> tuple[str, ...]: ...

    def with_guid(self, guid: str) -> tuple[str, ...]:
        """Ids of every entry that has it, the first seen first."""
        ...

    def tell(self, lead_id: str, line: str) -> None:
        """What lists say of a story; nothing: it is told no longer."""
        ...

    def lines(self, leads: Iterable[str]) -> Mapping[str, str]:
        """{lead: what lists say of its story}"""
        ...

    def attach(self, lead_id: str, files: Iterable[tuple[str, str, str]]) -> None:
        """The attached files of a story: (path, mark, what is wrong with it)."""
        ...

    def attached(self) -> tuple[tuple[str, str, str, str], ...]:
        """(path, mark, lead, what is wrong with it) of every attached file."""
        ...

    def owe(self, parts: Iterable[str]) -> None:
        """These parts of the output folder are to be written, after those that are owed already."""
        ...

    def owed(self) -> tuple[str, ...]: ...

    def done(self, parts: Iterable[str]) -> None: ...

    def close(self) -> None: ...
