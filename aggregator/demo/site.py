"""The samples -> a folder with a site in it, as an admin makes one: feeds.yaml, announcements, subscribers.csv."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from aggregator.errors import ConfigError

SAMPLES: Traversable = files("aggregator.demo") / "samples"
FEEDS: Traversable = SAMPLES / "feeds"

# Thursday 11 June 2026, 09:00 in Rome: the demo pulls and publishes; Monday 15 June, 08:00: its first issue leaves.
PULL_AT = datetime(2026, 6, 11, 7, 0, tzinfo=UTC)
SEND_AT = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)

_MARKER = ".aggregator-demo"
_MARKER_TEXT = "Made by `aggregator demo`, which writes this folder anew each time; files of your own in it stay.\n"
_STORE = "data/aggregator.db"
_SENDER = "notizie@example.it"


def lay_out(folder: Path, http_port: int, smtp_port: int, language: str = "it") -> Path:
    """Write the demo's site into a new, empty or former demo folder; the path of its feeds.yaml.

    A former demo's store and mails are removed, so that this one starts afresh; files we did not write are kept.
    `language` is the site's; the sources speak as they do. ConfigError for a folder that is somebody else's
    or cannot be written.
    """
    try:
        _claim(folder)
        _forget_former(folder)
        for kind in ("announcements", "newsletters"):
            for name, body in _files(SAMPLES / kind, f"{kind}/"):
                _write(folder / name, body)
        _write(folder / "subscribers.csv", (SAMPLES / "subscribers.csv").read_bytes())
        _write(folder / "feeds.yaml", _configuration(http_port, smtp_port, language).encode())
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written ({error.strerror}); choose another with --folder") from error
    return folder / "feeds.yaml"


def _claim(folder: Path) -> None:
    """Ours from here on, or refused: a folder with something in it and no marker may be a real site."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARKER).is_file():
        raise ConfigError(f"{folder}: is not empty and no former demo; choose another folder with --folder")
    _write(folder / _MARKER, _MARKER_TEXT.encode())


def _forget_former(folder: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        (folder / f"{_STORE}{suffix}").unlink(missing_ok=True)
    (folder / "newsletters" / "settimanale" / "1.md").unlink(missing_ok=True)
    for letter in (folder / "outbox").glob("*.eml"):
        if _SENDER in str(BytesHeaderParser().parsebytes(letter.read_bytes()).get("From", "")):
            letter.unlink()


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry.read_bytes()


def _configuration(http_port: int, smtp_port: int, language: str) -> str:
    text = (SAMPLES / "feeds.yaml").read_text(encoding="utf-8")
    _, _, text = text.partition("\n")  # the first line tells of the marks, which are gone now
    text = text.replace(":PORT/", f":{http_port}/").replace("SMTPPORT", str(smtp_port))
    return text.replace("\n  language: it\n", f"\n  language: {language}\n", 1)


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
