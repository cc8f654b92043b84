"""Parts -> batches of their documents, drawn as they are needed, every path claimed by one document of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from aggregator.disk.paths import above, fold, is_fit, is_plain, is_reserved
from aggregator.model import Document, Part

DOCUMENTS = 500  # in one batch
BODIES = 16_000_000  # bytes in one batch, but for the last document


@dataclass(slots=True)
class Piece:
    """What one batch holds of one part."""

    part: str
    bodies: dict[str, bytes] = field(default_factory=dict)  # by path
    skipped: list[str] = field(default_factory=list)  # paths at fault
    ended: bool = False  # nothing more of this part follows


Batch = list[Piece]


class Claims:
    """The paths and parts of one run so far, and in `faults` what is wrong with them, in words."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.held: list[str] = []  # documents that must not be written, each with why
        self._parts: set[str] = set()
        self._paths: dict[str, str] = {}  # by what they are on a file system that folds names
        self._folders: dict[str, str] = {}  # likewise, each with a path in it

    def take_part(self, name: str) -> bool:
        """Whether a part may have this name; from now on no other may."""
        if not is_fit(name):
            self.faults.append(f"{name!r} is no name for a part of the output folder")
        elif name in self._parts:
            self.faults.append(f"the part {name!r} is made twice")
        else:
            self._parts.add(name)
            return True
        return False

    def take_path(self, path: str) -> bool:
        """Whether a document may have this path; from now on no other may."""
        key = fold(path)
        folders = above(key)
        if fault := self._fault(path, key, folders):
            self.faults.append(fault)
            return False
        self._paths[key] = path
        self._folders.update(dict.fromkeys(folders, path))
        return True

    def take_body(self, document: Document) -> bool:
        """Whether it may be written."""
        if document.fault:
            self.held.append(f"{document.path}: not written: {document.fault}")
        return not document.fault

    def _fault(self, path: str, key: str, folders: list[str]) -> str:
        if not is_plain(path) or is_reserved(path):
            return f"{path!r} is no path for a file of the output folder"
        if key in self._paths:
            return f"{path!r} and {self._paths[key]!r} are one file"
        if key in self._folders:
            return f"{path!r} cannot be a file and the folder of {self._folders[key]!r}"
        folder = next((self._paths[one] for one in folders if one in self._paths), None)
        return f"{folder!r} cannot be a file and the folder of {path!r}" if folder else ""


def in_batches(parts: Iterable[Part], claims: Claims) -> Iterator[Batch]:
    """At least one, be it empty. A part goes on in the next batch where this one is full."""
    batch: Batch = []
    count = size = 0
    for part in parts:
        if not claims.take_part(part.name):
            continue
        batch.append(Piece(part.name))
        for document in part.documents:
            if claims.take_path(document.path) and claims.take_body(document):
                batch[-1].bodies[document.path] = document.body
            else:
                batch[-1].skipped.append(document.path)
            count, size = count + 1, size + len(document.body)
            if count >= DOCUMENTS or size >= BODIES:
                yield batch
                batch, count, size = [Piece(part.name)], 0, 0
        batch[-1].ended = True
    yield batch
