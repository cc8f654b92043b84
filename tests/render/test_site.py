import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import product
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2.ext import babel_extract
from lxml import etree

from aggregator import disk
from aggregator.model import Document, Enclosure, Entry, Event, Link, Placement, Story
from aggregator.render import palette, paths
from aggregator.render.feeds import FORMATS
from aggregator.render.site import sitemap
from aggregator.render.templates import Templates
from aggregator.settings import Config, Links, Partner, Publisher, Section, Site, Source, Theme
from tests.pages import Outline, text
from tests.press import documents

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 6, 17, 8, tzinfo=UTC)
TITLES = {"annunci": "Redazione", "gu": "Gazzetta di Prova", "comune": "Comune di Prova"}
CONFIG = Config(
    site=Site(
        title="Permessi & soggiorno",
        url="https://notizie.example.it/portale/",
        publisher=Publisher("Ufficio Prova", "prova@example.it", "Via di Prova 11 - 00178 Roma", "06.5550100"),
        partners=(Partner("Fondazione Esempio", url="https://fondazione.example"),),
        funding="Cofinanziato dall'Unione europea (FAMI)",
        licence="CC-BY-4.0",
        links=Links("https://x.example.it/privacy", "accessibilita.html"),
        theme=Theme("#ffd400"),
    ),
    sections=(
        Section("news", "News"),
        Section("agenda", "Agenda Eventi", "events"),
        Section("domande", "Domande & Risposte", "questions"),
    ),
    sources=(Source("gu", url="https://gu.example/rss", licence="CC0"),),
)
WORDS = Templates(disk.templates(None), CONFIG.site.zone)


def story(number: int, section: str = "news", days: float = 1, *others: Entry, **facts: object) -> Story:
    seen = NOW - timedelta(days=days)
    plain: dict[str, object] = {"source_id": "annunci", "title": f"Notizia {number}", "published": seen}
    entry = Entry(**(plain | {"id": f"e{number:03}", "slug": f"voce-{number}", "first_seen": seen} | facts))  # type: ignore[arg-type]
    return Story(entry, others, (Placement(section, "source"),))


def published(*stories: Story, config: Config = CONFIG) -> dict[str, str]:
    others = (".atom", ".rss", ".json", ".ics", ".opml", ".htaccess", ".nginx.conf")
    return {d.path: d.body.decode() for d in made(*stories, config=config) if not d.path.endswith(others)}


def made(*stories: Story, config: Config = CONFIG) -> list[Document]:
    return documents(config, stories, WORDS, titles=TITLES, now=NOW)


def page(one: Story) -> str:
    return published(one)[f"entries/{one.lead.slug}/index.html"]


@pytest.fixture(scope="module")
def portal() -> dict[str, str]:
    """A portal with one of everything."""
    told_too = Entry(
        "comune", id="o1", slug="altra-1", title="La stessa", url="https://comune.example/1", first_seen=NOW
    )
    return published(
        story(1, "news", 1, told_too, source_id="gu", url="https://gu.example/1", summary="<p>In <b>breve</b></p>",
              content='<h1>Testo</h1><p><img src="https://foto.example/a.jpg" alt="Foto"></p>', licence="CC-BY-4.0",
              tags=("Anagrafe", "<b>"), type="Notizia", links=(Link("https://x.example/", "Sito del progetto"),),
              revised=NOW, change="Prorogato", authors=("Ada",)),
        story(2, "agenda", 2, events=(Event(NOW + timedelta(days=3), NOW + timedelta(days=3, hours=3), "Roma",
                                            "https://webinar.example.it/1"),), deadline=date(2026, 6, 30)),
        story(3, "domande", 3, title="", content="<p>Quali documenti servono?</p>"),
        *(story(n, "news", n, summary="<p>Estratto</p>", language="en") for n in range(10, 50)),
        story(60, title="https://" + "x" * 500, enclosures=(
            Enclosure(path="a/scheda di adesione.pdf", type="application/pdf", length=120_000, title="Scheda"),
            Enclosure(url="javascript:alert(1)", title="Trappola"),
        )),
    )  # fmt: skip


def htmls(portal: dict[str, str]) -> Iterator[tuple[str, Outline]]:
    return ((path, Outline(body)) for path, body in portal.items() if path.endswith(".html"))


def test_the_portal_has_home_sections_entries_and_look(portal: dict[str, str]) -> None:
    assert {"index.html", "404.html", "assets/style.css", "assets/icon.svg"} <= set(portal)
    assert {f"{s.id}/index.html" for s in CONFIG.sections} <= set(portal)
    assert {"entries/voce-1/index.html", "entries/altra-1/index.html"} <= set(portal)


def test_every_page_is_well_formed(portal: dict[str, str]) -> None:
    for path, outline in htmls(portal):
        del outline.ids[""]
        assert set(outline.ids.values()) == {1}, path


def test_every_page_has_one_h1_and_skips_no_level(portal: dict[str, str]) -> None:
    for path, outline in htmls(portal):
        assert outline.headings.count(1) == 1, path
        assert outline.headings[0] == 1, path
        assert all(b - a <= 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False)), path


def test_no_page_loads_anything_but_our_own_files(portal: dict[str, str]) -> None:
    for path, outline in htmls(portal):
        assert outline.scripts == (["search.js"] if path == paths.SEARCH else []), path
        assert not outline.tags.keys() & set("style img iframe object embed video audio".split()), path
        root = "/portale/" if path == "404.html" else "../" * path.count("/")
        assert outline.loads == [f"{root}assets/style.css", f"{root}assets/icon.svg"]
    assert "url(" not in portal["assets/style.css"]
    assert "@import" not in portal["assets/style.css"]


def test_every_relative_link_leads_to_a_file_also_without_a_server(portal: dict[str, str]) -> None:
    offered = product(["all", *(s.id for s in CONFIG.sections)], FORMATS)
    expected = {*portal, "accessibilita.html", "feeds.opml", paths.EVENTS, paths.DEADLINES} | {
        f"feeds/{name}.{suffix}" for name, suffix in offered
    }
    expected |= {path.replace("/index.html", ".atom") for path in portal if path.startswith("tags/")}
    expected |= {"entries/voce-60/scheda%20di%20adesione.pdf"}
    expected |= {path.replace("index.html", "event.ics") for path in portal if path.startswith("entries/")}
    for path, outline in htmls(portal):
        for href in outline.links:
            if path != "404.html" and not re.match("https?:|mailto:|webcal:", href):
                target, _, anchor = href.partition("#")
                assert not target or normpath(join(dirname(path), target)) in expected, (path, href)
                assert not anchor or anchor in outline.ids, (path, href)


def test_the_policy_forbids_scripts_and_strangers(portal: dict[str, str]) -> None:
    for path, body in portal.items():
        if path.endswith(".html"):
            assert "default-src 'none'; style-src 'self'; img-src 'self';" in body, path
            assert ("script-src 'self'; connect-src 'self';" in body) == (path == paths.SEARCH), path


def test_a_page_that_is_not_found_links_from_the_root_of_the_site(portal: dict[str, str]) -> None:
    assert 'href="/portale/index.html"' in portal["404.html"]


def test_the_home_page_shows_each_section_in_order_with_its_newest_stories(portal: dict[str, str]) -> None:
    home = text(portal["index.html"])
    order = [home.index(words) for words in ("News Feed", "Notizia 1", "Agenda Eventi Feed", "Domande & Risposte Feed")]
    assert order == sorted(order)
    assert "16 giugno 2026 Gazzetta di Prova" in home.replace(" · ", " ").replace("2026Gazz", "2026 Gazz")
    assert "Notizia 12" in home
    assert "Notizia 13" not in home


def test_a_pinned_story_comes_first_on_the_home_page_only() -> None:
    pages = published(story(1, days=1), story(2, days=9, pin=True))
    home, section = text(pages["index.html"]), text(pages["news/index.html"])
    assert home.index("Notizia 2") < home.index("Notizia 1")
    assert section.index("Notizia 1") < section.index("Notizia 2")


def test_home_and_section_pages_announce_their_feeds(portal: dict[str, str]) -> None:
    link = '<link rel="alternate" type="application/atom+xml" title="Permessi &amp; soggiorno – {}" href="{}">'
    assert link.format("News", "feeds/news.atom") in portal["index.html"]
    assert link.format("Domande &amp; Risposte", "feeds/domande.atom") in portal["index.html"]
    assert link.format("News", "../feeds/news.atom") in portal["news/index.html"]
    assert "feeds/agenda.atom" not in portal["news/index.html"]


def test_only_what_is_still_to_come_is_announced_on_the_home_page() -> None:
    past = Event(NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    running = Event(NOW - timedelta(hours=2), NOW + timedelta(hours=1))
    today = Event(datetime(2026, 6, 16, 22, tzinfo=UTC), all_day=True)  # midnight of the 17th in Rome
    home = published(
        story(1, events=(past,), deadline=date(2026, 6, 16)),
        story(2, events=(running,)),
        story(3, events=(today,)),
        story(4, deadline=date(2026, 6, 17)),
    )["index.html"]
    coming = text(home[home.index('id="appuntamenti"') : home.index('id="seguici"')])
    due = text(home[home.index('id="scadenze"') : home.index('id="appuntamenti"')])
    assert [n for n in "1234" if f"Notizia {n}" in coming] == ["2", "3"]
    assert [n for n in "1234" if f"Notizia {n}" in due] == ["4"]


def test_a_section_page_shows_its_newest_months_and_links_to_the_pages_of_all(portal: dict[str, str]) -> None:
    news = portal["news/index.html"]
    assert '<h2 id="m2026-05"><a href="../news/2026-05.html">maggio 2026</a></h2>' in news
    assert '<a href="#m2026-05">maggio 2026</a>' in news
    assert '<a href="#m' not in portal["agenda/index.html"]


def test_a_long_section_leaves_its_older_months_to_their_own_pages() -> None:
    pages = published(*(story(n, days=n) for n in range(100)))
    shown = set(re.findall('<h2 id="m([^"]+)"', pages["news/index.html"]))
    assert shown == {"2026-06", "2026-05"}
    assert '<a href="../news/2026-03.html">marzo 2026</a>' in pages["news/index.html"]
    april = pages["news/2026-04.html"]
    assert {n for n in range(100) if f"Notizia {n}<" in april} == set(range(48, 78))
    assert '<a href="../news/2026-03.html" rel="prev">' in april
    assert '<a href="../news/2026-05.html" rel="next">' in april
    assert 'rel="next"' not in pages["news/2026-06.html"]
    everywhere = "".join(body for path, body in pages.items() if path.startswith("news/2026"))
    assert all(everywhere.count(f"<bdi>Notizia {n}</bdi>") == 1 for n in range(100))


def test_a_long_tag_has_a_page_for_each_year() -> None:
    pages = published(*(story(n, days=4 * n, tags=("Anci",)) for n in range(150)))
    latest = pages["tags/anci/index.html"]
    assert latest.count('<li class="story">') == 100
    by_year = {y: pages[f"tags/anci/{y}.html"].count('<li class="story">') for y in (2024, 2025, 2026)}
    assert sum(by_year.values()) == 150
    for year, count in by_year.items():
        assert f'<a href="../../tags/anci/{year}.html">{year}</a> <span class="size">({count})</span>' in latest
    assert '<a href="../../tags/anci/2026.html" rel="next">' in pages["tags/anci/2025.html"]
    assert "tags/anci/2025.html" not in published(*(story(n, days=4 * n, tags=("Anci",)) for n in range(100)))


def test_months_are_those_of_the_sites_zone() -> None:
    late = datetime(2026, 5, 31, 22, 30, tzinfo=UTC)  # half past midnight of 1 June in Rome
    news = published(story(1, published=late, first_seen=late))["news/index.html"]
    assert '<h2 id="m2026-06">' in news


def test_an_empty_section_says_so() -> None:
    assert "Ancora nessuna pubblicazione" in text(published()["news/index.html"])


def test_an_entry_page_shows_what_the_seed_page_showed(portal: dict[str, str]) -> None:
    shown = text(portal["entries/voce-1/index.html"])
    facts = "Dati pubblicazione Fonte Gazzetta di Prova Data 16/06/2026 Ultima modifica 17/06/2026 Area area pubblica"
    assert facts in shown
    for words in (
        "Aggiornamento: Prorogato",
        "Leggi sul sito della fonte",
        "Autore Ada Diritti CC-BY-4.0",
        "Link Sito del progetto",
        "Tag Notizia Anagrafe <b>",
        "File allegati Nessun file allegato...",
        "Anche su Comune di Prova: La stessa",
    ):
        assert words in shown, words
    assert '<div class="standfirst" dir="auto"><p>In <b>breve</b></p></div>' in portal["entries/voce-1/index.html"]
    assert '<a href="https://foto.example/a.jpg">immagine: Foto</a>' in portal["entries/voce-1/index.html"]


def test_an_attachment_is_listed_with_type_and_size_and_a_trap_is_not(portal: dict[str, str]) -> None:
    files = portal["entries/voce-60/index.html"]
    assert (
        '<a href="./scheda%20di%20adesione.pdf"><bdi>Scheda</bdi></a> <span class="size">(PDF, 120 kB)</span>' in files
    )
    assert "Trappola" not in files


def test_the_other_entries_of_a_story_point_to_its_lead(portal: dict[str, str]) -> None:
    canonical = '<link rel="canonical" href="https://notizie.example.it/portale/entries/voce-1/">'
    assert canonical in portal["entries/voce-1/index.html"]
    assert canonical in portal["entries/altra-1/index.html"]
    assert "Anche su Gazzetta di Prova: Notizia 1" in text(portal["entries/altra-1/index.html"])


def test_an_event_has_day_time_place_and_online_address(portal: dict[str, str]) -> None:
    shown = text(portal["entries/voce-2/index.html"])
    assert "Quando sabato 20 giugno 2026, dalle 10:00 alle 13:00 Dove Roma Online https://webinar.example.it/1" in shown
    assert "Scadenza martedì 30 giugno 2026" in shown


def test_an_event_over_several_days_names_both_ends() -> None:
    days = Event(datetime(2026, 6, 22, tzinfo=UTC), datetime(2026, 6, 26, tzinfo=UTC), all_day=True)
    assert "da lunedì 22 giugno 2026 a venerdì 26 giugno 2026" in text(page(story(1, events=(days,))))
    hours = replace(days, all_day=False)
    assert "da lunedì 22 giugno 2026, ore 02:00, a venerdì 26 giugno 2026, ore 02:00" in text(
        page(story(1, events=(hours,)))
    )


def test_the_named_origin_of_an_entry_wins_over_its_source() -> None:
    assert "Fonte ANCI" in text(page(story(1, origin="ANCI")))


def test_the_licence_of_the_source_is_shown_where_the_entry_has_none() -> None:
    assert "Diritti CC0" in text(page(story(1, source_id="gu")))


def test_a_date_that_could_not_be_read_is_shown_as_it_was_written() -> None:
    odd = story(1, published=None, published_raw="(error) <b>", date_quality="refused")
    assert "Data (error) <b> Area" in text(page(odd))


def test_an_undated_entry_says_that_its_date_is_ours() -> None:
    assert "Data 16/06/2026 (giorno di prima rilevazione)" in text(page(story(1, published=None)))


def test_a_reserved_entry_names_its_area() -> None:
    assert "Area area riservata" in text(page(story(1, area="reserved")))


def test_a_link_that_would_run_something_is_dropped() -> None:
    traps = "javascript:alert(1)"
    html = page(story(1, url=traps, links=(Link(traps, "Trappola"),), events=(Event(NOW, online=traps),)))
    assert f'"{traps}"' not in html
    assert "Trappola" not in html


def test_an_entry_in_another_language_says_so_where_its_words_stand() -> None:
    html = page(story(1, language="en-GB", summary="<p>Rules</p>"))
    assert '<html lang="it">' in html
    assert '<h1 dir="auto" lang="en-GB"' in html
    assert '<div class="prose" dir="auto" lang="en-GB"' in html
    assert "lang=" not in page(story(1, language="it-IT")).partition('<html lang="it">')[2]


def test_an_untitled_empty_entry_still_has_a_name() -> None:
    assert "Senza titolo" in text(page(story(1, title="")))


def test_the_footer_names_who_publishes(portal: dict[str, str]) -> None:
    footer = portal["news/index.html"].partition("<footer")[2]
    for words in (
        "Ufficio Prova",
        "Via di Prova 11 - 00178 Roma",
        "06.5550100",
        "mailto:prova@example.it",
        "Fondazione Esempio",
        "Cofinanziato dall&#39;Unione europea",
        "CC-BY-4.0",
        'href="../accessibilita.html"',
    ):
        assert words in footer, words
    assert "Note legali" not in footer


def test_a_site_with_nothing_optional_is_published() -> None:
    least = Config(site=Site(title="S", url="https://s.example/"), sections=(Section("news", "News"),))
    assert "<address>" not in published(config=least)["index.html"]


def test_an_english_site_speaks_english() -> None:
    english = replace(CONFIG, site=replace(CONFIG.site, language="en"))
    home = published(story(1, deadline=date(2026, 6, 30)), config=english)["index.html"]
    assert '<html lang="en">' in home
    assert "Due by Tuesday 30 June 2026" in text(home)


def test_the_style_sheet_carries_the_themes_colour_and_the_grounds_it_was_computed_for(portal: dict[str, str]) -> None:
    style = portal["assets/style.css"]
    assert "--band: #ffd400;" in style
    assert f"--wash: {palette.LIGHT_GROUND};" in style
    assert f"--wash: {palette.DARK_GROUND};" in style


def test_the_same_stories_in_any_order_give_the_same_bytes() -> None:
    stories = [story(n, days=n % 3) for n in range(9)]
    one, other = (
        [(d.path, hashlib.sha256(d.body).digest()) for d in made(*order)] for order in (stories, stories[::-1])
    )
    assert one == other


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=20))
def test_no_text_of_a_stranger_can_break_a_page(title: str, word: str, language: str) -> None:
    strange = story(
        1,
        title=title + '"><script>alert(1)</script>',
        type=word,
        origin=word,
        change=word,
        licence=word,
        language=language,
        published=None,
        published_raw=word,
        date_quality="refused",
        deadline=NOW.date(),
        tags=(word,),
        authors=(word,),
        links=(Link("https://x.example/" + word, word),),
        events=(Event(NOW, place=word, online=word),),
        enclosures=(Enclosure(url="https://" + word),),
    )
    for document in made(strange):
        if document.path.endswith(".html"):
            outline = Outline(document.body.decode())
            assert outline.tags["script"] == len(outline.scripts) == (document.path == paths.SEARCH)


def test_a_lone_surrogate_does_not_stop_the_portal() -> None:
    assert "Notizia ?" in page(story(1, title="Notizia \udcff"))


def test_every_word_of_the_portal_has_an_italian_one_and_no_word_is_idle() -> None:
    used = {message for file in (ROOT / "templates/site").iterdir() for message in _messages(file.read_bytes())}
    for name in ("site/__init__", "site/follow", "calendars/__init__", "feeds/__init__", "rows"):
        code = (ROOT / f"aggregator/render/{name}.py").read_bytes()
        used |= {str(message) for _, message, _, _ in extract("python", BytesIO(code), keywords={"words": None})}
    with (ROOT / "aggregator/i18n/it/site.po").open("rb") as stream:
        catalogue = {str(m.id): m.string for m in read_po(stream, locale="it", abort_invalid=True) if m.id}
    assert used == set(catalogue)
    assert all(catalogue.values())


def _messages(template: bytes) -> Iterator[str]:
    options = {"trimmed": "false", "silent": "false"}
    for _, _, message, _ in babel_extract(BytesIO(template), ("_", "gettext", "ngettext"), [], options):
        yield str(message)


def test_documents_say_what_they_are() -> None:
    kinds = {d.path.rpartition(".")[2]: d.media_type for d in made(story(1))}
    assert kinds["html"] == "text/html"
    assert {kind: kinds[kind] for kind in ("css", "svg", "xml", "txt")} == {
        "css": "text/css", "svg": "image/svg+xml", "xml": "application/xml", "txt": "text/plain",
    }  # fmt: skip


# --- a municipality's own look ---


def test_the_logos_named_in_the_settings_are_shown_and_carried_along() -> None:
    partners = (Partner("Fondazione Esempio", "loghi/fondazione.svg", "https://fondazione.example"),)
    site = replace(CONFIG.site, theme=Theme("#0b5394", "stemma.png"), partners=partners)
    look = Templates(
        disk.templates(None), site.zone, {"stemma.png": b"PNG", "loghi/fondazione.svg": b"<svg/>", "altro.png": b"x"}
    )
    made = {d.path: d for d in documents(replace(CONFIG, site=site), [story(1)], look, titles=TITLES, now=NOW)}
    assert made["assets/stemma.png"].body == b"PNG"
    assert made["assets/fondazione.svg"].body == b"<svg/>"
    assert "assets/altro.png" not in made
    html = made["entries/voce-1/index.html"].body.decode()
    assert '<img class="logo" src="../../assets/stemma.png" alt="">' in html
    assert '<img class="partner" src="../../assets/fondazione.svg" alt="Fondazione Esempio">' in html


def test_a_logo_that_is_not_there_is_named_and_the_pages_do_without() -> None:
    site = replace(CONFIG.site, theme=Theme("#0b5394", "stemma.png"))
    made = {d.path: d for d in documents(replace(CONFIG, site=site), [story(1)], WORDS, titles=TITLES, now=NOW)}
    assert made["assets/stemma.png"].fault.startswith("templates/stemma.png is not there; add the file")
    assert "stemma" not in made["index.html"].body.decode()


# --- dates ---


def test_a_month_of_dates_is_a_list_by_day_and_a_grid_from_monday_on() -> None:
    fair = Event(datetime(2026, 6, 29, 22, tzinfo=UTC), datetime(2026, 7, 1, 22, tzinfo=UTC), "Roma", all_day=True)
    evening = Event(datetime(2026, 6, 30, 18, tzinfo=UTC), datetime(2026, 6, 30, 20, tzinfo=UTC))
    pages = published(
        story(1, "agenda", events=(fair,)), story(2, events=(evening,)), story(3, deadline=date(2026, 6, 30))
    )
    june = pages["calendar/2026-06.html"]
    listed = text(june[june.index('id="d2026-06-30"') : june.index("<table")])
    order = [listed.index(words) for words in ("martedì 30 giugno", "Scadenza Notizia 3", "Notizia 1", "Notizia 2")]
    assert order == sorted(order)
    assert june.index('id="d2026-06-30"') < june.index("<table"), "the list comes first"
    head = text(june[june.index("<thead") : june.index("</thead")]).split()
    assert (head[0], head[-1]) == ("lun", "dom")
    assert '<a href="#d2026-06-30">30<span class="unseen">: Notizia 3, Notizia 1, Notizia 2</span></a>' in june
    assert '<td aria-current="date">17</td>' in june
    assert june.count('class="other"') == 5, "1 June is a Monday; the last week ends on 5 July"
    assert '<a href="../calendar/2026-07.html" rel="next">' in june
    july = pages["calendar/2026-07.html"]
    assert 'id="d2026-07-01"' in july
    assert 'id="d2026-07-02"' in july
    assert "Notizia 2" not in july
    assert 'href="calendar/2026-06.html"' in pages["index.html"]


def test_the_present_month_has_a_page_without_any_date_and_no_other_has() -> None:
    pages = published(story(1), story(2, deadline=date(2026, 8, 3)))
    assert sorted(path for path in pages if path.startswith("calendar/")) == [
        "calendar/2026-06.html", "calendar/2026-08.html",
    ]  # fmt: skip
    assert '<a href="../calendar/2026-08.html" rel="next">' in pages["calendar/2026-06.html"]
    assert '<a href="../calendar/2026-06.html" rel="prev">' in pages["calendar/2026-08.html"]


# --- sources ---


def test_each_source_has_a_page_with_what_it_told(portal: dict[str, str]) -> None:
    listed = text(portal["sources/index.html"])
    assert "Gazzetta di Prova (1)" in listed
    told = text(portal["sources/gu/index.html"])
    assert ("Notizia 1" in told, "Notizia 12" in told) == (True, False)
    assert "Notizia 1" in text(portal["sources/comune/index.html"]), "who tells a story with others"
    assert (
        '<a href="../../sources/gu/index.html"><bdi>Gazzetta di Prova</bdi></a>' in portal["entries/voce-1/index.html"]
    )


# --- tags, following, search engines ---


def test_a_page_says_what_it_is_to_who_shares_or_indexes_it() -> None:
    event = Event(NOW + timedelta(days=3), NOW + timedelta(days=3, hours=3), "Roma")
    html = page(story(1, title='Il "bando"', summary="<p>Estratto</p>", revised=NOW, events=(event,)))
    for told in (
        '<meta property="og:title" content="Il &#34;bando&#34;">',
        '<meta property="og:site_name" content="Permessi &amp; soggiorno">',
        '<meta property="og:url" content="https://notizie.example.it/portale/entries/voce-1/">',
        '<meta property="og:description" content="Estratto">',
        '<meta property="article:published_time" content="2026-06-16T08:00:00+00:00">',
        '<meta property="article:modified_time" content="2026-06-17T08:00:00+00:00">',
        'itemtype="https://schema.org/NewsArticle"',
        '<meta itemprop="startDate" content="2026-06-20T08:00:00+00:00">',
        '<meta itemprop="location" content="Roma">',
    ):
        assert told in html, told
    assert '<meta property="og:title" content="News – Permessi &amp; soggiorno">' in published()["news/index.html"]
    assert "noindex" not in html


def test_the_pages_of_a_source_that_asks_so_are_for_no_search_engine() -> None:
    board = replace(CONFIG, sources=(replace(CONFIG.sources[0], noindex=True),))
    pages = published(story(1, source_id="gu"), story(2), config=board)
    assert '<meta name="robots" content="noindex">' in pages["entries/voce-1/index.html"]
    assert "noindex" not in pages["entries/voce-2/index.html"]
    assert locations(pages["sitemap-2026-06.xml"]) == {"https://notizie.example.it/portale/entries/voce-2/"}


def test_each_tag_has_a_page_and_all_are_listed() -> None:
    pages = published(story(1, tags=("Anci", "FAMI")), story(2, tags=("ANCI",)), story(3))
    listed = " ".join(text(pages["tags/index.html"]).split())
    assert "Anci (2)" in listed or "ANCI (2)" in listed
    assert "FAMI (1)" in listed
    told = text(pages["tags/anci/index.html"])
    assert ("Notizia 1" in told, "Notizia 2" in told, "Notizia 3" in told) == (True, True, False)
    assert 'href="../anci.atom"' not in pages["tags/anci/index.html"]  # links count from the root
    assert 'href="../../tags/anci.atom"' in pages["tags/anci/index.html"]


def test_the_page_of_an_entry_leads_to_its_tags() -> None:
    assert 'href="../../tags/piu-comuni/index.html" rel="tag"' in page(story(1, tags=("Più Comuni",)))


def test_a_link_whose_address_was_not_let_in_is_no_link() -> None:
    body = (
        '<p>Si legge <a rel="noopener noreferrer">nella scheda</a> e <a title="x" rel="noopener noreferrer">qui</a></p>'
    )
    told = page(story(1, content=f'{body}<a href="https://a.example.it/" rel="noopener noreferrer">là</a>'))
    assert '<a>nella scheda</a> e <a title="x">qui</a>' in told
    assert '<a href="https://a.example.it/" rel="noopener noreferrer">là</a>' in told


def test_a_page_lists_every_feed_in_every_format(portal: dict[str, str]) -> None:
    told = portal["follow/index.html"]
    for name in ("all", *(s.id for s in CONFIG.sections)):
        assert all(f'href="../feeds/{name}.{suffix}"' in told for suffix in FORMATS), name
    assert 'href="../feeds.opml"' in told
    assert 'href="follow/index.html"' in portal["index.html"]


def test_search_engines_are_told_of_every_page_but_of_no_error(portal: dict[str, str]) -> None:
    listed = locations(portal["sitemap.xml"])
    assert listed == {f"{CONFIG.site.url}{path}" for path in portal if path.startswith("sitemap-")}
    found = set().union(*(locations(portal[address.rpartition("/")[2]]) for address in listed))
    pages = {path for path in portal if path.endswith(".html") and path not in ("404.html", paths.SEARCH)}
    assert found == {f"{CONFIG.site.url}{path.removesuffix('index.html')}" for path in pages}
    assert f"Sitemap: {CONFIG.site.url}sitemap.xml\n" in portal["robots.txt"]


def locations(body: str) -> set[str]:
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    return set(etree.fromstring(body.encode()).xpath("//s:loc/text()", namespaces=space))


def test_a_page_is_as_old_as_the_last_change_of_its_entry() -> None:
    pages = published(story(1, published=datetime(2026, 6, 1, tzinfo=UTC), revised=datetime(2026, 6, 9, tzinfo=UTC)))
    assert "<lastmod>2026-06-09T00:00:00+00:00</lastmod>" in pages["sitemap-2026-06.xml"]


def test_more_pages_than_one_sitemap_holds_are_told_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "_MOST", 6)
    pages = published(story(1, tags=("uno", "due", "tre")))
    told = {path: len(locations(body)) for path, body in pages.items() if path.startswith("sitemap-pages")}
    assert told == {"sitemap-pages-1.xml": 6, "sitemap-pages-2.xml": 6}
    assert {f"{CONFIG.site.url}{path}" for path in told} < locations(pages["sitemap.xml"])
