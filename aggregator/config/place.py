"""Bytes of feeds.yaml -> plain values (every scalar a text), each with line and column, and the faults of its YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from aggregator.config.syntax import is_glued, remedy

Path = tuple[str | int, ...]

# feeds.yaml is five levels deep; what goes further is a mistake, or an attack on the call stack.
_DEEPEST = 20
# What YAML 1.1, 5.1, has no place for; libyaml raises on it without saying where.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, both from 1; columns count characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, under which key (`sources[3].url`, empty for the file), and what was expected."""

    line: int
    column: int
    key: str
    message: str
    file: str = "feeds.yaml"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}{f' {self.key}' if self.key else ''}: {self.message}"


class Unreadable(Exception):
    """The text is no YAML we can go on with; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(slots=True)
class Tree:
    """Plain values, and where their keys and they themselves stand."""

    file: str
    value: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Path, message: str, *, at_key: bool = False) -> Fault:
        """A fault at a path, or at the nearest table around it that was written."""
        place = self.keys.get(path) if at_key else None
        near = path
        while place is None and near and near not in self.values:
            near = near[:-1]
        place = place or self.values.get(near, Place(1, 1))
        return Fault(place.line, place.column, key_of(path), message, self.file)


def key_of(path: Path) -> str:
    """`("sources", 3, "url")` -> `sources[3].url`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def compose(text: str | bytes, file: str) -> Tree:
    """Values and places; Unreadable at the first fault of syntax or encoding."""
    decoded = text if isinstance(text, str) else _decoded(text, file)
    decoded = decoded.removeprefix("\ufeff")
    if wrong := _CONTROL.search(decoded):
        place = _place_in(decoded[: wrong.start()])
        raise Unreadable(Fault(place.line, place.column, "", "an invisible control character: take it out", file))
    try:
        return _Composer(decoded, file).compose()
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_syntax_fault(error, decoded, file)) from error


def _decoded(raw: bytes, file: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(Fault(1, 1, "", "the file is UTF-16; save it as UTF-8", file))
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        place = _place_in(raw[: error.start].decode())
        message = "this letter is not UTF-8 (the file may be windows-1252 or Latin-1); save the file as UTF-8"
        raise Unreadable(Fault(place.line, place.column, "", message, file)) from error


def _place_in(before: str) -> Place:
    lines = re.split(r"\r\n|\r|\n", before.removeprefix("\ufeff"))
    return Place(len(lines), len(lines[-1]) + 1)


def _syntax_fault(error: yaml.MarkedYAMLError, text: str, file: str) -> Fault:
    lines = [*re.split(r"\r\n|\r|\n", text), ""]
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    opened = error.context_mark.line + 1 if error.context_mark else line + 1
    words = remedy(error.problem or "", error.context or "", lines, (line, column), opened)
    return Fault(line + 1, column + 1, "", words, file)


class _Composer:
    """Events of libyaml -> one Tree. By events, not by `yaml.compose`: aliases are seen and refused, never followed."""

    def __init__(self, text: str, file: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CBaseLoader)
        self._tree = Tree(file)

    def compose(self) -> Tree:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self._tree.values:
                    raise Unreadable(self._at(event, (), "a second document begins here (---); feeds.yaml is one"))
                self._tree.value = self._node(next(self._events), ())
        return self._tree

    def _at(self, event: Any, path: Path, message: str) -> Fault:
        mark = event.start_mark
        return Fault(mark.line + 1, mark.column + 1, key_of(path), message, self._tree.file)

    def _node(self, event: Any, path: Path) -> Any:
        self._tree.values[path] = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        if len(path) > _DEEPEST:
            raise Unreadable(self._at(event, (), "too many levels below one another"))
        self._refuse_extras(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        return None if isinstance(event, yaml.AliasEvent) else _scalar(event)

    def _refuse_extras(self, event: Any, path: Path) -> None:
        """Anchors, aliases and tags would read as something else than what stands there."""
        if isinstance(event, yaml.AliasEvent):
            message = f'aliases are not read here; a text that begins with * needs quotes: "*{event.anchor}…"'
        elif event.anchor:
            message = f'anchors are not read here; a text that begins with & needs quotes: "&{event.anchor}…"'
        elif event.tag and event.tag != "!":
            message = f"tags are not read here; a text that begins with ! needs quotes: {event.tag}"
        else:
            return
        self._tree.faults.append(self._at(event, path, message))

    def _list(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items))))
        return items

    def _table(self, path: Path) -> dict[str, Any]:
        table: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise Unreadable(self._at(event, path, "expected `key: value`; a list or table cannot be a key"))
            self._entry(table, event, path)
        return table

    def _entry(self, table: dict[str, Any], event: Any, path: Path) -> None:
        key = event.value
        if key in table or (*path, key) in self._tree.keys:
            first = self._tree.keys[(*path, key)].line
            self._tree.faults.append(self._at(event, (*path, key), f"stands twice; it is in line {first} already"))
            self._node(next(self._events), (*path, key, "again"))
            return
        here = (*path, key)
        self._tree.keys[here] = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        value_event = next(self._events)
        value = self._node(value_event, here)
        if value is not None:
            table[key] = value
        elif path and not isinstance(value_event, yaml.AliasEvent):
            # At the top an empty key is a list whose lines were commented out.
            message = "nothing stands here: write a value (in quotes if it begins with #) or take the key out"
            if is_glued(key):
                message = "a blank is missing after the colon"
            self._tree.faults.append(self._tree.fault(here, message, at_key=True))


def _scalar(event: Any) -> str | None:
    """The text; None where nothing was written (an unquoted `null` or `~` is nothing too)."""
    plain = event.implicit[0]
    return None if plain and event.value in ("", "~", "null", "Null", "NULL") else str(event.value)
