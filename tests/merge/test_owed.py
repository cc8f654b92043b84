"""What an issue must carry: the ledger says what is owed, the window only up to when."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from aggregator.merge.owed import carrying, owed, wants
from aggregator.model import Entry, Placement, Story
from tests.build import NOW, days, entry, hours, newsletter


def story(*entries: Entry, sections: tuple[str, ...] = ("news",)) -> Story:
    return Story(entries[0], entries[1:], tuple(Placement(s, "source") for s in sections))


def news(*stories: Story, carried: Collection[str] = (), **fields: Any) -> list[list[str]]:
    """The ids of each story owed by the week that ends at `NOW`, whose newsletter first opened a month ago."""
    told = owed(stories, newsletter(**fields), carried, first_opens=days(-30), closes=NOW)
    return [[s.lead.id, *(e.id for e in s.others)] for s in told]


def seen(id: str, when: Any, **fields: Any) -> Entry:
    return entry(id, **({"shown": when, "first_seen": when} | fields))


def test_an_entry_is_owed_once_it_is_shown_and_until_an_issue_carries_it() -> None:
    assert news(story(seen("a", days(-1)))) == [["a"]]
    assert news(story(seen("a", days(-1))), carried={"a"}) == []


@pytest.mark.parametrize(
    ("shown", "is_owed"),
    [(days(-31), False), (days(-30), True), (days(-29), True), (hours(-0.01), True), (NOW, False), (None, False)],
)
def test_from_the_first_opening_on_and_before_the_close(shown: Any, is_owed: bool) -> None:
    assert bool(news(story(entry(shown=shown)))) is is_owed


def test_what_an_earlier_window_missed_is_owed_still() -> None:
    """A pull that was saved after the issue of its week."""
    assert news(story(seen("late", days(-20)))) == [["late"]]


def test_archive_is_never_news_whatever_its_moments_say() -> None:
    assert news(story(seen("a", days(-1), archive=True))) == []


def test_a_story_is_carried_once_any_of_its_entries_is() -> None:
    assert news(story(seen("a", days(-1)), seen("b", days(-1))), carried={"b"}) == []


def test_a_story_is_news_through_its_news_and_the_archive_comes_along() -> None:
    assert news(story(seen("old", days(-60), shown=None, archive=True), seen("new", days(-1)))) == [["new", "old"]]


def test_what_is_shown_after_the_close_comes_along_but_does_not_lead() -> None:
    assert news(story(seen("late", hours(1)), seen("b", days(-1)))) == [["b", "late"]]


def test_a_newsletter_carries_its_sections_or_all_where_it_names_none() -> None:
    told = story(seen("a", days(-1)), sections=("atti", "news"))
    assert news(told, sections=("news",)) == [["a"]]
    assert news(told, sections=("agenda",)) == []
    assert news(told, sections=()) == [["a"]]
    assert wants(newsletter(sections=()), story(entry(), sections=()))


def test_an_issue_in_todays_words_is_led_by_what_it_carries() -> None:
    told = story(seen("a", hours(1)), seen("b", days(-1)), seen("c", days(-1)))
    (now,) = carrying([told, story(entry("x"))], {"c", "b"})
    assert [now.lead.id, *(e.id for e in now.others)] == ["b", "a", "c"]
    assert now.placements == told.placements
