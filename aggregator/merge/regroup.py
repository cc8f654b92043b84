"""Entries that came or changed -> the groups they stand in now, and those of others that this moved. Pure.

The same groups as `cluster` finds among all entries, at the cost of those that are touched. An entry joins by what came
before it: what changes one can change those after it only, and of them none but those it shares a clue with, or
somebody of its group does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heappop, heappush

from aggregator.cards import Card, Seat
from aggregator.merge.cluster import BY_NAME, BY_TEXT, home, names, seen, texts
from aggregator.merge.traits import Traits
from aggregator.ports import Groups


@dataclass(frozen=True, slots=True)
class Regrouping:
    """`told` gives the traits of entries. `moved` are the leads of the groups that are not what they were."""

    groups: Groups
    told: Callable[[Sequence[str]], Mapping[str, Traits]]
    moved: set[str] = field(default_factory=set)
    _waiting: dict[str, Card] = field(default_factory=dict)
    _queue: list[Seat] = field(default_factory=list)  # of those that wait, and of some who changed their seat since

    def look_at(self, card: Card) -> None:
        """It came, or grouping would see something else in it than before."""
        for former in self.groups.group(card.id):
            if former.id == card.id:
                self._shake(self.groups.group(card.id), former)
                self._push(self._pointing_since(former))
        self.groups.learn(card)
        self._push([card, *self._pointing_since(card)])

    def settle(self, before: datetime | None = None) -> None:
        """Find the place of all that wait and were shown before then."""
        while self._queue and (before is None or self._queue[0][0] < before):
            seat = heappop(self._queue)
            if (card := self._waiting.get(seat[-1])) and card.seat == seat:
                del self._waiting[card.id]
                self._place(card)

    def _place(self, card: Card) -> None:
        card = replace(card, names_page=self._names_page(card))
        mine = self._told([card])[card.id]
        found = home(card, mine, self.groups, self._told)
        lead_id, evidence = (found[0].id, found[1]) if found else (card.id, "")
        before = self.groups.group(card.id)
        if before and before[0].id == lead_id and card in before and self.groups.evidence(card.id) == evidence:
            return
        self._shake(before, card)
        self.groups.settle(card, lead_id, evidence, names(mine), texts(mine))
        self._shake(self.groups.group(card.id), card)

    def _told(self, cards: Sequence[Card]) -> Mapping[str, Traits]:
        known = self.told([card.id for card in cards])
        return {card.id: seen(known[card.id], card) for card in cards}

    def _names_page(self, card: Card) -> bool:
        return len(self.groups.pointing(card.source_id, card.page, card.first_seen - BY_NAME, card.first_seen)) == 1

    def _pointing_since(self, card: Card) -> Sequence[Card]:
        """Those whose link names no news, or does again, where this one came or went."""
        return self.groups.pointing(card.source_id, card.page, card.first_seen, card.first_seen + BY_NAME)

    def _shake(self, group: Sequence[Card], card: Card) -> None:
        """The card comes into this group, or leaves it: look again at all after it that this may move."""
        if group:
            self.moved.add(group[0].id)
            self._push(one for one in group if one.seat > card.seat)
            self._push(self.groups.sharing(group, BY_NAME, BY_TEXT, card))

    def _push(self, cards: Iterable[Card]) -> None:
        for card in cards:
            known = self._waiting.get(card.id)
            self._waiting[card.id] = card
            if known is None or known.seat != card.seat:
                heappush(self._queue, card.seat)
