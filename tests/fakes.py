"""The world as jobs see it, in memory: fakes of the ports that tell what they were asked.

FakeNetwork({"anci": b"<rss>…"})   FakeDisk({"avviso.md": b"…"})   FakeMail()   FakeLetters({"1": b"…"})
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from aggregator.errors import RenderError, SourceError
from aggregator.model import Fetched, Outcome, Part, Problem, Request, Unchanged, Validators
from aggregator.ports import Network

Answer = Fetched | Unchanged | Problem


class FakeNetwork(Network):
    """Answers by source id: bytes are a document with this ETag; what it has no answer for is a failure."""

    def __init__(self, answers: Mapping[str, bytes | Answer] | None = None, etag: str = "") -> None:
        self.answers = dict(answers or {})
        self.etag = etag
        self.requests: list[Request] = []

    def fetch(self, requests: Iterable[Request]) -> Iterator[Answer]:
        for request in requests:
            self.requests.append(request)
            yield self._answer(request)

    def _answer(self, request: Request) -> Answer:
        found = self.answers.get(request.source_id, Problem(request.source_id, "fetch", "no such host"))
        if isinstance(found, bytes):
            return Fetched(request.source_id, request.url, found, validators=Validators(self.etag))
        return replace(found, source_id=request.source_id)


class FakeDisk:
    """Files of announcements/ (None: there is no such folder), and the output folder in `output`."""

    def __init__(self, files: Mapping[str, bytes | str] | None = None) -> None:
        self.files: dict[str, bytes] | None = None
        if files is not None:
            self.files = {path: body.encode() if isinstance(body, str) else body for path, body in files.items()}
        self.output: dict[str, bytes] = {}
        self.owners: dict[str, str] = {}  # path -> part
        self.borne = ""  # the mark
        self.fault: Exception | None = None

    def announcements(self) -> Iterator[tuple[str, bytes]]:
        return ((path, body) for path, body in self._sorted() if path.endswith(".md"))

    def others(self) -> Iterator[str]:
        return (path for path, _ in self._sorted() if not path.endswith(".md"))

    def _sorted(self) -> Iterator[tuple[str, bytes]]:
        if self.files is None:
            raise SourceError("the folder cannot be read; put it back")
        yield from sorted(self.files.items())

    def attachment(self, path: str) -> bytes:
        if self.files is None or path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def attachment_mark(self, path: str) -> str:
        body = (self.files or {}).get(path)
        return "" if body is None else sha256(body).hexdigest()

    def mark(self) -> str:
        return self.borne

    def missing(self, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(path for path in paths if path not in self.output)

    def output_mark(self, paths: Iterable[str]) -> str:
        return sha256(repr([self.output.get(path) for path in paths]).encode()).hexdigest()

    def parts(self) -> frozenset[str]:
        return frozenset(self.owners.values())

    def write(
        self,
        parts: Iterable[Part],
        *,
        gone: Collection[str] = (),
        mark: str = "",
        done: Callable[[Sequence[str]], None] = lambda _names: None,
    ) -> Mapping[str, int]:
        drawn = {part.name: list(part.documents) for part in parts}
        if self.fault:
            raise self.fault
        kept = {
            d.path: self.output[d.path] for found in drawn.values() for d in found if d.fault and d.path in self.output
        }
        made = {
            name: {d.path: kept.get(d.path, d.body) for d in found if not d.fault or d.path in kept}
            for name, found in drawn.items()
        }
        wanted = {path: body for files in made.values() for path, body in files.items()}
        same = sum(self.output.get(path) == body for path, body in wanted.items())
        stale = [path for path, name in self.owners.items() if path not in wanted and name in {*gone, *made}]
        for path in stale:
            del self.owners[path], self.output[path]
        self.output |= wanted
        self.owners |= {path: name for name, files in made.items() for path in files}
        self.borne = mark
        faults = {
            name: [f"{d.path}: not written: {d.fault}" for d in found if d.fault] for name, found in drawn.items()
        }
        done([*gone, *(name for name in made if not faults[name])])
        counts = {"written": len(wanted) - same, "same": same, "removed": len(stale)}
        if told := [fault for found in faults.values() for fault in found]:
            error = RenderError("\n".join(told))
            error.counts = counts
            raise error
        return counts


class FakeMail:
    """Accepts everything, unless `answer` (recipient -> Outcome) says otherwise."""

    def __init__(self, answer: Callable[[str], Outcome] = lambda _recipient: Outcome("accepted", "250 ok")) -> None:
        self.answer = answer
        self.sent: list[tuple[str, bytes]] = []
        self.senders: list[str] = []

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        self.senders.append(sender)
        self.sent.append((recipient, message))
        return self.answer(recipient)

    def close(self) -> None:
        """Nothing is held open."""

    @property
    def recipients(self) -> list[str]:
        return sorted(recipient for recipient, _ in self.sent)


class FakeDesk:
    """Editors' notes: {"settimanale/next": "…"}."""

    def __init__(self, notes: Mapping[str, str] | None = None) -> None:
        self.notes = dict(notes or {})

    def note(self, newsletter: str, number: int) -> tuple[str, bytes]:
        for name in (f"{newsletter}/{number}", f"{newsletter}/next"):
            if name in self.notes:
                return f"newsletters/{name}.md", self.notes[name].encode()
        return "", b""

    def file_away(self, newsletter: str, number: int) -> None:
        if f"{newsletter}/{number}" not in self.notes and f"{newsletter}/next" in self.notes:
            self.notes[f"{newsletter}/{number}"] = self.notes.pop(f"{newsletter}/next")


class FakeLetters:
    """A mailbox; `dealt_with` are the keys of the letters that are done."""

    def __init__(self, letters: Mapping[str, bytes]) -> None:
        self.letters = dict(letters)
        self.dealt_with: list[str] = []

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        for key, letter in self.letters.items():
            if key not in self.dealt_with:
                yield key, letter

    def done(self, key: str) -> None:
        self.dealt_with.append(key)
