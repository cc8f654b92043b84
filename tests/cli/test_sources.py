"""check, pull, sources, entries, parse and schema, before sources that behave and sources that do not."""

from __future__ import annotations

import json

import pytest

from tests.cli.desk import FRESH, FRESHER, FRIDAY, HEAD, MONDAY, OLD, WEDNESDAY, Desk, rss
from tests.servers import Answer, Route, serve

PAGE = b"<!doctype html><html><head><title>Benvenuti</title></head><body><p>Il sito si rinnova.</p></body></html>"
BROKEN: dict[str, Route] = {
    "/gone": Answer(status=410),
    "/missing": Answer(status=404),
    "/page": Answer(PAGE, media_type="text/html"),
    "/slow": Answer(hang=True),
    "/huge": Answer(b"<rss>" + b" " * 3_000_000),
    "/empty": b"",
    "/bare": rss(),
}
WORDS = {
    "gone": "gone for good",
    "missing": "404: there is nothing at this address",
    "page": "a web page, not a feed",
    "slow": "no answer within 1 seconds",
    "huge": "larger than 1 MB",
    "empty": "the answer is empty",
    "bare": "the feed is empty",
}
SHORT = ", timeout: 1s, max_body: 1MB"


def test_each_broken_source_is_one_line_with_its_reason_and_the_others_are_published(desk: Desk) -> None:
    with serve(BROKEN | {"/feed": rss(OLD, FRESH)}) as web:
        desk.write({name: web.url(f"/{name}") for name in ("feed", *WORDS)}, network=SHORT)
        ran = desk("--now", WEDNESDAY, "pull")
    assert ran.code == 1
    told = {line.split(":")[0].strip(): line for line in ran.out.splitlines() if line.startswith("  ")}
    assert told.keys() == WORDS.keys()
    for name, words in WORDS.items():
        assert words in told[name]
    assert ran.err == ""
    assert desk("--now", WEDNESDAY, "publish").code == 0
    assert FRESH[0] in (desk.folder / "public/feeds/news.atom").read_text(encoding="utf-8")


def test_a_pull_in_json_is_one_object_as_the_contract_says(desk: Desk) -> None:
    with serve({"/feed": rss(FRESH), "/missing": Answer(status=404)}) as web:
        desk.write({"feed": web.url("/feed"), "missing": web.url("/missing")})
        told = desk("--now", "2026-06-10T07:00:00Z", "--json", "pull").told
    (failure,) = told.pop("failures")
    assert failure["source"] == "missing"
    assert told == {
        "job": "pull",
        "started": "2026-06-10T07:00:00Z",
        "ended": "2026-06-10T07:00:00Z",
        "counts": {
            "sources": 2,
            "fetched": 1,
            "unchanged": 0,
            "failed": 1,
            "new": 1,
            "changed": 0,
            "reappeared": 0,
            "withdrawn": 0,
        },
    }


def test_a_named_source_is_pulled_alone_and_before_its_hour(desk: Desk) -> None:
    with serve({"/a": rss(FRESH), "/b": rss(OLD)}) as web:
        desk.write({"a": web.url("/a"), "b": web.url("/b")})
        assert desk("pull", "--json").told["counts"]["sources"] == 2
        assert desk("pull", "--json").told["counts"]["sources"] == 0
        assert desk("pull", "b", "--json").told["counts"]["unchanged"] == 1
        assert desk("pull", "--force", "--json").told["counts"]["unchanged"] == 2
        assert [asked.path for asked in web.requests].count("/a") == 2


def test_a_source_nobody_knows_is_refused_with_the_name_that_was_meant(desk: Desk) -> None:
    desk.write({"comune": "https://comune.example.it/feed"})
    ran = desk("pull", "comuna")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 'comune'?" in ran.err
    assert "aggregator sources" in desk("sources", "comuna").err


def test_a_source_that_fails_and_works_again_is_told_as_such(desk: Desk) -> None:
    routes: dict[str, Route] = {"/feed": Answer(status=500)}
    with serve(routes) as web:
        desk.write({"comune": web.url("/feed")})
        assert desk("--now", WEDNESDAY, "pull", "--quiet").out != ""
        assert "500" in desk("--now", WEDNESDAY, "sources", "--problems").out
        routes["/feed"] = rss(FRESH)
        ran = desk("--now", FRIDAY, "pull", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    assert "comune: works again" in ran.out
    assert "nothing is wrong" in desk("--now", FRIDAY, "sources", "--problems").out


def test_the_health_of_sources_is_one_object_a_line(desk: Desk) -> None:
    with serve({"/feed": rss(FRESH)}) as web:
        desk.write({"comune": web.url("/feed"), "morto": web.url("/nowhere")}, "  - {id: storto, url: 'ftp://x'}\n")
        desk("--now", "2026-06-10T07:00:00Z", "pull")
        told = {line["id"]: line for line in desk("--now", "2026-06-10T08:00:00Z", "sources", "--json").lines}
    assert {name: line["state"] for name, line in told.items()} == {
        "comune": "ok", "morto": "failing", "storto": "invalid",
    }  # fmt: skip
    assert told["comune"] == {
        "id": "comune",
        "state": "ok",
        "problem": "",
        "last_success": "2026-06-10T07:00:00Z",
        "next_check": told["comune"]["next_check"],
        "remarks": [],
    }
    assert "feeds.yaml:" in told["storto"]["problem"]


def test_a_wrong_source_costs_a_pull_its_exit_code_only_and_a_check_two(desk: Desk) -> None:
    with serve({"/feed": rss(FRESH)}) as web:
        desk.write({"comune": web.url("/feed")}, "  - {id: storto, urll: https://x.example/}\n")
        ran = desk("--now", WEDNESDAY, "pull")
        assert ran.code == 1
        assert "new 1" in ran.out
        assert "storto: feeds.yaml:7:" in ran.out
    checked = desk("check")
    assert checked.code == 2
    assert "did you mean url?" in checked.out
    assert desk("check", "--json").told["ok"] is False


def test_a_check_names_every_fault_and_what_nobody_reads(desk: Desk) -> None:
    desk.write({"comune": "https://comune.example.it/feed"}, "announcements: announcements/\n")
    desk.file("announcements/vecchio.pdf", "%PDF")
    assert "vecchio.pdf: no announcement attaches this file" in desk("check").out
    desk.file("announcements/a.md", "---\ntitle: Avviso\nsection: nowhere\ndate: 32/13/2026\n---\nTesto\n")
    ran = desk("check")
    assert ran.code == 2
    assert [line.split(" ")[0] for line in ran.out.splitlines()] == [
        "announcements/a.md:3", "announcements/a.md:4", "announcements/vecchio.pdf:",
    ]  # fmt: skip


def test_a_wrong_file_has_all_its_faults_on_stdout_or_in_the_json(desk: Desk) -> None:
    desk.write({}, "outputt: public/\nannouncements: a/\n", head=HEAD.replace("title:", "titel:"))
    ran = desk("check")
    assert ran.code == 2
    assert [line.split(" ")[0] for line in ran.out.splitlines()] == ["feeds.yaml:2:3", "feeds.yaml:6:1"]
    told = desk("check", "--json")
    assert told.code == 2
    assert told.told["faults"] == ran.out.splitlines()


def test_entries_can_be_narrowed_and_unknown_names_are_refused(desk: Desk) -> None:
    with serve({"/a": rss(FRESH, OLD), "/b": rss(FRESHER)}) as web:
        desk.write({"a": web.url("/a"), "b": web.url("/b")})
        desk("--now", WEDNESDAY, "pull", "a")
        desk("--now", MONDAY, "pull", "b")
    assert {e["title"] for e in desk("entries", "--json").lines} == {FRESH[0], OLD[0], FRESHER[0]}
    (late,) = desk("entries", "--since", FRIDAY, "--json").lines
    assert (late["source"], late["sections"], late["area"]) == ("b", ["news"], "public")
    assert late["first_seen"] == "2026-06-15T06:00:00Z"
    assert len(desk("entries", "--source", "a", "--json").lines) == 2
    for option, name, there in (("--source", "c", "a, b"), ("--section", "newz", "news")):
        ran = desk("entries", option, name)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.endswith(f"there is: {there}\n")
    assert "--since 'ieri': expected a time" in desk("entries", "--since", "ieri").err


def test_entries_that_readers_do_not_see_say_why(desk: Desk) -> None:
    with serve({"/a": rss(FRESH, OLD)}) as web:
        desk.write({"a": web.url("/a")}, "defaults: {exclude: [orari]}\n")
        desk("pull")
    fresh, old = (line for line in desk("entries").out.splitlines() if " a " in line)
    assert (FRESH[0] in fresh, "left out" in fresh) == (True, False)
    assert (OLD[0] in old, "left out: exclude: orari" in old) == (True, True)


def test_what_a_source_gave_is_listed_after_it_was_taken_out(desk: Desk) -> None:
    with serve({"/a": rss(FRESH)}) as web:
        desk.write({"a": web.url("/a")})
        desk("pull")
        desk.write({"b": web.url("/a")})
    assert len(desk("entries", "--source", "a", "--json").lines) == 1


def test_moments_are_shown_in_the_sites_own_time(desk: Desk) -> None:
    with serve({"/a": rss(FRESH)}) as web:
        desk.write({"a": web.url("/a")}, head=HEAD.replace("sections", "  timezone: Asia/Tokyo\nsections"))
        desk("--now", "2026-06-10T09:00", "pull")
    assert "2026-06-09 17:00" in desk("entries").out
    assert "2026-06-10 09:00" in desk("sources").out


@pytest.mark.parametrize("title", ["[/red] [bold] :lock: <b>", "\x1b[31mrosso", "a\x07b"])
def test_no_title_steers_the_terminal(desk: Desk, title: str) -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, "items": [{"id": "1", "title": title}]}
    desk.file("a.json", json.dumps(feed))
    ran = desk("parse", "a.json")
    assert ran.code == 0
    assert not set(ran.out) & {"\x1b", "\x07"}
    if title.isprintable():
        assert ran.out.count(title) == 2


def test_parse_shows_each_document_and_tells_which_is_none(desk: Desk) -> None:
    desk.file("a.xml", rss(FRESH, FRESH, OLD).decode())
    desk.file("pagina.html", PAGE.decode())
    with serve({"/feed": rss(FRESHER)}) as web:
        ran = desk("parse", "a.xml", "pagina.html", "nowhere.xml", web.url("/feed"), web.url("/x"), "--json")
    assert ran.code == 1
    assert [told["file"] for told in ran.lines][:3] == ["a.xml", "pagina.html", "nowhere.xml"]
    first, page, nowhere, far, missing = ran.lines
    assert first["parser"] in ("strict", "loose")
    assert len(first["feed"]["entries"]) == 3, "repeats are shown"
    assert (far["error"], far["feed"]["entries"][0]["title"]) == (None, FRESHER[0])
    assert [told["feed"] for told in (page, nowhere, missing)] == [None, None, None]
    assert all(told["error"] for told in (page, nowhere, missing))
    assert desk("parse", "a.xml").code == 0


def test_a_folder_and_a_name_that_is_none_are_no_feeds(desk: Desk) -> None:
    ran = desk("parse", ".", "a\0b", "https://", "--json")
    assert ran.code == 1
    assert all(line["error"] for line in ran.lines)


def test_the_schema_is_json_whatever_is_said_beside_it(desk: Desk) -> None:
    for words in (["schema"], ["schema", "--json"], ["--quiet", "schema"]):
        assert json.loads(desk(*words).out)["title"]


LIST = b"""<html lang="it"><title>Comune</title><ul>
<li><h3><a href="/n/1">Bando per gli sportelli</a></h3><i>9 giugno 2026</i></li>
<li><h3><a href="/n/2">Orari estivi</a></h3><i>2 marzo 2026</i></li></ul></html>"""
PAGE_SOURCE = """  - id: comune
    page: {url}
    select: {{entry: li, title: h3, link: h3 a@href, date: i}}
"""


def test_a_page_without_a_feed_goes_the_whole_way(desk: Desk) -> None:
    routes: dict[str, Route] = {"/notizie": Answer(LIST, media_type="text/html; charset=utf-8")}
    with serve(routes) as web:
        desk.write({}, "sources:\n" + PAGE_SOURCE.format(url=web.url("/notizie")))
        shown = desk("parse", web.url("/notizie"), "--source", "comune", "--json").told
        assert (shown["parser"], len(shown["feed"]["entries"])) == ("page", 2)
        assert desk("--now", WEDNESDAY, "pull", "--json").told["counts"]["new"] == 2
        routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /", media_type="text/plain")
        ran = desk("--now", FRIDAY, "pull")
    assert ran.code == 1
    assert "does not let us read /notizie" in ran.out
    (fresh, old) = desk("entries", "--json").lines
    assert (fresh["title"], fresh["url"].rpartition("/")[2]) == ("Bando per gli sportelli", "1")
    assert (old["title"], old["published"]) == ("Orari estivi", "2026-03-01T23:00:00Z")


def test_a_selector_that_is_none_is_told_with_its_place(desk: Desk) -> None:
    desk.write(
        {}, "sources:\n" + PAGE_SOURCE.format(url="https://comune.example.it/").replace("entry: li", "entry: 'li['")
    )
    ran = desk("check")
    assert ran.code == 2
    assert "sources[0].select.entry: expected a CSS selector" in ran.out


def test_of_one_source_all_that_is_known_is_shown(desk: Desk) -> None:
    with serve({"/feed": rss(OLD, FRESH).replace(b"<channel>", b"<channel><ttl>1440</ttl>")}) as web:
        desk.write({"comune": web.url("/feed"), "altro": web.url("/nowhere")})
        desk("--now", WEDNESDAY, "pull")
        shown = desk("--now", WEDNESDAY, "sources", "comune").out
        trouble = desk("--now", WEDNESDAY, "sources", "altro").out
        never = desk("--now", WEDNESDAY, "sources").out
    lines = [line.split("  ")[0] for line in shown.splitlines()]
    assert lines[-4:] == ["address", "calls itself", "asked", "last document"]
    assert f"address        {web.url('/feed')}" in shown
    assert "asked          every 6 hours at most; its document wishes for 1 day" in shown
    assert "last document  2 entries" in shown
    assert "in trouble     since 2026-06-10 09:00, 1 check in a row" in trouble
    assert "last document" not in never
