"""What stands before and after the command, what it prints where, and its exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import FRESH, FRIDAY, HEAD, MONDAY, NEWSLETTER, WEDNESDAY, Desk, rss
from tests.servers import serve

SITE = "https://comune.example.it/feed"
QUIETLY = [
    ["check"], ["publish"], ["new", "Avviso"], ["newsletter", "compose"], ["newsletter", "send"],
    ["newsletter", "preview"], ["subscribers", "add", "a@comune.example.it"],
]  # fmt: skip
IN_JSON = [
    *QUIETLY, ["status"], ["sources"], ["entries"], ["newsletter", "list"], ["subscribers", "list"], ["run", "--once"],
    ["pull"], ["parse", "feeds.yaml"], ["schema"],
]  # fmt: skip


@pytest.fixture
def site(desk: Desk) -> Desk:
    """A site whose only source is paused."""
    desk.write({}, f"sources: [{{id: comune, url: {SITE}, paused: si rinnova}}]\nannouncements: a/\n{NEWSLETTER}")
    (desk.folder / "a").mkdir()
    return desk


@pytest.mark.parametrize("words", IN_JSON, ids=" ".join)
def test_json_before_the_command_and_after_it_is_the_same_and_all_there_is(site: Desk, words: list[str]) -> None:
    for ran in (site("--json", *words), site(*words, "--json")):
        assert ran.err == ""
        if words != ["schema"]:
            assert all(isinstance(line, dict) for line in ran.lines)


@pytest.mark.parametrize("words", QUIETLY, ids=" ".join)
def test_quiet_before_the_command_and_after_it_says_nothing_where_all_is_well(site: Desk, words: list[str]) -> None:
    for ran in (site("--quiet", *words), site(*words, "--quiet")):
        assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_the_site_may_be_anywhere_and_its_paths_are_its_own(desk: Desk, tmp_path: Path) -> None:
    desk.file("sito/notizie.yaml", f"{HEAD}announcements: a/\n")
    desk.file("sito/a/avviso.md", "---\ntitle: Chiusi per ferie\ndate: 17/06/2026\n---\nDal 10 agosto.\n")
    assert desk("--config", "sito/notizie.yaml", "publish").code == 0
    assert (tmp_path / "sito/public/index.html").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {"sito"}


def test_now_without_a_zone_is_the_sites_and_with_one_is_its_own(desk: Desk) -> None:
    desk.write({"comune": SITE}, head=HEAD.replace("sections", "  timezone: America/New_York\nsections"))
    for written, meant in (
        ("2026-06-10T08:00", "2026-06-10T12:00:00Z"),
        ("2026-06-10T12:00Z", "2026-06-10T12:00:00Z"),
        ("2026-06-10T15:00+02:00", "2026-06-10T13:00:00Z"),
    ):
        assert desk("--now", written, "publish", "--json").told["started"] == meant


@pytest.mark.parametrize("written", ["domani", "2026-13-01", "0001-01-01T00:00+14:00", "9999-12-31T23:00-14:00"])
def test_a_time_that_is_none_is_refused(desk: Desk, written: str) -> None:
    desk.write({"comune": SITE})
    ran = desk("--now", written, "publish")
    assert (ran.code, ran.out) == (2, "")
    assert "--now" in ran.err
    assert "2026-06-15T08:00" in ran.err


def test_what_writes_refuses_a_time_before_the_newest_fact_and_what_reads_does_not(desk: Desk) -> None:
    with serve({"/feed": rss(FRESH)}) as web:
        desk.write({"comune": web.url("/feed")}, NEWSLETTER)
        assert desk("--now", MONDAY, "pull").code == 0
        for words in (["pull"], ["publish"], ["run", "--once"], ["newsletter", "send"], ["newsletter", "preview"]):
            ran = desk("--now", FRIDAY, *words)
            assert (ran.code, ran.out) == (2, "")
            assert "is before the newest fact in the store (2026-06-15T06:00:00+00:00)" in ran.err
        assert desk("--now", FRIDAY, "status").code == 0
        assert desk("--now", "2026-06-15T06:00:00+00:00", "publish").code == 0, "the newest fact's own time is right"


@pytest.mark.parametrize(
    ("host", "refused"), [("posta.example.it", True), ("localhost", False), ("127.0.0.9", False), ("::1", False)]
)
def test_no_mail_leaves_this_machine_at_a_made_up_time(desk: Desk, host: str, refused: bool) -> None:
    smtp = f'mail: {{from: notizie@example.it, smtp: {{host: "{host}", port: 1, security: none}}}}\n'
    desk.write({}, f"announcements: a/\nnewsletters: [{{id: n, title: N, when: mon 08:00}}]\n{smtp}")
    (desk.folder / "a").mkdir()
    ran = desk("--now", WEDNESDAY, "newsletter", "send")
    assert ran.code == (2 if refused else 0)
    assert ("--really" in ran.err) == refused
    assert desk("--now", WEDNESDAY, "--really", "newsletter", "send").code == 0
    assert desk("--now", WEDNESDAY, "publish").code == 0, "what sends no mail needs no leave"


@pytest.mark.parametrize(
    "words", [["foo"], ["pull", "--foo"], ["parse"], ["newsletter"], [], ["subscribers", "import", "nowhere.csv"]]
)
def test_wrong_usage_is_two_and_says_how_it_is_meant(desk: Desk, words: list[str]) -> None:
    ran = desk(*words)
    assert ran.code == 2
    assert "Usage: aggregator" in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["init", "x", "--language", "fr"], "'--language': expected it or en, found 'fr'"),
        (["newsletter", "resend", "abc", "a@example.it"], "'number': expected a whole number"),
        (["newsletter", "resend"], "Missing argument 'number'"),
        (["chek"], "No such command 'chek'"),
    ],
)
def test_a_wrong_value_is_told_in_our_words(desk: Desk, words: list[str], said: str) -> None:
    ran = desk(*words)
    assert (ran.code, said in ran.err, "Value error" in ran.err, "Input should" in ran.err) == (2, True, False, False)


def test_help_shows_three_panels_from_every_day_to_rarely(desk: Desk) -> None:
    told = desk("--help").out
    assert desk("--help").code == 0
    panels = [told.index(f"─ {title} ─") for title in ("Every day", "When something is wrong", "Rarely")]
    assert panels == sorted(panels)


def test_commands_that_need_no_site_need_none(desk: Desk) -> None:
    desk.file("a.xml", rss(FRESH).decode())
    assert desk("parse", "a.xml").code == 0
    assert desk("schema").code == 0
    assert desk("init", "nuovo").code == 0
    ran = desk("status")
    assert (ran.code, ran.err) == (2, "feeds.yaml: there is no such file; make a new site with: aggregator init\n")
