"""Compiled templates in a file: the next process compiles nothing; whatever befalls the file, pages stay the same."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment

from aggregator.disk import Compiled, compiled
from aggregator.render.templates import Templates

ROME = ZoneInfo("Europe/Rome")
PAGE = "site/page.html"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data/templates.cache"


def render(file: Path, text: str = "<p>{{ word }}</p>", language: str = "it", name: str = PAGE) -> str:
    """As a process of its own would."""
    return Templates({name: text}, ROME, compiled=Compiled(file)).render(name, language, word="<b>")


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    compile_ = Environment.compile

    def counted(self: Environment, source: str, name: str, filename: str) -> object:
        done.append(name)
        return compile_(self, source, name, filename)

    monkeypatch.setattr(Environment, "compile", counted)
    return done


def test_what_one_process_compiled_the_next_one_takes(file: Path, compilations: list[str]) -> None:
    assert [render(file), render(file)] == ["<p>&lt;b&gt;</p>"] * 2
    assert compilations == [PAGE]


def test_another_text_language_or_name_is_another_template(file: Path, compilations: list[str]) -> None:
    assert render(file) == "<p>&lt;b&gt;</p>"
    assert render(file, "{{ word }}!") == "&lt;b&gt;!"
    assert render(file, name="mail/plain.txt") == "<p><b></p>"
    assert render(file, "{{ _('Agenda') }}", "en") == "Agenda"
    assert len(compilations) == 4
    render(file)
    assert len(compilations) == 4, "the others are kept beside"


def test_another_python_or_jinja_takes_nothing_of_this_one(
    file: Path, compilations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    render(file)
    with monkeypatch.context() as patch:
        patch.setattr("jinja2.__version__", "99.0")
        assert render(file) == "<p>&lt;b&gt;</p>"
    assert len(compilations) == 2
    monkeypatch.setattr(compiled, "MAGIC_NUMBER", b"99\r\n")
    assert render(file) == "<p>&lt;b&gt;</p>"
    assert len(compilations) == 3


def test_a_damaged_file_is_made_anew(file: Path, compilations: list[str]) -> None:
    render(file)
    whole = file.read_bytes()
    spoilt = [whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :] for n in range(0, len(whole), 50)]
    for body in (b"", b"x", whole[: len(whole) // 2], *spoilt):
        file.write_bytes(body)
        compilations.clear()
        assert render(file) == "<p>&lt;b&gt;</p>"
        assert compilations == [PAGE]
        assert file.read_bytes() == whole


def test_a_file_that_cannot_be_written_keeps_no_page_back(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder would be")
    assert render(tmp_path / "data/templates.cache") == "<p>&lt;b&gt;</p>"
    (tmp_path / "folder").mkdir()
    assert render(tmp_path / "folder") == "<p>&lt;b&gt;</p>"
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("data", "folder")] == []


def test_only_the_last_ones_are_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_MOST", 2)
    for key in "abc":
        Compiled(file).put(key, key.encode())
    assert [Compiled(file).get(key) for key in "abc"] == [b"", b"b", b"c"]


def test_a_fault_is_named_with_its_line_when_it_was_compiled_before(file: Path) -> None:
    for _ in range(2):
        with pytest.raises(Exception, match=r"templates/site/page\.html:2: ZeroDivisionError"):
            render(file, "uno\n{{ 1 / 0 }}")
