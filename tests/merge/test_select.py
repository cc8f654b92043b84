"""The one gate: when an entry may be shown, to whom, and how much of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aggregator.merge.route import route
from aggregator.merge.select import trimmed, visible
from aggregator.model import Entry
from aggregator.settings import Condition, Config, Rule
from tests.build import NOW, config, days, entry, hours, source


def shown(one: Entry, site: Config | None = None, area: Any = "public", now: Any = NOW) -> bool:
    site = site or config()
    return visible(route(one, site), site, now, area)


def announcement(id: str = "a1", **fields: Any) -> Entry:
    return entry(id, source_id="announcements", guid=f"{id}.md", url=None, **fields)


def test_an_ordinary_entry_is_shown_in_both_areas() -> None:
    assert shown(entry())
    assert shown(entry(), area="reserved")


def test_an_archive_entry_is_shown_though_it_was_never_news() -> None:
    assert shown(entry(archive=True, shown=None))


@pytest.mark.parametrize(
    "fields",
    [
        {"left_out": "exclude: asil* nido"},
        {"withdrawn": days(-1)},
        {"first_seen": hours(1)},
        {"shown": hours(1)},
        {"publish_at": hours(1)},
        {"publish_at": hours(1), "archive": True, "shown": None},
    ],
    ids=str,
)
def test_what_is_kept_back_is_shown_to_nobody(fields: dict[str, Any]) -> None:
    assert not shown(entry(**fields))
    assert not shown(entry(**fields), area="reserved")


def test_an_embargo_ends_at_its_very_moment() -> None:
    one = announcement(publish_at=NOW, shown=NOW)
    assert not shown(one, now=NOW - timedelta(microseconds=1))
    assert shown(one, now=NOW)


def test_an_announcement_is_over_at_its_very_moment() -> None:
    one = announcement(expires=NOW, first_seen=days(-1), shown=days(-1))
    assert shown(one, now=NOW - timedelta(microseconds=1))
    assert not shown(one, now=NOW)


def test_a_dropped_entry_is_shown_nowhere() -> None:
    site = config(rules=(Rule(Condition(title=("avviso",)), drop=True),))
    assert not shown(entry(), site)
    assert not shown(entry(), site, area="reserved")


# --- keep_days ---


def board(**fields: Any) -> Config:
    return config(sources=(source("albo", **fields),))


def test_a_notice_is_over_after_its_days_and_not_before() -> None:
    one = entry(source_id="albo", published=days(-15), first_seen=days(-14))
    assert not shown(one, board(keep_days=15))
    assert shown(one, board(keep_days=16))


@pytest.mark.parametrize("published", [None, days(3)], ids=["undated", "dated in the future"])
def test_without_a_date_one_can_believe_the_days_are_counted_from_when_we_saw_it(published: Any) -> None:
    one = entry(source_id="albo", published=published, first_seen=days(-2))
    assert not shown(one, board(keep_days=2))
    assert shown(one, board(keep_days=3))


def test_keep_days_count_as_they_stand_today() -> None:
    """What intake noted when the entry came in counts only once the source is taken out."""
    one = entry(source_id="albo", published=days(-20), first_seen=days(-20), expires=days(-5))
    assert shown(one, board())
    assert shown(one, board(keep_days=30))
    assert not shown(one, config())


def test_a_source_taken_out_leaves_its_notices_their_day() -> None:
    one = entry(source_id="albo", published=days(-3), first_seen=days(-3), expires=days(12))
    assert shown(one, config())
    assert not shown(one, config(), now=days(12))


# --- areas ---


@pytest.mark.parametrize(
    ("one", "site"),
    [
        (announcement(area="reserved"), config()),
        (entry(), config(sources=(source("anci", area="reserved"),))),
        (entry(area="reserved"), config(sources=())),
        (entry(), config(rules=(Rule(Condition(title=("avviso",)), area="reserved"),))),
        (announcement(area="reserved"), config(rules=(Rule(Condition(title=("avviso",)), area="public"),))),
    ],
    ids=["front matter", "source", "source taken out", "rule", "no rule makes public what was reserved"],
)
def test_what_anything_reserves_is_for_the_reserved_area_only(one: Entry, site: Config) -> None:
    assert not shown(one, site)
    assert shown(one, site, area="reserved")


def test_a_source_that_is_opened_to_the_public_opens_what_it_gave_before() -> None:
    assert shown(entry(area="reserved"), config())


# --- how much ---


LONG = "<p>" + "Il bando <b>proroga</b> i termini. " * 40 + "</p>"


def told(text: str, **fields: Any) -> Entry:
    return trimmed(
        entry(**({"summary": "<p>breve</p>", "content": LONG} | fields)), config(sources=(source(text=text),))
    )


def test_full_text_is_left_alone() -> None:
    assert told("full").content == LONG
    assert told("full").summary == "<p>breve</p>"


def test_title_means_nothing_but_the_title() -> None:
    assert (told("title").summary, told("title").content) == ("", "")
    assert told("title").title


def test_a_short_summary_is_shown_as_its_source_wrote_it() -> None:
    assert (told("summary").summary, told("summary").content) == ("<p>breve</p>", "")


def test_an_article_in_the_summary_is_cut_after_600_plain_characters() -> None:
    cut = told("summary", summary=LONG).summary
    assert 550 < len(cut) <= 600
    assert cut.endswith("…")
    assert "<" not in cut
    at_the_limit = "<p>" + "è" * 600 + "</p>"
    assert told("summary", summary=at_the_limit).summary == at_the_limit
    assert len(told("summary", summary="<p>" + "è" * 601 + "</p>").summary) <= 600


def test_without_a_summary_the_text_gives_a_short_one() -> None:
    one = told("summary", summary="", content="<p>Prezzi &lt; 100 euro &amp; <i>altro</i></p>")
    assert one.summary == "Prezzi &lt; 100 euro &amp; altro"
    assert one.content == ""


def test_nothing_to_say_stays_nothing() -> None:
    assert told("summary", summary="", content="").summary == ""


def test_announcements_are_ours_in_full() -> None:
    assert trimmed(announcement(content=LONG), config()).content == LONG


def test_a_source_taken_out_lets_us_show_no_more_than_titles() -> None:
    """Nobody knows any more what it allowed: perhaps it said `text: title`."""
    one = trimmed(entry(content=LONG), config(sources=()))
    assert (one.summary, one.content) == ("", "")
