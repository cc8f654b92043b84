"""What would go out now, without using anything up."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from aggregator.jobs.issues.compose import compose
from aggregator.jobs.issues.preview import Preview, preview, trial_message
from aggregator.jobs.post import Post
from aggregator.model import Entry
from aggregator.ports import Store
from aggregator.render.templates import Templates
from aggregator.settings import Config
from aggregator.tokens import Keyring
from tests.build import NOW, changes, config, days, entry, hours, newsletter, source
from tests.fakes import FakeDesk, FakeDisk

KEYRING = Keyring(b"un segreto di prova")


@pytest.fixture
def look(store: Store, templates: Templates) -> Any:
    def shown(now: Any = NOW, site: Config | None = None, files: Any = None) -> Preview:
        site = site or config()
        return preview(site, store, FakeDisk(files or {}), FakeDesk(), templates, site.newsletters[0], now)

    return shown


def save(store: Store, *entries: Entry) -> None:
    for one in entries:
        store.save(changes(one.source_id, new=[one], at=one.first_seen))


def seen(id: str, when: Any, **fields: Any) -> Entry:
    return entry(id, **({"first_seen": when, "shown": when, "url": None} | fields))


def test_on_the_first_day_it_shows_what_the_open_window_holds(store: Store, look: Any) -> None:
    save(store, seen("old", days(-9)), seen("a", days(-1)), seen("b", days(-2)))
    shown = look(hours(-12))
    assert (shown.issue.number, shown.issue.opens, shown.issue.closes) == (1, days(-7), NOW)
    assert {s.lead.id for s in shown.content.news} == {"a", "b"}
    assert "Permessi di soggiorno n. 1/2026" in shown.edition.subject
    assert store.issues() == ()
    assert store.carried("settimanale", ["old", "a", "b"]) == frozenset()


def test_what_is_shown_this_very_moment_would_go_out_too(store: Store, look: Any) -> None:
    save(store, seen("a", days(-1)))
    assert [s.lead.id for s in look(days(-1)).content.news] == ["a"]


def test_looking_any_number_of_times_changes_nothing_of_the_issue(store: Store, look: Any) -> None:
    save(store, seen("a", days(-1)))
    first = look(hours(-1))
    assert look(hours(-1)) == first
    (issue,) = compose(config(), store, FakeDesk(), NOW).issues
    assert (issue.number, issue.entries) == (first.issue.number, first.issue.entries)


def test_an_issue_that_waits_is_what_is_shown(store: Store, look: Any) -> None:
    site = config(newsletters=(newsletter(approval="required"),))
    store.opened("settimanale", days(-7))
    save(store, seen("a", days(-1)))
    compose(site, store, FakeDesk(), NOW)
    save(store, seen("b", hours(1)))
    for state in ("draft", "held", "approved"):
        store.set_issue_state("settimanale", 1, state)
        assert [s.lead.id for s in look(hours(2), site).content.news] == ["a"]
    store.set_issue_state("settimanale", 1, "sent")
    shown = look(hours(2), site)
    assert ([s.lead.id for s in shown.content.news], shown.issue.number) == (["b"], 2)


@pytest.mark.parametrize("away", [timedelta(days=60), timedelta(days=-300)], ids=["ahead", "back"])
def test_a_look_at_another_hour_moves_nothing_a_new_newsletter_owes(store: Store, look: Any, away: timedelta) -> None:
    """`--now` on the day it was added: neither is this week lost, nor all of last year's news sent."""
    save(store, seen("last year", days(-200)), seen("this week", days(-2)), seen("now", days(-1)))
    look(NOW + away)
    (issue,) = compose(config(), store, FakeDesk(), NOW).issues
    assert set(issue.entries) == {"this week", "now"}


def test_a_preview_of_nothing_is_a_preview(look: Any) -> None:
    shown = look()
    assert shown.content.news == ()
    assert shown.edition.html


def test_all_sections_and_the_sites_language(store: Store, look: Any) -> None:
    sources = (source("anci"), source("interno", section="atti"))
    save(store, seen("a", days(-1), title="Notizia"), seen("b", days(-1), source_id="interno", title="Decreto"))
    shown = look(hours(-1), config(sources=sources))
    assert (shown.edition.language, shown.edition.sections) == ("it", ())
    assert "Notizia" in shown.edition.text
    assert "Decreto" in shown.edition.text


def test_a_trial_mail_is_the_real_mail_and_its_way_to_leave_names_nobody(store: Store, look: Any) -> None:
    save(store, seen("a", days(-1), title="Notizia"))
    post = Post("Permessi <notizie@example.it>", "servizi@example.it", "lascia@example.it")
    raw = trial_message(look(hours(-1)), "prova@example.it", config(), post, KEYRING, NOW)
    mail = message_from_bytes(raw, policy=policy.default)
    assert (mail["To"], mail["Reply-To"]) == ("prova@example.it", "servizi@example.it")
    match = re.search(r"mailto:lascia@example\.it\?subject=([\w.-]+)", mail["List-Unsubscribe"])
    assert match
    assert KEYRING.read_leave(match[1]) == "nobody"
    assert b"Notizia" in raw
