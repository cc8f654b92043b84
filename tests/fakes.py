"""The world as jobs see it, in memory: fakes of the ports that tell what they were asked.

FakeNetwork({"anci": b"<rss>…"})   FakeDisk({"avviso.md": b"…"})   FakeMail()   FakeLetters({"1": b"…"})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from aggregator.errors import SourceError
from aggregator.model import Document, Fetched, Outcome, Problem, Request, Unchanged, Validators
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
        self.fault: Exception | None = None

    def announcements(self) -> Iterator[tuple[str, bytes]]:
        return ((path, body) for path, body in self._sorted() if path.endswith(".md"))

    def others(self) -> Iterator[str]:
        return (path for path, _ in self._sorted() if not path.endswith(".md"))

    def _sorted(self) -> Iterator[tuple[str, bytes]]:
        if self.files is None:
            raise SourceError("announcements: the folder cannot be read; create it")
        yield from sorted(self.files.items())

    def attachment(self, path: str) -> bytes:
        if self.files is None or path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def write(self, documents: Iterable[Document]) -> Mapping[str, int]:
        wanted = {document.path: document.body for document in documents}
        if self.fault:
            raise self.fault
        same = sum(self.output.get(path) == body for path, body in wanted.items())
        removed = len(self.output.keys() - wanted.keys())
        self.output = wanted
        return {"written": len(wanted) - same, "same": same, "removed": removed}


class FakeMail:
    """Accepts everything, unless `answer` (recipient -> Outcome) says otherwise."""

    def __init__(self, answer: Callable[[str], Outcome] = lambda _recipient: Outcome("accepted", "250 ok")) -> None:
        self.answer = answer
        self.sent: list[tuple[str, bytes]] = []

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        self.sent.append((recipient, message))
        return self.answer(recipient)

    def close(self) -> None:
        """Nothing is held open."""

    @property
    def recipients(self) -> list[str]:
        return sorted(recipient for recipient, _ in self.sent)


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
