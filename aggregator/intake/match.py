"""Entries of a document, by their keys -> the stored entry that each of them is, if any.

Evidence counts only where it names one: what several entries share, here or in the store, is the name of none. What
remains in doubt is new, since an entry told twice is a nuisance and one taken for another is lost. Nothing depends on
the order of the entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from aggregator.intake.keys import ALL, WORDS, Keys, differ, has, signature
from aggregator.intake.pairs import Kinds, Pairs
from aggregator.model import Known

Identity = Literal["auto", "guid", "link", "guid+link", "title+date"]

_MOVED = ("title", "date", "text")  # what stays when the addresses do not


def match(told: Sequence[Keys], known: Sequence[Known], identity: Identity) -> list[Known | None]:
    """For each entry of a document the stored one it is; no stored entry is taken twice."""
    if not known:
        return [None] * len(told)
    chosen = kinds_of(identity)
    found: dict[int, Known] = {}
    for by_choice in (True, False):
        places = [place for place, keys in enumerate(told) if is_chosen(keys, chosen) is by_choice]
        pairs = Pairs([told[place] for place in places], [k for k in known if is_chosen(k.keys, chosen) is by_choice])
        pairs.whole(ALL)  # stored exactly so: most documents bring nothing else
        if len(pairs.found) < len(places):
            _by_choice(pairs, chosen) if by_choice else _by_evidence(pairs)
        found |= {places[place]: one for place, one in pairs.found.items()}
    return [found.get(place) for place in range(len(told))]


def kinds_of(identity: Identity) -> Kinds:
    """The keys an admin chose; none where we are to see for ourselves."""
    return () if identity == "auto" else tuple(identity.split("+"))


def is_chosen(keys: Keys, chosen: Kinds) -> bool:
    """Whether the entry has what the admin chose; one that has not is recognised by whatever it has."""
    return bool(chosen) and chosen[0] in keys


def _by_choice(pairs: Pairs, chosen: Kinds) -> None:
    """The admin says what names an entry; where several share that name after all, their words tell them apart."""
    pairs.many((*chosen, "title", "date", "text"))
    pairs.best(chosen)
    pairs.whole((*chosen, "title", "date"))


def _by_evidence(pairs: Pairs) -> None:
    """From the surest to the weakest."""
    judge = _Judge(pairs)
    pairs.many(WORDS, _has_words, judge.may_have_another_guid)
    judge.look_at_guids()
    # All but the text. Where some of those that share such a name kept their words, one with other words is new.
    pairs.whole(("guid", "link", "title", "date") if judge.guids_count else ("link", "title", "date"), judge.is_named)
    if judge.guids_count:
        pairs.one(("guid", "link"), lambda mine: has(mine, ("guid", "link")))
        pairs.one(("guid",), lambda mine: "guid" in mine, _is_not_given_anew)
    # Without guids, or with guids from now on, a title or a date may be corrected, not both.
    pairs.one(("link", "title", "date"), judge.is_named, judge.same_guid)
    pairs.one(("link", "date"), lambda mine: judge.own_link(mine) and "date" in mine, judge.same_guid)
    pairs.one(("link", "title", "text"), judge.is_article, judge.same_guid)
    pairs.one(("link", "title", "text"), lambda mine: has(mine, ("title", "text")), judge.same_guid_and_date)
    if judge.moved:
        pairs.one(_MOVED, lambda mine: "title" in mine and ("date" in mine or "text" in mine))


class _Judge:
    """What the keys of one document are worth, judged by what was recognised in it already."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs
        self._links = Counter(keys["link"] for keys in pairs.told if "link" in keys)
        # A guid that was seen before under the same words: this server does not make them up at each request.
        self._guids_last = any("guid" in pairs.told[place] for place in pairs.found)
        self.guids_count = True
        self.moved = _have_moved(pairs)

    def look_at_guids(self) -> None:
        """They count for nothing in a document that brings old words under new guids, and none under an old one."""
        pairs = self._pairs.found.items()
        self.guids_count = self._guids_last or not any(differ(self._pairs.told[p], k.keys, "guid") for p, k in pairs)

    def own_link(self, mine: Keys) -> bool:
        return "link" in mine and self._links[mine["link"]] == 1

    def is_named(self, mine: Keys) -> bool:
        """A title alone names nothing: 68 acts had 16 titles."""
        return "title" in mine and ("date" in mine or self.own_link(mine))

    def is_article(self, mine: Keys) -> bool:
        """Alone in its document, a title without text may be this week's on a page that lists them all."""
        return self.own_link(mine) and "title" in mine and ("text" in mine or len(self._links) > 1)

    def may_have_another_guid(self, mine: Keys, theirs: Keys) -> bool:
        """Of the same words: acts with the same title, day and page are told apart by their guids, if these last."""
        on_its_page = self.own_link(mine) and "date" in mine
        return on_its_page or not self._guids_last or not differ(mine, theirs, "guid")

    def same_guid(self, mine: Keys, theirs: Keys) -> bool:
        return not self.guids_count or not differ(mine, theirs, "guid")

    def same_guid_and_date(self, mine: Keys, theirs: Keys) -> bool:
        return self.same_guid(mine, theirs) and not differ(mine, theirs, "date")


def _has_words(mine: Keys) -> bool:
    return "title" in mine or "text" in mine


def _have_moved(pairs: Pairs) -> bool:
    """To another host or CMS: no guid and no link that we know, and yet most of the words."""
    shared = {kinds: _shared(pairs, kinds) for kinds in (("guid",), ("link",), _MOVED)}
    return not shared["guid",] and not shared["link",] and 2 * shared[_MOVED] > len(pairs.told)


def _shared(pairs: Pairs, kinds: Kinds) -> int:
    """How many entries of the document have such keys of a stored one."""
    stored = {signature(one.keys, kinds) for one in pairs.known if kinds[0] in one.keys}
    return sum(kinds[0] in keys and signature(keys, kinds) in stored for keys in pairs.told)


def _is_not_given_anew(mine: Keys, theirs: Keys) -> bool:
    """Some number their entries from the top of the document: then a guid stands on something else each time."""
    return not all(differ(mine, theirs, kind) for kind in ("link", "title", "date"))
