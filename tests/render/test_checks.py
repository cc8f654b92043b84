"""What an output must have, or what was published before stays."""

from __future__ import annotations

import pytest

from aggregator.disk import templates
from aggregator.model import Document, Placement, Story
from aggregator.render.checks import checked, linked
from aggregator.render.templates import Templates
from tests.build import NOW, config, entry
from tests.press import documents

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><id>a</id><title>t</title><updated>{}</updated>{}</feed>'
PAGE = '<!doctype html>\n<html lang="it"><head><title>{}</title></head><body><a href="{}">x</a></body></html>'


def fault(path: str, body: str) -> str:
    return checked(Document(path, body.encode())).fault


def test_every_document_of_a_site_passes() -> None:
    told = [Story(entry("a", deadline=NOW.date(), tags=("Anci",)), (), (Placement("news", "source"),))]
    made = documents(config(), told, Templates(templates(None), config().site.zone))
    assert len(made) > 20
    assert [document.fault for document in made] == [""] * len(made)


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("a.atom", "<feed", "it is no XML"),
        ("a.atom", "<rss/>", "it is no Atom feed, but rss"),
        ("a.atom", ATOM.format("", ""), "feed a has no updated"),
        ("a.atom", ATOM.format("x", "<entry><id>b</id></entry>"), "entry b has no title, updated"),
        ("a.rss", "<rss><channel><title>t</title></channel></rss>", "its channel has no link, description"),
        ("a.json", "{", "it is no JSON"),
        ("a.json", "{}", "it has no version, title, items"),
        ("a.json", '{"version": "1", "title": "t", "items": [{"id": ""}]}', "1 items have no id"),
        ("a.ics", "BEGIN:VCALENDAR\r\n", "it is no whole calendar"),
        ("a.html", "", "it is no whole page"),
        ("a.html", PAGE.format("t", "x").removesuffix("</html>"), "it is no whole page"),
        ("a.html", PAGE.format(" ", "x"), "it has no <title>"),
        ("sitemap.xml", "<urlset>", "it is no XML"),
    ],
)
def test_what_is_wrong_is_said(path: str, body: str, words: str) -> None:
    assert fault(path, body).startswith(words)


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("../index.html", ["index.html"]),
        ("./scheda%20di.pdf", ["news/scheda di.pdf"]),
        ("../entries/a/", ["entries/a/index.html"]),
        ("a.html#qui", ["news/a.html"]),
        ("#qui", []),
        ("https://example.it/a", []),
        ("mailto:a@example.it", []),
        ("/assoluto.html", []),
    ],
)
def test_the_files_a_page_leads_to_are_known(href: str, target: list[str]) -> None:
    assert list(linked(Document("news/index.html", PAGE.format("t", href).encode()))) == target


def test_a_fault_that_is_known_already_stays() -> None:
    assert checked(Document("assets/logo.svg", b"", fault="it is not there")).fault == "it is not there"
