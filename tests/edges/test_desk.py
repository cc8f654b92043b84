"""The folder of the editors' notes: each note is one issue's, and what cannot be read is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.desk import FolderDesk
from aggregator.errors import StoreError

WEEKLY = "settimanale"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "newsletters" / WEEKLY).mkdir(parents=True)
    return tmp_path / "newsletters"


def write(folder: Path, **notes: str) -> None:
    for name, text in notes.items():
        (folder / WEEKLY / f"{name.removeprefix('n')}.md").write_text(text, encoding="utf-8")


def test_nobody_needs_the_folder_before_the_first_note(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path / "newsletters")
    assert desk.note(WEEKLY, 1) == ("", b"")
    desk.file_away(WEEKLY, 1)
    assert list(tmp_path.iterdir()) == []


def test_the_next_note_is_that_of_the_issue_it_is_asked_for(folder: Path) -> None:
    (folder / WEEKLY / "next.md").write_text("Buona settimana", encoding="utf-8")
    assert FolderDesk(folder).note(WEEKLY, 7) == ("newsletters/settimanale/next.md", b"Buona settimana")
    assert FolderDesk(folder).note("altra", 7) == ("", b"")


def test_filed_away_it_is_that_number_s_and_no_other_s(folder: Path) -> None:
    (folder / WEEKLY / "next.md").write_text("Buona settimana", encoding="utf-8")
    desk = FolderDesk(folder)
    desk.file_away(WEEKLY, 7)
    assert desk.note(WEEKLY, 7) == ("newsletters/settimanale/7.md", b"Buona settimana")
    assert desk.note(WEEKLY, 8) == ("", b"")


def test_filing_away_twice_leaves_the_note_to_a_later_issue_alone(folder: Path) -> None:
    """As after a crash: the note was filed away, its issue not composed yet, and an editor wrote on."""
    write(folder, n7="Buona settimana")
    (folder / WEEKLY / "next.md").write_text("Buone feste", encoding="utf-8")
    desk = FolderDesk(folder)
    desk.file_away(WEEKLY, 7)
    assert desk.note(WEEKLY, 7)[1] == b"Buona settimana"
    assert desk.note(WEEKLY, 8) == ("newsletters/settimanale/next.md", b"Buone feste")


def test_a_folder_in_the_place_of_a_note_is_said(folder: Path) -> None:
    (folder / WEEKLY / "next.md").mkdir()
    with pytest.raises(StoreError, match=r"newsletters/settimanale/next\.md: cannot be read: "):
        FolderDesk(folder).note(WEEKLY, 1)
    FolderDesk(folder).file_away(WEEKLY, 1)
    assert (folder / WEEKLY / "next.md").is_dir()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read and write everything")
def test_what_may_not_be_read_or_written_is_said(folder: Path) -> None:
    (folder / WEEKLY / "next.md").write_text("Buona settimana", encoding="utf-8")
    (folder / WEEKLY / "next.md").chmod(0)
    with pytest.raises(StoreError, match="cannot be read"):
        FolderDesk(folder).note(WEEKLY, 1)
    (folder / WEEKLY).chmod(0o500)
    with pytest.raises(StoreError, match=r"cannot be renamed to 1\.md"):
        FolderDesk(folder).file_away(WEEKLY, 1)
    (folder / WEEKLY).chmod(0o700)


def test_a_rename_that_fails_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / WEEKLY / "next.md").write_text("Buona settimana", encoding="utf-8")

    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(StoreError, match=r"cannot be renamed to 1\.md: No space left on device"):
        FolderDesk(folder).file_away(WEEKLY, 1)


def test_of_a_file_that_strayed_in_only_the_beginning_is_read(folder: Path) -> None:
    (folder / WEEKLY / "next.md").write_bytes(b"a" * 300_000)
    assert len(FolderDesk(folder).note(WEEKLY, 1)[1]) == 200_000
