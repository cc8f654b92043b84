"""Edits of feeds.yaml: one thing changes, every other byte stays, and nothing wrong is ever given back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.edit import append_all, append_source, set_source_url
from aggregator.config.reading import read
from aggregator.errors import ConfigError
from aggregator.settings import Config

HEAD = 'site: {title: "Città: notizie", url: https://notizie.example.it/}  # la nostra\nsections: [News, Atti]\n'
NEW = "https://www.anci.example.it/rss?a=1&b=due,tre#x"
LAYOUTS = {
    "tables in one line": """
sources:
  - {id: anci, url: https://anci.example.it/feed, section: news}  # da vent'anni
""",
    "tables in blocks": """
sources:

- id: anci
  # il vecchio
  url: 'https://anci.example.it/feed'   # qui
  section: news

""",
    "deep indentation": """
sources:
    -   section: news
        url: "https://anci.example.it/feed"
        id: anci
# fine
""",
    "a list in one line": "sources: [{id: anci, section: news, url: https://anci.example.it/feed}]\n",
    "a page": """
sources:
  - id: anci
    section: news
    page: https://anci.example.it/
    select: {entry: li, title: a, link: a@href}
""",
}


def configured(text: str) -> Config:
    reading = read(text)
    assert reading.faults == ()
    return reading.config


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_address_changes_and_nothing_else(layout: str) -> None:
    text = HEAD + LAYOUTS[layout]
    before, after = configured(text).sources[0], set_source_url(text, "anci", NEW)
    [found] = configured(after).sources

    assert (found.url or found.page) == NEW
    assert (found.id, found.section, found.select) == (before.id, before.section, before.select)
    start = next(n for n, (a, b) in enumerate(zip(text, after, strict=False)) if a != b)
    assert text[-1:] == after[-1:]
    assert after.startswith(text[:start])
    assert text.count("#") == after.replace(NEW, "").count("#")


def test_a_bare_address_keeps_the_id_it_had_from_its_host() -> None:
    text = f"{HEAD}defaults: {{section: news}}\nsources:\n  - https://www.anci.example.it/feed  # bare\n"
    after = set_source_url(text, "anci-example-it", "https://anci.example.it/rss")
    assert after == text.replace("https://www.anci.example.it/feed", "https://anci.example.it/rss")
    moved = set_source_url(after, "anci-example-it", "https://altrove.example/rss")
    [found] = configured(moved).sources
    assert (found.id, found.url) == ("anci-example-it", "https://altrove.example/rss")
    assert moved.endswith("  # bare\n")


def test_the_second_source_of_a_host_is_found_by_the_id_it_was_given() -> None:
    text = f"{HEAD}defaults: {{section: news}}\nsources: [https://a.example/1, https://a.example/2]\n"
    after = configured(set_source_url(text, "a-example-2", "https://b.example/2"))
    assert [(s.id, s.url) for s in after.sources] == [
        ("a-example", "https://a.example/1"),
        ("a-example-2", "https://b.example/2"),
    ]


def test_a_source_nobody_knows_is_no_edit() -> None:
    with pytest.raises(ConfigError, match="no source is called 'anci'; write the address yourself"):
        set_source_url(HEAD, "anci", NEW)


def test_an_edit_that_would_break_the_file_is_none() -> None:
    with pytest.raises(ConfigError, match="left as it is") as told:
        set_source_url(HEAD + LAYOUTS["a page"], "anci", "ftp://anci.example.it/")
    assert any("sources[0].page" in fault for fault in told.value.faults)


def test_a_fault_that_was_there_is_no_reason_to_refuse() -> None:
    text = HEAD + LAYOUTS["tables in one line"] + "  - {id: storto, urll: x}\n"
    assert NEW in set_source_url(text, "anci", NEW)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_source_is_appended_in_the_manner_of_the_list(layout: str) -> None:
    text = HEAD + LAYOUTS[layout] + "output: public/ # in fondo\n"
    table = {"id": "gu", "title": "Gazzetta: la serie", "url": "https://gu.example.it/rss", "section": "atti"}
    after = append_source(text, table)
    config = configured(after)

    assert [s.id for s in config.sources] == ["anci", "gu"]
    assert config.sources[1].title == "Gazzetta: la serie"
    assert set(text.splitlines()) - set(after.splitlines()) <= {LAYOUTS["a list in one line"].strip()}
    assert append_source(after, table | {"id": "gu2", "url": "https://gu.example.it/2"}).count("gu.example.it") == 2


@pytest.mark.parametrize(
    "listed",
    ["", "sources:\n", "sources:   # ancora niente\n", "sources: []\n", "sources: https://anci.example.it/feed\n"],
)
def test_a_first_source_finds_its_place(listed: str) -> None:
    text = f"{HEAD}defaults: {{section: news}}\n{listed}output: public/\n"
    config = configured(append_source(text, {"url": "https://gu.example.it/rss"}))
    assert config.sources[-1].url == "https://gu.example.it/rss"
    assert config.output == "public/"


def test_a_second_source_of_a_host_gets_an_id_that_lasts() -> None:
    text = f"{HEAD}defaults: {{section: news}}\n"
    for number in range(3):
        text = append_source(text, {"url": f"https://gu.example.it/{number}"})
    assert "- https://gu.example.it/0\n" in text
    without = text.replace("- https://gu.example.it/0\n", "- https://altra.example.it/\n")
    assert [source.id for source in configured(without).sources] == [
        "altra-example-it",
        "gu-example-it-2",
        "gu-example-it-3",
    ]


@pytest.mark.parametrize("listed", ["[News]", "\n  - News\n  - {id: atti, title: Atti}", "\n- News # prima"])
def test_a_section_is_appended(listed: str) -> None:
    text = (
        f"site: {{title: Prova, url: https://notizie.example.it/}}\nsections: {listed}\nannouncements: announcements/\n"
    )
    config = configured(append_all(text, [{"id": "bandi", "title": "Bandi e avvisi"}], []))
    assert (config.sections[-1].id, config.sections[-1].title) == ("bandi", "Bandi e avvisi")


def test_a_file_without_a_last_line_break_and_one_of_windows() -> None:
    text = f"{HEAD}sources:\n  - {{id: anci, section: news, url: https://anci.example.it/feed}}"
    table = {"id": "gu", "url": "https://gu.example.it/rss", "section": "atti"}
    assert len(configured(append_source(text, table)).sources) == 2
    windows = append_source(text.replace("\n", "\r\n"), table)
    assert len(configured(windows).sources) == 2
    assert "\n" not in windows.replace("\r\n", "")


_TEXT = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufffe\uffff")


@given(st.text(_TEXT, min_size=1, max_size=40))
def test_any_title_survives(title: str) -> None:
    text = append_source(HEAD, {"id": "gu", "title": title, "url": "https://gu.example.it/", "section": "news"})
    assert configured(text).sources[0].title == title
