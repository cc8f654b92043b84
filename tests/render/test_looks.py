"""The looks that a newsletter may have: ours say the same, and the one that the docs show works."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as lxml_html

from aggregator.content import Content
from aggregator.model import Edition
from aggregator.render.mail.newsletter import edition
from aggregator.render.templates import Templates
from tests.render.test_newsletter import CONFIG, ISSUE, NEWSLETTER, TITLES, WEEK, look

DOCS = Path(__file__).parents[2] / "docs" / "newsletter-looks.md"


def made(name: str, language: str = "it", **own: str) -> Edition:
    templates = Templates(look() | {f"newsletter/{name}/{file}": text for file, text in own.items()}, CONFIG.site.zone)
    return edition(replace(NEWSLETTER, look=name), ISSUE, Content(WEEK), CONFIG, language, (), TITLES, templates)


def outline(of: Edition) -> list[tuple[str, str]]:
    """Headings and links, in order."""
    page = lxml_html.document_fromstring(of.html)
    return [(node.tag, node.get("href") or node.text_content().strip()) for node in page.iter("h1", "h2", "h3", "a")]


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_plain_look_says_what_the_default_says(language: str) -> None:
    plain, default = made("plain", language), made("default", language)
    assert outline(plain) == outline(default)
    assert plain.text == default.text
    assert plain.subject == default.subject


def test_the_plain_look_has_no_colour_of_ours() -> None:
    assert not re.search(r"#[0-9a-f]{3,6}\b|background:|bgcolor", made("plain").html)


def test_the_look_that_the_docs_show_works() -> None:
    page, text = re.findall(r"```jinja\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    of = made("comune", **{"issue.html": page, "issue.txt": text})
    assert outline(of) == outline(made("default"))
    assert of.text == made("default").text
    assert "border-bottom-color:#00663d" in of.html
    assert of.html.count("Georgia") == 1
