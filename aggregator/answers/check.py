"""feeds.yaml and announcements/ -> every fault, and what nobody reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from aggregator.config.reading import Reading
from aggregator.errors import SourceError
from aggregator.jobs.pulling.announcements import folder_faults
from aggregator.model import Entry
from aggregator.parse.values import suggestion
from aggregator.ports import Disk
from aggregator.settings import Config


@dataclass(frozen=True, slots=True)
class Checked:
    faults: list[str]
    unread: list[str]  # files nobody reads
    advice: list[str]  # what is right, and may not be enough
    summary: str


def check(
    reading: Reading, disk: Disk, looks: Collection[str], lacking: Iterable[str] = (), strays: Iterable[str] = ()
) -> Checked:
    """Every fault as `FILE:LINE:COLUMN key: what was expected`. `looks` are those a newsletter may have; `lacking` is
    what feeds.yaml names and is not there, maybe on this machine only, `strays` what is there and nobody reads."""
    config = reading.config
    faults = [*map(str, reading.faults), *_dressed_wrongly(reading, looks)]
    entries: tuple[Entry, ...] = ()
    if config.announcements:
        entries, failures = folder_faults(config, disk)
        faults += [line for failure in failures for line in failure.error.splitlines()]
        faults += _missing(config, disk, entries)
    summary = f"{len(config.sections)} sections, {len(config.sources)} sources, {len(entries)} announcements"
    advice = [*map(str, reading.remarks), *lacking, *_advice(config)]
    return Checked(faults, [*_unread(config, disk, entries), *strays], advice, summary)


def _dressed_wrongly(reading: Reading, looks: Collection[str]) -> Iterator[str]:
    for newsletter, place in zip(reading.config.newsletters, reading.looks, strict=True):
        if newsletter.look not in looks:
            yield f"{place}no look is called {newsletter.look!r}; {suggestion(newsletter.look, looks)}"


def _missing(config: Config, disk: Disk, entries: tuple[Entry, ...]) -> Iterator[str]:
    for entry in entries:
        for path in (enclosure.path for enclosure in entry.enclosures if enclosure.path):
            try:
                disk.attachment(path)
            except FileNotFoundError:
                where = f"{config.announcements}{entry.guid} attachments"
                yield f"{where}: {path} is not there; add the file or take the line out"


def _advice(config: Config) -> Iterator[str]:
    """What big providers want of who mails much."""
    if not config.newsletters or not config.mail.smtp:
        return
    if config.web == "none" or not config.site.url.startswith("https:"):
        lacking = "web: none:" if config.web == "none" else "site.url: is no https address:"
        yield (
            f"{lacking} mails have no one-click way to leave. Who sends Gmail's or Yahoo's users more than 5,000 mails "
            "a day must offer one, by https, beside SPF, DKIM and DMARC for the domain of mail.from, TLS, a name for "
            "the server's address (PTR), and complaints under 0.3 %; see docs/mail.md"
        )


def _unread(config: Config, disk: Disk, entries: tuple[Entry, ...]) -> Iterator[str]:
    """Files beside the announcements that none of them attaches."""
    if not config.announcements:
        return
    attached = {enclosure.path for entry in entries for enclosure in entry.enclosures}
    with suppress(SourceError):  # a folder that cannot be read is a fault, told above
        for path in disk.others():
            if path not in attached:
                yield f"{config.announcements}{path}: no announcement attaches this file; nobody reads it"
