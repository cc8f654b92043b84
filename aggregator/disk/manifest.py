"""The log of what is ours in the output folder: its lines -> a Manifest, changes -> lines at its end.

    + path part        ours
    ? path hash part   about to be written, or to be removed
    - path             no longer ours
    = mark             which catalogue the files were last written from

The fields stand between tabs. What is appended is on the disk itself before it is acted upon: a power cut forgets none
of our files. Now and then the log is written anew, sorted.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from aggregator.disk.files import replace
from aggregator.disk.paths import FORMER, MANIFEST, UNFINISHED, is_plain
from aggregator.errors import StoreError

_FORMAT = b"manifest 2\n"
SLACK = 1000  # lines a log may have more than it needs, whatever its size
Change = tuple[str, ...]  # the fields of one line


class Manifest:
    """Which paths of the output folder are ours, and of which part: `files` ({path: part}).

    `pending` ({path: (hash, part)}) are those a run is about to write or remove: after a kill such a path is ours only
    where nothing stands there or the very bytes meant; anything else came from somebody else in between.
    """

    def __init__(self, root: Path) -> None:
        """As it stands on the disk. StoreError where it is not as we wrote it; nothing is touched."""
        self.files: dict[str, str] = {}
        self.pending: dict[str, tuple[str, str]] = {}
        self.mark = ""
        self._root = root
        self._lines = self._size = 0  # of the log, up to its last whole line; 0: there is none
        try:
            self._read_log(root / MANIFEST)
        except FileNotFoundError:
            self._read_former(root / FORMER)

    def owner(self, path: str) -> str | None:
        """The part it belongs to; None: it is not ours."""
        part = self.files.get(path)
        return self.pending[path][1] if part is None and path in self.pending else part

    def parts(self) -> frozenset[str]:
        return frozenset(self.files.values()).union(part for _, part in self.pending.values())

    def by_part(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for path, part in self.files.items():
            found[part].append(path)
        for path, (_, part) in self.pending.items():
            found[part].append(path)
        return dict(found)

    def note(self, changes: Iterable[Change]) -> None:
        changes = list(changes)
        for change in changes:
            self._apply(*change)
        if changes and self._lines:
            self._append(changes)
        elif changes:
            self.compact()

    def compact(self) -> None:
        """Write it anew, with no more lines than it needs."""
        log = self._root / MANIFEST
        replace(log, self._root / UNFINISHED, chain([_FORMAT], map(_line, self._needed())))
        self._lines, self._size = 1 + bool(self.mark) + len(self.files) + len(self.pending), log.stat().st_size
        (self._root / FORMER).unlink(missing_ok=True)

    @property
    def is_long(self) -> bool:
        # A file that is new takes two lines: at the end of a big first run the log is long.
        return self._lines > 1.5 * (len(self.files) + len(self.pending)) + SLACK

    @property
    def is_former(self) -> bool:
        """Whether it was read from what it was before it became a log, and has to be written."""
        return bool(self.files or self.pending) and not self._lines

    def _needed(self) -> Iterator[Change]:
        if self.mark:
            yield "=", self.mark
        for path in sorted(self.files):
            yield "+", path, self.files[path]
        for path in sorted(self.pending):
            yield "?", path, *self.pending[path]

    def _append(self, changes: Iterable[Change]) -> None:
        text = b"".join(map(_line, changes))
        with (self._root / MANIFEST).open("r+b") as log:
            log.truncate(self._size)  # a line that was torn by a kill
            log.seek(self._size)
            log.write(text)
            log.flush()
            os.fsync(log.fileno())
        self._lines, self._size = self._lines + text.count(b"\n"), self._size + len(text)

    def _apply(self, kind: str, subject: str, *rest: str) -> None:
        if kind == "+":
            (part,) = rest
            if self.pending:  # while the log is read, hardly ever
                self.pending.pop(subject, None)
            self.files[subject] = sys.intern(part)
        elif kind == "?":
            hash_, part = rest
            self.files.pop(subject, None)
            self.pending[subject] = (hash_, sys.intern(part))
        elif kind == "-" and not rest:
            self.files.pop(subject, None)
            self.pending.pop(subject, None)
        elif kind == "=" and not rest:
            self.mark = subject
        else:
            raise ValueError(f"{kind!r} is unknown")

    def _read_log(self, path: Path) -> None:
        with path.open("rb") as log, _in_words(path):
            if next(log, b"") != _FORMAT:
                raise ValueError("it does not begin as it should")
            # Without the last line where a kill tore it: what it announced was never begun.
            told, end, _ = log.read().rpartition(b"\n")
            lines = told.decode().split("\n") if end else []
            for line in lines:
                kind, subject, *rest = line.split("\t")
                if not is_plain(subject) and kind != "=":
                    raise ValueError(f"{subject!r} is no path")
                self._apply(kind, subject, *rest)
            self._lines, self._size = 1 + len(lines), len(_FORMAT) + len(told) + len(end)

    def _read_former(self, path: Path) -> None:
        """Its files are ours, and nobody knows of which part."""
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return
        with _in_words(path):
            found = json.loads(text)
            if not isinstance(found, dict) or not all(is_plain(str(p)) for key in found.values() for p in key):
                raise ValueError("not a manifest")
            self.files = dict.fromkeys(map(str, found["files"]), "")
            self.pending = {path: (str(hash_), "") for path, hash_ in dict(found["pending"]).items()}


def mark_of(root: Path) -> str:
    """The mark alone, at a fraction of what it takes to read them all; empty where there is none."""
    try:
        log = (root / MANIFEST).read_bytes()
    except FileNotFoundError:
        return ""
    noted = log.rpartition(b"\n=\t")[2] if b"\n=\t" in log else b""
    mark, end, _ = noted.partition(b"\n")
    return mark.decode("utf-8", "replace") if end else ""


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError) as error:
        remedy = "empty the output folder, all of which is made anew, and publish again"
        raise StoreError(f"{path}: is damaged ({error}); {remedy}") from error


def _line(change: Change) -> bytes:
    return "\t".join(change).encode() + b"\n"
