"""What readers have had and what is gone since, and nothing of what they never saw."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from aggregator.merge import grouped
from aggregator.merge.gone import gone
from aggregator.model import Entry
from aggregator.reasons import FORGOTTEN, hidden
from aggregator.settings import Condition, Config, Rule
from tests.build import NOW, config, days, entry, hours, source

OLD = {"first_seen": days(-10), "shown": days(-10), "published": days(-10)}


def went(
    *entries: Entry, site: Config | None = None, now: datetime = NOW
) -> dict[str, tuple[tuple[str, ...], datetime]]:
    where = site or config()
    placed = [one for group in grouped(entries, where) for one in group]
    return {one.entry.id: (one.sections, one.at) for one in gone(placed, where, now)}


def told(id: str = "a", **fields: Any) -> Entry:
    return entry(id, **(OLD | fields))


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"withdrawn": days(-1)}, days(-1)),
        ({"left_out": hidden(days(-2))}, days(-2)),
        ({"source_id": "announcements", "expires": days(-3)}, days(-3)),
        ({"left_out": FORGOTTEN, "expires": days(-4), "title": "", "url": None}, days(-4)),
        ({"withdrawn": days(-1), "source_id": "announcements", "expires": days(-3)}, days(-3)),
    ],
)
def test_what_was_shown_and_is_not_is_gone_since_a_moment(fields: dict[str, Any], at: datetime) -> None:
    assert went(told(**fields)) == {"a": (("news",), at)}


def test_an_act_whose_days_are_over_is_gone_since_then() -> None:
    board = config(sources=(source("anci", keep_days=5),))
    assert went(told(), site=board) == {"a": (("news",), days(-5))}


@pytest.mark.parametrize(
    "fields",
    [
        {},  # it is there
        {"withdrawn": days(1)},  # not yet
        {"left_out": "exclude: nido", "withdrawn": days(-1)},
        {"area": "reserved", "source_id": "announcements", "withdrawn": days(-1)},
        {"shown": days(1), "withdrawn": days(-1)},  # before its hour had come
        {"publish_at": hours(-1), "withdrawn": days(-1)},
        {"language": "fr", "withdrawn": days(-1)},  # a rule drops it
        {"language": "de", "withdrawn": days(-1)},  # a rule reserves it
        {"source_id": "interno", "withdrawn": days(-1)},  # its source is reserved
        {"first_seen": hours(-1), "shown": None, "archive": True, "withdrawn": hours(-2)},
    ],
)
def test_of_what_no_reader_saw_nobody_hears_that_it_is_gone(fields: dict[str, Any]) -> None:
    site = config(
        sources=(source("anci"), source("interno", area="reserved")),
        rules=(Rule(Condition(language=("de",)), area="reserved"), Rule(Condition(language=("fr",)), drop=True)),
    )
    assert went(told(**fields), site=site) == {}


def test_an_act_that_was_over_when_it_came_was_never_shown() -> None:
    board = config(sources=(source("anci", keep_days=5),))
    assert went(told(first_seen=hours(-1), shown=hours(-1), published=days(-20)), site=board) == {}


def test_after_sixty_days_it_is_not_said_any_more() -> None:
    one = told(withdrawn=days(-1))
    assert went(one, now=days(58)) != {}
    assert went(one, now=days(59)) == {}
