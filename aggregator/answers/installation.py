"""This machine and this site -> what is as it should be, and what to do about the rest."""

from __future__ import annotations

import platform
import shutil
import smtplib
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from aggregator.answers.doctor import Finding
from aggregator.settings import Config

_LEAST_SPACE = 500_000_000  # bytes
_SECONDS = 10


def installation(config: Config, root: Path, open_store: Callable[[], object]) -> Iterator[Finding]:
    """One finding a thing. Nothing is changed, and nothing is sent."""
    yield Finding(
        "python", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}", sys.version_info >= (3, 11)
    )
    yield _tried("store", config.store, open_store)
    for name in ("data", config.output):
        yield _folder(root / name, name)
    yield _key(root / "data" / "secret.key")
    free = shutil.disk_usage(root).free
    yield Finding("disk", f"{free / 1e9:.1f} GB free", free > _LEAST_SPACE)
    if config.mail.smtp:
        smtp = config.mail.smtp
        yield _tried("mail", f"{smtp.host}:{smtp.port} answers", lambda: _greeted(smtp.host, smtp.port, smtp.security))


def _tried(what: str, words: str, act: Callable[[], object]) -> Finding:
    try:
        act()
    except Exception as error:  # noqa: BLE001  whatever it is, it is what the admin asked for
        return Finding(what, str(error), is_well=False)
    return Finding(what, words)


def _folder(path: Path, name: str) -> Finding:
    """Written to, or there to be made."""
    place = next(p for p in (path, *path.parents) if p.exists())
    is_ours = place.is_dir() and bool(place.stat().st_mode & stat.S_IWUSR)
    return Finding(name, "can be written" if is_ours else f"{place} cannot be written by this user", is_ours)


def _key(path: Path) -> Finding:
    if not path.exists():
        return Finding("secret.key", "is made at first need")
    shared = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    words = f"others may read it; type: chmod 600 {path}" if shared else "only its owner may read it"
    return Finding("secret.key", words, not shared)


def _greeted(host: str, port: int, security: str) -> None:
    kind = smtplib.SMTP_SSL if security == "tls" else smtplib.SMTP
    with kind(host, port, timeout=_SECONDS) as server:
        server.ehlo()
