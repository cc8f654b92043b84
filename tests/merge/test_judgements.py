"""A judgement set made by hand: which entries tell the same news. No false pair, and most of the true ones."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from aggregator.merge.cluster import cluster
from aggregator.merge.route import Placed
from aggregator.model import Placement
from tests.build import entry, hours

Pair = tuple[str, str]

ENOUGH = 0.85  # of the true pairs


def families() -> list[tuple[str, list[tuple[str, Placed]]]]:
    """(what it is about, [(letter, entry)]) of every block."""
    text = Path(__file__).with_name("judgements.txt").read_text("utf-8")
    found = []
    for number, block in enumerate(text.split("\n\n")[1:]):
        comment, *lines = block.strip().split("\n")
        members = [_member(f"{number:02}-{place}", line) for place, line in enumerate(lines)]
        found.append((comment.lstrip("# "), members))
    return found


def _member(id_: str, line: str) -> tuple[str, Placed]:
    letter, source, title, text, url = (part.strip() for part in line.split("|"))
    at = hours(int(id_[-1]))
    told = entry(
        id_, source_id=f"{source}-{id_[:2]}", title=title, summary=text and f"<p>{text}</p>", content="", url=url,
        published=at, first_seen=at, shown=at,
    )  # fmt: skip
    return letter, Placed(told, (Placement("news", "source"),), "public")


def true_pairs() -> set[Pair]:
    return {
        (one.entry.id, other.entry.id)
        for _, members in families()
        for (mine, one), (theirs, other) in combinations(members, 2)
        if mine == theirs
    }


def found_pairs() -> set[Pair]:
    """All families together, as they would stand in one store."""
    groups = cluster(one for _, members in families() for _, one in members)
    return {pair for group in groups for pair in combinations(sorted(p.entry.id for p in group), 2)}


def test_the_set_is_large_enough_to_judge_by() -> None:
    judged = sum(len(list(combinations(members, 2))) for _, members in families())
    assert judged >= 200
    assert len(true_pairs()) >= 50


def test_no_two_entries_are_taken_for_one_story_that_are_two() -> None:
    assert found_pairs() - true_pairs() == set()


def test_most_stories_are_recognised() -> None:
    recall = len(found_pairs() & true_pairs()) / len(true_pairs())
    assert recall >= ENOUGH, sorted(true_pairs() - found_pairs())


@pytest.mark.parametrize(("about", "members"), families(), ids=[about for about, _ in families()])
def test_a_family_alone_is_judged_as_among_all_others(about: str, members: list[tuple[str, Placed]]) -> None:
    alone = {p for g in cluster(one for _, one in members) for p in combinations(sorted(m.entry.id for m in g), 2)}
    ids = {one.entry.id for _, one in members}
    assert alone == {pair for pair in found_pairs() if set(pair) <= ids}, about
