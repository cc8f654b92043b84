"""A Maildir -> the letters that wait in it. What was dealt with is marked as seen, never deleted."""

from __future__ import annotations

from collections.abc import Iterator
from mailbox import Maildir
from pathlib import Path


class MaildirLetters:
    """ports.Letters on a folder that the mail server delivers to (new/, cur/, tmp/ are made where missing)."""

    def __init__(self, folder: Path) -> None:
        self._box = Maildir(str(folder), create=True)

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        for key in sorted(self._box.keys()):
            message = self._box.get_message(key)
            if "S" not in message.get_flags():
                yield key, self._box.get_bytes(key)

    def done(self, key: str) -> None:
        message = self._box.get_message(key)
        message.set_subdir("cur")
        message.add_flag("S")
        self._box[key] = message
