"""Templates as they were compiled, in one file that may be lost: the next process need not compile them again."""

from __future__ import annotations

import marshal
from contextlib import suppress
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from tempfile import NamedTemporaryFile

_MOST = 300  # templates; those of a few languages, and of a few edits
_DIGEST = 32  # bytes


class Compiled:
    """{key: code} for `render.templates`. A file that is damaged or another Python's, or cannot be written, costs time
    only. What is read is run: the digest says that it is what we wrote, as damaged code could take down the process.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, bytes] | None = None

    def get(self, key: str) -> bytes:
        """Empty where it is not known."""
        if self._known is None:
            self._known = self._read()
        return self._known.get(key, b"")

    def put(self, key: str, code: bytes) -> None:
        known = self._read()  # what other processes have put in meanwhile
        known[key] = code
        self._known = dict(list(known.items())[-_MOST:])
        with suppress(OSError):
            self._write(marshal.dumps(self._known))

    def _read(self) -> dict[str, bytes]:
        try:
            told = self._file.read_bytes()
        except OSError:
            return {}
        digest, body = told[:_DIGEST], told[_DIGEST:]
        return marshal.loads(body) if digest == _digest(body) else {}  # noqa: S302 - our own, as the digest says

    def _write(self, body: bytes) -> None:
        """Whole or not at all, whoever else writes at the same time."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._file.parent, prefix=f".{self._file.name}.", delete=False) as unfinished:
            unfinished.write(_digest(body) + body)
        try:
            Path(unfinished.name).replace(self._file)
        except OSError:
            Path(unfinished.name).unlink()
            raise


def _digest(body: bytes) -> bytes:
    """Another Python's is another one."""
    return blake2b(body, digest_size=_DIGEST, key=MAGIC_NUMBER).digest()
