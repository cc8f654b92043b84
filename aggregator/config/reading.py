"""Text of feeds.yaml -> a complete Config, every fault with line and column, and what does nothing yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from aggregator.config import folders, references, sentences, shorthand
from aggregator.config.place import Fault, Tree, Unreadable, compose
from aggregator.errors import ConfigError
from aggregator.settings import Config, Source


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    `config.sources` holds the sources that are right; `faults` are those of the others, which `invalid` names (by id,
    or as `sources[3]` where there is none).
    """

    config: Config
    faults: tuple[Fault, ...] = ()
    invalid: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()  # the line of each
    looks: tuple[Fault, ...] = ()  # where each newsletter's look is written, of which only templates/ can tell
    remarks: tuple[Fault, ...] = ()  # what can be read and is hardly meant
    tree: Tree = field(default_factory=lambda: Tree("feeds.yaml"))  # as written, with the place of everything
    text: bytes = b""


def read(text: str | bytes, name: str = "feeds.yaml", root: Path = Path()) -> Reading:
    """The configuration; sources that are wrong are left out of it and named. `root` is the folder it stands in.

    Anything else that is wrong is a ConfigError with every fault of the file, one a line, in the order of the file.
    """
    try:
        tree = compose(text, name)
    except Unreadable as unreadable:
        raise ConfigError(str(unreadable.fault)) from unreadable
    if not isinstance(tree.value, dict):
        raise ConfigError(str(tree.fault((), _expected_at_the_top(tree.value))))
    body = text.encode() if isinstance(text, str) else text
    return replace(_read(tree, shorthand.written_out(tree.value), root), text=body)


def _expected_at_the_top(value: Any) -> str:
    return f"expected site:, sections: and sources:, found {sentences.found(value)}"


def _read(tree: Tree, value: dict[str, Any], root: Path) -> Reading:
    config, head_faults = _config(tree, value)
    sources, source_faults = _sources(tree, value)
    between = [*references.faults(value, tree), *folders.faults(value, tree, root)]
    faults = _in_order([*tree.faults, *head_faults, *source_faults, *between])
    wrong = {number for fault in faults if (number := _source_number(fault)) is not None}
    if config is None or any(_source_number(fault) is None for fault in faults):
        raise ConfigError(*map(str, faults))
    right = [(source, value["sources"][number]) for number, source in sources.items() if number not in wrong]
    return Reading(
        shorthand.filled(config, right),
        faults,
        tuple(_name(tree, value["sources"], number) for number in sorted(wrong)),
        tuple(tree.fault(("rules", number), "").line for number in range(len(config.rules))),
        tuple(tree.fault(("newsletters", number, "look"), "") for number in range(len(config.newsletters))),
        tuple(references.remarks(value, tree)),
        tree,
    )


@cache
def _adapter(noun: type) -> TypeAdapter[Any]:
    return TypeAdapter(noun)


def _config(tree: Tree, value: dict[str, Any]) -> tuple[Config | None, list[Fault]]:
    """All but the sources, which are read one by one: a wrong one must not spoil the rest."""
    rest = value | {"sources": []} if isinstance(value.get("sources"), list) else value
    try:
        return _adapter(Config).validate_python(rest), []
    except ValidationError as error:
        return None, list(sentences.faults(error, tree))


def _sources(tree: Tree, value: dict[str, Any]) -> tuple[dict[int, Source], list[Fault]]:
    listed = value.get("sources")
    sources: dict[int, Source] = {}
    faults: list[Fault] = []
    for number, table in enumerate(listed if isinstance(listed, list) else ()):
        try:
            sources[number] = _adapter(Source).validate_python(table)
        except ValidationError as error:
            faults.extend(sentences.faults(error, tree, ("sources", number)))
    return sources, faults


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    misspelt = set(map(sentences.meant, faults))
    told = {fault for fault in faults if not (fault.key in misspelt and fault.message.startswith("missing"))}
    return tuple(sorted(told, key=lambda fault: (fault.line, fault.column, fault.key, fault.message)))


def _source_number(fault: Fault) -> int | None:
    """The place in the list of the source that a fault is of; None for any other fault."""
    match = re.match(r"sources\[(\d+)\]", fault.key)
    return int(match[1]) if match else None


def _name(tree: Tree, listed: list[Any], number: int) -> str:
    """The id of a wrong source, written or made from its host, where it has one of its own."""
    ids = [source.get("id") if isinstance(source, dict) else None for source in listed]
    name = ids[number]
    if not isinstance(name, str) or ids.count(name) > 1:
        return f"sources[{number}]"
    named = ("sources", number, "id") in tree.keys or shorthand.host_id(listed[number])
    return name if named else f"sources[{number}]"
