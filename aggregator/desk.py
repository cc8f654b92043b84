"""newsletters/ID/next.md, and NUMBER.md for each issue composed: the editors' notes. An edge."""

from __future__ import annotations

from pathlib import Path

from aggregator.errors import StoreError

_LONGEST = 200_000  # octets: more is no note


class FolderDesk:
    """The folder `newsletters/` of one site; nobody needs it before the first note."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, newsletter: str, number: int) -> tuple[str, bytes]:
        """(path, text) of the note to this number: its own, else the next one's; empty where there is none. StoreError
        where it is there and cannot be read."""
        for path in (self._path(newsletter, str(number)), self._path(newsletter, "next")):
            name = f"{self._folder.name}/{newsletter}/{path.name}"
            try:
                with path.open("rb") as file:
                    return name, file.read(_LONGEST + 1)[:_LONGEST]
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StoreError(f"{name}: cannot be read: {error.strerror}") from error
        return "", b""

    def file_away(self, newsletter: str, number: int) -> None:
        """The note to the next issue is that to this number from now on, unless it has one. StoreError where the folder
        cannot be written."""
        note, own = self._path(newsletter, "next"), self._path(newsletter, str(number))
        try:
            if note.is_file() and not own.exists():
                note.rename(own)
        except OSError as error:
            raise StoreError(f"{note}: cannot be renamed to {own.name}: {error.strerror}") from error

    def _path(self, newsletter: str, name: str) -> Path:
        return self._folder / newsletter / f"{name}.md"
