"""The page we follow, typed in as announcements as it stands: the portal shows every block of it.

Its text is read from the corpus and cut by its layout; none of it is kept here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy

import feedparser
import pytest
from lxml import html as lxml_html

from aggregator.answers.check import check
from aggregator.app import App, open_app
from tests.corpus.shelf import CORPUS, ROOT, needs_corpus
from tests.pages import text

pytestmark = needs_corpus

SEED = CORPUS / "lists" / "seed_page_permessi_di_soggiorno.txt"
SECTIONS = {
    "News": "news",
    "Ultimi Documenti Pubblicati": "documenti",
    "Legislazione-Giurisprudenza": "legislazione",
    "Domande & Risposte": "domande",
}
NOW = datetime(2018, 5, 14, 8, 0, tzinfo=UTC)
PROJECT = "https://progetto.example.it/"  # the page names its link and not where it leads
_DAY = re.compile(r"^(\d{1,2} [a-z]+ \d{4})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a list: its long date, title and excerpt as they stand."""

    section: str
    date: str
    title: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    standfirst: str
    paragraphs: tuple[str, ...]
    facts: dict[str, str]  # Fonte, Data, Area
    link: str
    tags: tuple[str, ...]
    files: str


def seed() -> str:
    return SEED.read_text(encoding="utf-8-sig").replace("\xa0", " ")


def listed() -> Iterator[Listed]:
    for name, section in SECTIONS.items():
        _, _, below = seed().partition(f"\n{name}\n")
        for date, block in _entries(below):
            if section == "domande":  # the question's beginning is the title, and the excerpt goes on in its line
                title, excerpt = block.split(" ... ", 1)
                yield Listed(section, date, f"{title} ...", excerpt)
            else:
                title, _, excerpt = block.partition("\n")
                yield Listed(section, date, title, excerpt)


def _entries(below: str) -> Iterator[tuple[str, str]]:
    """(date, text) of the three entries of a list; two empty lines end the last."""
    parts = _DAY.split(below)
    for date, block in zip(parts[1:6:2], parts[2:7:2], strict=True):
        yield date, re.split(r"\n\s*\n\s*\n", block)[0].strip()


def article() -> Article:
    page = seed()
    title, standfirst, *paragraphs = _blocks(page[page.index("Anci: al via") : page.index("dati pubblicazione")])
    facts, link, tags, files = _blocks(page[page.index("Fonte:") : page.index("Ultimi Documenti")], "link|Tag")
    name, nothing = files.splitlines()
    assert name == "File Allegati"
    told = dict(line.split(": ", 1) for line in facts.splitlines())
    return Article(title, standfirst, tuple(paragraphs), told, link, tuple(tags.splitlines()), nothing)


def _blocks(page: str, headings: str = "") -> list[str]:
    """What empty lines part, without the given headings."""
    blocks = (block.strip() for block in re.split(r"\n\s*\n", page))
    return [block for block in blocks if block and not re.fullmatch(headings, block)]


# --- typed in ---


def announcements() -> Iterator[tuple[str, str]]:
    """(file name, text)"""
    told = article()
    kind, tags = told.tags
    head = {
        "title": told.title,
        "summary": told.standfirst,
        "section": "news",
        "date": told.facts["Data"],
        "type": kind,
        "tags": tags,
        "source": told.facts["Fonte"],
        "link": f"{PROJECT} {told.link}",
    }
    yield "articolo.md", _typed(head, "\n\n".join(told.paragraphs))
    for number, one in enumerate(listed()):
        yield f"voce-{number}.md", _typed({"title": one.title, "section": one.section, "date": one.date}, one.excerpt)


def _typed(head: dict[str, str], body: str) -> str:
    return "\n".join(["---", *(f"{key}: {told}" for key, told in head.items()), "---", body, ""])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[App]:
    """The shipped feeds.yaml and these announcements; nothing is pulled."""
    copy(ROOT / "feeds.yaml", tmp_path)
    (tmp_path / "announcements").mkdir()
    for name, body in announcements():
        (tmp_path / "announcements" / name).write_text(body, encoding="utf-8")
    app = open_app(tmp_path / "feeds.yaml", lambda: NOW)
    yield app
    app.close()


def page(site: App, path: str) -> str:
    return (site.root / "public" / path).read_text(encoding="utf-8")


def folded(told: str) -> str:
    return " ".join(told.split())


# --- and shown ---


def test_the_page_is_cut_as_it_is_laid_out() -> None:
    assert [one.section for one in listed()] == [
        *["news"] * 3,
        *["documenti"] * 3,
        *["legislazione"] * 3,
        *["domande"] * 3,
    ]
    assert len(article().paragraphs) == 9
    assert all(one.title and one.excerpt for one in listed())


def test_the_announcements_pass_the_shipped_configuration(site: App) -> None:
    told = check(site.reading, site.disk, site.templates.looks())
    assert (told.faults, told.unread) == ([], [])
    assert site.publish().failures == ()


def test_the_entry_page_shows_every_block_of_the_article(site: App) -> None:
    site.publish()
    told = article()
    (entry,) = [e for e in site.store.entries() if e.guid == "articolo.md"]
    shown = page(site, f"entries/{entry.slug}/index.html")
    tree = lxml_html.fromstring(shown)
    assert [h.text_content() for h in tree.iter("h1")] == [folded(told.title)]
    assert [folded(d.text_content()) for d in tree.find_class("standfirst")] == [folded(told.standfirst)]
    (prose,) = tree.find_class("prose")
    assert [folded(p.text_content()) for p in prose.iter("p")] == [folded(p) for p in told.paragraphs]
    facts = {dt.text_content(): dd.text_content() for dt, dd in zip(tree.iter("dt"), tree.iter("dd"), strict=True)}
    found = {"Scadenza": "venerdì 30 giugno 2017 (letta nel testo)"}  # "Entro il prossimo 30 giugno", of 29 May
    assert facts == found | {name: told.facts[name] for name in ("Fonte", "Data", "Area")}
    assert [(a.text_content(), a.get("href")) for a in _section(tree, "link").iter("a")] == [(told.link, PROJECT)]
    assert folded(_section(tree, "tag").text_content()) == folded(f"Tag {' '.join(told.tags)}")
    assert folded(_section(tree, "allegati").text_content()) == f"File allegati {told.files}"


def _section(tree: lxml_html.HtmlElement, label: str) -> lxml_html.HtmlElement:
    (found,) = tree.xpath("//section[@aria-labelledby=$label]", label=label)
    return found


@pytest.mark.parametrize("section", SECTIONS.values())
def test_each_list_shows_its_entries_with_long_date_title_and_excerpt(site: App, section: str) -> None:
    site.publish()
    tree = lxml_html.fromstring(page(site, f"{section}/index.html"))
    shown = [_row(li) for li in tree.find_class("story")]
    wanted = [
        (one.date.lstrip("0"), folded(one.title), folded(one.excerpt)) for one in listed() if one.section == section
    ]
    assert [row for row in shown if row[1] != folded(article().title)] == wanted


def _row(li: lxml_html.HtmlElement) -> tuple[str, str, str]:
    (when, *_), (headline,), (excerpt,) = li.xpath(".//time"), li.xpath(".//h3"), li.find_class("excerpt")
    return when.text_content(), folded(headline.text_content()), folded(excerpt.text_content())


def test_the_home_page_shows_all_five_sections_and_the_publisher(site: App) -> None:
    site.publish()
    home = text(page(site, "index.html"))
    order = [home.index(name) for name in ("News", "Agenda Eventi", *list(SECTIONS)[1:])]
    assert order == sorted(order)
    assert all(folded(one.title) in home for one in listed())
    assert "Servizi immigrazione" in home


def test_the_feeds_carry_them_all(site: App) -> None:
    site.publish()
    entries = feedparser.parse(page(site, "feeds/all.atom").encode()).entries
    assert {e.title for e in entries} == {folded(one.title) for one in (*listed(), article())}
    (found,) = [e for e in entries if e.title == folded(article().title)]
    assert [t.term for t in found.tags] == list(article().tags)
    assert [a.name for a in found.authors] == [article().facts["Fonte"]]
