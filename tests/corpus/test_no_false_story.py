"""Real notice boards side by side: each act has its own page and number, and none is taken for another."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from aggregator import urls
from aggregator.intake.identify import names
from aggregator.merge.cluster import cluster
from aggregator.merge.route import Placed
from aggregator.model import Entry, Feed, Fetched, Placement
from aggregator.parse import document
from tests.corpus.shelf import needs_corpus, snapshots

pytestmark = needs_corpus

ROME = ZoneInfo("Europe/Rome")


def acts() -> dict[str, Entry]:
    """{id: entry, as it was first seen} of every board, each a source."""
    found: dict[str, Entry] = {}
    for snapshot in snapshots():
        feed = document(Fetched(snapshot.feed, "https://albo.example.it/", snapshot.body), ROME)
        for entry, id_ in zip(feed.entries, names(feed.entries), strict=True) if isinstance(feed, Feed) else ():
            found.setdefault(id_, replace(entry, id=id_, first_seen=snapshot.at, shown=snapshot.at))
    return found


def test_no_two_acts_of_different_boards_are_one_story() -> None:
    entries = acts()
    boards = {entry.source_id for entry in entries.values()}
    assert len(entries) > 800
    assert len(boards) > 15

    groups = cluster(Placed(entry, (Placement("news", "source"),), "public") for entry in entries.values())

    told_by_many = [[one.entry for one in group] for group in groups if len(group) > 1]
    pages = [{urls.key(entry.url or entry.id) for entry in group} for group in told_by_many]
    assert [group for group, links in zip(told_by_many, pages, strict=True) if len(links) > 1] == []
