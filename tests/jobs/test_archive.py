"""Issues on the portal: what was sent can be read there, as far as it may still be shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import feedparser
import pytest
from lxml import html

from aggregator.catalogue import Catalogue
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.publishing.publish import publish
from aggregator.jobs.pulling.hide import hide
from aggregator.ports import Store
from aggregator.render.templates import Templates
from aggregator.settings import Config
from tests.build import NOW, changes, config, days, entry, hours, newsletter, source, subscriber
from tests.fakes import FakeDesk, FakeDisk
from tests.jobs.sending import news

SITE = config(
    sources=(source("anci", keep_days=30), source("interno", section="atti"), source("questura", area="reserved")),
    newsletters=(newsletter(), newsletter("riservata", area="reserved")),
)
PAGE = "newsletter/settimanale/1/index.html"


@pytest.fixture
def portal(store: Store, templates: Templates, catalogue: Catalogue) -> Any:
    """The output folder as a publish leaves it."""
    disk = FakeDisk({})

    def published(now: datetime, site: Config = SITE) -> dict[str, bytes]:
        assert publish(site, store, disk, catalogue, templates, now).failures == ()
        return disk.output

    return published


def sent(store: Store, sending: Any, desk: FakeDesk | None = None, now: datetime = NOW) -> None:
    store.opened("settimanale", days(-7))
    store.opened("riservata", days(-7))
    store.save_subscriber(subscriber(area="reserved"))
    desk = desk or FakeDesk()
    assert compose(SITE, store, desk, now).issues
    assert sending(now=now, site=SITE, desk=desk).failures == ()


def week(store: Store, now: datetime = NOW) -> None:
    last = {"first_seen": now, "shown": now, "published": now}
    news(
        store,
        entry("a", title="Bando per i Comuni", slug="bando", **last),
        entry("b", title="Decreto flussi", slug="decreto", source_id="interno", **last),
        entry("c", title="Nota riservata", slug="nota", source_id="questura", **last),
    )


def links(body: bytes) -> set[str]:
    return {str(link) for link in html.fromstring(body).xpath("//main//a/@href")}


def test_an_issue_has_a_page_once_it_is_sent_and_no_draft_has(store: Store, sending: Any, portal: Any) -> None:
    week(store, days(-1))
    store.opened("settimanale", days(-7))
    compose(SITE, store, FakeDesk(), NOW)
    assert PAGE not in portal(NOW)
    sent_page = None
    store.save_subscriber(subscriber())
    assert sending(now=NOW, site=SITE).failures == ()
    sent_page = portal(hours(1))[PAGE]
    assert {"../../../entries/bando/index.html", "../../../entries/decreto/index.html"} <= links(sent_page)
    assert b"n. 1 del 15 giugno 2026" in sent_page


def test_it_names_neither_what_is_reserved_nor_a_reserved_newsletter(store: Store, sending: Any, portal: Any) -> None:
    week(store, days(-1))
    sent(store, sending)
    output = portal(hours(1))
    assert [path for path, body in output.items() if b"Nota riservata" in body or "riservata" in path] == []


def test_what_is_hidden_or_past_its_days_leaves_every_issue(store: Store, sending: Any, portal: Any) -> None:
    week(store, days(-1))
    sent(store, sending)
    assert b"Decreto flussi" in portal(hours(1))["newsletter/settimanale.atom"]
    (decree,) = store.entries(ids=["b"])
    hide(decree, store, hours(2))
    output = portal(hours(3))
    assert b"Decreto flussi" not in output[PAGE] + output["newsletter/settimanale.atom"]
    assert b"Bando per i Comuni" in output[PAGE]
    output = portal(days(40))
    assert b"Bando per i Comuni" not in output[PAGE] + output["newsletter/settimanale/index.html"]
    assert "Nulla di questo numero è più in linea" in output[PAGE].decode()


def test_a_title_mended_later_is_mended_there(store: Store, sending: Any, portal: Any) -> None:
    week(store, days(-1))
    sent(store, sending)
    portal(hours(1))
    (call,) = store.entries(ids=["a"])
    store.save(changes(changed=[replace(call, title="Bando corretto", revision=1, fingerprint="x")], at=hours(2)))
    assert b"Bando corretto" in portal(hours(3))[PAGE]


def test_the_note_stands_above_as_it_was_sent(store: Store, sending: Any, portal: Any) -> None:
    week(store, days(-1))
    desk = FakeDesk({"settimanale/next": "---\nsigned: La redazione\n---\nCare **colleghe**"})
    sent(store, sending, desk)
    page = portal(hours(1))[PAGE].decode()
    assert "<p>Care <strong>colleghe</strong></p>" in page
    assert "La redazione" in page


def test_issues_lead_to_each_other_and_home_to_the_latest(store: Store, sending: Any, portal: Any) -> None:
    week(store, days(-1))
    sent(store, sending)
    portal(hours(1))
    news(store, entry("d", title="Avviso nuovo", slug="nuovo", first_seen=days(3), shown=days(3), published=days(3)))
    sent(store, sending, now=days(7))
    output = portal(days(7.1))
    assert "../../../newsletter/settimanale/2/index.html" in links(output[PAGE])
    assert "../../../newsletter/settimanale/1/index.html" in links(output["newsletter/settimanale/2/index.html"])
    assert "newsletter/settimanale/2/index.html" in links(output["index.html"])
    assert b"newsletter/settimanale/2/" in output["sitemap-pages.xml"]


def test_the_feed_has_an_entry_for_each_issue(store: Store, sending: Any, portal: Any) -> None:
    week(store, days(-1))
    sent(store, sending)
    feed = feedparser.parse(portal(hours(1))["newsletter/settimanale.atom"])
    assert not feed.bozo
    (told,) = feed.entries
    assert (told.id, told.link) == (
        "tag:notizie.example.it,2026:newsletter/settimanale/1",
        "https://notizie.example.it/newsletter/settimanale/1/",
    )
    assert told.title == "Permessi di soggiorno n. 1 del 15 giugno 2026"
    assert 'href="https://notizie.example.it/entries/bando/' in told.content[0].value


def test_what_changed_stands_there_in_the_words_of_the_mail(store: Store, sending: Any, portal: Any) -> None:
    week(store, days(-1))
    sent(store, sending)
    (call,) = store.entries(ids=["a"])
    revised = replace(call, change="Prorogato al 15 luglio", revised=days(2), revision=1, fingerprint="x")
    store.save(changes(changed=[revised], at=days(2)))
    sent(store, sending, now=days(7))
    page = html.fromstring(portal(days(7.1))["newsletter/settimanale/2/index.html"])
    assert "Bando per i Comuni – Prorogato al 15 luglio" in page.text_content()
