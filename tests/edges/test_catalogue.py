"""The file in which a publish keeps what it derived: kept, made anew where it is of no use, told in words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from aggregator.cards import Card, Move, Place
from aggregator.catalogue import Catalogue
from aggregator.catalogue.reading import CatalogueFinder
from aggregator.errors import DamagedError, StoreError
from tests.build import NOW, days


def place(shelf: str, lead: str, at: int = 0, month: str = "2026-06", **fields: object) -> Place:
    return Place(shelf, days(at), days(at), month, lead, **fields)  # type: ignore[arg-type]


def test_what_is_kept_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    first = Catalogue(tmp_path / "data/catalogue.db")
    first.note("mark", "m")
    first.shelves.place("a", [place("all", "a")])
    first.owe(["home", "entry:a", "home"])
    first.commit()
    first.note("mark", "not kept")
    first.close()
    again = Catalogue(tmp_path / "data/catalogue.db")
    assert (again.state("mark"), again.state("nothing")) == ("m", "")
    assert again.shelves.latest("all") == ("a",)
    assert again.owed() == ("home", "entry:a")
    again.done(["home"])
    assert again.owed() == ("entry:a",)
    again.make_anew()
    assert (again.state("mark"), again.owed(), again.shelves.latest("all")) == ("", (), ())
    again.close()


@pytest.mark.parametrize("body", [b"no database at all, and long enough to be looked at" * 20, b""])
def test_a_file_that_is_of_no_use_is_made_anew(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "catalogue.db").write_bytes(body)
    opened = Catalogue(tmp_path / "catalogue.db")
    opened.note("mark", "m")
    assert opened.state("mark") == "m"
    opened.close()


def test_another_programs_file_is_made_anew(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "catalogue.db")
    other.execute("CREATE TABLE state (name TEXT)")
    other.execute("PRAGMA user_version = 99")
    other.close()
    opened = Catalogue(tmp_path / "catalogue.db")
    assert opened.state("mark") == ""
    opened.close()


def test_a_file_that_is_damaged_inside_is_told_in_words_and_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.db"
    damage(file)
    damaged = Catalogue(file)
    with pytest.raises(DamagedError, match=r"data/catalogue\.db: database disk image is malformed"):
        damaged.shelves.latest("all")
    damaged.make_anew()
    assert damaged.shelves.latest("all") == ()
    damaged.close()


def damage(file: Path) -> None:
    opened = Catalogue(file)
    for number in range(2000):
        opened.shelves.place(f"e{number}", [place("all", f"e{number}", number)])
    opened.commit()
    opened.close()
    body = bytearray(file.read_bytes())
    body[8192:] = b"\xff" * (len(body) - 8192)
    file.write_bytes(body)


def test_shelves_tell_who_stands_there_in_which_order_and_month() -> None:
    shelves = Catalogue(":memory:").shelves
    shelves.place("a", [place("all", "a", 0), place("tag:anci", "a", 0, name="Anci")])
    shelves.place("b", [place("all", "b", -40, "2026-05"), place("tag:anci", "b", -40, "2026-05", name="ANCI")])
    shelves.place(
        "c", [Place("all", days(-50), NOW, "2026-04", "c"), place("tag:anci", "c", -50, "2026-04", name="Anci")]
    )
    assert shelves.latest("all") == ("a", "b", "c")
    assert shelves.latest("all", 1) == ("a",)
    assert shelves.freshest("all", 2) == ("a", "c"), "news last, in the order of their days"
    assert shelves.since("all", days(-40)) == ("a", "b")
    assert shelves.in_months("all", "2026-04", "2026-05") == ("b", "c")
    assert list(shelves.months("all").items()) == [("2026-06", 1), ("2026-05", 1), ("2026-04", 1)]
    assert shelves.names("tag:") == {"tag:anci": ("Anci", 3)}
    assert (shelves.name("tag:anci"), shelves.name("tag:an")) == ((("Anci", 3),), ())


def test_what_moved_is_told_once_with_how_many_stood_there() -> None:
    shelves = Catalogue(":memory:").shelves
    shelves.place("a", [place("all", "a")])
    assert shelves.moves() == (Move("all", "", 0, 1), Move("all", "2026-06", 0, 1))
    assert shelves.moves() == ()
    shelves.place("a", [place("all", "a", -40, "2026-05")])
    shelves.place("b", [place("all", "b")])
    assert shelves.moves() == (Move("all", "", 1, 2), Move("all", "2026-05", 0, 1), Move("all", "2026-06", 1, 1))


def test_who_is_learnt_and_stands_nowhere_is_joined_by_nobody() -> None:
    groups = Catalogue(":memory:").groups
    card, other = Card("a", "anci", "public", NOW, 0, NOW, "//x/1"), Card("b", "interno", "public", days(1), 0, days(1))
    groups.learn(card)
    assert list(groups.groups(["//x/1"], days(-1), other)) == []
    groups.settle(card, "a", "", ["//x/1"], ["parola"])
    assert [list(group) for group in groups.groups(["//x/1"], days(-1), other)] == [[card]]
    assert groups.count("parola", days(-1), other) == 1
    groups.learn(card)
    assert groups.count("parola", days(-1), other) == 0, "looked at again, it stands nowhere"


# --- what is published, word by word ---

ALL = ("permess soggiorn", "asil", "le domand dei comun")


def finder(tmp_path: Path, *told: tuple[str, int, tuple[str, ...]]) -> CatalogueFinder:
    """Of a catalogue with these stories: (lead, day, stems of titles, tags and texts)."""
    catalogue = Catalogue(tmp_path / "catalogue.db")
    for lead, day, stems in told:
        catalogue.words.say(lead, days(day), stems)
        catalogue.tell(lead, lead if stems else "")
    catalogue.note("frame", "f")
    catalogue.commit()
    catalogue.close()
    return CatalogueFinder(tmp_path / "catalogue.db")


def test_who_has_all_the_words_is_found_the_best_first_and_of_equals_the_latest(tmp_path: Path) -> None:
    index = finder(
        tmp_path,
        ("text", 0, ("altr", "", "permess soggiorn")),
        ("old", -2, ("permess", "", "altr soggiorn")),
        ("new", -1, ("permess", "", "altr soggiorn")),
        ("tag", 0, ("altr", "permess", "soggiorn")),
        ("other", 0, ("permess", "", "asil")),
    )
    assert index.found(("permess", "soggiorn"), "soggiorno", 0, 9) == (4, ("new", "old", "tag", "text"))
    assert index.found(("permess", "soggiorn"), "soggiorno", 1, 2) == (4, ("old", "tag"))
    assert index.found(("manc",), "manca", 0, 9) == (0, ())


def test_of_the_last_word_a_beginning_is_enough(tmp_path: Path) -> None:
    index = finder(tmp_path, ("a", 0, ("cas", "", "")), ("b", -1, ("castell", "", "")), ("c", -2, ("caserm", "", "")))
    assert index.found(("cas",), "case", 0, 9) == (2, ("a", "c"))
    assert index.found(("castell", "cas"), "case", 0, 9) == (0, ())


def test_what_is_said_anew_or_no_more_leaves_no_trace(tmp_path: Path) -> None:
    index = finder(tmp_path, ("a", 0, ALL), ("b", 0, ALL), ("a", 0, ("altr", "", "")), ("b", 0, ()))
    for stem in " ".join(ALL).split():
        assert index.found((stem,), stem, 0, 9) == (0, ()), stem
    assert index.found(("altr",), "altro", 0, 9) == (1, ("a",))
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.v USING fts5vocab('main', 'word', 'row')")
        assert connection.execute("SELECT term, doc FROM v").fetchall() == [("altr", 1)]


STRANGE = ['"', "' OR 1", "NEAR(a b)", "title : x", "AND", "*", "-a", "^", "x" * 9999]


@pytest.mark.parametrize("stem", STRANGE)
def test_no_word_of_a_stranger_is_one_of_the_query_language(tmp_path: Path, stem: str) -> None:
    index = finder(tmp_path, ("a", 0, ALL))
    assert index.found((stem, "asil"), "asilo", 0, 9)[0] <= 1
    assert index.found((stem,), stem, 0, 9)[0] <= 1


def test_without_a_whole_catalogue_of_this_program_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        CatalogueFinder(tmp_path / "catalogue.db").found(("a",), "a", 0, 9)
    index = finder(tmp_path, ("a", 0, ALL))
    catalogue = Catalogue(tmp_path / "catalogue.db")
    catalogue.make_anew()
    catalogue.commit()
    with pytest.raises(StoreError, match="not whole"):
        index.found(("asil",), "asilo", 0, 9)
    catalogue.note("frame", "f")
    catalogue.commit()
    catalogue.close()
    assert index.found(("asil",), "asilo", 0, 9) == (0, ())
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        connection.execute("PRAGMA user_version = 1")
    with pytest.raises(StoreError, match="another program's"):
        index.found(("asil",), "asilo", 0, 9)
    connection.close()
    (tmp_path / "catalogue.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="not a database"):
        index.found(("asil",), "asilo", 0, 9)


def test_a_publish_that_is_writing_holds_nobody_up_and_nobody_can_write_here(tmp_path: Path) -> None:
    index = finder(tmp_path, ("a", 0, ALL))
    writing = Catalogue(tmp_path / "catalogue.db")
    writing.words.say("b", NOW, ALL)
    assert index.found(("asil",), "asilo", 0, 9) == (1, ("a",))
    writing.close()
    with index._opened() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM said")


def test_a_catalogue_that_somebody_locks_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.catalogue.reading._PATIENCE", 0.05)
    index = finder(tmp_path, ("a", 0, ALL))
    with sqlite3.connect(tmp_path / "catalogue.db", isolation_level=None) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            index.found(("asil",), "asilo", 0, 9)
    connection.close()


def test_a_question_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.catalogue.reading._PATIENCE", -1.0)
    monkeypatch.setattr("aggregator.catalogue.reading._STEPS", 1)
    with pytest.raises(StoreError, match="interrupted"):
        finder(tmp_path, ("a", 0, ALL)).found(("asil",), "asilo", 0, 9)
