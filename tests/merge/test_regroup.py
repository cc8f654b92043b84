"""Groups kept in the catalogue: whatever comes, changes or goes, they are those found among all entries at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregator.catalogue import Catalogue
from aggregator.merge.cluster import card_of, cluster
from aggregator.merge.regroup import Regrouping
from aggregator.merge.route import Placed
from aggregator.merge.traits import Traits, traits
from tests.build import days, hours
from tests.merge.test_cluster import TOLD, one, pulls


class Desk:
    """A catalogue, and the entries it is about."""

    def __init__(self) -> None:
        self.catalogue = Catalogue(":memory:")
        self.known: dict[str, Placed] = {}

    def take(self, entries: Iterable[Placed]) -> set[str]:
        """Let these come, or be what they are now; the leads of the groups that are not what they were."""
        regrouping = Regrouping(self.catalogue.groups, self._told)
        for placed in entries:
            self.known[placed.entry.id] = placed
            regrouping.look_at(card_of(placed))
        regrouping.settle()
        return regrouping.moved

    def groups(self) -> list[list[tuple[str, str]]]:
        found = {tuple(card.id for card in self.catalogue.groups.group(id_)) for id_ in self.known}
        kept = [[(id_, self.catalogue.groups.evidence(id_)) for id_ in group] for group in found]
        return sorted(kept)

    def _told(self, ids: Sequence[str]) -> dict[str, Traits]:
        return {id_: traits(self.known[id_].entry) for id_ in ids}


def expected(entries: Iterable[Placed]) -> list[list[tuple[str, str]]]:
    return sorted([[(placed.entry.id, placed.evidence) for placed in group] for group in cluster(entries)])


def revised(draw: Any, placed: Placed) -> Placed:
    """The same entry later on: other words, another address, let in later, of another area or source."""
    kind = draw(st.sampled_from(["words", "page", "shown", "area", "source"]))
    if kind == "words":
        title, text = draw(st.sampled_from(TOLD))
        return replace(placed, entry=replace(placed.entry, title=title, content=text))
    if kind == "page":
        page = draw(st.sampled_from(["uno", "due", "solo"]))
        return replace(placed, entry=replace(placed.entry, url=f"https://www.interno.example.it/{page}"))
    if kind == "shown":
        later = (placed.entry.shown or placed.entry.first_seen) + timedelta(days=draw(st.sampled_from([0, 1, 20, 95])))
        return replace(placed, entry=replace(placed.entry, shown=later))
    if kind == "area":
        return replace(placed, area=draw(st.sampled_from(["public", "reserved"])))
    return replace(placed, entry=replace(placed.entry, source_id=draw(st.sampled_from(["anci", "interno", "altro"]))))


@given(pulls(), pulls(start=timedelta(days=10)), pulls(start=timedelta(days=60)), st.data())
def test_what_comes_and_what_changes_give_the_groups_of_all(
    first: list[Placed], then: list[Placed], last: list[Placed], data: st.DataObject
) -> None:
    desk = Desk()
    for arrived in (first, then, last):
        changing = data.draw(st.lists(st.sampled_from(sorted(desk.known)), max_size=3)) if desk.known else []
        changed = {id_: revised(data.draw, desk.known[id_]) for id_ in changing}
        before = {id_: group for group in desk.groups() for id_, _ in group}
        moved = desk.take([*arrived, *changed.values()])
        assert desk.groups() == expected(desk.known.values())
        for group in desk.groups():
            if any(before.get(id_) not in (None, group) or id_ not in before for id_, _ in group):
                assert group[0][0] in moved, "a group that is not what it was is named"


@given(pulls(), st.randoms())
def test_the_order_in_which_entries_are_looked_at_does_not_matter(found: list[Placed], shuffled: Any) -> None:
    desk, other = Desk(), list(found)
    shuffled.shuffle(other)
    for placed in other:
        desk.take([placed])
    assert desk.groups() == expected(found)


def test_a_lead_whose_words_change_leaves_its_story_to_the_next() -> None:
    say = {"url": None, "title": TOLD[0][0], "content": TOLD[0][1]}
    told = [one(f"e{n}", f"s{n}", **say, first_seen=hours(n), shown=hours(n)) for n in range(3)]
    desk = Desk()
    desk.take(told)
    assert [[id_ for id_, _ in group] for group in desk.groups()] == [["e0", "e1", "e2"]]
    changed = replace(told[0], entry=replace(told[0].entry, title="Chiuso l'ufficio anagrafe di via Prova", content=""))
    assert desk.take([changed]) == {"e0", "e1"}
    assert [[id_ for id_, _ in group] for group in desk.groups()] == [["e0"], ["e1", "e2"]]


def test_what_is_far_away_is_not_looked_at() -> None:
    say = {"url": None, "title": TOLD[0][0], "content": TOLD[0][1]}
    desk = Desk()
    desk.take(one(f"e{n}", f"s{n}", **say, first_seen=days(30 * n), shown=days(30 * n)) for n in range(20))
    looked: list[str] = []
    regrouping = Regrouping(desk.catalogue.groups, lambda ids: looked.extend(ids) or desk._told(ids))  # type: ignore[func-returns-value]
    regrouping.look_at(card_of(desk.known["e3"]))
    regrouping.settle()
    assert set(looked) == {"e3"}
