"""The demo's pages as browsers, people and validators take them: valid, open to all, narrow, alone, without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.desk import TOOLS, WCAG, Served, in_a_browser, invalid, needs, needs_npm

pytestmark = [pytest.mark.clients, pytest.mark.timeout(600)]


def paths(served: Served) -> list[str]:
    """Every page of the demo."""
    return sorted(str(file.relative_to(served.public)) for file in served.public.rglob("*.html"))


@needs("java", "default-jre-headless")
@needs_npm("vnu-jar")
def test_every_page_is_valid_html(served: Served) -> None:
    assert invalid(*(served.public / path for path in paths(served))) == []


@in_a_browser
@needs_npm("axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anybody_out(served: Served, browser: Any, scheme: str) -> None:
    axe = (TOOLS / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    page = browser.new_page(color_scheme=scheme, bypass_csp=True)
    found = {}
    for path in paths(served):
        page.goto(f"{served.url}/{path}")
        page.evaluate(axe)
        violations = page.evaluate("tags => axe.run({runOnly: tags}).then(told => told.violations)", WCAG)
        if violations:
            found[path] = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations]
    page.close()
    assert found == {}


@in_a_browser
@pytest.mark.parametrize("width", [320, 1600])
def test_no_page_is_wider_than_its_window(served: Served, browser: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    wide = {}
    for path in paths(served):
        page.goto(f"{served.url}/{path}")
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[path] = needed
    page.close()
    assert wide == {}


@in_a_browser
def test_a_page_asks_nobody_but_us_and_needs_no_script(served: Served, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in paths(served):
        page.goto(f"{served.url}/{path}")
        assert page.locator("main h1, header h1").first.inner_text().strip(), path
    context.close()
    assert {url for url in asked if not url.startswith(served.url)} == set()
    assert len(asked) > len(paths(served))
