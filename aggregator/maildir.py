"""A Maildir -> the letters that wait in it. What was dealt with is marked as seen, never deleted."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# Who asks to leave writes little; what a stranger sends must not fill the memory. In bytes.
_LONGEST = 1_000_000


class MaildirLetters:
    """`ports.Letters` on a folder that the mail server delivers to (new/, cur/ and tmp/ are made where missing).

    The mail server renames letters into new/, and we rename them into cur/: nobody needs a lock, and no byte changes
    (https://cr.yp.to/proto/maildir.html).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """The oldest first; of a very long letter only its beginning."""
        names = [(path.name, place) for place in ("new", "cur") for path in (self._folder / place).iterdir()]
        for name, place in sorted(names):
            path = self._folder / place / name
            if name.startswith(".") or "S" in _flags(name) or not path.is_file():
                continue
            with suppress(FileNotFoundError), path.open("rb") as file:  # a mail program moved it a moment ago
                yield f"{place}/{name}", file.read(_LONGEST)

    def take(self, letter: bytes) -> None:
        """Deliver a letter: written in tmp/, on the disk, and then renamed into new/."""
        name = f"{time.time_ns()}.{os.getpid()}_{secrets.token_hex(4)}.bollettino"
        with (self._folder / "tmp" / name).open("xb") as file:
            file.write(letter)
            file.flush()
            os.fsync(file.fileno())
        (self._folder / "tmp" / name).rename(self._folder / "new" / name)

    def done(self, key: str) -> None:
        name = key.partition("/")[2]
        flags = "".join(sorted({*_flags(name), "S"}))
        with suppress(FileNotFoundError):
            (self._folder / key).rename(self._folder / "cur" / f"{name.partition(':2,')[0]}:2,{flags}")


def _flags(name: str) -> str:
    return name.partition(":2,")[2]
