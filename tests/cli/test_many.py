"""A consortium's desk, 300 sources and 100 rules: what an admin asks about one line is answered as on a small one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.desk import Desk, rss
from tests.servers import Route, Site, serve

SOURCES, RULES, SECTIONS = 300, 100, 10
NOW = "2026-06-11T12:00"
DAY = "Tue, 09 Jun 2026 10:00:00 +0200"


def head(rule: str) -> str:
    """Each rule moves the entries of one subject; `rule` is the last one's section."""
    sections = ", ".join(f"{{id: s{n}, title: Sezione {n}}}" for n in range(SECTIONS))
    lines = [f"  - {{when: {{title: tema {n}, source: [c{n}, c{n + 100}]}}, section: s{n % 9}}}" for n in range(RULES)]
    lines[-1] = lines[-1].replace("section: s0", f"section: {rule}")
    site = "site: {title: Consorzio di prova, url: https://notizie.example.it/}\n"
    return f"{site}sections: [{sections}]\ndefaults: {{section: s9}}\nrules:\n" + "\n".join(lines) + "\n"


def feed(n: int) -> bytes:
    told = rss((f"Tema {n % 100}, avviso del comune {n}", DAY), (f"Bilancio del comune {n}", DAY))
    return told.replace(b"comune.example.it", f"comune-{n}.example.it".encode())


def written(desk: Desk, web: Site, rule: str = "s0") -> None:
    desk.write({f"c{n}": web.url(f"/{n}") for n in range(SOURCES)}, head=head(rule))


def line_of(desk: Desk, text: str) -> int:
    lines = (desk.folder / "feeds.yaml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.fixture
def site(desk: Desk) -> Iterator[tuple[Desk, Site]]:
    feeds: dict[str, Route] = {f"/{n}": feed(n) for n in range(SOURCES)}
    with serve(feeds) as web:
        written(desk, web)
        assert desk("check").code == 0
        ran = desk("--now", NOW, "pull", "--json")
        assert (ran.code, ran.told["counts"]["new"]) == (0, 2 * SOURCES)
        assert desk("--now", NOW, "publish").code == 0
        yield desk, web


def test_one_rule_of_a_hundred_is_edited_planned_and_explained(site: tuple[Desk, Site]) -> None:
    desk, web = site
    assert desk("--now", NOW, "plan").out == "nothing would change\n"
    written(desk, web, rule="s5")
    place = f"rules[99], feeds.yaml:{line_of(desk, 'tema 99,')}"
    told = desk("--now", NOW, "plan", "--json").told
    assert told["sources"] == {"added": [], "gone": [], "changed": []}
    assert told["settings"] == ["rules"]
    assert {m["title"] for m in told["entries"]} == {f"Tema 99, avviso del comune {n}" for n in (99, 199)}
    for move in told["entries"]:
        assert (move["before"]["sections"], move["after"]["sections"]) == (["s0"], ["s5"])
        assert move["after"]["rules"] == [place]
        out = desk("--now", NOW, "explain", move["id"]).out
        assert f"s5, by {place}" in out
        assert "feeds/s5.atom" in out


def test_a_mistake_in_the_hundredth_rule_is_named_with_its_line(site: tuple[Desk, Site]) -> None:
    desk, web = site
    written(desk, web, rule="s55")
    wrong = line_of(desk, "section: s55")
    for command in ("check", "plan"):
        ran = desk("--now", NOW, command)
        assert ran.code == 2
        assert f"feeds.yaml:{wrong}:" in ran.out + ran.err
        assert "rules[99].section" in ran.out + ran.err


def test_a_source_of_three_hundred_that_comes_and_one_that_goes(site: tuple[Desk, Site]) -> None:
    desk, _ = site
    text = (desk.folder / "feeds.yaml").read_text()
    desk.file("feeds.yaml", text.replace("{id: c207, ", "{id: nuovo, "))
    told = desk("--now", NOW, "plan", "--json").told
    assert told["sources"] == {"added": ["nuovo"], "gone": ["c207"], "changed": []}
