"""The portal's search without a server: its page, and what its script loads month by month."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from aggregator import disk
from aggregator.model import Document, Entry, Placement, Story
from aggregator.render import servers
from aggregator.render.press import Look
from aggregator.render.rows import row
from aggregator.render.site.search import Found, answer
from aggregator.render.templates import Templates
from aggregator.settings import Config, Site, Web
from tests.build import config, days, entry, source
from tests.pages import Outline, text
from tests.press import documents

CONFIG = config(sources=(source("anci"),))
TEMPLATES = Templates(disk.templates(None), CONFIG.site.zone)


def made(*stories: Story, config: Config = CONFIG) -> dict[str, Document]:
    found = documents(config, stories, TEMPLATES, titles={"anci": "ANCI"})
    return {document.path: document for document in found if document.path.startswith("search/")}


def story(one: Entry, *others: Entry, section: str = "news") -> Story:
    return Story(one, others, (Placement(section, "source"),))


def month(*stories: Story, which: str = "2026-06") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(made(*stories)[f"search/{which}.json"].body)["stories"]
    return found


def page(*stories: Story, config: Config = CONFIG) -> str:
    return made(*stories, config=config)["search/index.html"].body.decode()


def test_a_month_tells_of_each_story_what_a_result_shows_the_latest_first() -> None:
    early = story(entry("a", published=days(-1), first_seen=days(-1), tags=("Asilo",)), section="atti")
    late = story(entry("b", language="en", tags=("Asilo", " Nidi ")), entry("c", tags=("Minori",)))
    assert month(early, late) == [
        {
            "title": "Avviso b per i Comuni", "path": "entries/avviso-b/index.html", "day": "2026-06-15",
            "source": "ANCI", "section": "News", "tags": ["Asilo", "Nidi", "Minori"],
            "text": "Le domande si presentano entro la fine del mese.", "language": "en",
        },
        {
            "title": "Avviso a per i Comuni", "path": "entries/avviso-a/index.html", "day": "2026-06-14",
            "source": "ANCI", "section": "Atti", "tags": ["Asilo"],
            "text": "Le domande si presentano entro la fine del mese.",
        },
    ]  # fmt: skip


def test_every_story_stands_in_its_month_and_the_page_knows_the_months() -> None:
    found = made(*(story(entry(f"e{n}", published=days(-31 * n), first_seen=days(-31 * n))) for n in range(3)))
    assert sorted(path for path in found if path.endswith(".json")) == [
        "search/2026-04.json", "search/2026-05.json", "search/2026-06.json",
    ]  # fmt: skip
    assert 'data-months="2026-06 2026-05 2026-04"' in found["search/index.html"].body.decode()
    assert found["search/search.js"].media_type == "text/javascript"
    assert found["search/2026-05.json"].media_type == "application/json"


def test_without_a_web_side_the_form_waits_for_the_script_and_other_ways_are_shown() -> None:
    told = page(story(entry()))
    assert re.search(r'<form class="search"[^>]* role="search" hidden>', told)
    assert "ha bisogno di JavaScript" in told
    assert {"../news/index.html", "../tags/index.html", "../sources/index.html"} <= set(Outline(told).links)


def test_with_a_web_side_the_form_leads_there() -> None:
    told = page(story(entry()), config=replace(CONFIG, web=Web()))
    assert re.search(r'<form class="search"[^>]* role="search" action="../search">', told)
    assert "JavaScript" not in text(told)


def test_the_page_is_for_no_search_engine_and_is_linked_from_every_page() -> None:
    assert '<meta name="robots" content="noindex">' in page()
    found = {d.path: d.body.decode() for d in documents(CONFIG, [story(entry())], TEMPLATES)}
    for path, body in found.items():
        if path.endswith(".html"):
            assert any(link.endswith("search/index.html") for link in Outline(body).links), path
        if path.startswith("sitemap"):
            assert "search" not in body


def test_an_english_site_searches_in_english() -> None:
    english = replace(CONFIG, site=Site("News", "https://news.example/", language="en"))
    told = page(config=english)
    assert "Words to look for" in told
    assert 'data-small="a an and' in told
    assert 'data-months=""' in told


# --- what the web side answers ---


def answered(found: Found) -> str:
    return answer(Look(replace(CONFIG, web=Web()), TEMPLATES), found).body.decode()


def test_an_answer_is_a_page_of_the_site_that_needs_no_script() -> None:
    one = row(story(entry("a", title="Permesso <b>")), CONFIG, {"anci": "ANCI"})
    told = answered(Found("permessi & c.", (one,), total=41, number=2, pages=3))
    outline = Outline(told)
    assert (outline.scripts, "script-src" in told, "noindex" in told) == ([], False, True)
    assert "Risultati: 41, pagina 2 di 3." in text(told)
    assert {"entries/avviso-a/index.html", "?q=permessi+%26+c.&page=1", "?q=permessi+%26+c.&page=3"} <= {
        link.replace("&amp;", "&").replace("%20", "+") for link in outline.links
    }
    assert 'value="permessi &amp; c."' in told
    assert "Altri modi" not in told


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found("nulla"), "Nessun risultato."),
        (Found(""), "Altri modi per trovare qualcosa"),
        (Found("nulla", away=True), "La ricerca è in preparazione."),
    ],
)
def test_an_answer_without_results_says_so_and_shows_other_ways(found: Found, words: str) -> None:
    told = answered(found)
    assert words in text(told)
    assert "Altri modi per trovare qualcosa" in text(told)


# --- as what it is served ---


def test_what_the_script_loads_is_no_feed_to_a_server() -> None:
    assert servers.media_type("2026-06.json") == "application/json"
    assert servers.media_type("news.json") == "application/feed+json"
    assert servers.media_type("index.html") == ""
    apache, nginx = (document.body.decode() for document in servers.settings(CONFIG.site))
    assert apache.index("feed+json") < apache.index('"^[0-9]+-[0-9]+\\.json(\\.gz)?$"')
    assert "proxy_pass" not in nginx
    assert nginx.index("location ~ /[0-9]+-[0-9]+\\.json$") < nginx.index("location ~ \\.json$")
