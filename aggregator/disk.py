"""Announcements, attachments and templates in; Documents out, atomically and only where bytes differ. An edge."""

from __future__ import annotations

import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Literal

from aggregator.errors import RenderError, SourceError, StoreError
from aggregator.model import Document

_MANIFEST = ".manifest.json"
# One file is written at a time: one name is enough, and what a kill leaves behind is found again without a search.
_UNFINISHED = ".unfinished"
_PACKAGE = Path(__file__).parent
_UNFIT = re.compile("[\\\\\x00-\x1f\x7f\ud800-\udfff]")
_NAMED = 10  # paths in one message; the rest is counted


class FolderDisk:
    """The folders of one site. `announcements` is None where the site has none; `output` is made when it is needed."""

    def __init__(self, announcements: Path | None, output: Path) -> None:
        self._announcements = announcements
        self._output = output

    def announcements(self) -> Iterator[tuple[str, bytes]]:
        """(path, bytes) of every *.md below the folder, sorted by path.

        Hidden files, editors' droppings and links that lead out of the folder are left out. A file that may not be
        read is empty, so that `parse` names it and nobody takes it for deleted; a folder that is missing or may not
        be read is a SourceError, for the same reason.
        """
        for file, path in self._below():
            body = _body(file) if _is_announcement(path) else None
            if body is not None:
                yield path, body

    def others(self) -> Iterator[str]:
        """Paths of the other files below the folder, sorted; SourceError as above."""
        return (path for _, path in self._below() if not _is_announcement(path))

    def _below(self) -> Iterator[tuple[Path, str]]:
        folder = self._announcements
        if folder is None:
            return
        try:
            paths = _files(folder)
        except OSError as error:
            where = f"the folder {error.filename} cannot be read ({error.strerror})"
            raise SourceError(f"announcements: {where}; create it, or let this user read it") from error
        yield from ((folder / path, _readable(path)) for path in paths if _is_inside(folder, path))

    def attachment(self, path: str) -> bytes:
        """A file below the announcements folder; FileNotFoundError where there is none that may be read."""
        if self._announcements is None or not _is_plain(path) or not _is_inside(self._announcements, path):
            raise FileNotFoundError(f"announcements/{path}: there is no such file")
        try:
            return (self._announcements / path).read_bytes()
        except OSError as error:
            raise FileNotFoundError(f"announcements/{path}: cannot be read ({error.strerror})") from error

    def write(self, documents: Iterable[Document]) -> Mapping[str, int]:
        """Make the output folder hold these documents and none of our older ones; counts `written same removed`.

        RenderError, before anything is touched, where paths are unfit or collide. StoreError where the folder cannot
        be written and, after everything else is done, where something that is not ours stands in the way.
        """
        wanted = _plan(documents)
        try:
            return _Output(self._output).hold(wanted)
        except OSError as error:
            raise StoreError(f"output folder {self._output}: {error.strerror or error} ({error.filename})") from error


def templates(site: Path | None) -> dict[str, str]:
    """{name: text} of the packaged templates; a file of the same name in `<site>/templates/` takes its place.

    RenderError names a file that cannot be read as UTF-8.
    """
    packaged = _PACKAGE / "templates"  # in a wheel; a checkout has them beside the package
    folders = [packaged if packaged.is_dir() else _PACKAGE.parent / "templates"]
    if site is not None and (site / "templates").is_dir():
        folders.append(site / "templates")
    return {path: _template(folder, path) for folder in folders for path in _files(folder)}


def _template(folder: Path, path: str) -> str:
    try:
        return (folder / path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RenderError(
            f"templates/{_readable(path)}: is not UTF-8 (byte {error.start}); save it as UTF-8"
        ) from error
    except OSError as error:
        raise RenderError(f"templates/{_readable(path)}: cannot be read ({error.strerror})") from error


# Reading a folder


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


def _is_plain(path: str) -> bool:
    return not _UNFIT.search(path) and not any(part in ("", ".", "..") for part in path.split("/"))


# Writing the output folder


def _plan(documents: Iterable[Document]) -> dict[str, bytes]:
    """{path: body}, sorted. RenderError where a path leads elsewhere or two would be one on some file system."""
    wanted: dict[str, bytes] = {}
    taken: dict[str, str] = {}
    faults = []
    for document in documents:
        key = _fold(document.path)
        if not _is_plain(document.path) or key in (_MANIFEST, _UNFINISHED):
            faults.append(f"{document.path!r} is no path for a file of the output folder")
        elif key in taken:
            faults.append(f"{document.path!r} and {taken[key]!r} are one file")
        taken[key] = document.path
        wanted[document.path] = document.body
    for path in wanted:
        folder = next((taken[_fold(str(p))] for p in PurePosixPath(path).parents if _fold(str(p)) in taken), None)
        if folder:
            faults.append(f"{folder!r} cannot be a file and the folder of {path!r}")
    if faults:
        raise RenderError("\n".join(faults))
    return dict(sorted(wanted.items()))


def _fold(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


@dataclass(frozen=True, slots=True)
class _Manifest:
    """Which paths of the output folder are ours. `pending` ({path: hash}) are those a run is about to write or remove:

    after a kill such a path is ours only where nothing stands there or the very bytes meant; anything else came from
    somebody else in between.
    """

    files: frozenset[str] = frozenset()
    pending: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: bytes) -> _Manifest:
        """ValueError where it is not as we wrote it."""
        found = json.loads(text)
        if not isinstance(found, dict) or not all(_is_plain(str(p)) for key in found.values() for p in key):
            raise ValueError("not a manifest")
        return cls(frozenset(found["files"]), dict(found["pending"]))

    def text(self) -> bytes:
        content = {"files": sorted(self.files), "pending": dict(sorted(self.pending.items()))}
        return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


class _Output:
    """The output folder during one write. At every moment the manifest on the disk names what is ours, and no more."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._make_folder(root)
        (root / _UNFINISHED).unlink(missing_ok=True)
        self._noted = self._read_manifest()
        self._ours = {*self._noted.files, *filter(self._is_still_ours, self._noted.pending)}

    def hold(self, wanted: Mapping[str, bytes]) -> Mapping[str, int]:
        removed = self._remove(sorted(self._ours - wanted.keys()))
        found = {path: self._state(path, body) for path, body in wanted.items()}
        kept = frozenset(path for path, state in found.items() if path in self._ours and state in ("same", "differs"))
        absent = [path for path, state in found.items() if state == "absent"]
        changed = [path for path, state in found.items() if state == "absent" or state == "differs"]
        self._note(_Manifest(kept, {path: _hash(wanted[path]) for path in absent}))
        for path in changed:
            self._replace(path, wanted[path])
        self._note(_Manifest(kept.union(absent)))
        if strange := [path for path, state in found.items() if state == "strange"]:
            raise StoreError(_in_the_way(self._root, strange))
        return {"written": len(changed), "same": len(found) - len(changed), "removed": removed}

    def _remove(self, stale: list[str]) -> int:
        """First of all, so that what is withdrawn is gone soonest, and a file makes way for a folder of its name."""
        if not stale:
            return 0
        self._ours.difference_update(stale)
        states = {path: self._lies(path) for path in stale}
        present = [path for path, state in states.items() if state == "file"]
        pending = {path: "" for path, state in states.items() if state == "absent"}
        pending |= {path: self._hash_of(path) for path in present}
        self._note(_Manifest(frozenset(self._ours), pending))
        for path in present:
            self._path(path).unlink()
        for path in pending:
            self._prune(path)
        return len(present)

    def _prune(self, path: str) -> None:
        """Remove the folders that its removal has left empty."""
        for folder in PurePosixPath(path).parents[:-1]:
            try:
                (self._root / folder).rmdir()
            except FileNotFoundError:  # a run that was killed came this far
                continue
            except OSError:  # not empty
                return

    def _state(self, path: str, body: bytes) -> Literal["absent", "same", "differs", "strange"]:
        lies = self._lies(path)
        if lies == "absent" or lies == "strange":
            return lies
        if self._holds(path, body):
            return "same"
        return "differs" if path in self._ours else "strange"

    def _lies(self, path: str) -> Literal["absent", "file", "strange"]:
        """What stands at a path: a regular file, nothing, or something that we never make, there or on the way."""
        for folder in reversed(PurePosixPath(path).parents[:-1]):
            mode = _mode(self._root / folder)
            if not stat.S_ISDIR(mode):
                return "strange" if mode else "absent"
        mode = _mode(self._path(path))
        return "file" if stat.S_ISREG(mode) else "strange" if mode else "absent"

    def _holds(self, path: str, body: bytes) -> bool:
        file = self._path(path)
        try:
            return file.stat().st_size == len(body) and file.read_bytes() == body
        except PermissionError:  # not one of ours, which everybody may read
            return False

    def _is_still_ours(self, path: str) -> bool:
        lies = self._lies(path)
        return lies == "absent" or (lies == "file" and self._hash_of(path) == self._noted.pending[path])

    def _hash_of(self, path: str) -> str:
        return _hash(self._path(path).read_bytes())

    def _replace(self, path: str, body: bytes, *, durable: bool = False) -> None:
        """Readers see the old bytes or the new ones, never some of each."""
        target, unfinished = self._path(path), self._root / _UNFINISHED
        self._make_folder(target.parent)
        try:
            with unfinished.open("xb") as file:
                file.write(body)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            unfinished.chmod(0o644)
            unfinished.replace(target)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    def _make_folder(self, folder: Path) -> None:
        """With every folder above it, for everybody to read whatever the umask; a set group bit stays."""
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(0o755)
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o755)

    def _path(self, path: str) -> Path:
        return self._root / path

    def _read_manifest(self) -> _Manifest:
        try:
            return _Manifest.read(self._path(_MANIFEST).read_bytes())
        except FileNotFoundError:
            return _Manifest()
        except (ValueError, TypeError, KeyError) as error:
            remedy = "empty the output folder, all of which is made anew, and publish again"
            raise StoreError(f"{self._path(_MANIFEST)}: is damaged ({error}); {remedy}") from error

    def _note(self, manifest: _Manifest) -> None:
        if manifest != self._noted:
            # What we are about to do is on the disk itself before it is done: a power cut forgets none of our files.
            self._replace(_MANIFEST, manifest.text(), durable=bool(manifest.pending))
            self._noted = manifest


def _mode(path: Path) -> int:
    """Its type and permissions, links not followed; 0 where there is nothing."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def _hash(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()


def _in_the_way(root: Path, paths: list[str]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return (
        f"{root}: not written, as something that is not ours stands there: {', '.join(paths[:_NAMED])}{more}; "
        "move it away, or empty the folder if nothing in it is needed, and publish again"
    )
