"""A folder of files -> announcements, attachments, templates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aggregator.disk.paths import is_plain
from aggregator.errors import RenderError, SourceError

_PACKAGE = Path(__file__).parent.parent


class Announcements:
    """The folder of announcements; None where the site has none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def texts(self) -> Iterator[tuple[str, bytes]]:
        """(path, bytes) of every *.md below the folder, sorted by path."""
        for file, path in self._below():
            body = _body(file) if _is_announcement(path) else None
            if body is not None:
                yield path, body

    def others(self) -> Iterator[str]:
        """Paths of the other files below the folder, sorted."""
        return (path for _, path in self._below() if not _is_announcement(path))

    def _below(self) -> Iterator[tuple[Path, str]]:
        folder = self._folder
        if folder is None:
            return
        try:
            paths = _files(folder)
        except OSError as error:
            where = f"the folder {error.filename} cannot be read ({error.strerror})"
            raise SourceError(f"{where}; put it back, or let this user read it") from error
        yield from ((folder / path, _readable(path)) for path in paths if _is_inside(folder, path))

    def attachment(self, path: str) -> bytes:
        file = self._attachment(path)
        if file is None:
            raise FileNotFoundError(f"announcements/{path}: there is no such file")
        try:
            return file.read_bytes()
        except OSError as error:
            raise FileNotFoundError(f"announcements/{path}: cannot be read ({error.strerror})") from error

    def attachment_mark(self, path: str) -> str:
        file = self._attachment(path)
        try:
            if file is None or not os.access(file, os.R_OK):
                return ""
            found = file.stat()
        except OSError:  # deleted a moment ago
            return ""
        return f"{found.st_size} {found.st_mtime_ns}"

    def _attachment(self, path: str) -> Path | None:
        folder = self._folder
        return folder / path if folder is not None and is_plain(path) and _is_inside(folder, path) else None


def templates(site: Path | None) -> dict[str, str]:
    """{name: text} of the packaged templates; a file of the same name in `<site>/templates/` takes its place.

    RenderError names a file that cannot be read as UTF-8.
    """
    packaged = _PACKAGE / "templates"  # in a wheel; a checkout has them beside the package
    folders = [packaged if packaged.is_dir() else _PACKAGE.parent / "templates"]
    if site is not None and (site / "templates").is_dir():
        folders.append(site / "templates")
    return {path: _template(folder, path) for folder in folders for path in _files(folder) if not _is_binary(path)}


def names(folder: Path) -> list[str]:
    """Paths of the files below a folder of the site's own, sorted; none where there is no such folder."""
    return [_readable(path) for path in _files(folder)] if folder.is_dir() else []


def pictures(site: Path | None) -> dict[str, bytes]:
    """{name: bytes} of the pictures in `<site>/templates/`: logos."""
    folder = site / "templates" if site is not None else None
    if folder is None or not folder.is_dir():
        return {}
    named = (path for path in _files(folder) if _is_binary(path) or path.lower().endswith(".svg"))
    return {path: body for path in named if (body := _body(folder / path))}


def _template(folder: Path, path: str) -> str:
    try:
        return (folder / path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RenderError(
            f"templates/{_readable(path)}: is not UTF-8 (byte {error.start}); save it as UTF-8"
        ) from error
    except OSError as error:
        raise RenderError(f"templates/{_readable(path)}: cannot be read ({error.strerror})") from error


def _files(folder: Path) -> list[str]:
    """Paths with slashes of the files below a folder, sorted; no hidden ones, no droppings, no linked folders."""
    found = []
    for here, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = filter(_is_kept, folders)
        found += [(Path(here) / name).relative_to(folder).as_posix() for name in names if _is_kept(name)]
    return sorted(found)


def _raise(error: OSError) -> None:
    # os.walk passes over what it cannot read, and a folder would seem to have been emptied.
    raise error


def _is_kept(name: str) -> bool:
    return not name.startswith((".", "~$", "#")) and not name.endswith(("~", ".swp"))


def _is_inside(folder: Path, path: str) -> bool:
    """Whether it is a regular file (a pipe would never end) below the folder, links followed."""
    try:
        target = (folder / path).resolve()
        return target.is_file() and target.is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a name too long for any file; links in a circle
        return False


def _is_binary(path: str) -> bool:
    return path.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"))


def _is_announcement(path: str) -> bool:
    return path.lower().endswith(".md")


def _body(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # deleted a moment ago
        return None
    except OSError:
        return b""


def _readable(path: str) -> str:
    """A file name that is not UTF-8 is shown as windows-1252: it has to go into logs and the store."""
    try:
        return path.encode().decode()
    except UnicodeEncodeError:
        return os.fsencode(path).decode("cp1252", "replace")
