"""The nouns of settings -> the JSON Schema (draft 2020-12) of feeds.yaml, shorthands included."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from aggregator.config.meanings import MEANINGS
from aggregator.config.place import Path
from aggregator.settings import Config

Schema = dict[str, Any]

_BARE_WORD = {"type": "string", "minLength": 1, "description": "A bare word is title and id"}
_ONE_LINE = {
    "type": "string",
    "pattern": r"^\s*https?://[^\s]+$",
    "description": "A feed's address; its host is the id",
}


def schema() -> Schema:
    """The whole schema; the caller may change it."""
    return deepcopy(_schema())


@cache
def _schema() -> Schema:
    raw = TypeAdapter(Config).json_schema()
    tables = {name: _plain(table) for name, table in raw.pop("$defs").items()}
    root = _plain(raw)
    _describe({"Config": root, **tables})
    _allow_shorthands(root, tables["Source"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "feeds.yaml",
        **root,
        "$defs": tables,
    }


def _plain(node: Any) -> Any:
    """Without titles made from names, defaults in Python's spelling, and `null` for what is left out."""
    if isinstance(node, list):
        return [_plain(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key not in ("title", "default", "properties", "anyOf")}
    kept = {key: _plain(value) for key, value in kept.items()}
    if "properties" in node:
        kept["properties"] = {name: _plain(value) for name, value in node["properties"].items()}
    options = [_plain(option) for option in node.get("anyOf", ()) if option != {"type": "null"}]
    kept |= options[0] if len(options) == 1 else {"anyOf": options} if options else {}
    return _free_text(kept)


def _free_text(node: Schema) -> Schema:
    """An editor takes `phone: 067629` for a number; the reader takes every value as the text it was written as."""
    if node.get("type") == "string" and not node.keys() & {"pattern", "enum", "const"}:
        return node | {"type": ["string", "number"]}
    return node


def _describe(tables: dict[str, Schema]) -> None:
    for name, table in tables.items():
        for key, node in table["properties"].items():
            node["description"] = MEANINGS[name][key]


def _allow_shorthands(root: Schema, source: Schema) -> None:
    properties = root["properties"]
    _allow_words(properties["sections"], _BARE_WORD)
    _allow_words(properties["sources"], _ONE_LINE)
    source["required"] = []
    source["anyOf"] = [{"required": ["url"]}, {"required": ["page", "select"]}]
    root["anyOf"] = [{"required": ["sources"]}, {"required": ["announcements"]}]
    for name in properties.keys() - set(root["required"]):
        # A key whose lines are all commented out is nothing at all.
        description = properties[name].pop("description")
        properties[name] = {"description": description, "anyOf": [properties[name], {"type": "null"}]}


def _allow_words(node: Schema, word: Schema) -> None:
    listed = {key: node.pop(key) for key in list(node) if key != "description"}
    listed["items"] = {"anyOf": [word, listed["items"]]}
    node["anyOf"] = [word, listed]


def keys_at(path: Path) -> tuple[str, ...]:
    """The keys that the table at a path may have; empty where there is no such table."""
    tables = (option["properties"] for option in _options_at(path) if "properties" in option)
    return tuple(next(tables, ()))


def meaning(path: Path) -> str:
    """What the key at a path means, in one sentence; empty for an unknown one."""
    nodes = (child for option in _options_at(path[:-1]) for child in _children(option, path[-1]))
    return next((str(node["description"]) for node in nodes if "description" in node), "")


def _options_at(path: Path) -> list[Schema]:
    nodes = [_schema()]
    for part in path:
        nodes = [child for node in nodes for child in _children(node, part)]
    return [option for node in nodes for option in _options(node)]


def _children(node: Schema, part: str | int) -> Iterator[Schema]:
    for option in _options(node):
        if isinstance(part, int) and "items" in option:
            yield option["items"]
        elif part in option.get("properties", ()):
            yield option["properties"][part]


def _options(node: Schema) -> Iterator[Schema]:
    """What a node may be, references and alternatives opened."""
    if "$ref" in node:
        yield from _options(_schema()["$defs"][node["$ref"].removeprefix("#/$defs/")])
    yield node
    for option in node.get("anyOf", ()):
        yield from _options(option)
