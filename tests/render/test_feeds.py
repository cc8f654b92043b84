"""Stories as the feeds of the site: which, in what order, under which ids, with what dates and rights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import feedparser
import listparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.disk import templates
from aggregator.model import Act, Document, Entry, Placement, Story
from aggregator.render.heads import heads, titles
from aggregator.render.templates import Templates
from aggregator.settings import Config, Publish, Publisher, Section, Site
from tests import jsonfeed11, rfc4287, rfc5005, rss20
from tests.build import NOW, check, config, days, entry, hours, source
from tests.press import documents

SITE = Site("Permessi di soggiorno", "https://notizie.example.it/", licence="CC-BY-4.0")
CONFIG = config(site=SITE, sources=(source("anci"), source("interno", licence="IODL 2.0")))
RULES = {
    "atom": rfc4287.violations,
    "rss": rss20.violations,
    "json": jsonfeed11.violations,
    "opml": lambda body: [] if listparser.parse(body).feeds else ["no feed in it"],
}
TEMPLATES = Templates(templates(None), SITE.zone)
CHECKS = {
    "anci": check("anci", url="https://anci.example.it/feed", title="Anci.it", home="https://anci.example.it/"),
    "interno": check("interno", url="https://interno.example.it/feed"),
    "announcements": check("announcements"),
}


def story(lead: Entry, *others: Entry, sections: Sequence[str] = ("news",)) -> Story:
    return Story(lead, others, tuple(Placement(section, "source") for section in sections))


def published(*stories: Story, config: Config = CONFIG) -> dict[str, Any]:
    """{path: as feedparser reads it}; every one of them valid."""
    made = {d.path: d.body for d in feeds(*stories, config=config)}
    broken = {path: RULES[path.rpartition(".")[2]](body) for path, body in made.items()}
    assert broken == {path: [] for path in made}
    assert rfc5005.violations({f"{config.site.url}{p}": b for p, b in made.items() if p.endswith(".atom")}) == []
    return {path: feedparser.parse(body) for path, body in made.items() if path.endswith(".atom")}


def feeds(*stories: Story, config: Config = CONFIG, **known: Any) -> list[Document]:
    known = {"titles": titles(config, CHECKS), "heads": heads(config, CHECKS)} | known
    made = documents(config, stories, TEMPLATES, **known)
    return [d for d in made if d.path.rpartition(".")[2] in RULES and not d.path.startswith("search/")]


def news(*stories: Story, config: Config = CONFIG) -> list[Any]:
    found: list[Any] = published(*stories, config=config)["feeds/news.atom"].entries
    return found


# --- which feeds ---


def test_each_section_has_its_feed_and_there_is_one_of_all() -> None:
    found = published(story(entry("a")), story(entry("b"), sections=("agenda", "atti")))
    assert {path: [e.id[-1] for e in feed.entries] for path, feed in found.items()} == {
        "feeds/news.atom": ["a"],
        "feeds/agenda.atom": ["b"],
        "feeds/atti.atom": ["b"],
        "feeds/all.atom": ["a", "b"],
        "newsletter/settimanale.atom": [],
    }


def test_each_tag_has_a_feed_whatever_its_spelling() -> None:
    stories = [story(entry("a", tags=("Anci", "FAMI"))), story(entry("b", tags=("ANCI",))), story(entry("c"))]
    stories += [story(entry("d", tags=("ANCI", "日本")))]
    found = {path: feed for path, feed in published(*stories).items() if path.startswith("tags/")}
    assert {feed.feed.title: [e.id[-1] for e in feed.entries] for feed in found.values()} == {
        "Permessi di soggiorno – ANCI": ["a", "b", "d"],
        "Permessi di soggiorno – FAMI": ["a"],
        "Permessi di soggiorno – 日本": ["d"],
    }
    assert {"tags/anci.atom", "tags/fami.atom"} < set(found)


def test_an_act_has_a_page_and_is_no_tag_of_the_feeds() -> None:
    acts = (Act("L. 47/2017"),)
    assert "tags/l-47-2017.atom" not in published(story(entry("a", tags=("L. 47/2017",), acts=acts)))


def test_all_feeds_stand_in_a_list_that_readers_import() -> None:
    told = feeds(story(entry("a", tags=("Anci",))))
    (listed,) = [listparser.parse(d.body) for d in told if d.path == "feeds.opml"]
    assert [(feed.title, feed.url, feed.categories) for feed in listed.feeds] == [
        ("Permessi di soggiorno", "https://notizie.example.it/feeds/all.atom", []),
        ("Permessi di soggiorno – News", "https://notizie.example.it/feeds/news.atom", []),
        ("Permessi di soggiorno – Agenda", "https://notizie.example.it/feeds/agenda.atom", []),
        ("Permessi di soggiorno – Atti", "https://notizie.example.it/feeds/atti.atom", []),
        ("Permessi di soggiorno", "https://notizie.example.it/newsletter/settimanale.atom", [["Newsletter"]]),
        ("Permessi di soggiorno – Anci", "https://notizie.example.it/tags/anci.atom", [["Tag"]]),
    ]


def test_a_feed_is_titled_by_site_and_section() -> None:
    found = published()
    assert found["feeds/news.atom"].feed.title == "Permessi di soggiorno – News"
    assert found["feeds/all.atom"].feed.title == "Permessi di soggiorno"


def test_a_feed_is_its_publisher_s() -> None:
    assert published()["feeds/news.atom"].feed.author == "Permessi di soggiorno"
    site = Site("Permessi di soggiorno", "https://notizie.example.it/", publisher=Publisher("Servizi immigrazione"))
    assert published(config=config(site=site))["feeds/news.atom"].feed.author == "Servizi immigrazione"


def test_a_feed_points_at_itself_and_at_its_page() -> None:
    found = published(config=config(site=Site("Prova", "https://example.it/portale/"), sections=(Section("a", "A"),)))
    links = {path: {link.rel: link.href for link in feed.feed.links} for path, feed in found.items()}
    assert links == {
        "feeds/a.atom": {
            "self": "https://example.it/portale/feeds/a.atom",
            "alternate": "https://example.it/portale/a/",
        },
        "feeds/all.atom": {
            "self": "https://example.it/portale/feeds/all.atom",
            "alternate": "https://example.it/portale/",
        },
        "newsletter/settimanale.atom": {
            "self": "https://example.it/portale/newsletter/settimanale.atom",
            "alternate": "https://example.it/portale/newsletter/settimanale/",
        },
    }
    assert found["feeds/a.atom"].feed.id == "https://example.it/portale/feeds/a.atom"


def test_a_feed_holds_the_newest_entries_only() -> None:
    stories = [story(entry(f"e{n}", published=hours(-n))) for n in (3, 1, 2, 0)]
    found = news(*stories, config=config(publish=Publish(feed_entries=2)))
    assert [e.id[-2:] for e in found] == ["e0", "e1"]


def test_an_update_of_an_old_entry_is_news_to_readers_of_feeds_too() -> None:
    stories = [story(entry(f"e{n}", published=hours(-n), first_seen=hours(-n))) for n in range(4)]
    stories += [story(entry("old", published=days(-90), first_seen=days(-90), revised=NOW))]
    found = news(*stories, config=config(publish=Publish(feed_entries=3)))
    assert [e.id.rpartition("=")[2] for e in found] == ["e0", "e1", "old"]


@given(st.permutations(range(6)))
@settings(max_examples=20, deadline=None)
def test_the_order_is_by_date_and_not_by_arrival(order: list[int]) -> None:
    stories = [story(entry(f"e{n}", published=hours(-n // 2))) for n in order]
    assert [e.id[-2:] for e in news(*stories)] == ["e0", "e1", "e2", "e3", "e4", "e5"]


def test_a_section_that_was_called_otherwise_keeps_its_old_addresses() -> None:
    renamed = config(sections=(Section("leggi", "Leggi", formerly=("norme", "atti")),))
    made = {d.path: d.body for d in documents(renamed, [story(entry("a"), sections=("leggi",))], TEMPLATES)}
    for suffix in ("atom", "rss", "json"):
        assert made[f"feeds/norme.{suffix}"] == made[f"feeds/atti.{suffix}"] == made[f"feeds/leggi.{suffix}"]
    assert b"https://notizie.example.it/feeds/leggi.atom" in made["feeds/norme.atom"]
    assert b'href="../leggi/index.html"' in made["norme/index.html"]
    assert b'<link rel="canonical" href="https://notizie.example.it/leggi/">' in made["norme/index.html"]


# --- ids ---


def test_the_id_is_the_source_s_own_where_it_is_an_address() -> None:
    assert news(story(entry(guid="https://anci.example.it/?p=7")))[0].id == "https://anci.example.it/?p=7"
    assert news(story(entry(guid="urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66")))[0].id.startswith("urn:uuid:")


@pytest.mark.parametrize(
    "guid", [None, "", "7", "atto 7/2026", "/notizie/7", "://x", "http://anci.example.it/a b", "urn:\x01", "urn:\ufffe"]
)
def test_the_id_is_a_tag_of_ours_where_the_source_s_is_no_iri(guid: str | None) -> None:
    assert news(story(entry("a1", guid=guid)))[0].id == "tag:notizie.example.it,2026:a1"


def test_a_guid_that_two_sources_share_stays_with_the_one_seen_first() -> None:
    first = entry("zz", guid="https://ansa.example.it/7", first_seen=hours(-2))
    second = entry("aa", guid="https://ansa.example.it/7", source_id="interno", first_seen=hours(-1))
    alone = news(story(first))
    both = {e.id for e in news(story(second), story(first))}
    assert both == {"https://ansa.example.it/7", "tag:notizie.example.it,2026:aa"}
    assert alone[0].id in both


def test_a_shared_guid_is_not_handed_on_when_its_owner_is_shown_no_longer() -> None:
    """The other entry has been known by a tag of ours; a new id would announce it again."""
    first = entry("a", guid="urn:x:7", first_seen=hours(-2), withdrawn=NOW)
    second = entry("b", guid="urn:x:7", source_id="interno", first_seen=hours(-1))
    made = feeds(story(second), owners={str(first.guid): first.id})
    assert {feedparser.parse(d.body).entries[0].id for d in made if b"<entry>" in d.body} == {
        "tag:notizie.example.it,2026:b"
    }


def test_no_source_can_take_an_id_of_ours() -> None:
    found = news(story(entry("a", guid=None)), story(entry("b", guid="tag:notizie.example.it,2026:a")))
    assert {e.id for e in found} == {"tag:notizie.example.it,2026:a", "tag:notizie.example.it,2026:b"}


# --- dates ---


def test_nothing_is_dated_in_the_future() -> None:
    (found,) = news(story(entry(published=days(30), updated=days(31), first_seen=hours(-1))))
    assert (found.published, found.updated) == (found.updated, "2026-06-15T05:00:00+00:00")


def test_an_entry_without_date_is_not_given_one_but_for_its_update() -> None:
    (found,) = news(story(entry(published=None, first_seen=hours(-5))))
    assert dict.get(found, "published") is None
    assert found.updated == "2026-06-15T01:00:00+00:00"


def test_an_update_counts_that_its_source_told_before_we_saw_it() -> None:
    told = entry(published=hours(-9), updated=hours(-4), first_seen=hours(-1))
    assert news(story(told))[0].updated == "2026-06-15T02:00:00+00:00"


def test_a_change_that_we_saw_moves_the_update() -> None:
    changed = entry(published=hours(-9), updated=hours(-4), first_seen=hours(-5), revised=hours(-1))
    assert news(story(changed))[0].updated == "2026-06-15T05:00:00+00:00"


def test_an_update_that_only_the_source_s_clock_knows_moves_nothing() -> None:
    """Many servers write the time of the request there."""
    told = entry(published=hours(-9), updated=hours(-1), first_seen=hours(-5))
    assert news(story(told))[0].updated == "2026-06-14T21:00:00+00:00"


def test_a_feed_is_as_new_as_its_newest_change() -> None:
    old, changed = entry("a", published=hours(-1)), entry("b", published=hours(-9), revised=NOW)
    assert published(story(old), story(changed))["feeds/news.atom"].feed.updated == "2026-06-15T06:00:00+00:00"


# --- what else an entry tells ---


def test_an_entry_names_the_feed_it_came_from() -> None:
    found = news(story(entry(published=hours(-3))))[0].source
    assert (found.id, found.title) == ("https://anci.example.it/feed", "ANCI")
    assert found.updated == "2026-06-15T03:00:00+00:00"
    (via,) = [link.href for link in news(story(entry()))[0].links if link.rel == "via"]
    assert via == "https://anci.example.it/feed"
    assert {link.rel: link.href for link in found.links} == {
        "self": "https://anci.example.it/feed",
        "alternate": "https://anci.example.it/",
    }


def test_the_feed_an_entry_came_from_is_as_new_as_what_is_shown_of_it() -> None:
    """And not as new as the last pull: a pull that brought nothing must not change a byte."""
    stories = [story(entry("a", published=hours(-8))), story(entry("b", published=hours(-3)))]
    assert {e.source.updated for e in news(*stories)} == {"2026-06-15T03:00:00+00:00"}


def test_the_other_sources_of_a_story_are_related() -> None:
    mate = entry("b", source_id="interno", title="Comunicato", url="https://anci.example.it/notizie/a?utm_source=rss")
    (found,) = news(story(entry("a"), mate))
    related = [(link.href, link.title) for link in found.links if link.rel == "related"]
    assert related == [("https://anci.example.it/notizie/a?utm_source=rss", "Comunicato")]


def test_an_announcement_links_to_its_own_page_and_is_ours() -> None:
    ours = entry("n1", source_id="announcements", guid="orari.md", url=None, slug="orari-n1", published=NOW)
    (found,) = news(story(ours))
    assert (found.link, found.rights) == ("https://notizie.example.it/entries/orari-n1/", "CC-BY-4.0")
    assert "source" not in found


def test_an_announcement_says_whose_news_it_is_and_of_what_type() -> None:
    ours = entry("n1", source_id="announcements", url=None, origin="ANCI", type="Notizia", tags=("Anci",))
    (found,) = news(story(ours))
    assert ([a.name for a in found.authors], [t.term for t in found.tags]) == (["ANCI"], ["Notizia", "Anci"])


def test_the_site_s_licence_is_not_given_to_what_others_wrote() -> None:
    stories = [story(entry("a")), story(entry("b", licence="CC0")), story(entry("c", source_id="interno"))]
    assert [e.get("rights") for e in news(*stories)] == [None, "CC0", "IODL 2.0"]


# --- names of sources ---


def test_a_source_is_called_as_we_call_it_else_as_it_does_else_by_its_host() -> None:
    told = config(sources=(source("anci", title="ANCI"), source("altra", title=""), source("muta", title="")))
    checks = {
        "anci": check("anci", title="Anci.it"),
        "altra": check("altra", title="L'altra"),
        "muta": check("muta", url="https://www.muta.example.it/rss"),
        "tolta": check("tolta", title="Fonte tolta"),
        "announcements": check("announcements"),
    }
    names = titles(told, checks)
    assert names == {
        "anci": "ANCI",
        "altra": "L'altra",
        "muta": "www.muta.example.it",
        "tolta": "Fonte tolta",
        "announcements": "Permessi di soggiorno",
    }


def test_announcements_are_the_publisher_s() -> None:
    site = Site("Permessi di soggiorno", "https://notizie.example.it/", publisher=Publisher("Servizi immigrazione"))
    assert titles(config(site=site), {})["announcements"] == "Servizi immigrazione"


def test_the_announcements_folder_is_nobody_s_source() -> None:
    assert "announcements" not in heads(CONFIG, CHECKS)


def test_every_published_date_has_its_zone() -> None:
    document = next(d for d in feeds(story(entry())) if d.path == "feeds/news.atom")
    dates = re.findall(rb"<(?:updated|published)>([^<]+)<", document.body)
    assert len(dates) == 4
    assert all(date.endswith(b"+00:00") for date in dates)


# --- what they held before ---


def test_every_month_that_is_over_has_an_archive_and_together_they_hold_all() -> None:
    stories = [story(entry(f"e{n}", published=days(-n), first_seen=days(-n))) for n in range(70)]
    found = published(*stories, config=config(publish=Publish(feed_entries=3)))
    assert sorted(path for path in found if path.startswith("feeds/news/")) == [
        "feeds/news/2026-04.atom",
        "feeds/news/2026-05.atom",
        "feeds/news/2026-06.atom",
    ]
    for name in ("news", "all"):
        told = {e.id for path, feed in found.items() if path.startswith(f"feeds/{name}/") for e in feed.entries}
        assert told == {f"https://anci.example.it/?p=e{n}" for n in range(70)}


def test_the_present_month_has_none_while_the_feed_itself_holds_it() -> None:
    stories = [story(entry(f"e{n}", published=days(-n), first_seen=days(-n))) for n in range(20)]
    found = published(*stories)
    archive = found["feeds/news/2026-05.atom"]
    assert "feeds/news/2026-06.atom" not in found
    links = {link.rel: link.href for link in found["feeds/news.atom"].feed.links}
    assert links["prev-archive"] == "https://notizie.example.it/feeds/news/2026-05.atom"
    assert [e.id[-3:] for e in archive.entries] == ["e15", "e16", "e17", "e18", "e19"]
    assert archive.feed.title == "Permessi di soggiorno – News – 2026-05"


def test_what_comes_later_changes_no_archive_but_its_own() -> None:
    def archives(*stories: Story) -> dict[str, bytes]:
        return {d.path: d.body for d in feeds(*stories) if d.path.startswith("feeds/news/")}

    old = [story(entry(f"e{n}", published=days(-30 * n), first_seen=days(-30 * n))) for n in range(1, 5)]
    before = archives(*old)
    assert len(before) == 4
    assert archives(*old, story(entry("new"))) == before
    revised = replace(old[1], lead=replace(old[1].lead, revised=NOW, title="Rettifica"))
    after = archives(old[0], revised, *old[2:])
    assert [path for path in before if after[path] != before[path]] == ["feeds/news/2026-04.atom"]
