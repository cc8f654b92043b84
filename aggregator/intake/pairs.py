"""Keys told, keys stored -> who is paired with whom, by one kind of evidence after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from aggregator.intake.keys import ALL, Keys, signature
from aggregator.model import Known

Kinds = tuple[str, ...]
Enough = Callable[[Keys], bool]  # whether these keys say enough for such evidence
Fits = Callable[[Keys, Keys], bool]  # whether what was told may be what is stored, all else considered


def always(*_keys: Keys) -> bool:
    return True


@dataclass(slots=True)
class Pairs:
    """What has been recognised so far. To lack the same key is to agree in it."""

    told: Sequence[Keys]
    known: Sequence[Known]
    found: dict[int, Known] = field(default_factory=dict)  # place in `told` -> stored entry
    _taken: set[str] = field(default_factory=set)

    def whole(self, kinds: Kinds, enough: Enough = always, fits: Fits = always) -> None:
        """Pair those that agree in these kinds of key if they are as many here as there, and none was known so far."""
        for places, stored in self._agreeing(kinds, enough):
            if len(places) == len(stored) and not any(map(self._settled, places, stored)):
                self._pair(places, stored, fits)

    def one(self, kinds: Kinds, enough: Enough = always, fits: Fits = always) -> None:
        """Pair what agrees in these kinds of key with nothing else, neither here nor there."""
        for places, stored in self._agreeing(kinds, enough):
            if len(places) == len(stored) == 1:
                self._pair(places, stored, fits)

    def many(self, kinds: Kinds, enough: Enough = always, fits: Fits = always) -> None:
        """Pair all that can be, the newest first: for those whose words are the same which is which is one."""
        for places, stored in self._agreeing(kinds, enough):
            for place in places:
                self._pair([place] * len(stored), stored, fits)

    def best(self, kinds: Kinds, enough: Enough = always) -> None:
        """Pair what agrees with nothing else here with the stored entry that is most like it."""
        for (place, *others), stored in self._agreeing(kinds, enough):
            if not others:
                mine = self.told[place].items()
                self._pair([place] * len(stored), sorted(stored, key=lambda k: -len(mine & k.keys.items())), always)

    def _agreeing(self, kinds: Kinds, enough: Enough) -> Iterator[tuple[list[int], list[Known]]]:
        """Places and stored entries that agree, paired ones among them, where any place is open: each in an order that
        is not the document's, the stored ones newest first."""
        here: dict[str, list[int]] = defaultdict(list)
        for place, keys in enumerate(self.told):
            if enough(keys):
                here[signature(keys, kinds)].append(place)
        wanted = {agreed for agreed, places in here.items() if not self.found.keys() >= set(places)}
        there: dict[str, list[Known]] = defaultdict(list)
        for one in self.known if wanted else ():
            if (agreed := signature(one.keys, kinds)) in wanted:
                there[agreed].append(one)
        for agreed, stored in there.items():
            places = sorted(here[agreed], key=lambda place: signature(self.told[place], ALL))
            yield places, sorted(sorted(stored, key=lambda k: k.id), key=lambda k: k.first_seen, reverse=True)

    def _pair(self, places: Sequence[int], stored: Sequence[Known], fits: Fits) -> None:
        for place, one in zip(places, stored, strict=True):
            if not self._settled(place, one) and fits(self.told[place], one.keys):
                self.found[place] = one
                self._taken.add(one.id)

    def _settled(self, place: int, one: Known) -> bool:
        return place in self.found or one.id in self._taken
