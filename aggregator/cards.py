"""The nouns of the catalogue: what was derived of entries and stories at the last publish, without their texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model import Area

# Who comes first: the one shown first; of those shown at one moment, in one pull, the source that ranks highest.
Seat = tuple[datetime, int, datetime, str]

# By what an entry is found when another one may tell the same news: a page, an act, a word, a hash of a few words.
Clue = str | int


@dataclass(frozen=True, slots=True)
class Card:
    """An entry as grouping sees it; `page` is what its link points at.

    `names_page` is false where the link names no news, because its source points there again and again.
    """

    id: str
    source_id: str
    area: Area
    moment: datetime  # when it was shown, or first seen
    rank: int  # of its source
    first_seen: datetime
    page: str = ""
    names_page: bool = True

    @property
    def seat(self) -> Seat:
        return (self.moment, -self.rank, self.first_seen, self.id)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a story, or what is gone, stands: on a shelf, at a moment of a month (`2018-05`).

    `fresh` is when it was last news there; `name` what the shelf is called by it, such as its spelling of a tag.
    """

    shelf: str
    at: datetime
    fresh: datetime
    month: str
    entry_id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Something came to a shelf, changed there or left it; how many stand there `before` and `after`, in this month, or
    in all where `month` is empty: then `renamed` says whether most call the shelf otherwise now."""

    shelf: str
    month: str
    before: int
    after: int
    renamed: bool = False
