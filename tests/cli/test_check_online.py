"""check --online: what of each source would be kept now, before anything is stored."""

from __future__ import annotations

from tests.cli.desk import FRESH, FRESHER, OLD, Desk, rss
from tests.servers import Answer, serve

LIST = b"""<!doctype html><title>Albo</title><ul>
<li><a href="/1">Ordinanza 1</a></li><li><a href="/2">Avviso 2</a></li></ul>"""


def test_what_is_kept_and_what_is_not_is_shown_by_title_and_with_the_reason(desk: Desk) -> None:
    many = [(f"Bando {n}", FRESH[1]) for n in range(9)]
    with serve({"/feed": rss(*many, ("Tributi 2026", FRESH[1])), "/all": rss(OLD, FRESH)}) as web:
        desk.write(
            {"tutto": web.url("/all")},
            f"  - {{id: bandi, url: {web.url('/feed')}, exclude: [tributi, bando 7]}}\n",
        )
        ran = desk("check", "--online")
        told = desk("check", "--online", "--json").told["online"]
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert "tutto: kept 2 of 2" in lines
    start = lines.index("bandi: kept 8 of 10")
    assert lines[start + 1 : start + 9] == [
        *(f"  + Bando {n}" for n in range(5)), "  + and 3 more",
        "  - Bando 7 (exclude: bando 7)", "  - Tributi 2026 (exclude: tributi)",
    ]  # fmt: skip
    assert told[0] == {"source": "tutto", "kept": [OLD[0], FRESH[0]], "left_out": [], "problem": None}
    assert told[1]["left_out"][1] == {"title": "Tributi 2026", "why": "exclude: tributi"}


def test_pages_are_tried_by_their_selectors_and_robots_txt_is_heeded(desk: Desk) -> None:
    page = "  - {id: albo, page: '%s', select: {entry: li, title: a, link: a}}\n"
    routes = {
        "/albo": Answer(LIST, media_type="text/html"),
        "/feed": rss(FRESH),
        "/robots.txt": b"User-agent: *\nDisallow: /segreto\n",
    }
    with serve(routes) as web:
        desk.write(
            {"comune": web.url("/feed")},
            page % web.url("/albo") + (page % web.url("/segreto")).replace("id: albo", "id: chiuso"),
        )
        ran = desk("check", "--online")
    assert ran.code == 1
    assert "albo: kept 2 of 2" in ran.out
    assert "chiuso: robots.txt of" in ran.out


def test_a_source_that_cannot_be_read_is_one_line_and_nothing_is_stored(desk: Desk) -> None:
    with serve({"/feed": rss(FRESH, FRESHER)}) as web:
        desk.write(
            {"comune": web.url("/feed"), "morto": web.url("/nowhere")},
            f"  - {{id: fermo, url: {web.url('/feed')}, paused: in restauro}}\n",
        )
        ran = desk("check", "--online")
        quiet = desk("check", "--online", "--quiet")
    assert ran.code == quiet.code == 1
    assert "morto: the server answered 404" in ran.out
    assert "comune: kept 2 of 2" in ran.out
    assert "fermo" not in ran.out
    assert "kept" not in quiet.out
    assert "morto" in quiet.out
    assert not (desk.folder / "data/aggregator.db").exists()


def test_what_feeds_yaml_has_wrong_comes_first(desk: Desk) -> None:
    with serve({"/feed": rss(FRESH)}) as web:
        desk.write({"comune": web.url("/feed")}, "  - {id: storto, urll: https://x.example/}\n")
        ran = desk("check", "--online")
    assert ran.code == 2
    assert "did you mean url?" in ran.out.splitlines()[0]
    assert "comune: kept 1 of 1" in ran.out
