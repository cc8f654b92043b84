"""The edges but for the databases: what jobs ask of servers, of the disk, of mail and of who writes by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from aggregator.model import Fetched, Outcome, Part, Problem, Request, Unchanged


class Network(Protocol):
    def fetch(self, requests: Iterable[Request]) -> Iterator[Fetched | Unchanged | Problem]:
        """Answers as they arrive, in any order, exactly one for each request."""
        ...


class Disk(Protocol):
    def announcements(self) -> Iterator[tuple[str, bytes]]:
        """(path below the announcements folder, bytes) of every *.md, sorted by path."""
        ...

    def attachment(self, path: str) -> bytes:
        """A file below the announcements folder; FileNotFoundError where there is none."""
        ...

    def others(self) -> Iterator[str]:
        """Paths of the other files below the announcements folder: attachments, and what nobody attached."""
        ...

    def attachment_mark(self, path: str) -> str:
        """Another mark, another file; cheap. Empty where there is none that may be read."""
        ...

    def mark(self) -> str:
        """Which catalogue the files of the output folder were last written from; empty where nobody knows."""
        ...

    def parts(self) -> frozenset[str]:
        """The names of the parts the output folder holds."""
        ...

    def missing(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of these paths of the output folder where no file stands."""
        ...

    def output_mark(self, paths: Iterable[str]) -> str:
        """Another mark: one of these files of the output folder is another, or gone. Cheap."""
        ...

    def write(
        self,
        parts: Iterable[Part],
        *,
        gone: Collection[str] = (),
        mark: str = "",
        done: Callable[[Sequence[str]], None] = ...,
    ) -> Mapping[str, int]:
        """Make each part hold its documents and none of its older ones, remove the parts that are gone, and leave all
        others alone; counts `written same removed`. The output folder bears `mark` from the first change on.

        Each file is replaced atomically and only where bytes differ. Documents are drawn in batches, the first wholly
        before anything is touched; `done` is told the names of parts once their files are on the disk, and of those
        that are gone. Files we did not write are neither replaced nor removed: StoreError names them after everything
        else is done, and their parts are not told; likewise RenderError, where paths are unfit or collide, or where
        documents have a fault: what stands there stays. An AggregatorError has the `counts` of what was done so far.
        """
        ...


class Mail(Protocol):
    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand over one message (bytes with CRLF); the answer of the server, or of the folder. May be called by several
        threads at once."""
        ...

    def close(self) -> None: ...


class Desk(Protocol):
    """The editors' notes to the issues of newsletters: `newsletters/ID/next.md`, and one for each number."""

    def note(self, newsletter: str, number: int) -> tuple[str, bytes]:
        """(path, text) of the note to this number: its own, else the next one's; empty where there is none."""
        ...

    def file_away(self, newsletter: str, number: int) -> None:
        """The note to the next issue is that to this number from now on, unless it has one."""
        ...


class Letters(Protocol):
    """The mailbox where bounces and requests to leave arrive."""

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """(key, letter) of every letter not dealt with."""
        ...

    def done(self, key: str) -> None:
        """This letter was dealt with; it is kept, and never shown again."""
        ...
