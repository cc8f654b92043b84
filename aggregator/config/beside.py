"""What feeds.yaml names and does not hold -> where it names it: variables and files with secrets, logos."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from aggregator.config.place import Path, Tree


class Named(NamedTuple):
    """A name, the key it stands at (`env`, `logo`…), and both with line and column as a fault begins."""

    name: str
    key: str
    place: str


def logos(tree: Tree) -> Iterator[Named]:
    """Files of templates/."""
    yield from _named(tree, ("site", "theme"), "logo")
    for number in range(_length(tree.value, "site", "partners")):
        yield from _named(tree, ("site", "partners", number), "logo")


def secrets(tree: Tree) -> Iterator[Named]:
    """Variables (`env`, `password_env`), and files (`file`, `password_file`)."""
    yield from _named(tree, ("mail", "smtp"), "password_env", "password_file")
    for number in range(_length(tree.value, "sources")):
        yield from _named(tree, ("sources", number, "auth"), "env", "file")


def _named(tree: Tree, path: Path, *keys: str) -> Iterator[Named]:
    for key in keys:
        name = at(tree.value, (*path, key))
        if isinstance(name, str) and name:
            yield Named(name, key, str(tree.fault((*path, key), "")).removesuffix(": "))


def _length(value: Any, *path: str) -> int:
    listed = at(value, path)
    return len(listed) if isinstance(listed, list) else 0


def at(value: Any, path: Path) -> Any:
    """What stands at a path; None where nothing does."""
    for part in path:
        within = isinstance(value, list) if isinstance(part, int) else isinstance(value, dict) and part in value
        if not within:
            return None
        value = value[part]
    return value
