"""Thousands of attacks, all the way from HTTP to published pages, opened in a browser with a trap for scripts.

The pages are opened without their Content-Security-Policy: the cleaning alone must hold. That the trap works at all is
proved on the payloads as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest

from aggregator import cli
from aggregator.markup import legal
from tests.clients.desk import in_a_browser
from tests.corpus.shelf import CORPUS, needs_corpus
from tests.servers import Answer, serve

pytestmark = [
    pytest.mark.clients,
    pytest.mark.timeout(900),
    needs_corpus,
    in_a_browser,
]
ABUSE = CORPUS / "abuse"
A_FEED, A_PAGE = 400, 400

TRAP = """
window.__caught = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
  window[name] = (...words) => { window.__caught.push(name + ': ' + words); };
window.addEventListener('error', () => {}, true);
"""
FOUND = """() => {
  const bad = [...window.__caught];
  for (const one of document.querySelectorAll('main *')) {
    const name = one.localName;
    if (['script', 'iframe', 'object', 'embed', 'svg', 'math', 'style', 'link', 'base', 'form', 'input'].includes(name))
      bad.push('<' + name + '>');
    for (const {name: key, value} of one.attributes) {
      if (key.startsWith('on') || key === 'style' || key === 'srcset') bad.push(name + ' ' + key + '=' + value);
      if (['href', 'src', 'action', 'formaction', 'xlink:href'].includes(key) &&
          !/^(https?:|mailto:|tel:|#|\\/|[.]|$)/i.test(value) && /^[a-z0-9+.\\s-]*:/i.test(value))
        bad.push(name + ' ' + key + '=' + value);
    }
  }
  return bad;
}"""


def payloads() -> list[str]:
    """One attack each."""
    found = (
        (ABUSE / "payloadbox__xss-payload-list/Intruder/xss-payload-list.txt").read_text("utf-8", "replace").split("\n")
    )
    found += [one["payload"] for one in json.loads((ABUSE / "cure53__DOMPurify/test/fixtures/expect.json").read_text())]
    found += json.loads((ABUSE / "minimaxir__big-list-of-naughty-strings/blns.json").read_text("utf-8"))
    for file in sorted((ABUSE / "mozilla__bleach").rglob("*.test")):
        found.append(file.read_text("utf-8", "replace").partition("\n--")[0])
    for file in sorted((ABUSE / "html5lib__html5lib-tests").rglob("*.test")):
        found += [one["input"] for one in json.loads(file.read_text("utf-8")).get("tests", [])]
    for file in sorted((ABUSE / "html5lib__html5lib-tests").rglob("*.dat")):
        found += re.findall(r"#data\n(.*?)\n#", file.read_text("utf-8", "replace"), re.S)
    for file in sorted((ABUSE / "payloadbox__xxe-injection-payload-list").rglob("*.txt")):
        found += file.read_text("utf-8", "replace").split("\n\n")
    return [one for one in found if isinstance(one, str) and one.strip()]


def item(number: int, payload: str) -> str:
    """An entry that carries one attack in every place where a text can stand."""
    text = legal(payload.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    cdata, plain = text.replace("]]>", "]]]]><![CDATA[>"), escape(text)
    return (
        f"<item><guid isPermaLink='false'>{number} {plain}</guid><title>{escape(f'{number} ')}{plain}</title>"
        f"<link>{plain if number % 2 else f'https://attacco.example/{number}'}</link>"
        f"<description>{plain}</description><content:encoded><![CDATA[<p>{cdata}</p>]]></content:encoded>"
        f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate><dc:creator>{plain}</dc:creator><category>{plain}</category>"
        f"<enclosure url='https://attacco.example/{number}.pdf?{plain}' type='{plain}' length='1'/></item>"
    )


def feed(items: list[str]) -> bytes:
    spaces = "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/'"
    return f"<rss version='2.0' {spaces}><channel><title>Attacchi</title>{''.join(items)}</channel></rss>".encode()


@pytest.fixture(scope="module")
def attacks() -> list[str]:
    return payloads()


@pytest.fixture(scope="module")
def published(attacks: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of a site that pulled them all."""
    folder = tmp_path_factory.mktemp("attacchi")
    items = [item(number, payload) for number, payload in enumerate(attacks)]
    routes = {f"/{n}": Answer(feed(items[n : n + A_FEED])) for n in range(0, len(items), A_FEED)}
    with serve(routes) as web:
        sources = "".join(f"  - {{id: s{path[1:]}, url: {web.url(path)}, text: full}}\n" for path in routes)
        (folder / "feeds.yaml").write_text(
            "site: {title: Attacchi, url: https://notizie.example.it/}\nsections: [News]\n"
            "newsletters: [{id: settimanale, when: mon 08:00}]\n"  # without one nothing is news at the first pull
            f"network: {{allow_private: 127.0.0.0/8}}\npublish: {{feed_entries: 1000}}\nsources:\n{sources}"
        )
        config = str(folder / "feeds.yaml")
        assert cli.run(["--config", config, "--quiet", "pull"]) == 0
        assert len(web.requests) == len(routes)
    assert cli.run(["--config", config, "--quiet", "publish"]) == 0
    return folder / "public"


@pytest.fixture(scope="module")
def mails(published: Path) -> list[str]:
    """Bodies of issues: the same entries by another configuration, as each mail holds some sixty of them only."""
    folder = published.parent
    site = (folder / "feeds.yaml").read_text("utf-8")
    ids = re.findall(r"\{id: (s\d+)", site)
    for source in ids:
        site = site.replace(f"{{id: {source},", f"{{id: {source}, section: {source},")
    mails = ", ".join(f"{{id: n{id_}, when: mon 08:00, sections: [{id_}], limit: 500}}" for id_ in ids)
    site = site.replace("sections: [News]", f"sections: [{', '.join(ids)}]")
    site = site.replace("{id: settimanale, when: mon 08:00}", mails)
    (folder / "mail.yaml").write_text(site)
    for id_ in ids:
        words = ["--config", str(folder / "mail.yaml"), "--quiet", "newsletter", "preview", "--newsletter", f"n{id_}"]
        assert cli.run(words) == 0
    written = [path.read_text("utf-8") for path in sorted((folder / "data/preview").rglob("*.html"))]
    return [body[1] for mail in written if (body := re.search(r"<body\b[^>]*>(.*)</body>", mail, re.S))]


@pytest.fixture(scope="module")
def browser(browser: Any) -> Iterator[Any]:
    """Windows of a profile of their own, with the trap in every page."""
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(TRAP)
    yield context
    context.close()


def caught(browser: Any, body: str, head: str = "") -> list[str]:
    """What a page with this inside <main> does that it must not do, in words."""
    html = f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body><main>{body}</main></body></html>"
    asked: list[str] = []

    def answer(route: Any) -> None:
        if route.request.is_navigation_request() and route.request.url == "http://pagina.example/":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            if route.request.resource_type not in (
                "image",
                "media",
            ):  # pictures of a feed are shown; nothing else loads
                asked.append(f"{route.request.resource_type} {route.request.url}")
            route.abort()

    page = browser.new_page()
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}") or dialog.dismiss())
    page.route("**/*", answer)
    page.goto("http://pagina.example/", wait_until="domcontentloaded")
    page.wait_for_load_state("load")
    found = [*page.evaluate(FOUND), *asked]
    page.close()
    return found


def mains(folder: Path) -> list[str]:
    pages = sorted(folder.glob("entries/*/index.html"))
    return [re.search(r"<main\b[^>]*>(.*)</main>", page.read_text("utf-8"), re.S)[1] for page in pages]  # type: ignore[index]


def test_the_trap_catches_what_is_not_cleaned(browser: Any) -> None:
    assert "alert: 1" in caught(browser, "<img src=x: onerror=alert(1)>")
    assert any("script" in one for one in caught(browser, '<script src="https://attacco.example/x.js"></script>'))
    assert any("href=javascript" in one for one in caught(browser, '<a href="javascript:f()">x</a>'))
    assert any(
        one.startswith("document") for one in caught(browser, '<iframe src="https://attacco.example/"></iframe>')
    )


def test_no_attack_lives_on_in_a_page_of_the_portal(browser: Any, published: Path, attacks: list[str]) -> None:
    found = mains(published)
    assert len(attacks) > 7900
    assert len(found) >= len(attacks) * 0.9  # those equal word for word are one entry
    for start in range(0, len(found), A_PAGE):
        assert caught(browser, "".join(found[start : start + A_PAGE])) == []
    for page in ("index.html", "news/index.html"):
        main = re.search(r"<main\b[^>]*>(.*)</main>", (published / page).read_text("utf-8"), re.S)
        assert main
        assert caught(browser, main[1]) == []


def test_no_attack_lives_on_in_what_feed_readers_show(browser: Any, published: Path) -> None:
    """As they put the content of an entry into a page of theirs."""
    from lxml import etree

    feed = etree.parse(published / "feeds/news.atom", etree.XMLParser(resolve_entities=False))
    spaces = {"a": "http://www.w3.org/2005/Atom"}
    texts = [node.text or "" for node in feed.iterfind(".//a:entry/a:content", spaces)]
    texts += [node.text or "" for node in feed.iterfind(".//a:entry/a:summary", spaces)]
    assert len(texts) >= 1000
    assert caught(browser, "".join(f"<article>{text}</article>" for text in texts)) == []


def test_no_attack_lives_on_in_the_newsletter(browser: Any, mails: list[str]) -> None:
    """As a mail program on the web puts its body into a page."""
    assert sum(mail.count("attacco.example") for mail in mails) > 1000
    found = [one for mail in mails for one in caught(browser, mail)]
    assert [one for one in found if " style=" not in one] == []  # a mail's own looks stand in its tags
