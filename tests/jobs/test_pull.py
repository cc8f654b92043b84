"""Sources in, facts into the store: what is due, what it cost, and nothing lost when one of them is odd."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from aggregator import parse
from aggregator.errors import StoreError
from aggregator.jobs.pulling.pull import pull
from aggregator.model import Changes, Failure, Fetched, Problem, Report, Unchanged, Validators
from aggregator.ports import Store
from aggregator.settings import Config
from tests.build import NOW, config, days, hours, newsletter, rss, source
from tests.fakes import FakeDisk, FakeNetwork

FEED = rss("Avviso per i Comuni|2026-06-14", "Bando scaduto|2026-05-01")
NOTHING = {
    "sources": 0,
    "fetched": 0,
    "unchanged": 0,
    "failed": 0,
    "new": 0,
    "changed": 0,
    "reappeared": 0,
    "withdrawn": 0,
}


def site(*sources: Any, **fields: Any) -> Config:
    return config(sources=sources or (source("anci"),), **fields)


def pulled(
    store: Store, answers: Any = None, now: datetime = NOW, where: Config | None = None, **options: Any
) -> Report:
    network = answers if isinstance(answers, FakeNetwork) else FakeNetwork(answers)
    return pull(where or site(), store, network, FakeDisk(), now, **options)


def counts(report: Report) -> dict[str, int]:
    """Those that are not nought; none but the contract's are ever there."""
    assert report.counts.keys() == NOTHING.keys()
    return {name: n for name, n in report.counts.items() if n}


def titles(store: Store) -> dict[str, bool]:
    """{title: whether it is news}"""
    return {e.title: not e.archive for e in store.entries()}


def test_a_first_pull_is_archive_but_for_what_is_dated_inside_the_open_window(store: Store) -> None:
    report = pulled(store, {"anci": FEED}, now=NOW - timedelta(hours=1))
    assert counts(report) == {"sources": 1, "fetched": 1, "new": 2}
    assert titles(store) == {"Avviso per i Comuni": True, "Bando scaduto": False}
    assert (report.job, report.failures, report.broken, report.mended) == ("pull", (), (), ())


def test_the_second_pull_of_the_same_document_finds_nothing_new(store: Store) -> None:
    pulled(store, {"anci": FEED})
    assert counts(pulled(store, {"anci": FEED}, days(1))) == {"sources": 1, "fetched": 1}


def test_what_comes_later_is_news_and_what_changes_is_a_change(store: Store) -> None:
    pulled(store, {"anci": FEED})
    feed = rss("Avviso per tutti i Comuni|2026-06-14", "Bando scaduto|2026-05-01", "Nuovo decreto|2025-01-01")
    assert counts(pulled(store, {"anci": feed}, days(1))) == {"sources": 1, "fetched": 1, "new": 1, "changed": 1}
    assert titles(store)["Nuovo decreto"]


def test_what_was_gone_and_is_back_is_counted_and_not_new(store: Store) -> None:
    for day, feed in enumerate([FEED, rss("Avviso per i Comuni|2026-06-14")]):
        pulled(store, {"anci": feed}, days(day))
    assert counts(pulled(store, {"anci": FEED}, days(2))) == {"sources": 1, "fetched": 1, "reappeared": 1}


def test_an_unchanged_source_is_asked_with_its_validators_and_counted(store: Store) -> None:
    pulled(store, FakeNetwork({"anci": FEED}, etag='"uno"'))
    network = FakeNetwork({"anci": Unchanged("")})
    assert counts(pulled(store, network, days(1))) == {"sources": 1, "unchanged": 1}
    assert network.requests[0].validators == Validators('"uno"')
    assert store.checks()["anci"].last_success == days(1)


def test_a_request_says_what_feeds_yaml_says(store: Store) -> None:
    network = FakeNetwork({"anci": FEED, "interno": FEED})
    sites = (source("anci"), source("interno", timeout=timedelta(seconds=5), max_body=99))
    pulled(store, network, where=site(*sites), headers={"interno": (("X-Key", "segreto"),)})
    plain, special = network.requests
    assert (plain.url, plain.timeout, plain.max_body, plain.headers) == (source("anci").url, 30.0, 10_000_000, ())
    assert (special.timeout, special.max_body, special.headers) == (5.0, 99, (("X-Key", "segreto"),))


def test_every_newsletter_remembers_its_first_opening_at_the_first_pull(store: Store) -> None:
    where = site(newsletters=(newsletter(), newsletter("giornaliera", when="daily 08:00")))
    pulled(store, {"anci": FEED}, hours(30), where=where)
    assert store.opened("settimanale", days(99)) == NOW
    assert store.opened("giornaliera", days(99)) == days(1)


# --- what is due ---


def asked(store: Store, now: datetime, where: Config | None = None, **options: Any) -> list[str]:
    network = FakeNetwork({"anci": FEED, "interno": FEED})
    pulled(store, network, now, where, **options)
    return [request.source_id for request in network.requests]


def test_a_source_is_due_when_its_time_has_come_and_not_before(store: Store) -> None:
    where = site(source("anci"), source("interno", every=timedelta(days=1)))
    assert asked(store, NOW, where) == ["anci", "interno"]
    assert asked(store, hours(5.99), where) == []
    assert asked(store, hours(6), where) == ["anci"]
    assert asked(store, hours(24), where) == ["anci", "interno"]


def test_force_asks_all_and_a_name_asks_only_that_one(store: Store) -> None:
    where = site(source("anci"), source("interno"))
    asked(store, NOW, where)
    assert asked(store, hours(1), where, force=True) == ["anci", "interno"]
    assert asked(store, hours(2), where, only=["interno"]) == ["interno"]
    assert asked(store, hours(3), where, only=["nobody"]) == []


def test_a_paused_source_is_never_asked_not_even_by_name(store: Store) -> None:
    where = site(source("anci", paused="sito in rifacimento"), source("interno"))
    assert asked(store, NOW, where) == ["interno"]
    assert asked(store, NOW, where, only=["anci"], force=True) == []


def test_a_source_at_a_new_address_is_due_at_once_and_asked_without_the_old_validators(store: Store) -> None:
    pulled(store, FakeNetwork({"anci": FEED}, etag='"uno"'))
    moved = site(source("anci", url="https://www.anci.example.it/rss"))
    network = FakeNetwork({"anci": FEED})
    pulled(store, network, hours(1), moved)
    assert [(r.url, r.validators) for r in network.requests] == [("https://www.anci.example.it/rss", Validators())]
    assert asked(store, hours(2), moved) == []


def test_a_source_that_fails_at_its_new_address_is_asked_there_again_only_when_due(store: Store) -> None:
    pulled(store, {"anci": FEED})
    moved = site(source("anci", url="https://www.anci.example.it/rss"))
    assert counts(pulled(store, {}, hours(1), moved)) == {"sources": 1, "failed": 1}
    assert asked(store, hours(2), moved) == []
    assert asked(store, hours(7), moved) == ["anci"]


# --- what goes wrong ---


def test_one_failure_costs_one_source_and_says_why(store: Store) -> None:
    where = site(source("interno"), source("anci"))
    report = pulled(store, {"anci": FEED}, where=where)
    assert counts(report) == {"sources": 2, "fetched": 1, "failed": 1, "new": 2}
    assert report.failures == (Failure("interno", "no such host"),)
    assert store.checks()["interno"].problem == "no such host"


def test_breaking_is_told_once_and_mending_by_name(store: Store) -> None:
    where = site(source("anci"), source("interno"))
    courses: list[tuple[dict[str, bytes], tuple[str, ...], tuple[str, ...]]] = [
        ({"anci": FEED}, ("interno",), ()),
        ({"anci": FEED}, (), ()),
        ({"interno": FEED}, ("anci",), ("interno",)),
        ({"anci": FEED, "interno": FEED}, (), ("anci",)),
        ({"anci": FEED, "interno": FEED}, (), ()),
    ]
    for day, (answers, broken, mended) in enumerate(courses):
        report = pulled(store, answers, days(day), where)
        assert (report.broken, report.mended) == (broken, mended), day
    assert store.checks()["anci"].problem_since is None


def test_a_problem_keeps_the_day_it_began(store: Store) -> None:
    for day in range(3):
        pulled(store, {}, days(day))
    assert store.checks()["anci"].problem_since == NOW


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (rss(), "the feed is empty"),
        (b"", ""),
        (b"<!doctype html><html><body><p>Manutenzione</p></body></html>", ""),
        (b'{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": []}', "the feed is empty"),
    ],
    ids=["no entries", "nothing", "a page", "a JSON feed without items"],
)
def test_an_answer_of_nothing_usable_is_a_failure_and_withdraws_nothing(store: Store, body: bytes, words: str) -> None:
    pulled(store, {"anci": FEED})
    report = pulled(store, {"anci": body}, days(1))
    assert counts(report) == {"sources": 1, "failed": 1}
    assert words in report.failures[0].error
    assert report.failures[0].error
    assert all(e.withdrawn is None for e in store.entries())


def test_a_feed_that_crashes_the_parser_costs_only_its_source(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = parse.document

    def odd(fetched: Any, zone: Any) -> Any:
        if fetched.source_id == "interno":
            raise RecursionError("too deep")
        return whole(fetched, zone)

    monkeypatch.setattr(parse, "document", odd)
    where = site(source("interno"), source("anci"))
    with caplog.at_level(logging.ERROR):
        report = pulled(store, {"anci": FEED, "interno": FEED}, where=where)
    assert counts(report) == {"sources": 2, "fetched": 1, "failed": 1, "new": 2}
    assert "RecursionError: too deep" in report.failures[0].error
    assert "Traceback" in caplog.text
    assert store.checks()["interno"].first_pull is None


class Choosy:
    """A store that chokes on what one source brought."""

    def __init__(self, store: Store, fault: Exception) -> None:
        self._store, self._fault = store, fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def save(self, *many: Changes) -> None:
        if any(changes.source_id == "interno" and changes.new for changes in many):
            raise self._fault
        self._store.save(*many)


def test_what_the_store_cannot_hold_costs_only_its_source(store: Store) -> None:
    choosy: Any = Choosy(store, UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"))
    report = pulled(choosy, {"anci": FEED, "interno": FEED}, where=site(source("interno"), source("anci")))
    assert counts(report) == {"sources": 2, "fetched": 1, "failed": 1, "new": 2}
    assert store.checks()["interno"].problem


def test_a_database_that_is_gone_ends_the_run(store: Store) -> None:
    choosy: Any = Choosy(store, StoreError("store: disk full"))
    with pytest.raises(StoreError):
        pulled(choosy, {"anci": FEED, "interno": FEED}, where=site(source("anci"), source("interno")))
    assert titles(store), "what was done before is saved"


HOSTILE = ["\u0000", "\ud800", "\u202e", "a" * 100_000, "", " ", "<script>", "https://[", "\x1b[31m"]


def test_hostile_values_of_a_json_feed_stop_nothing(store: Store) -> None:
    items = [{"id": f"{bad}{n}", "url": bad, "title": bad, "content_html": bad, "tags": [bad], "date_published": bad,
              "attachments": [{"url": bad, "mime_type": bad}]} for n, bad in enumerate(HOSTILE)]  # fmt: skip
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": HOSTILE[0], "items": items}).encode()
    report = pulled(store, {"interno": body, "anci": FEED}, where=site(source("interno"), source("anci")))
    assert report.counts["sources"] == 2
    assert "Avviso per i Comuni" in titles(store)
    assert not [f for f in report.failures if "crashed" in f.error], report.failures


# --- stopping, progress ---


def test_a_stop_finishes_the_source_in_hand_and_keeps_what_was_done(store: Store) -> None:
    where = site(source("anci"), source("interno"))
    report = pulled(store, {"anci": FEED, "interno": FEED}, where=where, stopping=lambda: True)
    assert counts(report) == {"sources": 2, "fetched": 1, "new": 2}
    assert "interno" not in store.checks()
    assert asked(store, hours(1), where) == ["interno"]


def test_progress_is_told_source_by_source(store: Store) -> None:
    heard: list[tuple[int, int]] = []
    where = site(source("anci"), source("interno"))
    pulled(store, {"anci": FEED}, where=where, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(1, 2), (2, 2)]


def test_answers_may_come_in_any_order(store: Store) -> None:
    class Backwards(FakeNetwork):
        def fetch(self, requests: Iterable[Any]) -> Any:
            return iter(list(super().fetch(requests))[::-1])

    where = site(source("anci"), source("interno"))
    report = pulled(store, Backwards({"anci": FEED, "interno": Problem("", "gone", "410 Gone")}), where=where)
    assert report.failures == (Failure("interno", "410 Gone"),)
    assert {e.source_id for e in store.entries()} == {"anci"}


# --- announcements ---


def test_a_pull_reads_the_announcements_too_unless_sources_are_named(store: Store) -> None:
    where = site(announcements="announcements/")
    disk = FakeDisk({"avviso.md": "---\ntitle: Avviso\ndate: 14/06/2026 10:00\n---\nTesto."})
    named = pull(where, store, FakeNetwork({"anci": FEED}), disk, NOW, only=["anci"])
    assert counts(named) == {"sources": 1, "fetched": 1, "new": 2}
    report = pull(where, store, FakeNetwork(), disk, hours(1))
    assert counts(report) == {"new": 1}
    assert counts(pull(where, store, FakeNetwork(), FakeDisk({}), hours(2))) == {"withdrawn": 1}


def test_a_missing_folder_is_a_failure_of_the_announcements(store: Store) -> None:
    report = pull(site(announcements="announcements/"), store, FakeNetwork({"anci": FEED}), FakeDisk(), NOW)
    assert counts(report) == {"sources": 1, "fetched": 1, "new": 2}
    assert [f.source for f in report.failures] == ["announcements"]


def test_a_failed_check_keeps_what_was_known(store: Store) -> None:
    pulled(store, FakeNetwork({"anci": FEED}, etag='"uno"'))
    before = store.checks()["anci"]
    pulled(store, {}, days(1))
    after = store.checks()["anci"]
    times = {"last_attempt": before.last_attempt, "next_check": before.next_check}
    assert replace(after, problem="", problem_since=None, failures=0, **times) == before


# --- what servers wish, and what they break off ---


def when(store: Store) -> datetime | None:
    return store.checks()["anci"].next_check


def fetched(**fields: Any) -> Fetched:
    return Fetched("anci", "https://www.anci.example.it/rss", FEED, **fields)


@pytest.mark.parametrize(("seconds", "waited"), [(None, 6), (3600.0, 6), (86400.0, 24)])
def test_a_server_is_not_asked_again_before_it_wants_to_be(store: Store, seconds: float | None, waited: int) -> None:
    for answer in (fetched(max_age=seconds), Unchanged("anci", max_age=seconds)):
        pulled(store, {"anci": answer}, NOW)
        assert when(store) == hours(waited)
    pulled(store, {"anci": Problem("anci", "fetch", "429", retry_after=seconds)}, NOW, force=True)
    assert when(store) == hours(waited)


def test_a_server_that_wants_peace_has_it_whatever_is_edited(store: Store) -> None:
    pulled(store, {"anci": Problem("anci", "fetch", "429", retry_after=2 * 86_400.0)}, NOW)
    for day, asked_again in ((1, []), (2.1, ["anci"])):
        network = FakeNetwork({"anci": FEED})
        pulled(store, network, days(day), edited=days(day - 0.1))
        assert [request.source_id for request in network.requests] == asked_again


def test_hours_that_a_document_closes_are_closed_to_a_cron_that_comes_late(store: Store) -> None:
    """NOW is six o'clock, UTC: due at noon, asked for by somebody at one."""
    closed = FEED.replace(b"<channel>", b"<channel><skipHours><hour>13</hour></skipHours>")
    pulled(store, {"anci": closed}, NOW)
    for hour, asked_again in ((7.5, []), (8.5, ["anci"])):
        network = FakeNetwork({"anci": FEED})
        pulled(store, network, hours(hour))
        assert [request.source_id for request in network.requests] == asked_again


def test_what_a_cut_document_holds_counts_and_nothing_follows_from_what_it_does_not(store: Store) -> None:
    whole = rss("Tre|2026-06-14", "Uno|2026-06-01", "Due|2026-06-02")
    pulled(store, {"anci": rss("Tre|2026-06-14", "Uno|2026-06-01")})
    part = whole.partition(b"<item><title>Due")[0]
    report = pulled(store, {"anci": replace(fetched(), body=part, truncated="it broke off")}, days(1))
    assert counts(report) == {"sources": 1, "failed": 1}
    assert report.failures == (Failure("anci", "it broke off"),)
    cut = replace(fetched(), body=rss("Tre|2026-06-14"), truncated="it broke off")
    assert counts(pulled(store, {"anci": cut}, days(2))) == {"sources": 1, "failed": 1}
    again = pulled(store, {"anci": whole}, days(3))
    assert counts(again) == {"sources": 1, "fetched": 1, "new": 1}, "Uno was not gone, so it is not back"
    assert again.mended == ("anci",)


def test_of_an_entry_that_is_cut_in_two_nothing_is_kept(store: Store) -> None:
    """Without its guid, its date or the rest of its text it would be another than the whole one."""
    pulled(store, {"anci": FEED})
    head, found, _ = (whole := rss("Tre|2026-06-14", "Due|2026-06-13")).rpartition(b"Due")
    pulled(store, {"anci": replace(fetched(), body=head + found, truncated="it broke off")}, days(1))
    assert "Due" not in titles(store)
    assert counts(pulled(store, {"anci": whole}, days(2)))["new"] == 1
    assert len([one for one in store.entries() if one.title == "Due"]) == 1


def test_a_first_document_that_is_cut_is_no_first_pull(store: Store) -> None:
    """What comes with the whole one would be news else, however old."""
    pulled(store, {"anci": replace(fetched(), body=rss("Tre|2026-06-14"), truncated="it broke off")})
    pulled(store, {"anci": rss("Tre|2026-06-14", "Vecchia|2020-01-01")}, days(1))
    assert titles(store)["Vecchia"] is False


def test_ids_that_moved_up_with_their_lines_are_asked_about_and_nothing_is_taken_for_anothers(store: Store) -> None:
    """Three lines of one host, and the first is taken out."""
    three = [source(id_, url=f"https://host.example.it/{n}") for n, id_ in enumerate(("host", "host-2", "host-3"))]
    feeds = {one.id: FEED.replace(b"<title>", f"<title>{one.id} ".encode()) for one in three}
    pulled(store, feeds, NOW, site(*three))
    moved_up = site(replace(three[1], id="host"), replace(three[2], id="host-2"))
    network = FakeNetwork(feeds)
    report = pulled(store, network, days(1), moved_up)
    assert network.requests == []
    assert [failure.error for failure in report.failures] == [
        f"https://host.example.it/{n} was host-{n + 1} so far, and {id_} was https://host.example.it/{n - 1}: write "
        f"`id: host-{n + 1}` to this source, so that it keeps its history wherever its line stands, or "
        f"`formerly: [host-{n + 1}]`, if it goes on as {id_}"
        for n, id_ in ((1, "host"), (2, "host-2"))
    ]
    assert counts(pulled(store, feeds, days(2), site(*three[1:])))["fetched"] == 2
    meant = site(replace(three[1], id="host", formerly=("host-2",)))
    assert counts(pulled(store, feeds, days(3), meant))["fetched"] == 1


def test_a_source_at_a_new_address_is_asked_there(store: Store) -> None:
    pulled(store, {"anci": FEED})
    network = FakeNetwork({"anci": FEED})
    pulled(store, network, days(1), site(source("anci", url="https://anci.example.it/nuovo")))
    assert [request.url for request in network.requests] == ["https://anci.example.it/nuovo"]


def test_a_source_in_trouble_is_asked_again_once_feeds_yaml_was_edited(store: Store) -> None:
    where = site(source("anci"), source("interno"))
    pulled(store, {"interno": FEED}, NOW, where)
    for edited, asked_again in ((None, []), (hours(-1), []), (hours(1), ["anci"])):
        network = FakeNetwork({"anci": FEED})
        pulled(store, network, hours(2), where, edited=edited)
        assert [r.source_id for r in network.requests] == asked_again


@pytest.mark.parametrize("body", [b"<html>", rss(), b""])
def test_a_cut_document_that_says_nothing_is_told_as_cut(store: Store, body: bytes) -> None:
    report = pulled(store, {"anci": replace(fetched(), body=body, truncated="it broke off")})
    assert report.failures == (Failure("anci", "it broke off"),)


# --- what is asked no more, or under another name ---

GONE = Problem("", "gone", "the server answered 410")


def test_a_source_that_is_gone_for_good_is_asked_no_more_until_somebody_looks_after_it(store: Store) -> None:
    pulled(store, {"anci": FEED})
    for day in range(1, 5):
        pulled(store, {"anci": GONE}, days(day), force=True)
    assert asked(store, days(40)) == []
    assert asked(store, days(40), only=["anci"]) == ["anci"]


def test_a_source_that_is_gone_is_asked_again_at_another_address_or_after_an_edit(store: Store) -> None:
    pulled(store, {"anci": FEED})
    for day in range(1, 5):
        pulled(store, {"anci": GONE}, days(day), force=True)
    assert asked(store, days(41), site(source("anci", url="https://anci.example.it/rss"))) == ["anci"]
    for day in range(42, 46):
        pulled(store, {"anci": GONE}, days(day), force=True)
    assert asked(store, days(47), edited=days(46)) == ["anci"]


def test_one_410_is_a_failure_like_any_other(store: Store) -> None:
    pulled(store, {"anci": GONE})
    assert asked(store, days(1)) == ["anci"]


def test_a_failing_source_is_asked_more_and_more_seldom_and_always_again(store: Store) -> None:
    moments, hour = [], 0
    while len(moments) < 8:
        if pulled(store, {}, hours(hour)).counts["sources"]:
            moments.append(hour)
        hour += 1
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert pauses[0] == 6
    assert 12 <= pauses[1] <= 14
    assert all(24 <= pause <= 27 for pause in pauses[2:])


def test_a_renamed_source_keeps_its_history(store: Store) -> None:
    pulled(store, {"anci": FEED}, hours(-1))
    renamed = site(source("anci-nazionale", url=source("anci").url, formerly=("anci",)))
    report = pulled(store, {"anci-nazionale": FEED}, days(1), renamed)
    assert (report.counts["new"], report.counts["changed"]) == (0, 0)
    assert {e.source_id for e in store.entries()} == {"anci-nazionale"}
    assert store.checks().keys() == {"anci-nazionale"}


def test_an_id_that_is_still_in_use_is_taken_from_nobody(store: Store) -> None:
    pulled(store, {"anci": FEED})
    both = site(source("anci"), source("altra", formerly=("anci",)))
    pulled(store, {"anci": FEED, "altra": FEED}, days(1), both)
    assert store.checks().keys() == {"anci", "altra"}


def test_hosts_are_asked_by_turns_however_the_file_lists_them(store: Store) -> None:
    slow = [source(f"lento-{n}", url=f"https://lento.example.it/{n}") for n in range(3)]
    where = site(*slow, source("anci"), source("altro", url="https://altro.example.it/feed"))
    network = FakeNetwork({s.id: FEED for s in where.sources})
    pulled(store, network, NOW, where)
    assert [r.source_id for r in network.requests] == ["lento-0", "anci", "altro", "lento-1", "lento-2"]
