"""A real browser subscribes, confirms, changes sections, leaves and comes back; nginx passes on what is not a file."""

from __future__ import annotations

import http.client
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from aggregator import cli
from aggregator.app import App, open_app
from tests.cli.desk import Process
from tests.clients.desk import TOOLS, WCAG, in_a_browser, invalid, needs, needs_npm
from tests.clients.test_servers import running

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

SITE = """site: {{title: Sportello di prova, url: "http://notizie.example.it/"}}
sections: [News, {{id: atti, title: Atti}}, {{id: bandi, title: Bandi}}]
announcements: announcements/
web: {{listen: 127.0.0.1:{port}}}
newsletters:
  - {{id: settimanale, title: La settimana, when: mon 08:00}}
mail: {{from: "Sportello <notizie@example.it>"}}
"""
ADDRESS = "anagrafe@comune.example.it"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


@dataclass
class Site:
    folder: Path
    url: str

    def type(self, *words: str) -> None:
        assert cli.run(["--config", str(self.folder / "feeds.yaml"), *words]) == 0

    def link(self, what: str) -> str:
        """Send what is owed; the address in the newest mail that holds such a link, at this machine."""
        self.type("newsletter", "send")
        mails = sorted((self.folder / "outbox").glob("*.eml"), key=lambda one: one.stat().st_mtime_ns)
        for file in reversed(mails):
            body = message_from_bytes(file.read_bytes(), policy=policy.default).get_body(("plain",))
            assert body is not None
            if found := re.search(rf"http://notizie\.example\.it/({what}/\S+)", body.get_content()):
                return f"{self.url}/{found[1]}"
        raise AssertionError(f"no mail leads to {what}")

    def preferences(self) -> str:
        return self._of_subscriber(App.preferences_link)

    def leave(self) -> str:
        return self._of_subscriber(App.leave_link)

    def _of_subscriber(self, link: Callable[[App, str], str | None]) -> str:
        with closing(open_app(self.folder / "feeds.yaml")) as app:
            return str(link(app, app.subscriber(ADDRESS).id)).replace("http://notizie.example.it", self.url)

    def consent(self) -> str:
        with closing(open_app(self.folder / "feeds.yaml")) as app:
            found = app.store.subscriber(ADDRESS)
            return f"{found.consent} {' '.join(found.sections)}".strip() if found else ""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "announcements").mkdir()
    (tmp_path / "announcements/uno.md").write_text("---\ntitle: Avviso\nsection: news\n---\nTesto.\n")
    port = free_port()
    (tmp_path / "feeds.yaml").write_text(SITE.format(port=port))
    made = Site(tmp_path, f"http://127.0.0.1:{port}")
    made.type("publish")
    process = Process(tmp_path, "serve")
    assert process.running.stdout is not None
    assert made.url in process.running.stdout.readline()
    yield made
    process.terminate()
    ran = process.ended()
    assert (ran.code, ran.err) == (0, "")


@in_a_browser
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_somebody_subscribes_confirms_changes_leaves_and_comes_back(site: Site, browser: Any, scripts: bool) -> None:
    with closing(browser.new_context(java_script_enabled=scripts, locale="it-IT")) as context:
        page = context.new_page()
        page.goto(f"{site.url}/subscribe")
        page.get_by_label("Indirizzo email").fill(ADDRESS)
        page.get_by_label("Bandi").uncheck()
        time.sleep(3)  # as a person reads
        page.get_by_role("button", name="Iscrivimi").click()
        assert page.locator("h1").inner_text() == "Controlli la posta"
        assert site.consent() == ""

        page.goto(site.link("confirm"))
        page.get_by_role("button", name="Conferma").click()
        assert page.locator("h1").inner_text() == "Iscrizione confermata"
        assert site.consent() == "confirmed news atti"

        page.goto(site.preferences())
        assert page.get_by_label("Atti").is_checked()
        assert not page.get_by_label("Bandi").is_checked()
        page.get_by_label("Atti").uncheck()
        page.get_by_role("button", name="Salva").click()
        assert "Salvato." in page.locator("main").inner_text()
        assert site.consent() == "confirmed news"

        page.goto(site.leave())
        assert ADDRESS not in page.content()
        page.get_by_role("button", name="Annulla l’iscrizione").click()
        assert page.locator("h1").inner_text() == "Iscrizione annullata"
        assert site.consent() == "withdrawn news"

        page.goto(site.link("confirm"))
        page.get_by_role("button", name="Conferma").click()
        assert site.consent() == "confirmed news"


@in_a_browser
@needs_npm("axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_people_keep_nobody_out_and_fit_a_narrow_window(site: Site, browser: Any, scheme: str) -> None:
    site.type("subscribers", "add", ADDRESS)
    axe = (TOOLS / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    narrow = {"width": 320, "height": 700}
    with closing(browser.new_page(color_scheme=scheme, bypass_csp=True, viewport=narrow)) as page:
        for address in (f"{site.url}/subscribe", site.preferences(), site.leave(), f"{site.url}/leave/x"):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") == 320, address
            page.evaluate(axe)
            found = page.evaluate("tags => axe.run({runOnly: tags}).then(told => told.violations)", WCAG)
            assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], address


@in_a_browser
def test_no_page_of_people_asks_anybody_else_or_says_where_it_was(site: Site, browser: Any) -> None:
    site.type("subscribers", "add", ADDRESS)
    asked = []
    with closing(browser.new_page()) as page:
        page.on("request", lambda request: asked.append((request.url, request.headers.get("referer"))))
        for address in (f"{site.url}/subscribe", site.preferences(), site.leave()):
            page.goto(address)
            page.get_by_role("link", name="Home").click()
        assert page.context.cookies() == []
    assert {url.startswith(f"{site.url}/") for url, _ in asked} == {True}
    told = {referer for _, referer in asked if referer}
    assert not [referer for referer in told if "/leave/" in referer or "/preferences/" in referer]


@needs("java", "default-jre-headless")
@needs_npm("vnu-jar")
def test_the_pages_of_people_are_valid_html(site: Site, tmp_path: Path) -> None:
    site.type("subscribers", "add", ADDRESS)
    paths = ["/subscribe", "/subscribe?language=en", site.preferences(), site.leave(), "/leave/x"]
    for number, path in enumerate(paths):
        (tmp_path / f"{number}.html").write_bytes(ask(site.url, path.removeprefix(site.url))[1])
    told = ask(site.url, "/subscribe", b"address=x%22%3Cb%3E&municipality=1")
    (tmp_path / "wrong.html").write_bytes(told[1])
    for act in ("export", "erase", "leave"):
        assert ask(site.url, site.preferences().removeprefix(site.url), f"act={act}".encode())[0] == 200
    site.type("newsletter", "send")
    for file in (site.folder / "outbox").glob("*.eml"):
        body = message_from_bytes(file.read_bytes(), policy=policy.default).get_body(("html",))
        assert body is not None
        (tmp_path / f"{file.stem}.html").write_text(body.get_content(), "utf-8")
    assert len(list(tmp_path.glob("*.html"))) == 9
    assert invalid(*tmp_path.glob("*.html")) == []


NGINX = """daemon off; pid {folder}/pid; error_log {folder}/error.log info; worker_processes 1;
events {{}}
http {{ access_log {folder}/access.log; include /etc/nginx/mime.types; client_body_temp_path {folder}/body;
server {{ listen 127.0.0.1:{port}; root {site}/public; index index.html; include {site}/public/.nginx.conf; }} }}
"""


def ask(url: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(url.removeprefix("http://"))) as connection:
        connection.request("GET" if body is None else "POST", path, body, named)
        answer = connection.getresponse()
        return answer.status, answer.read()


@needs("nginx", "nginx-light")
def test_behind_nginx_people_leave_and_no_log_knows_of_it(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    site.type("subscribers", "add", ADDRESS)
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    folder.chmod(0o755)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, site=site.folder))
    path = site.leave().removeprefix(site.url)
    site.type("subscribers", "add", "ufficio@comune.example.it", "--area", "reserved")
    with closing(open_app(site.folder / "feeds.yaml")) as opened:
        feed = opened.feeds_of("ufficio@comune.example.it")["atti"].removeprefix("http://notizie.example.it")
    with running(["nginx", "-c", str(folder / "nginx.conf")], port) as url:
        assert ask(url, "/subscribe", Host="notizie.example.it")[0] == 200
        assert ask(url, "/search?q=avviso")[0] == 200
        assert ask(url, path)[0] == 200
        assert site.consent() == "confirmed"
        assert ask(url, path, b"List-Unsubscribe=One-Click")[0] == 200
        assert site.consent() == "withdrawn"
        assert ask(url, "/leave/x")[0] == 404
        assert ask(url, feed)[0] == 200, "no file, though it ends like one"
        assert ask(url, "/metrics")[0] in (403, 404), "is not passed on"
        assert ask(url, "/subscribe", b"a" * 40_000)[0] == 413
        assert ask(url, "/subscribe", Host="evil.example")[0] == 400
    logs = (folder / "access.log").read_text() + (folder / "error.log").read_text()
    assert "/search?q=avviso" in logs
    for told in (path, "/leave", "/subscribe", "/r/"):
        assert told not in logs
