"""plan: what an edit would do, held against the site as it was published last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import FRESH, FRESHER, HEAD, MONDAY, NEWSLETTER, OLD, WEDNESDAY, Desk, rss
from tests.servers import Site, serve

FOLDER = "announcements: announcements/\n"
TWO = HEAD.replace("[News]", "[News, {id: corsi, title: Corsi}]\ndefaults: {section: news}")
COURSES = "rules:\n  - {when: {title: corso}, section: corsi}\n"
DROPPED = "rules:\n  - {when: {title: [sabato, corso]}, drop: true}\n"
THURSDAY = "2026-06-11T12:00"


@pytest.fixture
def web() -> Iterator[Site]:
    with serve({"/feed": rss(OLD, FRESH, FRESHER)}) as site:
        yield site


@pytest.fixture
def site(desk: Desk, web: Site) -> Desk:
    """Published on Thursday: two entries for the issue that closes on Monday, and an old one."""
    edited(desk, web)
    desk.file("announcements/LEGGIMI.txt", "I nostri avvisi.")
    assert desk("--now", THURSDAY, "pull").code == 0
    assert desk("--now", THURSDAY, "publish").code == 0
    return desk


def edited(desk: Desk, web: Site, more: str = "", head: str = TWO, folder: str = FOLDER) -> None:
    desk.write({"comune": web.url("/feed")}, head=head, more=NEWSLETTER + folder + more)


def planned(desk: Desk, code: int = 0) -> dict[str, object]:
    ran = desk("--now", THURSDAY, "plan", "--json")
    assert (ran.code, ran.err) == (code, "")
    told: dict[str, object] = ran.told
    return told


def moves(desk: Desk) -> dict[str, tuple[object, object]]:
    """{title: (sections before, sections after)}; None: not there."""
    return {
        one["title"]: tuple(one[when] and one[when]["sections"] for when in ("before", "after"))
        for one in planned(desk)["entries"]  # type: ignore[attr-defined]
    }


def titles(desk: Desk, ids: list[str]) -> set[str]:
    known = {line["id"]: line["title"] for line in desk("entries", "--json").lines}
    return {known[id_] for id_ in ids}


def files(folder: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith((".db-wal", ".db-shm", ".lock", ".log"))
    }


def test_where_nothing_was_edited_nothing_would_change(site: Desk) -> None:
    assert site("--now", THURSDAY, "plan").out == "nothing would change\n"


def test_before_anything_was_published_all_of_it_is_new(desk: Desk, web: Site) -> None:
    edited(desk, web, folder="")
    desk("--now", THURSDAY, "pull")
    told = planned(desk)
    assert told["published_before"] is False
    assert told["sources"] == {"added": ["comune"], "gone": [], "changed": []}
    assert moves(desk) == {name: (None, ["news"]) for name, _ in (OLD, FRESH, FRESHER)}
    assert desk("--now", THURSDAY, "plan").out.startswith("nothing was published yet: all of it is new\n")


def test_nothing_is_touched(site: Desk, web: Site) -> None:
    edited(site, web, COURSES)
    site.file("announcements/avviso.md", "---\ntitle: Chiusura estiva\nsection: news\n---\nSi riapre il 24 agosto.\n")
    stored, asked = site("entries", "--json").out, len(web.requests)
    before = files(site.folder)
    assert site("--now", THURSDAY, "plan").code == 0
    assert files(site.folder) == before
    assert (site("entries", "--json").out, len(web.requests)) == (stored, asked)


def test_a_rule_moves_an_entry_and_is_named_with_its_line(site: Desk, web: Site) -> None:
    edited(site, web, COURSES)
    assert moves(site) == {"Corso di italiano per genitori": (["news"], ["corsi"])}
    line = (site.folder / "feeds.yaml").read_text().splitlines().index(COURSES.splitlines()[1]) + 1
    told = site("--now", THURSDAY, "plan").out
    assert f"news -> corsi (by rules[0], feeds.yaml:{line}): 1 entry\n" in told
    assert "setting ~ rules\n" in told
    assert "next issue" not in told  # it stays in it


def test_what_a_rule_drops_leaves_the_next_issue(site: Desk, web: Site) -> None:
    edited(site, web, DROPPED)
    (one,) = planned(site)["issues"]  # type: ignore[misc, has-type]
    assert (one["newsletter"], one["enters"]) == ("settimanale", [])
    assert titles(site, one["leaves"]) == {"Sportello aperto anche il sabato", "Corso di italiano per genitori"}
    assert "next issue of settimanale - 2 entries\n" in site("--now", THURSDAY, "plan").out


def test_what_an_issue_carried_does_not_enter_the_next_again(site: Desk, web: Site) -> None:
    assert site("--now", MONDAY, "newsletter", "compose").code == 0
    assert site("--now", MONDAY, "newsletter", "hold").code == 0
    edited(site, web, COURSES)
    told = site("--now", "2026-06-16T09:00", "plan", "--json").told
    assert [(one["before"]["sections"], one["after"]["sections"]) for one in told["entries"]] == [(["news"], ["corsi"])]
    assert told["issues"] == []


def test_a_draft_that_waits_loses_what_a_rule_drops(site: Desk, web: Site) -> None:
    head = NEWSLETTER.replace("when: mon 08:00", "when: mon 08:00, draft: sun 18:00") + FOLDER
    site.write({"comune": web.url("/feed")}, head=TWO, more=head)
    assert site("--now", "2026-06-14T18:00", "newsletter", "compose").code == 0
    assert site("--now", "2026-06-14T18:00", "publish").code == 0
    site.write({"comune": web.url("/feed")}, head=TWO, more=head + DROPPED)
    (one,) = site("--now", "2026-06-14T19:00", "plan", "--json").told["issues"]
    assert len(one["leaves"]) == 2


def test_a_source_taken_out_and_one_added(site: Desk, web: Site) -> None:
    site.write({"altro": web.url("/feed")}, head=TWO, more=NEWSLETTER + FOLDER)
    told = planned(site)
    assert told["sources"] == {"added": ["altro"], "gone": ["comune"], "changed": []}
    out = site("--now", THURSDAY, "plan").out
    assert "source + altro: it is pulled from then on" in out
    assert "source - comune: it is not pulled any more" in out


def test_a_source_under_another_name_is_the_same(site: Desk, web: Site) -> None:
    listed = f"sources:\n  - {{id: municipio, formerly: comune, url: {web.url('/feed')}}}\n"
    site.file("feeds.yaml", f"{TWO}{listed}{NEWSLETTER}{FOLDER}network: {{allow_private: 127.0.0.0/8}}\n")
    told = planned(site)
    assert told["sources"] == {
        "added": [],
        "gone": [],
        "changed": [{"id": "municipio", "keys": ["id", "formerly"]}],
    }
    assert (told["entries"], told["issues"]) == ([], [])


def test_settings_are_named_as_feeds_yaml_spells_them(site: Desk, web: Site) -> None:
    edited(site, web, head=TWO.replace("di prova", "vero").replace("title: Corsi", "title: I corsi"))
    assert planned(site)["settings"] == ["site.title", "sections.corsi.title"]


def test_an_announcement_enters_its_section_and_the_next_issue(site: Desk) -> None:
    site.file("announcements/avviso.md", "---\ntitle: Chiusura estiva\nsection: corsi\n---\nSi riapre il 24 agosto.\n")
    told = planned(site)
    assert moves(site) == {"Chiusura estiva": (None, ["corsi"])}
    (new,) = told["announcements"]["new"]  # type: ignore[index]
    assert told["issues"] == [{"newsletter": "settimanale", "enters": [new], "leaves": []}]


def test_an_announcement_taken_away_is_not_shown_any_more(site: Desk) -> None:
    file = site.file("announcements/avviso.md", "---\ntitle: Chiusura\nsection: news\n---\nTesto.\n")
    site("--now", THURSDAY, "publish")
    file.unlink()
    assert "news -> not shown (" in site("--now", THURSDAY, "plan").out


def test_an_announcement_at_fault_is_named_with_its_line(site: Desk) -> None:
    site.file("announcements/avviso.md", "---\ntitle: Chiusura\nsection: cucina\n---\nTesto.\n")
    ran = site("--now", THURSDAY, "plan")
    assert ran.code == 1
    assert "announcements/avviso.md:3" in ran.out
    assert planned(site, code=1)["failures"][0]["source"] == "announcements"  # type: ignore[index]


def test_a_feeds_yaml_that_is_wrong_is_told_as_by_check(site: Desk, web: Site) -> None:
    edited(site, web, "rules:\n  - {when: {titel: corso}, section: corsi}\n")
    ran = site("--now", THURSDAY, "plan")
    assert ran.code == 2
    assert "titel" in ran.err


def test_what_an_older_program_published_is_not_held_against_it(site: Desk) -> None:
    (site.folder / "data" / "published.yaml").write_text("feeds: {of: another age}\n")
    assert planned(site)["published_before"] is False


def test_a_publish_that_failed_is_not_what_the_plan_compares_with(site: Desk, web: Site) -> None:
    edited(site, web, COURSES)
    page = site.folder / "public" / "feeds" / "corsi.atom"
    page.unlink()
    page.mkdir()
    assert site("--now", THURSDAY, "publish").code == 1
    assert moves(site) == {"Corso di italiano per genitori": (["news"], ["corsi"])}


def test_without_announcements_only_feeds_yaml_counts(site: Desk, web: Site) -> None:
    edited(site, web, folder="")
    assert planned(site)["settings"] == ["announcements"]


def test_the_order_of_sections_is_a_change_too(site: Desk, web: Site) -> None:
    head = HEAD.replace("[News]", "[{id: corsi, title: Corsi}, News]\ndefaults: {section: news}")
    edited(site, web, head=head)
    assert planned(site)["settings"] == ["sections (their order)"]


def test_many_that_move_alike_are_told_by_their_number(desk: Desk) -> None:
    many = [(f"Bando numero {n}", "Tue, 09 Jun 2026 10:00:00 +0200") for n in range(12)]
    with serve({"/feed": rss(*many)}) as web:
        edited(desk, web)
        desk("--now", WEDNESDAY, "pull")
        desk("--now", WEDNESDAY, "publish")
        edited(desk, web, "rules:\n  - {when: {title: bando}, section: corsi}\n")
        out = desk("--now", WEDNESDAY, "plan").out
    assert ": 12 entries\n" in out
    assert out.count("Bando numero") == 5
    assert "  and 7 more\n" in out
