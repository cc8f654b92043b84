"""The issue that is due, as a draft: once, never empty, whatever the clock did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from aggregator.jobs.issues.compose import compose
from aggregator.model import Changes, Entry, Issue, Report
from aggregator.ports import Store
from aggregator.settings import Config
from tests.build import NOW, changes, config, days, entry, hours, newsletter, source
from tests.fakes import FakeDesk

SECOND = timedelta(seconds=1)
PAGE = "https://www.interno.example.it/notizie/decreto-flussi"


def seen(id: str, when: datetime, **fields: Any) -> Entry:
    return entry(id, **({"first_seen": when, "shown": when, "url": None} | fields))


def save(store: Store, *entries: Entry, at: datetime | None = None) -> None:
    for one in entries:
        store.save(changes(one.source_id, new=[one], at=at or one.first_seen))


def opened(store: Store, site: Config | None = None, at: datetime | None = None) -> Config:
    """A site whose newsletters opened a week before `NOW`: as a pull or an early look does it."""
    site = site or config()
    assert compose(site, store, FakeDesk(), at or days(-7)).issues == ()
    return site


def carried(report: Report) -> list[tuple[int, tuple[str, ...]]]:
    return [(issue.number, issue.entries) for issue in report.issues]


def test_a_week_of_news_makes_one_issue_at_its_hour_and_not_before(store: Store) -> None:
    site = opened(store)
    save(store, seen("a", days(-6)), seen("b", days(-1)))
    assert compose(site, store, FakeDesk(), NOW - SECOND).issues == ()
    report = compose(site, store, FakeDesk(), NOW)
    assert report.issues == (Issue("settimanale", 1, days(-7), NOW, NOW, ("a", "b")),)
    assert report.counts == {"issues": 1, "entries": 2}
    assert report.job == "newsletter compose"


def test_composing_twice_makes_one_issue(store: Store) -> None:
    site = opened(store)
    save(store, seen("a", days(-1)))
    assert len(compose(site, store, FakeDesk(), NOW).issues) == 1
    assert compose(site, store, FakeDesk(), NOW).issues == ()
    assert compose(site, store, FakeDesk(), hours(1)).issues == ()


def test_nothing_owed_makes_no_issue(store: Store) -> None:
    site = opened(store)
    save(store, seen("old", days(-1), archive=True, shown=None))
    report = compose(site, store, FakeDesk(), NOW)
    assert (report.issues, report.counts) == ((), {"issues": 0, "entries": 0})
    assert store.issues() == ()


def test_a_newsletter_that_wants_empty_issues_gets_one_a_week(store: Store) -> None:
    site = opened(store, config(newsletters=(newsletter(empty="send"),)))
    assert carried(compose(site, store, FakeDesk(), NOW)) == [(1, ())]
    assert compose(site, store, FakeDesk(), days(6)).issues == ()
    assert carried(compose(site, store, FakeDesk(), days(7))) == [(2, ())]


def test_the_first_issue_does_not_reach_back_before_the_newsletter_was_there(store: Store) -> None:
    site = config()
    save(store, seen("before", days(-8)), seen("inside", days(-6)))
    opened(store, site)
    assert carried(compose(site, store, FakeDesk(), NOW)) == [(1, ("inside",))]
    assert compose(site, store, FakeDesk(), days(7)).issues == ()


def test_a_newsletter_first_looked_at_in_mid_week_closes_its_first_issue_on_monday(store: Store) -> None:
    site = opened(store, at=days(-3))
    save(store, seen("a", days(-5)), seen("b", days(-1)))
    assert [issue.entries for issue in compose(site, store, FakeDesk(), NOW).issues] == [("a", "b")]


def test_only_the_newsletter_that_was_asked_for(store: Store) -> None:
    site = opened(store, config(newsletters=(newsletter("a"), newsletter("b"))))
    save(store, seen("x", days(-1)))
    assert [i.newsletter for i in compose(site, store, FakeDesk(), NOW, only="b").issues] == ["b"]
    assert [i.newsletter for i in compose(site, store, FakeDesk(), NOW).issues] == ["a"]


# --- late, asleep, twice ---


def test_a_month_of_sleep_gives_one_issue_with_everything_in_it(store: Store) -> None:
    site = opened(store)
    save(store, seen("a", days(-6)), seen("b", days(8)), seen("c", days(20)), at=days(24))
    report = compose(site, store, FakeDesk(), days(24))
    assert [(i.closes, i.entries) for i in report.issues] == [(days(21), ("a", "b", "c"))]
    assert compose(site, store, FakeDesk(), days(24)).issues == ()


def test_a_late_run_leaves_what_came_after_the_close_to_the_next_issue(store: Store) -> None:
    site = opened(store)
    save(store, seen("in time", days(-1)), seen("too late", hours(1)))
    assert carried(compose(site, store, FakeDesk(), hours(3))) == [(1, ("in time",))]
    assert carried(compose(site, store, FakeDesk(), days(7))) == [(2, ("too late",))]


def test_what_was_seen_before_the_close_and_saved_after_it_goes_into_the_next_issue(store: Store) -> None:
    site = opened(store)
    save(store, seen("quick", days(-1)))
    compose(site, store, FakeDesk(), NOW)
    save(store, seen("slow", NOW - SECOND), at=hours(1))
    assert compose(site, store, FakeDesk(), hours(1)).issues == ()
    assert carried(compose(site, store, FakeDesk(), days(7))) == [(2, ("slow",))]


def test_an_embargo_is_owed_from_its_hour_on(store: Store) -> None:
    site = opened(store)
    save(store, seen("a", days(-1), source_id="announcements", publish_at=days(3), shown=days(3)))
    assert compose(site, store, FakeDesk(), NOW).issues == ()
    assert carried(compose(site, store, FakeDesk(), days(7))) == [(1, ("a",))]


def test_with_a_draft_the_window_closes_at_the_draft_and_the_issue_leaves_later(store: Store) -> None:
    site = opened(store, config(newsletters=(newsletter(draft="fri 12:00"),)), at=days(-9))
    friday = hours(-68)  # 12:00 in Rome
    save(store, seen("a", friday - SECOND), seen("b", friday), at=friday)
    (issue,) = compose(site, store, FakeDesk(), friday).issues
    assert (issue.closes, issue.due, issue.entries) == (friday, NOW, ("a",))
    assert [i.entries for i in compose(site, store, FakeDesk(), friday + timedelta(days=7)).issues] == [("b",)]


def test_weeks_are_weeks_of_rome_when_the_clock_changes(store: Store) -> None:
    """The last Mondays of March and October 2026 close at 8 in Rome, an hour apart in UTC."""
    site = opened(store, at=days(-120))
    closes = []
    for week in range(-16, 24):
        save(store, seen(f"w{week}", days(7 * week) - timedelta(days=3)))
        closes += [i.closes for i in compose(site, store, FakeDesk(), days(7 * week) + timedelta(hours=2)).issues]
    local = {c.astimezone(site.site.zone).strftime("%a %H:%M") for c in closes}
    assert (local, len(closes)) == ({"Mon 08:00"}, 40)
    assert {c.hour for c in closes} == {6, 7}


def test_two_runs_at_once_make_one_issue_and_no_empty_one(store: Store) -> None:
    """The other run looks and writes between our look and our word."""
    site = opened(store)
    save(store, seen("a", days(-1)))

    class Interrupted:
        def __init__(self) -> None:
            self.other: Report | None = None

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def entries(self, **wanted: Any) -> Iterator[Entry]:
            found = tuple(store.entries(**wanted))
            self.other = self.other or compose(site, store, FakeDesk(), NOW)
            return iter(found)

        def carried(self, newsletter: str, entries: Iterable[str]) -> frozenset[str]:
            return frozenset()

    mine = Interrupted()
    report = compose(site, mine, FakeDesk(), NOW)
    assert mine.other is not None
    assert carried(mine.other) == [(1, ("a",))]
    assert report.issues == ()
    assert [i.state for i in store.issues()] == ["draft"]
    assert compose(site, store, FakeDesk(), days(7)).issues == ()


# --- stories ---


def told_by(id: str, source_id: str, when: datetime, **fields: Any) -> Entry:
    return seen(id, when, source_id=source_id, url=PAGE, **fields)


def test_a_story_is_told_once_though_another_source_tells_it_a_week_later(store: Store) -> None:
    site = opened(store)
    save(store, told_by("a", "anci", days(-1)))
    compose(site, store, FakeDesk(), NOW)
    save(store, told_by("b", "interno", days(2)))
    assert compose(site, store, FakeDesk(), days(7)).issues == ()


def test_nor_is_it_told_again_when_the_entry_that_told_it_is_over(store: Store) -> None:
    site = opened(store, config(sources=(source("anci", keep_days=3), source("interno"))))
    save(store, told_by("a", "anci", days(-1), published=days(-1)))
    compose(site, store, FakeDesk(), NOW)
    save(store, told_by("b", "interno", days(5)))
    assert compose(site, store, FakeDesk(), days(7)).issues == ()


def test_every_entry_of_a_story_is_in_the_ledger(store: Store) -> None:
    site = opened(store)
    save(store, told_by("a", "anci", days(-2)), told_by("b", "interno", days(-1)))
    assert carried(compose(site, store, FakeDesk(), NOW)) == [(1, ("a", "b"))]
    assert store.carried("settimanale", "abc") == {"a", "b"}


# --- areas and sections ---


def test_a_reserved_newsletter_carries_both_areas_a_public_one_the_public_only(store: Store) -> None:
    letters = (newsletter("tutti"), newsletter("uffici", area="reserved"))
    site = opened(store, config(newsletters=letters, sources=(source("anci"), source("interno", area="reserved"))))
    save(store, seen("open", days(-1)), seen("secret", days(-1), source_id="interno"))
    found = {i.newsletter: set(i.entries) for i in compose(site, store, FakeDesk(), NOW).issues}
    assert found == {"tutti": {"open"}, "uffici": {"open", "secret"}}


def test_a_section_added_to_a_newsletter_brings_what_no_issue_carried_yet(store: Store) -> None:
    sources = (source("anci"), source("interno", section="atti"))
    site = opened(store, config(sources=sources, newsletters=(newsletter(sections=("news",)),)))
    save(store, seen("a", days(-1)), seen("b", days(-1), source_id="interno"))
    assert carried(compose(site, store, FakeDesk(), NOW)) == [(1, ("a",))]
    wider = config(sources=sources, newsletters=(newsletter(sections=("news", "atti")),))
    assert carried(compose(wider, store, FakeDesk(), days(7))) == [(2, ("b",))]


def test_nothing_is_composed_for_entries_that_are_gone(store: Store) -> None:
    site = opened(store)
    gone = [
        seen("withdrawn", days(-1), source_id="announcements", withdrawn=hours(-2)),
        seen("left out", days(-1), left_out="exclude: nido"),
        seen("over", days(-1), source_id="announcements", expires=hours(-1)),
    ]
    save(store, *gone)
    assert compose(site, store, FakeDesk(), NOW).issues == ()


def test_an_announcement_that_comes_back_is_owed_if_nothing_carried_it(store: Store) -> None:
    site = opened(store)
    save(store, seen("a", days(-1), source_id="announcements", withdrawn=hours(-2)))
    assert compose(site, store, FakeDesk(), NOW).issues == ()
    back: Iterable[str] = ("a",)
    store.save(Changes("announcements", hours(1), changes("announcements").check, reappeared=tuple(back)))
    assert [i.entries for i in compose(site, store, FakeDesk(), days(7)).issues] == [("a",)]
