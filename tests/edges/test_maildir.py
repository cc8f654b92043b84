"""A mailbox on the disk: what waits in it, and what was dealt with."""

from __future__ import annotations

from mailbox import Maildir
from pathlib import Path

import pytest

from aggregator.maildir import MaildirLetters


def delivered(folder: Path, name: str, letter: bytes, place: str = "new") -> Path:
    """As a mail server does it: written to tmp/, renamed into new/."""
    unfinished = folder / "tmp" / name
    unfinished.write_bytes(letter)
    return unfinished.rename(folder / place / name)


def test_the_folder_is_made_with_everything_above_it(tmp_path: Path) -> None:
    assert list(MaildirLetters(tmp_path / "var/mail/bounces").waiting()) == []
    assert {path.name for path in (tmp_path / "var/mail/bounces").iterdir()} == {"tmp", "new", "cur"}


def test_a_folder_that_is_there_and_lacks_its_rooms_gets_them(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert list(MaildirLetters(tmp_path).waiting()) == []


def test_letters_wait_byte_by_byte_until_they_are_dealt_with(tmp_path: Path) -> None:
    letters = MaildirLetters(tmp_path)
    odd = b"Subject: \xe8 tutto\r\nFrom nobody\n\n>From x\x00\xff\n"
    delivered(tmp_path, "1.a.mx", odd)
    delivered(tmp_path, "2.b.mx", b"Subject: due\n\n")
    (first, second) = letters.waiting()
    assert (first[1], second[1]) == (odd, b"Subject: due\n\n")
    letters.done(first[0])
    assert list(letters.waiting()) == [second]
    assert (tmp_path / "cur/1.a.mx:2,S").read_bytes() == odd
    assert list(MaildirLetters(tmp_path).waiting()) == [second], "what was done stays done"


def test_a_mail_program_may_look_into_it_too(tmp_path: Path) -> None:
    letters = MaildirLetters(tmp_path)
    delivered(tmp_path, "1.a.mx:2,F", b"Subject: uno\n\n", "cur")
    delivered(tmp_path, "2.b.mx:2,RS", b"Subject: letta\n\n", "cur")
    ((key, body),) = letters.waiting()
    assert body == b"Subject: uno\n\n"
    letters.done(key)
    box = Maildir(str(tmp_path))
    seen = {(message["Subject"], message.get_flags()) for message in map(box.get_message, box.keys())}
    assert seen == {("uno", "FS"), ("letta", "RS")}


def test_a_letter_that_was_moved_in_between_is_no_fault(tmp_path: Path) -> None:
    letters = MaildirLetters(tmp_path)
    one, two = (delivered(tmp_path, f"{n}.mx", b"Subject: x\n\n") for n in "12")
    waiting = letters.waiting()
    key, _ = next(waiting)
    one.unlink()
    letters.done(key)
    two.unlink()
    assert list(waiting) == []


def test_what_is_no_letter_is_left_alone(tmp_path: Path) -> None:
    letters = MaildirLetters(tmp_path)
    (tmp_path / "new/folder").mkdir()
    (tmp_path / "new/.hidden").write_bytes(b"x")
    (tmp_path / "tmp/3.mx").write_bytes(b"half a let")
    assert list(letters.waiting()) == []


def test_of_a_letter_without_end_only_the_beginning_is_read(tmp_path: Path) -> None:
    letters = MaildirLetters(tmp_path)
    delivered(tmp_path, "1.mx", b"Subject: esci\n\n" + b"x" * 3_000_000)
    ((_, body),) = letters.waiting()
    assert body.startswith(b"Subject: esci\n\n")
    assert len(body) == 1_000_000


def test_a_file_where_the_mailbox_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "bounces").write_bytes(b"x")
    with pytest.raises(OSError, match="bounces"):
        MaildirLetters(tmp_path / "bounces")
