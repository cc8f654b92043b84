"""Read-only questions: facts in, a value out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.answers import forms
from aggregator.answers.check import check as checked
from aggregator.answers.sources import all_health, details
from aggregator.answers.status import NextIssue, Status, status
from aggregator.answers.window import read_document
from aggregator.config.reading import Reading, read
from aggregator.intake.health import Health
from aggregator.model import Check, Enclosure, Failure, Fetched, Placement, Problem, Report
from aggregator.parse import loose
from tests.build import (
    NOW,
    check,
    config,
    days,
    entry,
    feed,
    hours,
    issue,
    newsletter,
    rss,
    source,
    subscriber,
)
from tests.fakes import FakeDisk

# --- how each source fares ---


def states(checks: dict[str, Check], now: Any = NOW, **fields: Any) -> dict[str, tuple[str, str]]:
    site = config(sources=(source("anci", **fields),))
    return {h.id: (h.state, h.problem) for h in all_health(site, checks, [("rotto", "feeds.yaml:9:5 url: …")], now)}


def test_the_rhythm_of_a_source_is_told_in_words() -> None:
    known = check("anci", arrivals=(days(-9), days(-6), days(-4)), certificate_ends=days(60))
    told = dict(details(source("anci", every=timedelta(minutes=90)), known, lambda moment: f"{moment:%d/%m}"))
    assert told["brings news"] == f"about every 2 days, last on {days(-4):%d/%m}"
    assert told["asked"] == "every 90 minutes at most"
    assert told["certificate"] == f"until {days(60):%d/%m}"
    once = check("anci", arrivals=(days(-9),))
    assert dict(details(source("anci"), once, str))["brings news"] == f"last on {days(-9)}"


@pytest.mark.parametrize(
    ("known", "fields", "state", "words"),
    [
        (check("anci"), {}, "ok", ""),
        (check("anci", problem="410 Gone"), {}, "failing", "410 Gone"),
        (check("anci", problem="410 Gone"), {"paused": "in rifacimento"}, "paused", "in rifacimento"),
        (None, {}, "late", "not pulled yet"),
        (None, {"paused": "in rifacimento"}, "paused", "in rifacimento"),
        (check("anci", next_check=hours(-6)), {}, "ok", ""),
        (check("anci", next_check=hours(-6.1)), {}, "late", "is `aggregator run` running?"),
        (check("anci", next_check=hours(-6.1)), {"every": timedelta(days=1)}, "ok", ""),
        (check("anci", next_check=None), {}, "ok", ""),
        (check("anci", last_success=None, problem="no such host"), {}, "failing", "no such host"),
    ],
)
def test_the_state_of_a_source(known: Check | None, fields: dict[str, Any], state: str, words: str) -> None:
    found, problem = states({"anci": known} if known else {}, **fields)["anci"]
    assert found == state
    assert problem == words or (words and words in problem)


def test_sources_come_in_the_order_of_feeds_yaml_and_the_wrong_ones_last() -> None:
    site = config(sources=(source("b"), source("a")))
    told = list(all_health(site, {"a": check("a"), "gone": check("gone")}, [("rotto", "fault")], NOW))
    assert [h.id for h in told] == ["b", "a", "rotto"]
    assert told[1] == Health("a", "ok", "", NOW, hours(6))
    assert told[2] == Health("rotto", "invalid", "fault")


# --- one screen ---


def test_one_screen_says_what_is_due_what_is_wrong_and_what_goes_out_next() -> None:
    told = status(
        config(newsletters=(newsletter(), newsletter("bozza", draft="fri 12:00"))),
        (
            Health("ok", "ok", "", NOW, hours(2)),
            Health("due", "ok", "", NOW, NOW),
            Health("failing", "failing", "410 Gone", NOW, hours(-1)),
            Health("new", "late", "not pulled yet"),
            Health("overdue", "late", "its next check is overdue", NOW, days(-2)),
            Health("paused", "paused", "in rifacimento"),
            Health("wrong", "invalid", "feeds.yaml:9:5 url: …"),
        ),
        (issue("bozza", 1, state="sent"), issue("bozza", 2, state="held", due=hours(3)), issue("altra", 1)),
        {"accepted": 1, "queued": 2, "refused": 1},
        hours(1),
        [
            Report("publish", NOW, NOW, failures=(Failure("publish", "no room"),)),
            Report("newsletter send", NOW, NOW, failures=(Failure("bozza", "paused until", until=hours(1)),)),
        ],
    )
    assert told.sources == 2
    assert forms.status(told)["failures"] == [{"job": "publish", "source": "publish", "error": "no room"}]
    assert told.due == ("due", "failing", "new", "overdue")
    assert [h.id for h in told.problems] == ["failing", "overdue", "paused", "wrong"]
    friday = hours(4 * 24 + 4)  # 12:00 in Rome
    assert told.next_issues == (
        NextIssue("settimanale", 1, "open", days(7), days(7)),
        NextIssue("bozza", 2, "held", NOW, hours(3)),
        NextIssue("bozza", 3, "open", friday, days(7)),
    )
    assert told.outbox == {"queued": 2, "refused": 1}
    assert forms.status(told)["next_issues"][2] == {
        "newsletter": "bozza",
        "number": 3,
        "state": "open",
        "closes": "2026-06-19T10:00:00Z",
        "leaves": "2026-06-22T06:00:00Z",
    }


@pytest.mark.parametrize(
    ("approval", "state", "due", "is_told"),
    [("required", "draft", 0, True), ("required", "draft", 1, False), ("required", "held", 0, False),
     ("unless-held", "draft", 0, False)],
)  # fmt: skip
def test_an_approval_that_is_overdue_is_told_once(approval: Any, state: Any, due: float, is_told: bool) -> None:
    site, late = config(newsletters=(newsletter(approval=approval),)), issue(state=state, due=hours(due))
    told = status(site, (), (late,), {}, NOW)
    words = (
        "issue 1 should have left at 2026-06-15 08:00 and nobody has approved it: `aggregator newsletter approve`, "
        "or `aggregator newsletter hold`"
    )
    expected = (("newsletter send", Failure("settimanale", words)),) * is_told
    assert told.failures == expected
    known = [Report(job, NOW, NOW, failures=(failure,)) for job, failure in expected]
    assert status(site, (), (late,), {}, NOW, known).failures == expected


def test_nothing_at_all_is_an_answer_too() -> None:
    assert status(config(sources=(), newsletters=()), (), (), {}, NOW) == Status(0, (), (), (), {})


# --- what --json prints ---


def test_times_are_utc_with_a_z_and_nothing_is_null() -> None:
    rome = NOW.astimezone(ZoneInfo("Europe/Rome"))
    assert (forms.moment(rome), forms.moment(None)) == ("2026-06-15T06:00:00Z", None)


def test_a_job_has_the_keys_of_the_contract_and_issues_only_where_it_composes() -> None:
    plain = forms.report(Report("pull", NOW, hours(1), {"new": 2}))
    assert plain.keys() == {"job", "started", "ended", "counts", "failures"}
    told = forms.report(Report("newsletter compose", NOW, NOW, issues=(issue(entries=("a", "b")),)))
    (composed,) = told["issues"]
    assert composed.keys() >= {"newsletter", "number", "opens", "closes", "entries", "state"}
    assert (composed["entries"], composed["state"]) == (["a", "b"], "draft")


def test_an_entry_has_the_keys_of_the_contract_and_more_when_it_is_stored() -> None:
    one = entry(published=None, enclosures=(Enclosure("https://a.example.it/b.pdf", "application/pdf", 9, "Bando"),))
    keys = "id guid url title summary content authors tags language published date_quality updated enclosures".split()
    assert list(forms.entry(one)) == keys
    assert forms.entry(one)["published"] is None
    assert forms.entry(one)["enclosures"] == [
        {"url": "https://a.example.it/b.pdf", "type": "application/pdf", "length": 9, "title": "Bando"}
    ]
    stored = forms.stored_entry(one, (Placement("news", "source"), Placement("atti", "rules[0]")), "reserved")
    assert (stored["source"], stored["sections"], stored["area"]) == ("anci", ["news", "atti"], "reserved")
    assert stored.keys() >= {"first_seen", "fingerprint"}


def test_a_source_and_a_subscriber_have_the_keys_of_the_contract() -> None:
    keys = {"id", "state", "problem", "last_success", "next_check", "remarks"}
    assert forms.health(Health("anci", "ok")).keys() == keys
    told = forms.subscriber(subscriber(sections=("news",)))
    assert told.keys() >= {"id", "address", "consent", "newsletters", "sections", "language", "area"}
    assert told["sections"] == ["news"]


def test_a_document_is_a_feed_or_an_error_in_words() -> None:
    told = forms.parsed("a.xml", "loose", feed(entry()))
    assert (told["error"], told["feed"]["title"], len(told["feed"]["entries"])) == (None, "ANCI", 1)
    assert forms.parsed("a.xml", None, Problem("a.xml", "parse", "no feed")) == {
        "file": "a.xml",
        "parser": None,
        "error": "no feed",
        "feed": None,
    }


# --- a window on one stage ---

ROME = ZoneInfo("Europe/Rome")


def test_a_document_is_read_and_every_entry_named_and_cleaned() -> None:
    body = rss("Uno", "Due", "Due").replace(b"</item>", b"<description>a&lt;script>b</description></item>", 1)
    parser, found = read_document(Fetched("a.xml", "", body), ROME)
    assert parser == "strict"
    assert not isinstance(found, Problem)
    assert [e.title for e in found.entries] == ["Uno", "Due", "Due"]
    assert all(e.id for e in found.entries)
    assert "script" not in found.entries[0].summary


def test_what_is_no_feed_says_so() -> None:
    assert read_document(Problem("x", "fetch", "no such host"), ROME) == (None, Problem("x", "fetch", "no such host"))
    parser, found = read_document(Fetched("a.html", "", b"<html><body>Ciao</body></html>"), ROME)
    assert (parser, isinstance(found, Problem)) == (None, True)


def test_a_document_that_crashes_us_is_a_problem_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> Any:
        raise RecursionError("too deep")

    monkeypatch.setattr(loose, "parse", crash)
    monkeypatch.setattr("aggregator.parse.PARSERS", {"strict": crash})
    parser, found = read_document(Fetched("a.xml", "", rss("Uno")), ROME)
    assert parser is None
    assert isinstance(found, Problem)
    assert found.text == "reading it crashed (RecursionError: too deep)"


# --- check ---

LOOKS = ("default", "plain")
YAML = """\
site: {title: Prova, url: "https://notizie.example.it/"}
sections: [news]
announcements: announcements/
sources:
  - https://anci.example.it/feed
  - {id: rotto, url: "ftp://x"}
"""
NOTICE = "---\ntitle: Avviso\nattachments: scheda.pdf\n---\nTesto."


def test_check_names_every_fault_and_what_nobody_reads() -> None:
    disk = FakeDisk({"a.md": NOTICE, "scheda.pdf": "", "vecchia.pdf": "", "b.md": NOTICE.replace("title", "titel")})
    told = checked(read(YAML), disk, LOOKS)
    assert [fault.split()[0].partition(":")[0] for fault in told.faults] == ["feeds.yaml", *["announcements/b.md"] * 2]
    assert told.unread == ["announcements/vecchia.pdf: no announcement attaches this file; nobody reads it"]
    assert told.summary == "1 sections, 1 sources, 1 announcements"


SMTP = "mail: {from: notizie@example.it, smtp: {host: posta.example.it}}\nnewsletters: [{id: n, when: mon 08:00}]\n"


@pytest.mark.parametrize(
    ("more", "begins"),
    [
        (SMTP, "web: none: mails have no one-click way to leave."),
        (SMTP + "web: {listen: 127.0.0.1:8080}\n", ""),
        ("web: {listen: 127.0.0.1:8080}\n", ""),
    ],
)
def test_check_says_what_big_providers_want_of_who_mails_much(more: str, begins: str) -> None:
    text = f'site: {{title: A, url: "https://a.example.it/"}}\nsections: [News]\nannouncements: a/\n{more}'
    advice = checked(read(text), FakeDisk({}), LOOKS).advice
    assert [line for line in advice if begins and line.startswith(begins) and "5,000" in line] == advice
    assert bool(advice) is bool(begins)
    plain = checked(read(text.replace("https://a", "http://a")), FakeDisk({}), LOOKS).advice
    assert bool(plain) is ("smtp" in text)


def test_check_remarks_on_two_sources_with_one_address() -> None:
    text = YAML.replace("ftp://x", "http://www.anci.example.it/feed")
    (remark,) = checked(read(text), FakeDisk({}), LOOKS).advice
    assert remark.startswith("feeds.yaml:6:22 sources[1].url: is the address of sources[0] too")


def test_check_of_a_site_without_announcements_looks_at_no_folder() -> None:
    told = checked(Reading(config(newsletters=())), FakeDisk(), LOOKS)
    assert (told.faults, told.unread) == ([], [])


def test_a_look_that_is_not_there_is_a_fault_with_those_there_are() -> None:
    dressed = read(
        "site: {title: T, url: https://notizie.example.it/}\nsections: [News]\nannouncements: a/\n"
        "newsletters: [{id: s, when: mon 08:00}, {id: t, when: mon 08:00, look: plane}]\n"
    )
    (fault,) = checked(dressed, FakeDisk({}), LOOKS).faults
    assert fault == "feeds.yaml:4:72 newsletters[1].look: no look is called 'plane'; did you mean plain?"
