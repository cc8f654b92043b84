"""Nouns <-> JSON text, exactly: moments keep microseconds, tuples stay tuples, odd characters survive as \\u escapes.

A field at its default is not written, and one that is missing takes its default: old rows are read by new versions.
The defaults in `model` are therefore part of the stored form. Fields a version does not know are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Noun = TypeVar("Noun")
Reader = Callable[[Any], Any]

compact = json.JSONEncoder(separators=(",", ":")).encode


def dump(noun: Any, without: tuple[str, ...] = ()) -> str:
    """The noun as a JSON object, but for the fields in `without`; ValueError where it holds a naive datetime."""
    return compact(_plain_fields(noun, without))


def load(kind: type[Noun], text: str, /, **others: Any) -> Noun:
    """The noun that `dump` wrote; `others` are the fields that are kept elsewhere, whatever an older version did."""
    return kind(**(_known_fields(kind, json.loads(text)) | others))


def columns(noun: Any) -> dict[str, Any]:
    """{field: value} of a noun whose fields are columns."""
    return {name: getattr(noun, name) for name, _ in _defaults(noun.__class__)}


# --- writing ---


@cache
def _defaults(kind: type[Any], without: tuple[str, ...] = ()) -> tuple[tuple[str, Any], ...]:
    return tuple((f.name, _default(f)) for f in fields(kind) if f.name not in without)


def _default(one: Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _plain_fields(noun: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    told = {}
    for name, default in _defaults(noun.__class__, without):
        value = getattr(noun, name)
        if value is not default and value != default:
            told[name] = value if value.__class__ is str else _plain(value)
    return told


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, _SCALARS):
        return value
    if isinstance(value, tuple):
        return [one if one.__class__ is str else _plain(one) for one in value]
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return _plain_fields(value)


_SCALARS = (str, int, float)  # `str | int | float` would be made anew at each call


def _utc(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"naive datetime {value.isoformat()}: every stored moment names its zone")
    return value.astimezone(UTC).isoformat()


# --- reading ---


def _known_fields(kind: type, told: Mapping[str, Any]) -> dict[str, Any]:
    readers = _readers(kind)
    return {name: readers[name](value) for name, value in told.items() if name in readers}


@cache
def _readers(kind: type) -> Mapping[str, Reader]:
    hints = get_type_hints(kind)
    return {f.name: _reader(hints[f.name]) for f in fields(kind)}


def _reader(hint: Any) -> Reader:
    """What turns JSON back into a value of this type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _optional(_reader(next(a for a in arguments if a is not type(None))))
    if origin is tuple:
        return _tuple_of(arguments)
    if hint in (datetime, date):
        return hint.fromisoformat  # type: ignore[no-any-return]
    if is_dataclass(hint):
        return lambda told: hint(**_known_fields(hint, told))  # type: ignore[arg-type, operator]
    return _as_it_is


def _tuple_of(arguments: tuple[Any, ...]) -> Reader:
    one = _reader(arguments[0])
    return tuple if one is _as_it_is else lambda values: tuple(map(one, values))


def _optional(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def _as_it_is(value: Any) -> Any:
    return value
