"""Placed entries -> groups that tell the same news, in the order they came, each with why it stands there. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from aggregator.cards import Card, Clue
from aggregator.merge.alike import SAME_TEXT, why
from aggregator.merge.route import Placed
from aggregator.merge.traits import Traits, page_of, traits
from aggregator.model import Placement, Story
from aggregator.ports import Index

Group = tuple[Placed, ...]

# How long after the lead an entry may join its story. The same page later on is news again: next year's call.
BY_NAME = timedelta(days=90)
BY_TEXT = timedelta(days=14)

# How much before an entry must be known to tell where it stands: its lead, and what that one might have joined.
LOOKBACK = 2 * BY_NAME

_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


def cluster(placed: Iterable[Placed]) -> tuple[Group, ...]:
    """Every entry in exactly one group, its senior first; the order of the input does not matter.

    An entry that comes later joins a group or stands alone: it never parts one, and never leads it. Of entries since a
    moment the groups are the same as among all from `LOOKBACK` after it on, but where the same page was news every
    few weeks.
    """
    found = _Groups()
    for one, card in _in_order(placed):
        found.add(one, card, seen(traits(one.entry), card))
    return tuple(tuple(group.members) for group in found.all)


def card_of(one: Placed) -> Card:
    entry = one.entry
    first = entry.first_seen or _BEGINNING
    return Card(entry.id, entry.source_id, one.area, entry.shown or first, one.rank, first, page_of(entry))


def seen(mine: Traits, card: Card) -> Traits:
    """The traits, without a page that names no news."""
    return mine if card.names_page else replace(mine, page="")


def story(group: Sequence[Placed]) -> Story:
    """What these entries tell, in the sections of all of them; the senior leads."""
    first: dict[str, Placement] = {}
    for one in group:
        for placement in one.placements:
            first.setdefault(placement.section, placement)
    return Story(group[0].entry, tuple(one.entry for one in group[1:]), tuple(first.values()))


def mates(groups: Iterable[Group], ids: Collection[str]) -> frozenset[str]:
    """The ids, and those of every entry that tells the same news as one of them."""
    told = ([one.entry.id for one in group] for group in groups)
    return frozenset(ids).union(*(group for group in told if any(id_ in ids for id_ in group)))


# --- where an entry stands ---


def names(mine: Traits) -> tuple[Clue, ...]:
    """The clues that tell by themselves: its page, its act."""
    return tuple(filter(None, (mine.page, mine.act)))


def texts(mine: Traits) -> tuple[Clue, ...]:
    """Those that only say where to look: the words of its title, hashes of its text."""
    return (*sorted(mine.title), *mine.sketch)


# The traits of some entries, by their ids.
Told = Callable[[Sequence[Card]], Mapping[str, Traits]]


def home(one: Card, mine: Traits, index: Index, told: Told) -> tuple[Card, str] | None:
    """The lead of the group an entry joins, and why; None: it stands alone."""
    for groups in _candidates(one, mine, index):
        open_to_it = [group for group in groups if _may_join(one, group)]
        known = told([card for group in open_to_it for card in group])
        for group in open_to_it:
            if reason := _reason(one, mine, group, known):
                return group[0], reason
    return None


def _candidates(one: Card, mine: Traits, index: Index) -> Iterator[Iterable[Sequence[Card]]]:
    """Those with its page or its act, then those with some of its rarest words; of each the oldest first."""
    yield index.groups(names(mine), one.moment - BY_NAME, one)
    since = one.moment - BY_TEXT
    rarest = sorted(mine.title, key=lambda word: (index.count(word, since, one), word))
    # Titles that share three fifths of their words share one of any two fifths and one more.
    yield index.groups((*rarest[: len(rarest) * 2 // 5 + 1], *mine.sketch), since, one)


def _may_join(one: Card, group: Sequence[Card]) -> bool:
    """A source tells a story once, and an entry of one area never leads, or mentions, one of another."""
    return group[0].area == one.area and all(member.source_id != one.source_id for member in group)


def _reason(one: Card, mine: Traits, group: Sequence[Card], known: Mapping[str, Traits]) -> str:
    """Why an entry belongs here, or nothing."""
    age = one.moment - group[0].moment
    for member in group:
        reason = why(mine, known[member.id])
        if reason and age <= (BY_TEXT if reason == SAME_TEXT else BY_NAME):
            return f"{reason} as {member.id}"
    return ""


# --- all at once, in memory ---


def _in_order(placed: Iterable[Placed]) -> Iterator[tuple[Placed, Card]]:
    """The senior first; neither a latecomer nor one let in later takes a story over. Its link names no page where the
    source has pointed at that page shortly before, or does so several times at once: that is an index. What it does
    later takes nothing back."""
    ordered = sorted(((one, card_of(one)) for one in placed), key=lambda pair: pair[1].seat)
    pointing: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for _, card in sorted(ordered, key=lambda pair: pair[1].first_seen):
        pointing[card.source_id, card.page].append(card.first_seen)
    for one, card in ordered:
        times = pointing[card.source_id, card.page]
        since, upto = bisect_left(times, card.first_seen - BY_NAME), bisect_right(times, card.first_seen)
        yield one, replace(card, names_page=upto - since == 1)


@dataclass(slots=True)
class _Group:
    number: int  # the oldest first
    moment: datetime
    members: list[Placed] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)


_Listed = tuple[datetime, _Group]  # when an entry came, and where it went


@dataclass(frozen=True, slots=True)
class _Groups:
    """The groups so far, and where to look for those an entry might join: each list in the order of its entries."""

    all: list[_Group] = field(default_factory=list)
    by_clue: dict[Clue, list[_Listed]] = field(default_factory=lambda: defaultdict(list))
    led: dict[str, _Group] = field(default_factory=dict)
    traits: dict[str, Traits] = field(default_factory=dict)
    recent: deque[_Group] = field(default_factory=deque)

    def add(self, one: Placed, card: Card, mine: Traits) -> None:
        self._forget(card.moment - BY_NAME)
        if found := home(card, mine, self, lambda _cards: self.traits):
            lead, reason = found
            self._enter(self.led[lead.id], replace(one, evidence=reason), card, mine)
            return
        alone = _Group(len(self.all), card.moment)
        self.all.append(alone)
        self.recent.append(alone)
        self.led[card.id] = alone
        self._enter(alone, one, card, mine)

    def count(self, clue: Clue, since: datetime, _one: Card, /) -> int:
        listed = self.by_clue.get(clue, ())
        return len(listed) - bisect_left(listed, since, key=lambda found: found[0])

    def groups(self, clues: Iterable[Clue], since: datetime, _one: Card, /) -> Iterable[Sequence[Card]]:
        found: dict[int, _Group] = {}
        for clue in clues:
            for entered, group in reversed(self.by_clue.get(clue, ())):
                if entered < since:
                    break
                if group.moment >= since:
                    found[group.number] = group
        return [found[number].cards for number in sorted(found)]

    def _enter(self, group: _Group, one: Placed, card: Card, mine: Traits) -> None:
        group.members.append(one)
        group.cards.append(card)
        self.traits[card.id] = mine
        for clue in (*names(mine), *texts(mine)):
            self.by_clue[clue].append((card.moment, group))

    def _forget(self, moment: datetime) -> None:
        """What nobody can join any more need not be known any more."""
        while self.recent and self.recent[0].moment < moment:
            for card in self.recent.popleft().cards:
                del self.traits[card.id]
