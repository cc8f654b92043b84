"""Announcements, attachments and templates in; parts of Documents out. An edge."""

from __future__ import annotations

import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from aggregator.disk.batches import Claims, in_batches
from aggregator.disk.compiled import Compiled
from aggregator.disk.files import mark_at, mode
from aggregator.disk.manifest import Manifest, mark_of
from aggregator.disk.output import Output
from aggregator.disk.paths import is_fit
from aggregator.disk.reading import Announcements, names, pictures, templates
from aggregator.errors import AggregatorError, RenderError, StoreError
from aggregator.model import Part

__all__ = ["Compiled", "FolderDisk", "names", "pictures", "templates"]

_NAMED = 10  # paths or faults in one message; the rest is counted


def _tell_nobody(_names: Sequence[str]) -> None:
    pass


class FolderDisk:
    """The folders of one site. `announcements` is None where the site has none; `output` is made when it is needed."""

    def __init__(self, announcements: Path | None, output: Path) -> None:
        self._announcements = Announcements(announcements)
        self._output = output

    def announcements(self) -> Iterator[tuple[str, bytes]]:
        """(path, bytes) of every *.md below the folder, sorted by path.

        Hidden files, editors' droppings and links that lead out of the folder are left out. A file that may not be
        read is empty, so that `parse` names it and nobody takes it for deleted; a folder that is missing or may not
        be read is a SourceError, for the same reason.
        """
        return self._announcements.texts()

    def others(self) -> Iterator[str]:
        """Paths of the other files below the folder, sorted; SourceError as above."""
        return self._announcements.others()

    def attachment(self, path: str) -> bytes:
        """A file below the announcements folder; FileNotFoundError where there is none that may be read."""
        return self._announcements.attachment(path)

    def attachment_mark(self, path: str) -> str:
        """Size and time of such a file: another mark, another file. Empty where there is none that may be read."""
        return self._announcements.attachment_mark(path)

    def mark(self) -> str:
        """Which catalogue the files of the output folder were last written from; empty where nobody knows."""
        with self._in_words():
            return mark_of(self._output)

    def missing(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of these paths of the output folder where no file stands, ours or anybody's."""
        return tuple(path for path in paths if not stat.S_ISREG(mode(f"{self._output}/{path}", follow=True)))

    def output_mark(self, paths: Iterable[str]) -> str:
        """Size and time of these files of the output folder: another mark, another file. Cheap."""
        return " ".join(mark_at(f"{self._output}/{path}") for path in paths)

    def parts(self) -> frozenset[str]:
        """The names of the parts the output folder holds, or held when a run was killed."""
        with self._in_words():
            return Manifest(self._output).parts()

    def write(
        self,
        parts: Iterable[Part],
        *,
        gone: Collection[str] = (),
        mark: str = "",
        done: Callable[[Sequence[str]], None] = _tell_nobody,
    ) -> Mapping[str, int]:
        """Make each part hold its documents and none of its older ones, remove the parts that are gone, and leave all
        others alone; counts `written same removed`.

        Documents are drawn, and parts are `done`, in batches. What is wrong with the first batch, or raised while it
        is drawn, comes before anything is touched. Later, what is raised leaves what was written; RenderError where
        paths are unfit or collide or a document has a fault, and StoreError where something that is not ours stands in
        the way, come after everything else is done, and their parts are not told. Where a document has a fault, what
        stands there stays. StoreError where the folder cannot be written. What is raised has the counts so far.
        """
        if not is_fit(mark):
            raise ValueError(f"{mark!r} is no mark")
        claims = Claims()
        drawn = in_batches(parts, claims)
        first = next(drawn)
        if claims.faults:
            raise RenderError(_listed(claims.faults, "\n"))
        with self._in_words():
            output = Output(self._output)
        try:
            with self._in_words():
                output.begin(first, gone, mark)
            if gone:
                done(tuple(gone))
            for batch in chain([first], drawn):
                with self._in_words():
                    ended = output.put(batch)
                if ended:
                    done(ended)
            with self._in_words():
                output.end()
            self._raise([*claims.faults, *claims.held], output.strange)
        except AggregatorError as error:
            error.counts = output.counts
            raise
        return output.counts

    def _raise(self, faults: Sequence[str], strange: Sequence[str]) -> None:
        in_the_way = [_in_the_way(self._output, sorted(strange))] if strange else []
        if faults:
            raise RenderError("\n".join([_listed(faults, "\n"), *in_the_way]))
        if strange:
            raise StoreError(*in_the_way)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Around what we do ourselves; what is raised while documents are drawn, or by who is told, is not ours."""
        try:
            yield
        except OSError as error:
            raise StoreError(f"output folder {self._output}: {error.strerror or error} ({error.filename})") from error


def _in_the_way(root: Path, paths: Sequence[str]) -> str:
    return (
        f"{root}: not written, as something that is not ours stands there: {_listed(paths, ', ')}; "
        "move it away, or empty the folder if nothing in it is needed, and publish again"
    )


def _listed(lines: Sequence[str], between: str) -> str:
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return between.join(lines[:_NAMED]) + more
