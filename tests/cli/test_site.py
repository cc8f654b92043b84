"""init and new: beginnings that are right from the first line on."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator

import pytest

from aggregator.config.reading import read
from tests.cli.desk import HEAD, NEWSLETTER, Desk

LANGUAGES = ("it", "en")
EXAMPLE = re.compile(r"(?m)^#(?=\S|  )")  # as the file itself says: a sentence begins with # and one space


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_site_is_right_as_it_is(desk: Desk, language: str) -> None:
    ran = desk("init", "sito", "--language", language)
    assert ran.code == 0
    assert "cd sito" in ran.out
    assert {path.name for path in (desk.folder / "sito").iterdir()} == {
        "feeds.yaml", "feeds.schema.json", "announcements", "data", ".gitignore",
    }  # fmt: skip
    checked = desk("--config", "sito/feeds.yaml", "check")
    assert (checked.code, checked.err) == (0, "")
    assert "accepted, but" not in checked.out
    assert desk("--config", "sito/feeds.yaml", "publish").code == 0


def test_the_file_is_eight_lines_and_the_rest_comments(desk: Desk) -> None:
    desk("init")
    lines = (desk.folder / "feeds.yaml").read_text(encoding="utf-8").splitlines()
    assert sum(1 for line in lines if line and not line.startswith("#")) == 8
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_in_it_is_right_alone_and_with_all_the_others(desk: Desk, language: str) -> None:
    desk("init", "--language", language)
    text = (desk.folder / "feeds.yaml").read_text(encoding="utf-8")
    versions = list(uncommented(text))
    assert len(versions) > 5
    for version in versions:
        reading = read(version)
        assert reading.faults == ()


def uncommented(text: str) -> Iterator[str]:
    """The file with all its examples, and with those of one paragraph."""
    yield EXAMPLE.sub("", text)
    paragraphs = text.split("\n\n")
    for number, paragraph in enumerate(paragraphs):
        if EXAMPLE.search(paragraph):
            yield "\n\n".join([*paragraphs[:number], EXAMPLE.sub("", paragraph), *paragraphs[number + 1 :]])


def test_the_key_is_its_owners_alone_and_kept_out_of_repositories(desk: Desk) -> None:
    desk("init")
    key = desk.folder / "data" / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    kept_out = (desk.folder / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"data/", ".env", "outbox/", "public/"} <= set(kept_out)


def test_nothing_that_is_there_is_overwritten(desk: Desk) -> None:
    desk.file(".gitignore", "mio\n")
    key = desk.file("data/secret.key", "x" * 64)
    assert desk("init").code == 0
    assert (desk.folder / ".gitignore").read_text(encoding="utf-8") == "mio\n"
    assert key.read_text(encoding="utf-8") == "x" * 64
    desk.file("feeds.yaml", "mio\n")
    ran = desk("init")
    assert ran.code == 2
    assert "feeds.yaml is there already; nothing was changed" in ran.err
    assert (desk.folder / "feeds.yaml").read_text(encoding="utf-8") == "mio\n"


def test_a_wrong_language_and_a_file_for_a_folder_are_refused(desk: Desk) -> None:
    assert "expected it or en, found 'de'" in desk("init", "--language", "de").err
    desk.file("sito", "un file")
    ran = desk("init", "sito")
    assert ran.code in (1, 2)
    assert "sito" in ran.err
    assert (desk.folder / "sito").read_text(encoding="utf-8") == "un file"


def test_init_in_json_names_what_it_made(desk: Desk) -> None:
    told = desk("init", "sito", "--json").told
    assert told == {"folder": "sito", "files": ["sito/feeds.yaml", "sito/feeds.schema.json", "sito/.gitignore"]}


@pytest.mark.parametrize("title", ["Città: apre lo sportello “Più”!", "???", "Ασφάλεια", "x" * 300, "a/b\\..\\c"])
def test_a_new_announcement_is_a_draft_that_is_right(desk: Desk, title: str) -> None:
    desk.write({}, f"announcements: annunci/\n{NEWSLETTER}")
    ran = desk("new", title)
    assert ran.code == 0
    (path,) = (desk.folder / "annunci").iterdir()
    assert path.name in ran.out
    checked = desk("check")
    assert (checked.code, checked.err) == (0, "")
    assert desk("publish", "--json").told["failures"] == []
    assert desk("entries", "--json").lines == []
    path.write_text(path.read_text(encoding="utf-8").replace("draft: true\n", ""), encoding="utf-8")
    desk("publish")
    assert desk("entries", "--json").told["title"] == title


def test_an_announcement_needs_a_title(desk: Desk) -> None:
    desk.write({}, "announcements: annunci/\n")
    assert desk("new", " ").code == 2
    assert not (desk.folder / "annunci").exists()


def test_a_second_announcement_of_a_name_stands_beside_the_first(desk: Desk) -> None:
    desk.write({}, "announcements: annunci/\n")
    made = [desk("new", "Avviso", "--json").told["file"] for _ in range(3)]
    assert [name.rpartition("/")[2] for name in made] == ["avviso.md", "avviso-2.md", "avviso-3.md"]


def test_it_goes_into_a_section_that_exists(desk: Desk) -> None:
    desk.write({}, "announcements: annunci/\n", head=HEAD.replace("News", "News, Agenda"))
    ran = desk("new", "Avviso", "--section", "agende")
    assert (ran.code, ran.err) == (2, "no section is called 'agende'; there is: news, agenda\n")
    desk("new", "Avviso", "--section", "agenda")
    assert "section: agenda" in (desk.folder / "annunci/avviso.md").read_text(encoding="utf-8")


def test_a_site_without_a_folder_for_them_is_told_how_to_name_one(desk: Desk) -> None:
    desk.write({"comune": "https://comune.example.it/"})
    ran = desk("new", "Avviso")
    assert ran.code == 2
    assert "announcements: announcements/" in ran.err
