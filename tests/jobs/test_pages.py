"""Sources without a feed, through the pull: robots.txt first, then the page and those that go on with it."""

from __future__ import annotations

from collections.abc import Mapping
from time import process_time

import pytest

from aggregator.intake.policy import Policy
from aggregator.jobs.pulling.pages import Ahead
from aggregator.jobs.pulling.pull import pull
from aggregator.jobs.pulling.reading import Work, read
from aggregator.model import Check, Fetched, Problem, Report, Request, Unchanged
from aggregator.ports import Store
from aggregator.settings import Select
from tests.build import NOW, config, days, source
from tests.fakes import FakeDisk

PAGE, ROBOTS = "https://cittalia.example.it/notizie", "https://cittalia.example.it/robots.txt"
SELECT = Select(entry="li", title="a", link="a@href", next="a.next@href")
SITE = config(sources=(source("cittalia", url="", page=PAGE, select=SELECT),))
NONE = Problem("", "fetch", "the server answered 404", status=404)

Answer = bytes | Problem | Unchanged


def html(*titles: str, more: str = "") -> bytes:
    items = "".join(f'<li><a href="/n/{title}">{title}</a></li>' for title in titles)
    return f"<ul>{items}</ul>{f'<a class=next href={more}>avanti</a>' if more else ''}".encode()


class Web:
    """Answers by address; what it has no answer for is not there."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers, self.asked = answers, []  # type: Mapping[str, Answer], list[str]

    def fetch(self, requests):  # type: ignore[no-untyped-def]
        for request in requests:
            self.asked.append(request.url)
            found = self.answers.get(request.url, NONE)
            if isinstance(found, bytes):
                yield Fetched(request.source_id, request.url, found)
            elif isinstance(found, Unchanged):
                yield Unchanged(request.source_id)
            else:
                yield Problem(request.source_id, found.kind, found.text, found.retry_after, found.status)


def pulled(store: Store, web: Web, day: int = 0) -> Report:
    return pull(SITE, store, web, FakeDisk(), days(day))


def titles(store: Store) -> set[str]:
    return {entry.title for entry in store.entries()}


def test_a_page_is_read_and_later_what_is_new_on_it_is_news(store: Store) -> None:
    pulled(store, Web({PAGE: html("uno", "due")}))
    report = pulled(store, Web({PAGE: html("tre", "uno", "due")}), 1)
    assert (report.counts["fetched"], report.counts["new"], report.failures) == (1, 1, ())
    assert [e.title for e in store.entries() if not e.archive] == ["tre"]


def test_the_pages_that_go_on_are_one_source_with_it(store: Store) -> None:
    web = Web({PAGE: html("uno", more="?p=2"), f"{PAGE}?p=2": html("due", more="?p=3"), f"{PAGE}?p=3": html("tre")})
    assert pulled(store, web).counts["new"] == 3
    assert web.asked == [ROBOTS, PAGE, f"{PAGE}?p=2", f"{PAGE}?p=3"]


def test_no_page_is_asked_twice_and_five_are_enough(store: Store) -> None:
    circle = Web({PAGE: html("uno", more="?p=2"), f"{PAGE}?p=2": html("due", more="/notizie")})
    pulled(store, circle)
    assert circle.asked == [ROBOTS, PAGE, f"{PAGE}?p=2"]
    endless = Web(
        {PAGE: html("a", more="?p=1")} | {f"{PAGE}?p={n}": html(f"n{n}", more=f"?p={n + 1}") for n in range(9)}
    )
    pulled(store, endless, 1)
    assert len(endless.asked) == 1 + 5


def test_a_later_page_that_fails_costs_only_itself_and_is_remarked(store: Store) -> None:
    web = Web({PAGE: html("uno", more="?p=2"), f"{PAGE}?p=2": Problem("", "fetch", "no answer")})
    assert pulled(store, web).failures == ()
    assert titles(store) == {"uno"}
    assert store.checks()["cittalia"].remarks == ("page 2 could not be fetched: no answer",)


def test_a_selector_that_finds_nothing_any_more_is_the_sources_failure_and_keeps_what_was(store: Store) -> None:
    pulled(store, Web({PAGE: html("uno")}))
    [failure] = pulled(store, Web({PAGE: b"<h1>Nuovo sito</h1>"}), 1).failures
    assert failure.error.startswith("select.entry 'li' finds nothing on the page")
    assert titles(store) == {"uno"}


def test_an_unchanged_page_is_unchanged(store: Store) -> None:
    pulled(store, Web({PAGE: html("uno")}))
    report = pulled(store, Web({PAGE: Unchanged("")}), 1)
    assert (report.counts["unchanged"], report.counts["failed"]) == (1, 0)


# --- robots.txt ---


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (NONE, True),
        (b"User-agent: *\nDisallow: /admin/\n", True),
        (b"User-agent: *\nDisallow: /notizie\n", False),
        (b"User-agent: Bollettino\nDisallow: /\n\nUser-agent: *\nAllow: /\n", False),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: bollettino\nAllow: /notizie\n", True),
        (b"<!doctype html><title>Pagina non trovata</title>", True),
        (Problem("", "fetch", "the answer is empty", status=200), True),
        (Problem("", "fetch", "the server answered 403", status=403), True),
        (Problem("", "fetch", "the server answered 503", status=503), False),
        (Problem("", "fetch", "no such host"), False),
    ],
)
def test_robots_txt_says_whether_a_page_may_be_read(store: Store, robots: Answer, allowed: bool) -> None:
    web = Web({ROBOTS: robots, PAGE: html("uno")})
    report = pulled(store, web)
    assert (PAGE in web.asked) is allowed
    assert [f.source for f in report.failures] == ([] if allowed else ["cittalia"])
    if not allowed:
        assert "robots.txt of cittalia.example.it" in report.failures[0].error


def test_a_host_is_asked_for_its_robots_txt_once_and_feeds_are_not_asked_for_it(store: Store) -> None:
    more = source("altra", url="", page="https://cittalia.example.it/eventi", select=SELECT)
    site = config(sources=(*SITE.sources, more, source("anci", url="https://anci.example.it/feed")))
    web = Web({PAGE: html("uno")})
    pull(site, store, web, FakeDisk(), NOW)
    assert web.asked.count(ROBOTS) == 1
    assert "https://anci.example.it/robots.txt" not in web.asked


def test_later_pages_are_asked_with_the_same_key_and_bounds(store: Store) -> None:
    seen = []

    class Noting(Web):
        def fetch(self, requests):  # type: ignore[no-untyped-def]
            requests = list(requests)
            seen.extend(requests)
            return super().fetch(requests)

    site = config(sources=(source("cittalia", url="", page=PAGE, select=SELECT, max_body=99),))
    key = {"cittalia": (("X-Key", "segreto"),)}
    web = Noting({PAGE: html("uno", more="?p=2"), f"{PAGE}?p=2": html("due")})
    pull(site, store, web, FakeDisk(), NOW, headers=key)
    robots, first, second = seen
    assert robots.headers == ()
    assert (first.headers, first.max_body) == (second.headers, second.max_body) == (key["cittalia"], 99)
    assert (first.home, second.home) == ("", PAGE), "whose key it is"


class Noting(Web):
    """Keeps what was asked, call by call."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        super().__init__(answers)
        self.calls: list[list[Request]] = []

    def fetch(self, requests):  # type: ignore[no-untyped-def]
        self.calls.append(list(requests))
        return super().fetch(self.calls[-1])


TWO = {PAGE: html("uno", more="?p=2"), f"{PAGE}?p=2": html("due")}


def test_robots_txt_counts_for_later_pages_too(store: Store) -> None:
    web = Web({ROBOTS: b"User-agent: *\nDisallow: /*?p=\n", **TWO})
    assert pulled(store, web).failures == ()
    assert (web.asked, titles(store)) == ([ROBOTS, PAGE], {"uno"})
    [remark] = store.checks()["cittalia"].remarks
    assert remark == "page 2 could not be fetched: robots.txt of cittalia.example.it does not let us read /notizie"


def test_between_two_pages_a_host_gets_the_peace_it_asks_for(store: Store) -> None:
    web = Noting({ROBOTS: b"User-agent: *\nCrawl-delay: 2.5\n", **TWO})
    pulled(store, web)
    assert [[one.gap for one in call] for call in web.calls] == [[0.0], [2.5], [2.5]]


def test_who_wants_too_much_peace_is_asked_for_one_page(store: Store) -> None:
    web = Web({ROBOTS: b"User-agent: *\nCrawl-delay: 3600\n", **TWO})
    pulled(store, web)
    assert web.asked == [ROBOTS, PAGE]
    wanted = "robots.txt of cittalia.example.it wants 3600 seconds between two pages: too long to wait"
    assert store.checks()["cittalia"].remarks == (f"page 2 could not be fetched: {wanted}",)


def test_later_pages_come_after_all_else_those_of_all_sources_together(store: Store) -> None:
    """A source of five slow pages keeps nobody else waiting."""
    other = "https://altra.example.it/notizie"
    sources = (
        source("cittalia", url="", page=PAGE, select=SELECT),
        source("altra", url="", page=other, select=SELECT),
        source("anci", url="https://anci.example.it/feed"),
    )
    web = Noting(TWO | {other: html("a", more="?p=2"), f"{other}?p=2": html("b")})
    pull(config(sources=sources), store, web, FakeDisk(), NOW)
    _robots, firsts, seconds = ([one.url for one in call] for call in web.calls)
    assert sorted(firsts) == sorted([PAGE, other, "https://anci.example.it/feed"])
    assert sorted(seconds) == sorted([f"{PAGE}?p=2", f"{other}?p=2"])
    assert titles(store) == {"uno", "due", "a", "b"}


@pytest.mark.parametrize(
    "robots",
    [
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n",
        "User-agent: *\nDisallow: /\n".encode("utf-16"),
        b"User-agent: *\nDisallow: /\n" + b"# x\n" * 200_000,
        Problem("", "fetch", "a bot wall", status=200),
        Problem("", "fetch", "the server answered 429", status=429),
    ],
    ids=["mark", "utf-16", "long", "wall", "too many"],
)
def test_rules_in_an_odd_form_are_rules_and_none_that_can_be_had_are_not_leave(store: Store, robots: Answer) -> None:
    web = Web({ROBOTS: robots, PAGE: html("uno")})
    assert "robots.txt of cittalia.example.it" in pulled(store, web).failures[0].error
    assert web.asked == [ROBOTS]


def test_a_robots_txt_for_ten_thousand_agents_costs_nothing(store: Store) -> None:
    names = "".join(f"User-agent: a{n}\n" for n in range(10_000))
    paths = "".join(f"Disallow: /{n}\n" for n in range(10_000))
    began = process_time()
    pulled(store, Web({ROBOTS: f"{names}User-agent: Bollettino\n{paths}Disallow: /notizie".encode()}))
    assert process_time() - began < 3.0
    assert "does not let us read /notizie" in store.checks()["cittalia"].problem


def test_what_the_server_wants_beside_its_pages_is_kept_to(store: Store) -> None:
    """Retry-After of robots.txt, and of a later page."""
    two_days = 2 * 86_400.0
    pulled(store, Web({ROBOTS: Problem("", "fetch", "the server answered 503", two_days, 503)}))
    assert store.checks()["cittalia"].next_check == days(2)
    pulled(store, Web(TWO | {f"{PAGE}?p=2": Problem("", "fetch", "the server answered 429", two_days, 429)}), 3)
    assert store.checks()["cittalia"].next_check == days(5)


def test_the_next_page_is_looked_for_where_documents_are_read() -> None:
    """A worker, under a deadline: a page of a million open tags takes its parser minutes."""
    policy = Policy(SITE.sources[0], ())
    work = Work(Fetched("cittalia", PAGE, html("uno", more="?p=2")), Check("cittalia"), policy, (), NOW)
    assert read(work) == Ahead("cittalia", f"{PAGE}?p=2")
