"""What an issue recalls, what changed since it was told, and what is reason enough for an issue."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aggregator.content import Content, Told, Update
from aggregator.merge.recall import has_cause, recalled, updates
from aggregator.merge.route import route
from aggregator.model import Entry, Event, Placement, Story
from aggregator.reasons import hidden
from aggregator.settings import Newsletter
from tests.build import NOW, config, days, entry, newsletter, source

TODAY = date(2026, 6, 15)
ROME = config().site.zone


def story(id: str, section: str = "news", **fields: Any) -> Story:
    return Story(entry(id, **fields), placements=(Placement(section, "source"),))


def due(id: str, in_days: int, **fields: Any) -> Story:
    return story(id, deadline=TODAY + timedelta(days=in_days), **fields)


def near(
    *stories: Story, letter: Newsletter | None = None, untold: tuple[str, ...] = (), moved: tuple[str, ...] = ()
) -> list[str]:
    found = recalled(stories, letter or newsletter(), untold, moved, TODAY, ROME)
    return [one.lead.id for one in found]


# --- recalled ---


@pytest.mark.parametrize(("in_days", "is_near"), [(-1, False), (0, True), (1, True), (14, True), (15, False)])
def test_a_deadline_is_recalled_from_two_weeks_before_to_its_day(in_days: int, is_near: bool) -> None:
    assert near(due("a", in_days)) == (["a"] if is_near else [])


def test_an_event_is_recalled_by_its_day_in_the_zone_of_the_site() -> None:
    """Half past eleven of the evening in UTC is tomorrow in Rome."""
    last_night = Event(datetime(2026, 6, 14, 22, 30, tzinfo=UTC))
    yesterday = Event(datetime(2026, 6, 14, 21, 30, tzinfo=UTC))
    assert near(story("a", events=(yesterday, last_night)), story("b", events=(yesterday,)), story("c")) == ["a"]


def test_a_deadline_that_moved_is_told_however_far_it_went() -> None:
    assert near(due("a", 90), due("b", 90), moved=("a",)) == ["a"]


def test_what_is_news_or_left_out_or_owed_by_a_later_issue_is_not_recalled() -> None:
    told_by_two = replace(due("a", 1), others=(entry("x"),))
    assert near(told_by_two, due("b", 1), untold=("x",)) == ["b"]


def test_only_what_the_newsletter_wants_is_recalled() -> None:
    acts = newsletter(sections=("atti",))
    assert near(due("a", 1), due("b", 1, section="atti"), letter=acts) == ["b"]


# --- what changed ---


SITE = config(sources=(source("anci"), source("interno", area="reserved", section="atti")))
FORMER = entry("a", revision=0)


def changed(
    one: Entry, told: Told | None = None, former: Entry = FORMER, area: Any = "public", **options: Any
) -> tuple[Update, ...]:
    word = told or Told("a", 13, 0, NOW)
    survivors = options.get("survivors", ())
    letter = newsletter(area=area)
    return updates([word], {"a": route(one, SITE)}, {"a": former}, survivors, letter, SITE, days(7))


REVISED = replace(FORMER, revision=1, revised=days(1), title="Corretto")


def test_a_real_change_is_told_with_the_number_that_told_it_first() -> None:
    (update,) = changed(REVISED)
    assert (update.number, update.entry.title, update.former.title) == (13, "Corretto", FORMER.title)
    assert (update.sections, update.gone, update.is_announced) == (("news",), False, False)


def test_a_typo_is_not_told() -> None:
    assert changed(replace(FORMER, revision=1, title="Corretta")) == ()
    assert changed(replace(REVISED, revision=2), former=REVISED) == ()


def test_a_change_is_announced_by_a_new_sentence_of_the_editor() -> None:
    (update,) = changed(replace(REVISED, change="Termine prorogato"))
    assert update.is_announced
    (update,) = changed(replace(REVISED, change="Già detto"), former=replace(FORMER, change="Già detto"))
    assert not update.is_announced


def test_what_is_hidden_is_told_once_as_gone_and_not_named() -> None:
    gone = replace(REVISED, left_out=hidden(days(1)))
    (update,) = changed(gone)
    assert (update.gone, update.entry.id, update.entry.title, update.entry.url) == (True, "a", "", None)
    assert changed(gone, Told("a", 14, 1, days(2), gone=True)) == ()


def test_what_is_withdrawn_is_told_once_as_gone_with_its_title() -> None:
    gone = replace(FORMER, withdrawn=days(1))
    (update,) = changed(gone)
    assert (update.gone, update.entry.title) == (True, FORMER.title)
    assert changed(gone, Told("a", 14, 0, days(2), gone=True)) == ()


def test_of_a_story_that_others_tell_still_nobody_says_that_it_is_gone() -> None:
    assert changed(replace(FORMER, withdrawn=days(1)), survivors=("a",)) == ()
    assert len(changed(REVISED, survivors=("a",))) == 1


def test_what_came_back_and_then_changed_is_told_and_what_only_came_back_is_not() -> None:
    gone = Told("a", 14, 0, days(2), gone=True)
    assert changed(FORMER, gone) == ()
    assert len(changed(REVISED, gone)) == 1


def test_what_became_reserved_is_no_matter_of_a_public_newsletter() -> None:
    reserved = replace(REVISED, source_id="interno")
    assert changed(reserved) == ()
    assert changed(replace(reserved, withdrawn=days(1))) == ()
    assert len(changed(reserved, area="reserved")) == 1


def test_what_is_under_an_embargo_again_is_not_told_before_its_hour() -> None:
    assert changed(replace(REVISED, publish_at=days(30))) == ()


def test_the_oldest_number_is_told_first() -> None:
    words = [Told("a", 9, 0, NOW), Told("b", 8, 0, NOW), Told("c", 8, 0, NOW)]
    entries = {id_: entry(id_, revision=1, revised=days(1)) for id_ in "cab"}
    placed = {id_: route(one, SITE) for id_, one in entries.items()}
    former = {id_: entry(id_) for id_ in entries}
    found = updates(words, placed, former, (), newsletter(), SITE, days(7))
    assert [(u.number, u.entry.id) for u in found] == [(8, "b"), (8, "c"), (9, "a")]


# --- a reason for an issue ---


def update(change: str = "") -> Update:
    return Update(replace(REVISED, change=change), FORMER, 13, ("news",))


@pytest.mark.parametrize(
    ("content", "is_cause"),
    [
        (Content(), False),
        (Content(news=(story("a"),)), True),
        (Content(recalled=(due("a", 0),)), True),
        (Content(recalled=(due("a", 6),)), True),
        (Content(recalled=(due("a", 7),)), False),
        (Content(recalled=(story("a", events=(Event(days(1)),)),)), False),
        (Content(updates=(update(),)), False),
        (Content(updates=(update(), update("Termine prorogato"))), True),
    ],
    ids=["nothing", "news", "due today", "due before the next", "due at the next", "an event", "a change", "announced"],
)
def test_the_reasons_for_an_issue(content: Content, is_cause: bool) -> None:
    assert has_cause(content, TODAY, TODAY + timedelta(days=7)) is is_cause
