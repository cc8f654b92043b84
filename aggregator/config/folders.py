"""Where output: leads -> the private folders it would publish. The disk is asked, as links may lead anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from aggregator.config import place
from aggregator.config.beside import at
from aggregator.config.place import Fault, Tree
from aggregator.config.sentences import found
from aggregator.settings import Config, Mail

_UNSAID = {"mail.folder": Mail().folder} | {f.name: f.default for f in fields(Config) if f.name in ("store", "output")}
_KEYS: tuple[place.Path, ...] = (
    ("announcements",),
    ("mail", "folder"),
    ("mail", "bounces", "maildir"),
    ("mail", "smtp", "password_file"),
    ("store",),
)
_HOLDING = (("announcements",), ("mail", "bounces", "maildir"))
_SQLITE = "sqlite:///"
_OUTPUT: place.Path = ("output",)
_OF_ITS_OWN = "expected a folder of its own such as public/"


@dataclass(frozen=True, slots=True)
class _Private:
    """What readers must not have. `holds`: nor may the output lie within it, among files of its own."""

    key: place.Path
    name: str
    holds: bool = False


# What stands where it stands, whatever feeds.yaml says.
_FIXED = tuple(_Private(_OUTPUT, name, holds=True) for name in ("data/", "newsletters/", "templates/"))


def faults(value: dict[str, Any], tree: Tree, root: Path) -> Iterator[Fault]:
    """One for each private folder that the output holds, is, or lies in; `root` is the folder of feeds.yaml."""
    written = value.get("output", _UNSAID["output"])
    if not isinstance(written, str):
        return
    output = _real(root, written)
    if _is_within(_real(root, "."), output):
        yield tree.fault(
            _OUTPUT, f"{_OF_ITS_OWN}: this one holds feeds.yaml and would be published, found {found(written)}"
        )
        return
    told: set[place.Path] = set()
    for private in (*_FIXED, *_placed(value)):
        own = _real(root, private.name)
        if _is_within(own, output) or (private.holds and _is_within(output, own)):
            key = private.key if private.key in tree.keys else _OUTPUT
            if key not in told:
                yield tree.fault(key, _sentence(key, private.name, written))
            told.add(key)


def _sentence(key: place.Path, name: str, output: str) -> str:
    if key == _OUTPUT:
        return f"{_OF_ITS_OWN}: {name} is private and would be published, found {found(output)}"
    return f"expected a place apart from output: {output}, which everybody may read, found {found(name)}; move either"


def _placed(value: dict[str, Any]) -> Iterator[_Private]:
    """What feeds.yaml places, or leaves where it is by itself."""
    listed = value.get("sources")
    keys = [*_KEYS, *(("sources", n, "auth", "file") for n in range(len(listed) if isinstance(listed, list) else 0))]
    for key in keys:
        if name := _file(_text(value, key)):
            yield _Private(key, name, holds=key in _HOLDING)


def _file(named: str) -> str:
    """The path of a store that is a file, none of one that is a server; any other path as it is."""
    if named.startswith(_SQLITE):
        return named.removeprefix(_SQLITE).partition("?")[0]
    return "" if "://" in named else named


def _text(value: Any, key: place.Path) -> str:
    """The text at a key, or what is taken where none stands there."""
    written = at(value, key)
    if written is None:
        written = _UNSAID.get(place.key_of(key))
    return written if isinstance(written, str) else ""


def _real(root: Path, name: str) -> Path:
    return Path(os.path.realpath(root / name))


def _is_within(inner: Path, outer: Path) -> bool:
    return any(_is_same(place, outer) for place in (inner, *inner.parents))


def _is_same(one: Path, other: Path) -> bool:
    """Also where the file system takes Data/ for data/."""
    try:
        return one == other or one.samefile(other)
    except OSError:  # not there yet
        return False
