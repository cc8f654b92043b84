"""Names of parts -> the parts as they should be. One that cannot be made costs itself only."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aggregator.errors import BadTemplateError, StoreError
from aggregator.jobs.publishing.stock import Stock
from aggregator.model import Document, Failure, Part
from aggregator.ports import Disk
from aggregator.render import parts
from aggregator.render.checks import linked
from aggregator.render.press import Press

log = logging.getLogger(__name__)

_AHEAD = 200  # parts whose entries are read at once
_TOLD = 10  # faults told and logged one by one; what fails for all of a kind fails ten thousand times


@dataclass(frozen=True, slots=True)
class Making:
    """`links` are the paths that pages made so far lead to on the site itself, each with the first such page."""

    press: Press
    stock: Stock
    links: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)  # by part

    def made(self, owed: Sequence[str]) -> Iterator[Part]:
        """Those that can be made, as they are drawn; BadTemplateError and StoreError stop it."""
        for start in range(0, len(owed), _AHEAD):
            some = owed[start : start + _AHEAD]
            entries = [part.removeprefix("entry:") for part in some if part.startswith("entry:")]
            self.stock.prefetch(self.stock.catalogue.groups.leads(entries))
            yield from (Part(part, found) for part in some if (found := self._documents(part)) is not None)

    def failures(self) -> Iterator[Failure]:
        for part, fault in list(self.faults.items())[:_TOLD]:
            yield Failure("publish", f"{part}: cannot be made ({fault}); what stands there stays, and is tried again")
        if len(self.faults) > _TOLD:
            yield Failure("publish", f"{len(self.faults) - _TOLD} more parts cannot be made")

    def broken_links(self, disk: Disk) -> Iterator[Failure]:
        """To be asked when everything is written."""
        for path in disk.missing(self.links):
            remedy = "mend the template or the setting; if the file was deleted: aggregator publish --all"
            yield Failure("publish", f"{self.links[path]}: leads to {path}, and there is no such file; {remedy}")

    def _documents(self, part: str) -> tuple[Document, ...] | None:
        """All of a part's, before any of them is written; None where one raises whatever a bug or odd data raise."""
        kind, _, name = part.partition(":")
        try:
            pages = tuple(parts.documents(part, self.press))
            files = self.stock.files(name) if kind == "entry" else ()
        except (BadTemplateError, StoreError):
            raise
        except Exception as error:
            if len(self.faults) < _TOLD:
                log.exception("publish: making %s crashed", part)
            self.faults[part] = f"{type(error).__name__}: {error}"
            return None
        for page in pages:
            for path in linked(page):
                self.links.setdefault(path, page.path)
        return (*pages, *files)
