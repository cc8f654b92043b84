"""The calls into the file system that are more than one: replacing a file, making a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path


def replace(target: Path, unfinished: Path, body: Iterable[bytes]) -> None:
    """Readers see the old bytes or the new ones, never some of each, and so does who comes after a power cut."""
    make_folder(target.parent)
    try:
        with unfinished.open("xb") as file:
            file.writelines(body)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(target)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """With every folder above it, for everybody to read whatever the umask; a set group bit stays."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(0o755)
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o755)


def mode(path: str, *, follow: bool = False) -> int:
    """Its type and permissions, or, where links are followed, those of what it leads to; 0 where there is nothing."""
    try:
        return (os.stat if follow else os.lstat)(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0


def mark_at(path: str) -> str:
    """Its size and time; `-` where it cannot be seen."""
    try:
        found = os.lstat(path)
    except OSError:
        return "-"
    return f"{found.st_size}:{found.st_mtime_ns}"
