"""Files that are edited -> a look at the beginning, and one each time somebody saves one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

_LOOK = 0.5  # seconds between two looks


def saves(paths: tuple[Path, ...]) -> Iterator[None]:
    """Once now, then each time a file at or below these paths has changed, come or gone; for ever."""
    before = None
    while True:
        after = _state(paths)
        if after != before:
            before = after
            yield
        time.sleep(_LOOK)


def _state(paths: tuple[Path, ...]) -> frozenset[tuple[str, int, int]]:
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else (path,)))
    return frozenset(_mark(file) for file in files if file.is_file())


def _mark(file: Path) -> tuple[str, int, int]:
    try:
        stat = file.stat()
    except FileNotFoundError:  # an editor is just replacing it
        return str(file), 0, 0
    return str(file), stat.st_mtime_ns, stat.st_size
