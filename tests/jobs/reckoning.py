"""What every newsletter owes to whom, reckoned beside the jobs and from the contract's words alone.

A world does things and tells them here: `Piece` is one story, whoever tells it. `Ledger.compose` and `Ledger.send` say
what the next issue must carry and what each reader must find in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.jobs.years import Turn, latest

MONTH = timedelta(days=31)


@dataclass
class Piece:
    """One story. `shown` is by section, None for archive; `updates` and `announced` count its real changes."""

    token: str  # the first word of its title, in no other
    reserved: bool = False
    shown: dict[str, datetime | None] = field(default_factory=dict)
    held: bool = False
    hidden: bool = False
    withdrawn: datetime | None = None
    updates: int = 0
    announced: int = 0

    @property
    def sections(self) -> set[str]:
        return set(self.shown)

    def visible(self, now: datetime, area: str) -> bool:
        begun = [moment for moment in self.shown.values() if moment is None or moment <= now]
        kept_back = self.held or self.hidden or self.withdrawn or (self.reserved and area != "reserved")
        return bool(begun) and not kept_back

    def back(self, now: datetime) -> None:
        """Taken out when it was young, it may have been in no issue yet."""
        assert self.withdrawn
        if self.withdrawn - max(moment for moment in self.shown.values() if moment) < MONTH:
            self.show(now)
        self.withdrawn = None

    def show(self, now: datetime) -> None:
        """From now on, unless it never was news; what is under an embargo waits for its hour all the same."""
        self.shown = {section: moment and max(moment, now) for section, moment in self.shown.items()}


@dataclass
class Note:
    """What an editor wrote to the next issue."""

    skip: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    hold: bool = False


@dataclass
class Composed:
    number: int
    turn: Turn
    news: set[str]
    state: str = "draft"


@dataclass(frozen=True)
class Reader:
    id: str
    newsletters: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    area: str = "public"


@dataclass(frozen=True)
class Told:
    """What was told of a piece: how many of its changes were known, and whether that it is gone."""

    updates: int
    announced: int
    gone: bool = False


Mails = dict[tuple[str, int], set[str]]  # {(reader, number): the tokens named in that mail}


@dataclass
class Ledger:
    """One newsletter; `sections` empty means all."""

    id: str
    turns: list[Turn]
    pieces: dict[str, Piece]
    first_opens: datetime
    sections: tuple[str, ...] = ()
    area: str = "public"
    approval: str = "none"
    note: Note | None = None
    issues: list[Composed] = field(default_factory=list)
    carried: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    told: dict[str, Told] = field(default_factory=dict)

    def compose(self, now: datetime) -> Composed | None:
        turn = latest(self.turns, now)
        if turn.closes <= self.first_opens or (self.issues and self.issues[-1].turn.closes >= turn.closes):
            return None
        note = self.note or Note()
        owed = {p.token for p in self.pieces.values() if self._owes(p, turn, now)} - note.skip - note.later
        if not owed and not any(announced for _, announced, _ in self.changes(now)):
            return None
        issue = Composed(len(self.issues) + 1, turn, owed, "held" if note.hold else "draft")
        self.issues.append(issue)
        self.note = None
        for token in note.skip | note.later:
            self.put_off(token, later=token in note.later)
        self.carried |= owed
        self.again -= owed
        return issue

    def wants(self, piece: Piece) -> bool:
        return not self.sections or bool(piece.sections.intersection(self.sections))

    def put_off(self, token: str, *, later: bool) -> None:
        """`newsletter skip`, of what no issue has told yet."""
        for issue in self.issues:
            if issue.state != "sent" and token in issue.news:
                issue.news.remove(token)
                self.carried.remove(token)
        self.skipped.discard(token)
        self.again.discard(token)
        if token not in self.carried:
            (self.again if later else self.skipped).add(token)

    def send(self, now: datetime, readers: tuple[Reader, ...]) -> Mails:
        """What goes out now: {(reader, number): tokens}."""
        mails: Mails = {}
        for issue in sorted(self.issues, key=lambda one: (one.turn.closes, one.number)):
            free = ("approved",) if self.approval == "required" else ("draft", "approved")
            if issue.state in free and issue.turn.due <= now:
                mails |= self._freeze(issue, now, readers)
        return mails

    def changes(self, now: datetime) -> Iterator[tuple[str, bool, bool]]:
        """(token, whether an editor announced it, whether it may be named) of what readers do not know yet."""
        for token, told in self.told.items():
            piece = self.pieces[token]
            if token in self.skipped:
                continue
            if piece.hidden or piece.withdrawn:
                if not told.gone:
                    yield token, False, not piece.hidden
            elif piece.updates > told.updates and piece.visible(now, self.area):
                yield token, piece.announced > told.announced, True

    def _owes(self, piece: Piece, turn: Turn, now: datetime) -> bool:
        if piece.token in self.carried | self.skipped or not piece.visible(now, self.area) or not self.wants(piece):
            return False
        since = self._since()
        news = [moment for moment in piece.shown.values() if moment and moment <= now]
        return any(moment < turn.closes and (moment >= since or piece.token in self.again) for moment in news)

    def _since(self) -> datetime:
        """What was shown a month before the last issue's days had its issue, whatever is widened now."""
        opened = [issue.turn.opens for issue in self.issues if issue.state != "sent" or issue is self.issues[-1]]
        return max([self.first_opens, *([min(opened) - MONTH] if opened else [])])

    def _freeze(self, issue: Composed, now: datetime, readers: tuple[Reader, ...]) -> Mails:
        kept_back = {token for token in issue.news if not self.pieces[token].visible(now, self.area)}
        issue.news -= kept_back
        self.carried -= kept_back
        self.again |= kept_back
        issue.state = "sent"
        changes = list(self.changes(now))
        mails: Mails = {}
        for reader in readers:
            if self._reads(reader):
                news, changed = self._chosen(issue.news, reader), self._chosen({t for t, _, _ in changes}, reader)
                if news or any(announced for token, announced, _ in changes if token in changed):
                    named = {token for token, _, has_name in changes if token in changed and has_name}
                    mails[reader.id, issue.number] = news | named
        if mails:
            self._remember(issue.news, changes)
        return mails

    def _remember(self, news: set[str], changes: Iterable[tuple[str, bool, bool]]) -> None:
        for token in news | {token for token, _, _ in changes}:
            piece = self.pieces[token]
            self.told[token] = Told(piece.updates, piece.announced, gone=piece.hidden or bool(piece.withdrawn))

    def _reads(self, reader: Reader) -> bool:
        admitted = self.area == "public" or reader.area == "reserved"
        return admitted and (not reader.newsletters or self.id in reader.newsletters)

    def _chosen(self, tokens: set[str], reader: Reader) -> set[str]:
        """Those that stand in a section which is the newsletter's and the reader's."""
        own = set(self.sections) & set(reader.sections) if self.sections and reader.sections else None
        wanted = own if own is not None else set(reader.sections)
        if own is None and not wanted:
            return set(tokens)
        return {token for token in tokens if self.pieces[token].sections & wanted}
