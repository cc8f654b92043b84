"""The portal's search in a real browser: with its script, without any, by the web side; alike to the last word."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from aggregator import cli
from aggregator.stems import SMALL, stems
from tests.cli.desk import Process
from tests.clients.desk import TOOLS, WCAG, Served, in_a_browser, invalid, needs, needs_npm
from tests.test_stems import many

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300), in_a_browser]

PATHS = [f"/search{end}?q={word}" for end in ("/", "") for word in ("circolari", "niente")]
SITE = """site: {{title: Sportello di prova, url: "https://notizie.example.it/"}}
sections: [News]
announcements: announcements/
web: {web}
"""
MONTHS = 36


@contextmanager
def site(folder: Path, web: str) -> Iterator[str]:
    """The address of a site with an announcement a month, for three years."""
    (folder / "announcements").mkdir(parents=True)
    (folder / "feeds.yaml").write_text(SITE.format(web=web))
    for number in range(MONTHS):
        year, month = 2024 + number // 12, number % 12 + 1
        told = f"title: Circolare numero {number}\nsection: news\ndate: 1/{month}/{year}\ntags: Permessi"
        lines = ["Le città partecipano."] * 20 + [f"In fondo: parola{number}."]
        (folder / f"announcements/{number:02}.md").write_text(f"---\n{told}\n---\n" + "\n\n".join(lines))
    here = Path.cwd()
    os.chdir(folder)
    try:
        assert cli.run(["--now", "2027-01-10", "publish"]) == 0
    finally:
        os.chdir(here)
    process = Process(folder, "serve", "--listen", "127.0.0.1:0")
    try:
        assert process.running.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.running.stdout.readline())
        assert found
        yield found[0]
    finally:
        process.terminate()
        process.ended()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with site(tmp_path_factory.mktemp("plain"), "none") as address:
        yield address


@pytest.fixture(scope="module")
def webbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with site(tmp_path_factory.mktemp("web"), "{listen: 127.0.0.1:8099}") as address:
        yield address


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Whatever its policy forbids, or breaks in it, is a failure."""
    with closing(browser.new_page(viewport={"width": 320, "height": 700})) as page:
        faults: list[str] = []
        page.on("console", lambda told: faults.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        assert faults == []


def searched(page: Any, words: str) -> str:
    """Type words and press Enter; what the status says then."""
    page.get_by_label("Parole da cercare").fill(words)
    page.keyboard.press("Enter")
    return status(page)


def status(page: Any) -> str:
    told = page.locator(".status").filter(has_text=re.compile("Risultati|Nessun|possibile"))
    sync_api.expect(told).to_have_count(1)
    found: str = told.inner_text()
    return found


def test_a_word_is_typed_and_the_entry_is_found_and_opened_by_keyboard(served: Served, page: Any) -> None:
    page.goto(f"{served.url}/")
    page.get_by_role("link", name="Cerca").click()
    assert searched(page, "PERMESSI DI SOGGIORNI").startswith("Risultati: ")
    first = page.locator("#search li h2 a").first
    title = first.inner_text()
    assert "permess" in (title + page.locator("#search li").first.inner_text()).lower()
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/entries/**")
    assert page.locator("h1").inner_text() == title
    page.go_back()
    assert status(page).startswith("Risultati: ")
    assert page.get_by_label("Parole da cercare").input_value() == "PERMESSI DI SOGGIORNI"


def test_older_months_are_asked_for_only_on_demand(plain: str, page: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(f"{plain}/search/?q=circolari")
    assert status(page) == "Risultati: 20, fino a maggio 2025."
    assert len([name for name in asked if name.endswith(".json")]) == 20
    page.get_by_role("button", name="meno recenti").press("Enter")
    sync_api.expect(page.locator("#search li.story")).to_have_count(36)
    assert status(page) == "Risultati: 36, fino a gennaio 2024."
    assert page.locator("a:focus").inner_text() == "Circolare numero 15", "the first that was not there before"
    assert page.get_by_role("button", name="meno recenti").count() == 0
    titles = page.locator("#search li h2").all_inner_texts()
    assert titles == [f"Circolare numero {n}" for n in reversed(range(MONTHS))]
    assert searched(page, "citta permesso numero 7") == "Risultati: 1, fino a gennaio 2024."
    assert len([name for name in asked if name.endswith(".json")]) == MONTHS, "what is known is not asked again"
    assert searched(page, "parola7").startswith("Nessun risultato."), "it stands deep in the text"
    assert page.url == f"{plain}/search/?q=parola7"


def test_what_cannot_be_loaded_is_said_and_can_be_tried_again(plain: str, browser: Any) -> None:
    with closing(browser.new_page()) as page:
        page.goto(f"{plain}/search/")
        page.context.set_offline(True)
        assert searched(page, "circolare").startswith("Non è stato possibile")
        page.context.set_offline(False)
        page.get_by_role("button", name="meno recenti").click()
        sync_api.expect(page.locator("#search li.story")).to_have_count(20)


def test_markup_in_what_is_typed_is_text(plain: str, page: Any) -> None:
    page.goto(f"{plain}/search/?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E")
    assert status(page).startswith("Nessun risultato.")
    assert page.locator("main img").count() == 0


def test_without_scripts_the_page_says_so_and_leads_on(plain: str, browser: Any) -> None:
    with closing(browser.new_context(java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto(f"{plain}/search/")
        assert not page.get_by_role("search").is_visible()
        assert "ha bisogno di JavaScript" in page.locator("main").inner_text()
        page.locator("main").get_by_role("link", name="News").click()
        assert page.locator("h1").inner_text() == "News"


def test_without_scripts_the_web_side_answers_from_whole_texts(webbed: str, browser: Any) -> None:
    with closing(browser.new_context(java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto(f"{webbed}/")
        page.get_by_role("link", name="Cerca").click()
        assert searched_plainly(page, "parola7") == ["Circolare numero 7"]
        assert page.url == f"{webbed}/search?q=parola7"
        assert len(searched_plainly(page, "CIRCOLARI")) == 20
        page.get_by_role("link", name="Pagina successiva").click()
        assert len(page.locator("#search li.story").all()) == 16
        page.locator("#search li h2 a").last.click()
        assert "Circolare numero" in page.locator("h1").inner_text()


def searched_plainly(page: Any, words: str) -> list[str]:
    page.get_by_label("Parole da cercare").fill(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    found: list[str] = page.locator("#search li h2").all_inner_texts()
    return found


def test_with_scripts_the_whole_texts_are_one_link_away(webbed: str, page: Any) -> None:
    page.goto(f"{webbed}/search/")
    assert searched(page, "parola7").startswith("Nessun risultato.")
    page.get_by_role("link", name="testi interi").click()
    page.wait_for_url("**/search?q=parola7")
    assert page.locator("#search li h2").all_inner_texts() == ["Circolare numero 7"]


@needs_npm("axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_results_keep_nobody_out_and_fit_a_narrow_window(webbed: str, browser: Any, scheme: str, path: str) -> None:
    axe = (TOOLS / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    narrow = {"width": 320, "height": 700}
    with closing(browser.new_page(color_scheme=scheme, bypass_csp=True, viewport=narrow)) as page:
        page.goto(f"{webbed}{path}")
        status(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        page.evaluate(axe)
        violations = page.evaluate("tags => axe.run({runOnly: tags}).then(told => told.violations)", WCAG)
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in violations] == []


@needs("java", "default-jre-headless")
@needs_npm("vnu-jar")
def test_an_answer_is_valid_html(webbed: str, tmp_path: Path) -> None:
    for number, query in enumerate(["circolari", "circolari&page=2", "niente", "", "%22%3Cb%3E%F0%9F%98%80"]):
        with urlopen(f"{webbed}/search?q={query}") as told:
            (tmp_path / f"{number}.html").write_bytes(told.read())
    assert invalid(*tmp_path.glob("*.html")) == []


@pytest.mark.parametrize("language", sorted(SMALL))
def test_the_browser_makes_the_same_stems(plain: str, page: Any, language: str) -> None:
    page.goto(f"{plain}/search/")
    told = many()
    theirs = page.evaluate("([told, language]) => told.map(word => stems(word, language))", [told, language])
    ours = [list(stems(word, language)) for word in told]
    assert [found for found in zip(told, ours, theirs, strict=True) if found[1] != found[2]] == []
