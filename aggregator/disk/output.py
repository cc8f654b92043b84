"""Batches of documents -> the output folder, atomically and only where bytes differ."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from aggregator.disk import batches
from aggregator.disk.batches import Batch, Piece
from aggregator.disk.files import make_folder, mode, replace
from aggregator.disk.manifest import Change, Manifest
from aggregator.disk.paths import FORMER, MANIFEST, UNFINISHED, above

State = Literal["absent", "same", "differs", "strange"]


class Output:
    """The output folder during one write. At every moment the manifest on the disk names what is ours, and no more."""

    def __init__(self, root: Path) -> None:
        self.counts = {"written": 0, "same": 0, "removed": 0}
        self.strange: list[str] = []  # paths where something stands that is not ours
        self._root = root
        make_folder(root)
        self._manifest = Manifest(root)
        (root / UNFINISHED).unlink(missing_ok=True)
        self._take_over()
        self._manifest.note(list(self._settled()))
        self._old: dict[str, Collection[str]] = dict(self._manifest.by_part())
        self._blocked: set[str] = set()  # parts that do not stand as they should

    def begin(self, first: Batch, gone: Iterable[str], mark: str) -> None:
        """Remove the parts that are gone: what is withdrawn is gone soonest, but for what the first batch takes over.

        The mark comes before all: from the first change on, the folder is no longer what another catalogue knows.
        """
        marked: list[Change] = [("=", mark)] if mark != self._manifest.mark else []
        self._manifest.note([*marked, *self._moved(first)])
        self._remove(path for part in gone for path in self._old.pop(part, ()) if self._is_of(path, part))

    def put(self, batch: Batch) -> list[str]:
        """Write a batch, and empty it; the names of the parts that now stand as they should."""
        self._manifest.note(self._moved(batch))
        self._remove(path for piece in batch for path in (*self._stale(piece), *self._in_the_way(piece)))
        self._write(batch)
        self._blocked.update(piece.part for piece in batch if piece.skipped)
        ended = [piece.part for piece in batch if piece.ended and piece.part not in self._blocked]
        batch.clear()  # before the next one is drawn
        return ended

    def end(self) -> None:
        if self._manifest.is_long:
            self._manifest.compact()

    def _take_over(self) -> None:
        if self._manifest.is_former:
            self._manifest.compact()
        elif self._mode(MANIFEST):  # a run that took over was killed before it had removed it
            (self._root / FORMER).unlink(missing_ok=True)

    def _settled(self) -> Iterator[Change]:
        """What became of the paths that a killed run left pending; those where nothing stands may stay so."""
        for path, (hash_, part) in self._manifest.pending.items():
            lies = self._lies(path)
            if lies == "file" and self._hash_of(path) == hash_:
                yield "+", path, part
            elif lies != "absent":
                yield "-", path

    def _moved(self, batch: Batch) -> Iterator[Change]:
        for piece in batch:
            for path in piece.bodies:
                if self._manifest.files.get(path, piece.part) != piece.part:
                    yield "+", path, piece.part

    def _is_of(self, path: str, part: str) -> bool:
        return self._manifest.owner(path) == part

    # removing

    def _stale(self, piece: Piece) -> Iterable[str]:
        """The files that its part no longer holds: all of them once it has ended, and until then those in its way."""
        left = self._left(piece.part)
        left.difference_update(piece.bodies, piece.skipped)
        if piece.ended:
            del self._old[piece.part]
            return (path for path in left if self._is_of(path, piece.part))
        folders = {path for path in piece.bodies if left and stat.S_ISDIR(self._mode(path))}
        return (path for path in left if not folders.isdisjoint(above(path))) if folders else ()

    def _left(self, part: str) -> set[str]:
        """The older paths of a part that none of its documents has claimed so far."""
        found = self._old.get(part, ())
        if not isinstance(found, set):  # a list is half the size, and most parts are never asked for
            found = self._old[part] = set(found)
        return found

    def _in_the_way(self, piece: Piece) -> Iterator[str]:
        """Files of ours, whatever their part, where a folder is needed."""
        for path in piece.bodies:
            yield from (folder for folder in above(path) if self._manifest.owner(folder) is not None)

    def _remove(self, stale: Iterable[str]) -> None:
        """Before anything is written, so that a file makes way for a folder of its name and back."""
        paths = sorted(set(stale))
        for start in range(0, len(paths), batches.DOCUMENTS):
            self._remove_some(paths[start : start + batches.DOCUMENTS])

    def _remove_some(self, stale: list[str]) -> None:
        states = {path: self._lies(path) for path in stale}
        present = [path for path, state in states.items() if state == "file"]
        self._manifest.note([self._farewell(path, state) for path, state in states.items()])
        for path in present:
            self._path(path).unlink()
        pending = [path for path, state in states.items() if state != "strange"]
        for path in pending:
            self._prune(path)
        self._manifest.note([("-", path) for path in pending])
        self.counts["removed"] += len(present)

    def _farewell(self, path: str, state: State | Literal["file"]) -> Change:
        if state == "strange":
            return "-", path
        return "?", path, self._hash_of(path) if state == "file" else "", self._manifest.owner(path) or ""

    def _prune(self, path: str) -> None:
        """Remove the folders that its removal has left empty."""
        for folder in above(path):
            try:
                self._path(folder).rmdir()
            except FileNotFoundError:  # a run that was killed came this far
                continue
            except OSError:  # not empty
                return

    # writing

    def _write(self, batch: Batch) -> None:
        wanted = {path: body for piece in batch for path, body in piece.bodies.items()}
        parts = {path: piece.part for piece in batch for path in piece.bodies}
        states = {path: self._state(path, body) for path, body in wanted.items()}
        absent = [path for path, state in states.items() if state == "absent"]
        changed = [path for path, state in states.items() if state in ("absent", "differs")]
        strange = [path for path, state in states.items() if state == "strange"]
        lost = [path for path in strange if self._manifest.owner(path) is not None]
        pending: list[Change] = [("?", path, _hash(wanted[path]), parts[path]) for path in absent]
        self._manifest.note([*(("-", path) for path in lost), *pending])
        for path in changed:
            replace(self._path(path), self._root / UNFINISHED, [wanted[path]])
        self._manifest.note([("+", path, parts[path]) for path in absent])
        self.counts["written"] += len(changed)
        self.counts["same"] += len(states) - len(changed) - len(strange)
        self.strange += strange
        self._blocked.update(parts[path] for path in strange)

    def _state(self, path: str, body: bytes) -> State:
        lies = self._lies(path)
        if lies == "absent" or lies == "strange":
            return lies
        if self._holds(path, body):
            return "same"
        return "strange" if self._manifest.owner(path) is None else "differs"

    # looking

    def _lies(self, path: str) -> Literal["absent", "file", "strange"]:
        """What stands at a path: a regular file, nothing, or something that we never make, there or on the way."""
        for folder in reversed(above(path)):
            found = self._mode(folder)
            if not stat.S_ISDIR(found):
                return "strange" if found else "absent"
        found = self._mode(path)
        return "file" if stat.S_ISREG(found) else "strange" if found else "absent"

    def _holds(self, path: str, body: bytes) -> bool:
        file = self._path(path)
        try:
            return file.stat().st_size == len(body) and file.read_bytes() == body
        except PermissionError:  # not one of ours, which everybody may read
            return False

    def _hash_of(self, path: str) -> str:
        return _hash(self._path(path).read_bytes())

    def _mode(self, path: str) -> int:
        return mode(f"{self._root}/{path}")  # asked of every folder of every path: pathlib takes longer than the disk

    def _path(self, path: str) -> Path:
        return self._root / path


def _hash(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()
