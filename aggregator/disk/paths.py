"""A path as text -> what may be said of it without looking at the disk."""

from __future__ import annotations

import re
import unicodedata

MANIFEST = ".manifest"
FORMER = ".manifest.json"  # what it was until it became a log; taken over and removed
# One file is written at a time: one name is enough, and what a kill leaves behind is found again without a search.
UNFINISHED = ".unfinished"
_RESERVED = (MANIFEST, FORMER, UNFINISHED)
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def is_fit(text: str) -> bool:
    """Whether it may be a field of the manifest."""
    return not _UNFIT.search(text)


def is_plain(path: str) -> bool:
    """Whether it leads to a place below a folder, on every system."""
    steps = f"/{path}/"
    # Asked of every line of the manifest, and so in the order in which most are soonest seen to be.
    if "\\" in steps or "//" in steps or ("/." in steps and ("/./" in steps or "/../" in steps)):
        return False
    return path.isprintable() or not _UNFIT.search(path)


def is_reserved(path: str) -> bool:
    """Whether it stands where we keep our own books, or below."""
    return fold(path).partition("/")[0] in _RESERVED


def fold(path: str) -> str:
    """Two paths with one of these are one file on some file system."""
    return unicodedata.normalize("NFC", path).casefold()


def above(path: str) -> list[str]:
    """The folders it lies in, the innermost first."""
    steps = path.split("/")[:-1]
    return ["/".join(steps[:n]) for n in range(len(steps), 0, -1)]
