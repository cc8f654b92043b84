"""Placed entries -> groups that tell the same news, in the order they came, each with why it stands there. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from aggregator.merge.alike import SAME_TEXT, why
from aggregator.merge.route import Placed
from aggregator.merge.traits import Traits, page_of, traits
from aggregator.model import Area, Placement, Story

Group = tuple[Placed, ...]

# How long after the lead an entry may join its story. The same page later on is news again: next year's call.
_BY_PAGE = timedelta(days=90)
_BY_TEXT = timedelta(days=14)

# How much before an entry must be known to tell where it stands: its lead, and what that one might have joined.
LOOKBACK = 2 * _BY_PAGE

_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


def cluster(placed: Iterable[Placed]) -> tuple[Group, ...]:
    """Every entry in exactly one group, its senior first; the order of the input does not matter.

    An entry that comes later joins a group or stands alone: it never parts one, and never leads it. Of entries since a
    moment the groups are the same as among all from `LOOKBACK` after it on, but where the same page was news every
    few weeks.
    """
    found = _Groups()
    for one, names_its_page in _in_order(placed):
        mine = traits(one.entry)
        found.add(one, mine if names_its_page else replace(mine, page=""))
    return tuple(tuple(group.members) for group in found.all)


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


def _seniority(one: Placed) -> tuple[datetime, int, datetime, str]:
    """Who leads: the one shown first, so that neither a latecomer nor one let in later takes a story over; of those
    shown at one moment, in one pull, the source that ranks highest."""
    seen = one.entry.first_seen or _BEGINNING
    return (_moment(one), -one.rank, seen, one.entry.id)


def _moment(one: Placed) -> datetime:
    return one.entry.shown or one.entry.first_seen or _BEGINNING


def _in_order(placed: Iterable[Placed]) -> Iterator[tuple[Placed, bool]]:
    """The senior first, and whether its link names its page. It does not where the source has pointed at that page
    shortly before, or does so several times at once: that is an index. What it does later takes nothing back."""
    ordered = sorted(placed, key=_seniority)
    pointers = [(one.entry.source_id, page_of(one.entry), one.entry.first_seen or _BEGINNING) for one in ordered]
    pointing: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for source, page, moment in sorted(pointers):
        pointing[source, page].append(moment)
    for one, (source, page, moment) in zip(ordered, pointers, strict=True):
        times = pointing[source, page]
        since, upto = bisect_left(times, moment - _BY_PAGE), bisect_right(times, moment)
        yield one, upto - since == 1


@dataclass(slots=True)
class _Group:
    number: int  # the oldest first
    moment: datetime
    area: Area
    sources: set[str] = field(default_factory=set)
    members: list[Placed] = field(default_factory=list)
    known: list[Traits] = field(default_factory=list)

    def reason(self, one: Placed, mine: Traits) -> str:
        """Why an entry belongs here, or nothing. A source tells a story once, and an entry of one area never leads, or
        mentions, one of another."""
        if one.area != self.area or one.entry.source_id in self.sources:
            return ""
        age = _moment(one) - self.moment
        for theirs, member in zip(self.known, self.members, strict=True):
            reason = why(mine, theirs)
            if reason and age <= (_BY_TEXT if reason == SAME_TEXT else _BY_PAGE):
                return f"{reason} as {member.entry.id}"
        return ""


_Listed = tuple[datetime, _Group]  # when an entry came, and where it went


@dataclass(frozen=True, slots=True)
class _Groups:
    """The groups so far, and where to look for those an entry might join: each list in the order of its entries."""

    all: list[_Group] = field(default_factory=list)
    by_name: dict[str, list[_Listed]] = field(default_factory=lambda: defaultdict(list))  # page, act
    by_word: dict[str | int, list[_Listed]] = field(default_factory=lambda: defaultdict(list))
    recent: deque[_Group] = field(default_factory=deque)

    def add(self, one: Placed, mine: Traits) -> None:
        self._forget(_moment(one) - _BY_PAGE)
        for group in self._candidates(one, mine):
            if reason := group.reason(one, mine):
                self._enter(group, replace(one, evidence=reason), mine)
                return
        alone = _Group(len(self.all), _moment(one), one.area)
        self.all.append(alone)
        self.recent.append(alone)
        self._enter(alone, one, mine)

    def _candidates(self, one: Placed, mine: Traits) -> Iterator[_Group]:
        """Those with its page or its act, then those with some of its rarest words; of each the oldest first."""
        names = [self.by_name[name] for name in (mine.page, mine.act) if name]
        yield from _led_since(names, _moment(one) - _BY_PAGE)
        rarest = sorted(mine.title, key=lambda word: (len(self.by_word[word]), word))
        # Titles that share three fifths of their words share one of any two fifths and one more.
        words: list[str | int] = [*rarest[: len(rarest) * 2 // 5 + 1], *mine.sketch]
        yield from _led_since((self.by_word[word] for word in words), _moment(one) - _BY_TEXT)

    def _enter(self, group: _Group, one: Placed, mine: Traits) -> None:
        group.members.append(one)
        group.sources.add(one.entry.source_id)
        group.known.append(mine)
        for name in filter(None, (mine.page, mine.act)):
            self.by_name[name].append((_moment(one), group))
        words: list[str | int] = [*mine.title, *mine.sketch]
        for word in words:
            self.by_word[word].append((_moment(one), group))

    def _forget(self, moment: datetime) -> None:
        """What nobody can join any more need not be known any more."""
        while self.recent and self.recent[0].moment < moment:
            self.recent.popleft().known.clear()


def _led_since(lists: Iterable[Sequence[_Listed]], moment: datetime) -> list[_Group]:
    """The groups listed whose lead was shown since then, each once, the oldest first."""
    found: dict[int, _Group] = {}
    for listed in lists:
        for entered, group in reversed(listed):
            if entered < moment:
                break
            if group.moment >= moment:
                found[group.number] = group
    return [found[number] for number in sorted(found)]
