"""Files that are no output: feeds.yaml, changed in place; the key that signs links; the program's own. An edge."""

from __future__ import annotations

import codecs
import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile

_PUBLISHED = "published.yaml"


def edit_config(file: Path, change: Callable[[str], str]) -> None:
    """Change feeds.yaml; its byte order mark, its line breaks and whatever is not edited stay."""
    body = file.read_bytes()
    mark = codecs.BOM_UTF8 if body.startswith(codecs.BOM_UTF8) else b""
    _rewrite(file, mark + change(body.removeprefix(mark).decode()).encode())


def keep_published(folder: Path, text: bytes) -> None:
    """Remember the feeds.yaml that was published last: `aggregator plan` compares with it."""
    place = folder / _PUBLISHED
    if former_config(folder) != text:
        unfinished = place.with_name(f".{place.name}.unfinished")
        unfinished.write_bytes(text)
        unfinished.replace(place)


def former_config(folder: Path) -> bytes | None:
    """What `keep_published` kept, if anything."""
    try:
        return (folder / _PUBLISHED).read_bytes()
    except FileNotFoundError:
        return None


def program() -> str:
    """Which program this is: another one, if any file of it is another. What it derives may then be another, too."""
    package = Path(__file__).parent
    files = sorted((path.relative_to(package).as_posix(), path.stat()) for path in package.rglob("*.py"))
    told = repr([(path, found.st_size, found.st_mtime_ns) for path, found in files])
    return blake2b(told.encode(), digest_size=16).hexdigest()


def load_or_make_key(path: Path) -> bytes:
    """The site's signing key; made, readable by its owner only, at first need."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Linked into place whole: two first runs at once must agree on one key.
    with NamedTemporaryFile(dir=path.parent, prefix=path.name) as own:  # 0600
        own.write(secrets.token_hex(32).encode())
        own.flush()
        with suppress(FileExistsError):
            path.hardlink_to(own.name)
    return path.read_bytes()


def _rewrite(file: Path, body: bytes) -> None:
    """Replace one of the admin's own files atomically; it keeps its mode and its owner, and a link stays one."""
    place = file.resolve()
    kept = place.stat()
    unfinished = place.with_name(f".{place.name}.unfinished")
    unfinished.write_bytes(body)
    unfinished.chmod(stat.S_IMODE(kept.st_mode))
    if os.geteuid() == 0:
        os.chown(unfinished, kept.st_uid, kept.st_gid)
    unfinished.replace(place)
