"""What is missing, unreadable, in the way or a bug of ours: one line that says what to do, and the right exit code."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from aggregator.app import App
from tests.cli.desk import FRESH, HEAD, NEWSLETTER, Desk, Process, rss
from tests.servers import serve

SITE = {"comune": "https://comune.example.it/feed"}


def test_a_missing_a_wrong_and_an_unreadable_file_are_told_apart(desk: Desk) -> None:
    assert "there is no such file; make a new site with: aggregator init" in desk("publish").err
    desk.file("feeds.yaml", "site: {title: [}")
    assert re.match(r"feeds\.yaml:1:16: ", desk("publish").err)
    (desk.folder / "feeds.yaml").unlink()
    (desk.folder / "feeds.yaml").mkdir()
    ran = desk("publish")
    assert (ran.code, ran.err) == (2, "feeds.yaml: cannot be read: Is a directory\n")
    (desk.folder / "feeds.yaml").rmdir()
    (desk.folder / "feeds.yaml").write_bytes(b"\xff\xfe\x00 not UTF-8 \xe8")
    assert desk("publish").code == 2


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("data", ["publish"]),
        ("data", ["status"]),
        ("data/aggregator.db/x", ["publish"]),
        ("data/locks", ["pull"]),
        ("public", ["publish"]),
        ("announcements", ["publish"]),
        ("bounces", ["run", "--once"]),
        ("bounces/new", ["run", "--once"]),
        ("data/secret.key/x", ["newsletter", "preview"]),
        ("data/preview", ["newsletter", "preview"]),
        ("announcements", ["new", "Avviso"]),
    ],
)
def test_something_in_the_way_is_named_and_is_no_crash(desk: Desk, path: str, words: list[str]) -> None:
    desk.write({}, f"announcements: announcements/\n{NEWSLETTER}")
    if path != "announcements":
        (desk.folder / "announcements").mkdir()
    desk.file(path, "in the way")
    ran = desk(*words)
    assert ran.code in (1, 2)
    said = ran.out + ran.err
    assert path.removesuffix("/x") in said
    assert "crashed" not in said


def test_mail_that_cannot_be_laid_down_waits_in_the_outbox(desk: Desk) -> None:
    with serve({"/a": rss(FRESH)}) as web:
        desk.write({"a": web.url("/a")}, NEWSLETTER)
        desk("--now", "2026-06-10T09:00", "pull")
        desk("--now", "2026-06-10T09:00", "subscribers", "add", "a@comune.example.it")
        desk("--now", "2026-06-15T08:00", "newsletter", "compose")
        in_the_way = desk.file("outbox", "in the way")
        assert desk("--now", "2026-06-15T08:00", "newsletter", "send", "--json").told["counts"]["deferred"] == 1
        in_the_way.unlink()
        assert desk("--now", "2026-06-15T09:00", "newsletter", "send", "--json").told["counts"]["accepted"] == 1


@pytest.mark.parametrize("command", [["newsletter", "preview"], ["run", "--once"]], ids=" ".join)
def test_a_key_that_is_damaged_is_named(desk: Desk, command: list[str]) -> None:
    desk.write(SITE, NEWSLETTER)
    desk.file("data/secret.key", "corto")
    ran = desk(*command)
    assert ran.code == 2
    assert "data/secret.key: a key needs at least 16 bytes" in ran.err


def test_a_store_we_do_not_know_is_named(desk: Desk) -> None:
    desk.write(SITE)
    desk.file("data/aggregator.db", "this is no database, but somebody's letter\n" * 100)
    ran = desk("status")
    assert ran.code == 1
    assert "aggregator.db" in ran.err


@pytest.mark.parametrize("words", [["check"], ["pull"], ["publish"], ["plan"]], ids=" ".join)
def test_a_folder_of_announcements_that_git_did_not_keep_is_made(desk: Desk, words: list[str]) -> None:
    desk.write({}, "announcements: annunci/qui/\n")
    assert desk(*words).code == 0
    assert (desk.folder / "annunci/qui").is_dir()


def test_a_folder_that_held_announcements_and_is_missing_withdraws_none_of_them(desk: Desk) -> None:
    desk.write({}, "announcements: annunci/\n")
    file = desk.file("annunci/a.md", "---\ntitle: Avviso\n---\nTesto.\n")
    assert desk("publish").code == 0
    file.unlink()
    file.parent.rmdir()
    for words, code in (("check", 2), ("publish", 1)):
        ran = desk(words)
        assert ran.code == code
        assert "announcements: announcements" not in ran.out + ran.err
        assert f"the folder {file.parent} cannot be read (No such file or directory); put it back" in ran.out + ran.err
        assert not file.parent.exists()
    assert len(list((desk.folder / "public").glob("entries/*/index.html"))) == 1


LACKING = """site:
  title: Prova
  url: https://notizie.example.it/
  theme: {logo: logo.svg}
  partners: [{name: Uno, logo: c_e.svg}, {name: Due, logo: manca.png}]
sections: [News]
sources:
  - {id: a, url: "https://a.example/feed", auth: {header: X-Key, env: CHIAVE_CHE_MANCA}}
  - {id: b, url: "https://b.example/feed", auth: {header: X-Key, file: chiave}}
mail: {from: a@example.it, smtp: {host: posta.example.it, user: u, password_env: PAROLA_CHE_MANCA}}
"""


def test_secrets_and_logos_that_are_not_there_are_named_with_their_lines(desk: Desk) -> None:
    desk.file("feeds.yaml", LACKING)
    desk.file("templates/c_e.svg", "<svg/>")
    ran = desk("check", "--json")
    assert ran.code == 0, "they may be on the machine that sends, and not on this one"
    begun = [said.removeprefix("feeds.yaml:") for said in ran.told["advice"]]
    assert [fault.split(" is not ")[0].split(" cannot ")[0] for fault in begun] == [
        "4:17 site.theme.logo: templates/logo.svg",
        "5:60 site.partners[1].logo: templates/manca.png",
        "10:82 mail.smtp.password_env: PAROLA_CHE_MANCA",
        "8:71 sources[0].auth.env: CHIAVE_CHE_MANCA",
        f"9:72 sources[1].auth.file: {desk.folder / 'chiave'}",
        *[said for said in begun if "one-click" in said],
    ]
    desk.file("templates/logo.svg", "<svg/>")
    desk.file("templates/manca.png", "png")
    desk.file("chiave", "segreta")
    desk.file(".env", "CHIAVE_CHE_MANCA=x\nPAROLA_CHE_MANCA=y\n").chmod(0o600)
    assert not any(
        "X-Key" in said or "logo" in said or "MANCA" in said for said in desk("check", "--json").told["advice"]
    )


def test_files_that_nobody_reads_are_named(desk: Desk) -> None:
    desk.write(SITE, NEWSLETTER)
    read = ("settimanale/next.md", "settimanale/12.md", "settimanale/.next.md.swp")
    for path in (*read, "settimanal/next.md", "settimanale/nexxt.md", "prossimo.md"):
        desk.file(f"newsletters/{path}", "Ciao")
    desk.file("templates/site/entry.html", '{% include "site/mia.html" %}')
    for path in ("site/mia.html", "newsletter/nostro/issue.html", "site/entri.html", "newsletter/nostro/isue.html"):
        desk.file(f"templates/{path}", "x")
    desk.file("templates/vecchio.png", "x")
    ran = desk("check", "--json")
    assert ran.code == 0
    assert [line.partition(": ")[0] for line in ran.told["unread"]] == [
        "newsletters/prossimo.md",
        "newsletters/settimanal/next.md",
        "newsletters/settimanale/nexxt.md",
        "templates/newsletter/nostro/isue.html",
        "templates/site/entri.html",
        "templates/vecchio.png",
    ]
    assert ran.told["unread"][1].endswith("nobody reads it; did you mean settimanale?")
    assert ran.told["unread"][4].endswith("nobody reads it; did you mean site/entry.html?")


def test_a_bug_of_ours_is_one_line_and_a_trace(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def broken(_: App, **_options: object) -> None:
        raise TypeError("a bug\nof two lines")

    traces = tmp_path_factory.mktemp("traces")
    monkeypatch.setattr("tempfile.tempdir", str(traces))
    monkeypatch.setattr(App, "publish", broken)
    desk.write(SITE)
    ran = desk("publish")
    assert (ran.code, ran.out) == (70, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("crashed: TypeError: a bug of two lines; this is a bug of ours")
    (trace,) = traces.iterdir()
    assert line.endswith(str(trace))
    assert "in broken" in trace.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [["entries"], ["entries", "--json"], ["schema"], ["check"]], ids=" ".join)
def test_a_reader_who_has_seen_enough_is_no_fault(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "feeds.yaml").write_text(f"{HEAD}announcements: a/\n", encoding="utf-8")
    (tmp_path / "a").mkdir()
    with Process(tmp_path, *words).running as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(60), said) == (0, "")


def test_letters_that_a_terminal_lacks_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(rss(FRESH, title="Città di Prova – € “α”"))
    ran = Process(tmp_path, "parse", "a.xml", environment={"PYTHONIOENCODING": "ascii"}).ended()
    assert ran.code == 0
    assert "Citt\\xe0 di Prova" in ran.out
    told = Process(tmp_path, "parse", "a.xml", "--json", environment={"PYTHONIOENCODING": "ascii"}).ended()
    assert told.told["feed"]["title"] == "Città di Prova – € “α”"


def test_output_has_no_colour_where_it_is_piped(desk: Desk) -> None:
    desk.write({"comune": "https://comune.example.it/feed"}, NEWSLETTER)
    for words in (["--help"], ["status"], ["sources"]):
        assert "\x1b" not in desk(*words).out


def test_help_is_quick_because_it_loads_no_heavy_room(tmp_path: Path) -> None:
    heavy = "sqlalchemy premailer feedparser feedgen apscheduler alembic pycurl uvicorn starlette pydantic"
    code = (
        f"import sys, aggregator.cli as c; c.run(['--help']); print([m for m in '{heavy}'.split() if m in sys.modules])"
    )
    with Popen([sys.executable, "-c", code], stdout=PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        assert process.stdout.read().splitlines()[-1] == "[]"
