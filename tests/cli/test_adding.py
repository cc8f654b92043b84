"""From an address somebody found to a source in feeds.yaml, on sites as institutions have them; and a doctor's look."""

from __future__ import annotations

import itertools

import pytest

from tests.cli.desk import FRESH, FRESHER, OLD, Desk, rss
from tests.servers import Answer, Asked, Route, serve

HTML = "text/html; charset=utf-8"
EMPTY = rss(title="Comune")
COMMENTS = rss(FRESHER, title="Commenti a: Comune")


def page(head: str = "", body: str = "") -> Answer:
    return Answer(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), media_type=HTML)


def advertised(*paths: str) -> str:
    return "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in paths)


SITES: dict[str, tuple[dict[str, Route], str]] = {
    "a feed": ({"/": rss(FRESH)}, "/"),
    "a page that advertises it": ({"/": page(advertised("/notizie.rss")), "/notizie.rss": rss(FRESH)}, "/notizie.rss"),
    "news and comments": (
        {"/": page(advertised("/comments/feed/", "/feed/")), "/comments/feed/": COMMENTS, "/feed/": rss(FRESH)},
        "/feed/",
    ),
    "a link in the text": (
        {"/": page(body='<a href="dati/rss.xml">RSS</a>'), "/dati/rss.xml": rss(FRESH)},
        "/dati/rss.xml",
    ),
    "WordPress Design Comuni": (
        {"/": page(), "/feed/": EMPTY, "/?post_type=notizia&feed=rss2": rss(FRESH)},
        "/?post_type=notizia&feed=rss2",
    ),
    "Plone": ({"/": page(), "/RSS": rss(FRESH)}, "/RSS"),
    "Joomla": ({"/": page(), "/?format=feed&type=rss": rss(FRESH)}, "/?format=feed&type=rss"),
    "Drupal": ({"/": page(), "/rss.xml": rss(FRESH)}, "/rss.xml"),
    "the living and the dead": (
        {"/": page(advertised("/vecchio", "/nuovo")), "/vecchio": rss(OLD), "/nuovo": rss(FRESH)},
        "/nuovo",
    ),
}


@pytest.mark.parametrize("name", SITES)
def test_the_feed_behind_a_site_is_found_and_written_down(desk: Desk, name: str) -> None:
    routes, path = SITES[name]
    with serve(routes) as web:
        desk.write({"altro": "https://altro.example.it/feed"}, "defaults: {section: news}  # tutto qui\n")
        ran = desk("add", web.url("/"), "--json")
        assert (ran.code, ran.told["url"], ran.told["entries"]) == (0, web.url(path), 1)
        text = (desk.folder / "feeds.yaml").read_text(encoding="utf-8")
        assert "# tutto qui" in text
        assert f"  - {web.url(path)}\n" in text
        assert desk("pull", ran.told["id"], "--json").told["counts"]["new"] == 1
        again = desk("add", web.url("/"))
        assert (again.code, f"already, as {ran.told['id']}" in again.out) == (0, True)
    assert (desk.folder / "feeds.yaml").read_text(encoding="utf-8") == text


def test_what_else_there_is_is_named_and_a_section_is_written(desk: Desk) -> None:
    with serve({"/": page(advertised("/a", "/b")), "/a": rss(FRESH, title="Notizie"), "/b": rss(OLD)}) as web:
        desk.write({"altro": "https://altro.example.it/feed"}, head=HEAD)
        missing = desk("add", web.url("/"))
        assert (missing.code, "--section and one of: news, atti" in missing.err) == (2, True)
        ran = desk("add", web.url("/"), "--section", "atti")
        assert f"there is also {web.url('/b')}" in ran.out
        assert "Notizie, 1 entries, the newest of 2026-06-09" in ran.out
        assert "section: atti" in (desk.folder / "feeds.yaml").read_text(encoding="utf-8")
        assert "no section is called 'att'" in desk("add", web.url("/"), "--section", "att").err


HEAD = "site: {title: Prova, url: https://notizie.example.it/}\nsections: [News, Atti]\n"


@pytest.mark.parametrize(
    ("routes", "words"),
    [
        ({"/": page(body="<p>Benvenuti</p>")}, "no feed was found behind"),
        ({}, "404"),
        ({"/": page(advertised("/feed")), "/feed": EMPTY}, "no feed was found behind"),
    ],
)
def test_where_there_is_no_feed_the_file_stays_and_the_remedy_is_told(
    desk: Desk, routes: dict[str, Route], words: str
) -> None:
    with serve(routes) as web:
        desk.write({"altro": "https://altro.example.it/feed"}, "defaults: {section: news}\n")
        before = (desk.folder / "feeds.yaml").read_bytes()
        ran = desk("add", web.url("/"))
    assert ran.code == 1
    assert words in ran.out
    assert "docs/pages.md" in ran.out
    assert (desk.folder / "feeds.yaml").read_bytes() == before


OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Lettore</title></head><body>
<outline text="Bandi e avvisi"><outline type="rss" text="Comune: bandi" xmlUrl="https://comune.example.it/bandi"/>
<outline type="rss" text="ANCI" xmlUrl="https://anci.example.it/feed"/></outline>
<outline text="News"><outline type="rss" text="Uno" xmlUrl="https://uno.example.it/feed"/>
<outline type="rss" text="Ancora" xmlUrl="http://www.uno.example.it/feed"/></outline>
<outline type="rss" text="Male" xmlUrl="javascript:alert(1)"/></body></opml>"""


def test_a_list_of_another_reader_becomes_sources_and_sections_and_back(desk: Desk) -> None:
    desk.write({"anci": "https://anci.example.it/feed"}, "defaults: {section: news}\n")
    desk.file("lettore.opml", OPML)
    ran = desk("import-opml", "lettore.opml", "--json")
    assert (ran.code, ran.told) == (0, {"added": 2, "known": 1, "refused": ["javascript:alert(1)"]})
    assert desk("check").code == 0
    text = (desk.folder / "feeds.yaml").read_text(encoding="utf-8")
    assert "{id: bandi-e-avvisi, title: Bandi e avvisi}" in text
    assert desk("import-opml", "lettore.opml", "--json").told["added"] == 0
    listed = desk("sources", "--opml").out
    desk.write({"anci": "https://anci.example.it/feed"}, "defaults: {section: news}\n")
    desk.file("nostro.opml", listed)
    assert desk("import-opml", "nostro.opml", "--json").told["added"] == 2
    assert desk("sources", "--opml").out == listed


def listing(*folders: str) -> str:
    feeds = [
        f'<outline type="rss" text="{folder or "Sciolto"}" xmlUrl="https://f{n}.example.it/feed"/>'
        for n, folder in enumerate(folders)
    ]
    inside = [
        f'<outline text="{folder}">{feed}</outline>' if folder else feed
        for folder, feed in zip(folders, feeds, strict=True)
    ]
    return f'<opml version="2.0"><body>{"".join(inside)}</body></opml>'


def test_a_folder_whose_name_is_taken_by_a_page_or_a_section_gets_another_id(desk: Desk) -> None:
    desk.write({"anci": "https://anci.example.it/feed"}, "defaults: {section: news}\n")
    desk.file("x.opml", listing("Ministeri", "Search", "News!", "Search"))
    assert desk("import-opml", "x.opml", "--json").told["added"] == 4
    text = (desk.folder / "feeds.yaml").read_text(encoding="utf-8")
    assert "{id: search-2, title: Search}" in text
    assert "{id: news-2, title: News!}" in text
    assert text.count("section: search-2") == 2
    assert desk("check").code == 0
    assert desk("import-opml", "x.opml", "--json").told["added"] == 0


@pytest.mark.parametrize("words", [["--section", "nope"], []], ids=["unknown section", "no section"])
def test_an_import_that_cannot_be_whole_is_none(desk: Desk, words: list[str]) -> None:
    desk.write({"anci": "https://anci.example.it/feed"}, head=HEAD)
    desk.file("x.opml", listing("Ministeri", ""))
    before = (desk.folder / "feeds.yaml").read_bytes()
    ran = desk("import-opml", "x.opml", *words)
    assert (ran.code, "section" in ran.err) == (2, True)
    assert (desk.folder / "feeds.yaml").read_bytes() == before


def test_an_address_that_would_be_a_fault_leaves_the_file_as_it_is_and_is_named(desk: Desk) -> None:
    desk.write({"anci": "https://anci.example.it/feed"}, "defaults: {section: news}\n")
    desk.file("x.opml", listing("Ministeri", "Buoni").replace("https://f1", "https://io:segreto@f1"))
    before = (desk.folder / "feeds.yaml").read_bytes()
    ran = desk("import-opml", "x.opml")
    assert (ran.code, "feeds.yaml was left as it is" in ran.err) == (2, True)
    assert "expected an address without name and password" in ran.err
    assert "segreto" not in ran.err
    assert (desk.folder / "feeds.yaml").read_bytes() == before


def test_a_file_that_is_no_list_is_refused(desk: Desk) -> None:
    desk.write({"anci": "https://anci.example.it/feed"})
    desk.file("x.opml", "<html>")
    assert "expected OPML" in desk("import-opml", "x.opml").err
    assert desk("import-opml", "nowhere.opml").code == 1


# --- the doctor ---


def findings(desk: Desk, *words: str) -> dict[str, tuple[bool, str]]:
    ran = desk("doctor", *words, "--json")
    return {one["what"]: (one["ok"], one["words"]) for one in ran.told["findings"]}


def test_a_feed_that_is_well_is_told_with_what_to_write(desk: Desk) -> None:
    desk.write({"altro": "https://altro.example.it/feed"})
    with serve({"/": page(advertised("/feed")), "/feed": Answer(rss(FRESH, FRESHER), etag='"1"')}) as web:
        told = findings(desk, web.url("/"))
        assert told["dates"] == (True, "2 exact")
        assert told["identity"] == (True, "each entry is known again")
        assert told["asked again"][0]
        shown = desk("doctor", web.url("/feed"))
        assert f"- url: {web.url('/feed')}\n  title: Comune di Prova" in shown.out
        assert "identity" not in shown.out.partition("for feeds.yaml")[2]


def test_ids_made_up_at_each_visit_are_seen_and_the_remedy_is_in_the_yaml(desk: Desk) -> None:
    counter = itertools.count()

    def random(_asked: Asked) -> Answer:
        return Answer(rss(*((f"{name} {next(counter)}", day) for name, day in (FRESH, FRESHER))))

    desk.write({"altro": "https://altro.example.it/feed"})
    with serve({"/feed": random}) as web:
        ran = desk("doctor", web.url("/feed"), "--json").told
    identity = next(one for one in ran["findings"] if one["what"] == "identity")
    assert identity["ok"] is False
    assert "identity: title+date" in ran["yaml"]


def test_an_address_without_a_feed_is_a_failure_in_words(desk: Desk) -> None:
    desk.write({"altro": "https://altro.example.it/feed"})
    with serve({"/": page(body="<p>Benvenuti</p>")}) as web:
        ran = desk("doctor", web.url("/"))
    assert (ran.code, "no feed was found" in ran.out) == (1, True)


def test_the_installation_is_looked_at_and_what_is_wrong_has_its_remedy(desk: Desk) -> None:
    desk.write({"altro": "https://altro.example.it/feed"})
    assert desk("doctor").code == 0
    key = desk.file("data/secret.key", "x" * 64)
    key.chmod(0o644)
    told = findings(desk)
    assert told["secret.key"][0] is False
    assert "chmod 600" in told["secret.key"][1]
    assert told["store"][0]
    assert desk("doctor").code == 1
