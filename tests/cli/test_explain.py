"""explain: why an entry is where it is, for one with a past, a story and an issue."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.desk import FRIDAY, HEAD, MONDAY, NEWSLETTER, NEXT_MONDAY, WEDNESDAY, Desk
from tests.servers import Route, serve

RULES = """
rules:
  - {when: {title: graduatoria}, drop: true}
  - {when: {title: [bando, "decreto flussi"]}, section: atti}
"""
PAGE = "https://www.interno.example.it/notizie/flussi"


def item(guid: str, title: str, text: str, link: str = "", date: str = "Tue, 09 Jun 2026 09:00:00 +0200") -> str:
    return (
        f"<item><guid>{guid}</guid><title>{title}</title><description>{text}</description>"
        f"<link>{link or 'https://www.example.it/' + guid}</link><pubDate>{date}</pubDate></item>"
    )


def feed(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Prova</title>{''.join(items)}</channel></rss>".encode()


FLUSSI = item("flussi", "Decreto flussi, al via le domande", "Entro 30 giorni, ai sensi della legge 47/2017", PAGE)
MENDED = item("flussi", "Decreto flussi, al via le domande", "Entro 60 giorni, ai sensi della legge 47/2017", PAGE)
TOLD_ALSO = item("anci-1", "Flussi: via alle domande", "Lo annuncia il Ministero", f"{PAGE}?utm_source=anci")
DROPPED = item("g", "Graduatoria finale", "I nomi")


@pytest.fixture
def site(desk: Desk) -> Desk:
    head = HEAD.replace("[News]", "[News, {id: atti, title: Atti}]\ndefaults: {section: news, text: full}")
    answers: dict[str, Route] = {"/interno": feed(FLUSSI, DROPPED), "/anci": feed(TOLD_ALSO)}
    with serve(answers) as web:
        desk.write({"interno": web.url("/interno"), "anci": web.url("/anci")}, head=head, more=RULES + NEWSLETTER)
        desk("--now", WEDNESDAY, "pull")
        answers["/interno"] = feed(MENDED, DROPPED)
        desk("--now", FRIDAY, "pull", "--force")
    return desk


def ids(desk: Desk) -> dict[str, str]:
    return {line["guid"]: line["id"] for line in desk("entries", "--json").lines}


def test_everything_that_brought_an_entry_to_its_place_is_told(site: Desk) -> None:
    assert site("--now", MONDAY, "newsletter", "compose").code == 0
    told = site("--now", MONDAY, "explain", ids(site)["flussi"], "--json").told

    assert [(key["kind"], key["known"]) for key in told["keys"]] == [
        (kind, True) for kind in ("guid", "link", "title", "date", "text")
    ]
    [change] = told["revisions"]
    assert (change["at"], change["kind"]) == ("2026-06-12T07:00:00Z", "text")
    assert "[-30-] {+60+}" in change["changes"][0]
    lead, mate = told["story"]
    assert ({lead["source"], mate["source"]}, lead["evidence"]) == ({"interno", "anci"}, None)
    assert mate["evidence"] == f"the same page as {lead['id']}"
    line = next(n for n, row in enumerate((site.folder / "feeds.yaml").read_text().split("\n"), 1) if "decreto" in row)
    assert told["placements"] == [{"section": "atti", "rule": f"rules[1], feeds.yaml:{line}"}]
    assert told["acts"][0]["label"] == "L. 47/2017"
    assert told["withheld"] is None
    assert {"atti/index.html", "feeds/atti.atom", "acts/l-47-2017/index.html"} < set(told["outputs"])
    assert told["issues"] == [f"settimanale n. 1 (draft), by {', '.join(sorted(m['id'] for m in told['story']))}"]


def test_people_read_the_same_in_words(site: Desk) -> None:
    ran = site("--now", MONDAY, "explain", PAGE)
    assert ran.code == 0
    assert "known by   guid, link, title, date (1 more has it), text" in ran.out
    assert "Entro [-30-] {+60+} giorni" in ran.out
    assert "the same page as" in ran.out
    assert "section    atti, by rules[1], feeds.yaml:" in ran.out


def test_what_is_withheld_says_why_and_is_in_no_output(site: Desk) -> None:
    told = site("--now", MONDAY, "explain", ids(site)["g"], "--json").told
    assert (told["withheld"], told["outputs"], told["placements"]) == ("a rule drops it", [], [])


def test_an_entry_that_is_not_there_is_a_word_and_no_crash(site: Desk) -> None:
    ran = site("explain", "nobody")
    assert ran.code == 2
    assert "no entry is called 'nobody'; `aggregator entries` lists them" in ran.err


def test_explaining_changes_nothing(site: Desk) -> None:
    before = json.dumps(site("entries", "--json").lines), site("sources", "--json").out
    site("--now", MONDAY, "explain", PAGE)
    assert (json.dumps(site("entries", "--json").lines), site("sources", "--json").out) == before


# --- hide and unhide ---


def test_a_hidden_entry_is_in_no_output_and_stays_so_when_its_source_changes_it(site: Desk) -> None:
    flussi = ids(site)["flussi"]
    assert site("--now", FRIDAY, "hide", flussi, "--json").told["counts"] == {"hidden": 1}
    with serve({"/interno": feed(FLUSSI, DROPPED)}) as web:
        text = (site.folder / "feeds.yaml").read_text("utf-8")
        site.file("feeds.yaml", re.sub(r"http://127[^/]*/interno", web.url("/interno"), text))
        assert site("--now", MONDAY, "pull", "interno", "--force", "--json").told["counts"]["changed"] == 1
    site("--now", MONDAY, "publish")

    why = site("explain", flussi, "--json").told["withheld"]
    assert why == "left out: hidden by the admin on 2026-06-12T07:00:00+00:00"
    files = [p for p in (site.folder / "public").rglob("*") if p.is_file() and p.suffix != ".gz"]
    assert [p for p in files if "al via le domande" in p.read_text("utf-8")] == []


def test_what_is_shown_again_is_news_of_that_moment(site: Desk) -> None:
    flussi = ids(site)["flussi"]
    site("--now", FRIDAY, "hide", flussi)
    assert site("--now", MONDAY, "unhide", PAGE, "--json").told["counts"] == {"shown": 1}
    told = site("--now", NEXT_MONDAY, "explain", flussi, "--json").told
    assert (told["withheld"], told["shown"]) == (None, "2026-06-15T06:00:00Z")


def test_what_is_hidden_already_or_not_at_all_is_told_so(site: Desk) -> None:
    flussi = ids(site)["flussi"]
    assert "is not hidden" in site("--now", MONDAY, "unhide", flussi).err
    site("--now", MONDAY, "hide", flussi)
    ran = site("--now", MONDAY, "hide", flussi)
    assert (ran.code, "is shown nowhere as it is: hidden by the admin" in ran.err) == (2, True)
