"""The folder as a source: complete, read at every step, and forgiving of one bad file."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import pytest

from aggregator.jobs.pulling import announcements
from aggregator.model import Changes, Failure
from aggregator.parse import announcement
from aggregator.ports import Store
from tests.build import NOW, config, days, hours
from tests.fakes import FakeDisk

SITE = config(announcements="announcements/")


def md(title: str, **fields: str) -> str:
    lines = [f"title: {title}", *(f"{key}: {value}" for key, value in fields.items())]
    return "\n".join(["---", *lines, "---", "Testo in Markdown."])


def read(store: Store, files: dict[str, str] | None, now: datetime = NOW) -> tuple[Changes, tuple[Failure, ...]]:
    return announcements.read(SITE, store, FakeDisk(files), now)


def states(store: Store) -> dict[str, str]:
    def state(one: Any) -> str:
        return "withdrawn" if one.withdrawn else "archive" if one.archive else "news"

    return {e.title: state(e) for e in store.entries(source="announcements")}


def test_the_first_reading_is_archive_but_for_what_is_dated_inside_the_open_window(store: Store) -> None:
    read(
        store,
        {"a.md": md("Oggi", date="15/06/2026 09:00"), "b.md": md("Anni fa", date="29/05/2017"), "c.md": md("Mai")},
    )
    assert states(store) == {"Oggi": "news", "Anni fa": "archive", "Mai": "archive"}


def test_a_file_added_later_is_news_whatever_its_date(store: Store) -> None:
    read(store, {})
    read(store, {"a.md": md("Primo", date="29/05/2017")}, hours(1))
    assert states(store) == {"Primo": "news"}


def test_a_second_reading_finds_nothing_and_writes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for files in ({}, {"a.md": md("Primo")}):
        read(store, files)
        with monkeypatch.context() as patched:
            patched.delattr(store.__class__, "save")
            patched.delattr(store.__class__, "touch")
            changes, wrong = read(store, files, hours(1))
        assert (changes.new, changes.changed, changes.withdrawn, changes.reappeared, wrong) == ((), (), (), (), ())


def test_deleting_withdraws_and_putting_back_takes_back(store: Store) -> None:
    read(store, {"a.md": md("Primo"), "b.md": md("Secondo")})
    changes, _ = read(store, {"a.md": md("Primo")}, hours(1))
    assert len(changes.withdrawn) == 1
    assert states(store) == {"Primo": "archive", "Secondo": "withdrawn"}
    changes, _ = read(store, {"a.md": md("Primo"), "b.md": md("Secondo")}, hours(2))
    assert (len(changes.reappeared), len(changes.new)) == (1, 0)
    assert states(store) == {"Primo": "archive", "Secondo": "archive"}


def test_a_draft_is_not_there_yet_and_a_file_made_a_draft_again_is_gone(store: Store) -> None:
    read(store, {"a.md": md("Bozza", draft="true")})
    assert states(store) == {}
    read(store, {"a.md": md("Bozza")}, hours(1))
    assert states(store) == {"Bozza": "news"}, "its draft ended now"
    read(store, {"a.md": md("Bozza", draft="true")}, hours(2))
    assert states(store) == {"Bozza": "withdrawn"}


@pytest.mark.parametrize("text", ["Testo.", "Testo in altre parole, con 12 cifre."], ids=["the same", "edited"])
def test_what_was_a_draft_again_is_shown_from_the_day_it_is_none_any_more(store: Store, text: str) -> None:
    read(store, {"z.md": md("Altro")})
    for day, draft, body in ((1, "false", "Testo."), (2, "true", "Testo."), (40, "false", text)):
        read(store, {"z.md": md("Altro"), "a.md": md("Bozza", summary=body, draft=draft)}, days(day))
    assert {e.title: e.shown for e in store.entries() if e.title == "Bozza"} == {"Bozza": days(40)}


def test_moving_a_file_to_another_folder_changes_nothing(store: Store) -> None:
    read(store, {"a.md": md("Primo")})
    changes, wrong = read(store, {"2026/a.md": md("Primo")}, hours(1))
    assert (changes.new, changes.withdrawn, wrong) == ((), (), ())


def test_a_file_at_fault_leaves_its_entry_as_it_was_and_names_every_fault(store: Store) -> None:
    read(store, {"a.md": md("Primo"), "b.md": md("Secondo")})
    bad = md("Primo", date="31/02/2026", section="nessuna")
    changes, (wrong,) = read(store, {"a.md": bad, "b.md": md("Secondo bis")}, hours(1))
    assert states(store) == {"Primo": "archive", "Secondo bis": "archive"}
    assert changes.withdrawn == ()
    assert wrong.source == "announcements"
    assert wrong.error.splitlines()[0].startswith("announcements/a.md:3 date")
    assert wrong.error.splitlines()[1].startswith("announcements/a.md:4 section")


def test_a_missing_folder_withdraws_nothing(store: Store) -> None:
    read(store, {"a.md": md("Primo")})
    changes, (wrong,) = read(store, None, hours(1))
    assert changes.problem is not None
    assert "folder" in wrong.error
    assert states(store) == {"Primo": "archive"}


def test_a_folder_that_was_missing_is_read_for_the_first_time_when_it_is_there(store: Store) -> None:
    read(store, None)
    read(store, {"a.md": md("Anni fa", date="29/05/2017")}, hours(1))
    assert states(store) == {"Anni fa": "archive"}


def test_twins_are_named_and_taken_for_nobody_until_one_is_renamed(store: Store) -> None:
    """The name is the announcement: nobody can say which of the two is the one we know."""
    read(store, {"a.md": md("Primo")})
    changes, (wrong,) = read(store, {"a.md": md("Primo"), "2026/a.md": md("Altro")}, hours(1))
    assert "announcements/2026/a.md and announcements/a.md" in wrong.error
    assert "rename" in wrong.error
    assert (changes.new, changes.changed, changes.withdrawn) == ((), (), ())
    changes, wrong_now = read(store, {"a.md": md("Primo"), "2026/b.md": md("Altro")}, days(1))
    assert [e.title for e in changes.new] == ["Altro"]
    assert (changes.withdrawn, wrong_now) == ((), ())


def test_a_file_that_crashes_the_parser_costs_only_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read(store, {"a.md": md("Primo"), "b.md": md("Secondo")})
    whole = announcement.parse

    def odd(path: str, *others: Any) -> Any:
        if path == "a.md":
            raise RecursionError("too deep")
        return whole(path, *others)

    monkeypatch.setattr(announcement, "parse", odd)
    with caplog.at_level(logging.ERROR):
        changes, (wrong,) = read(store, {"a.md": md("Primo bis"), "b.md": md("Secondo bis")}, hours(1))
    assert "announcements/a.md: reading it crashed (RecursionError: too deep)" in wrong.error
    assert "Traceback" in caplog.text
    assert [e.title for e in changes.changed] == ["Secondo bis"]
    assert states(store) == {"Primo": "archive", "Secondo bis": "archive"}


def test_an_embargo_moved_before_its_hour_moves_the_moment_it_is_owed_from(store: Store) -> None:
    read(store, {})
    read(store, {"a.md": md("Embargo", publish_at="20/06/2026 08:00")}, hours(1))
    read(store, {"a.md": md("Embargo", publish_at="25/06/2026 08:00")}, hours(2))
    (one,) = store.entries()
    assert one.shown == days(10)


def test_check_sees_the_same_faults_and_stores_nothing(store: Store) -> None:
    disk = FakeDisk({"a.md": md("Primo"), "b.md": "senza testa", "x/c.md": md("Uno"), "y/c.md": md("Due")})
    entries, failures = announcements.folder_faults(SITE, disk)
    assert {e.title for e in entries} >= {"Primo"}
    assert ["b.md" in failures[0].error, "two files" in failures[1].error] == [True, True]
    assert announcements.folder_faults(SITE, FakeDisk())[1][0].source == "announcements"
    assert tuple(store.entries()) == ()
