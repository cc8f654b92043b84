"""Text of feeds.yaml -> the same text with one thing changed: an address, a source or a section more.

The change is made at the very place, by what YAML says of it; every other byte stays, comments and layout among them.
What comes out is read before it is given back, so that no edit of ours can break a site.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from aggregator.config.place import compose
from aggregator.config.reading import read
from aggregator.config.shorthand import host_id, written_out
from aggregator.errors import ConfigError

_INDENT = "  "
_PLAIN = re.compile(r"https?://[\w.~:/?=&%+@-]*[\w/]")


def set_source_url(text: str, source_id: str, url: str) -> str:
    """The text with another address for one source; a bare address whose id was made from its host keeps that id."""
    sources = written_out(compose(text, "feeds.yaml").value or {}).get("sources") or []
    number = next((n for n, table in enumerate(sources) if table.get("id") == source_id), None)
    listed = _value(text, "sources")
    if number is None or listed is None:
        raise ConfigError(f"feeds.yaml: no source is called {source_id!r}; write the address yourself: {url}")
    node = listed.value[number]
    if isinstance(node, yaml.ScalarNode):
        told = url if host_id({"url": url}) == source_id else {"id": source_id, "url": url}
        return _checked(text, _replaced(text, node, _flow(told)))
    key = "url" if "url" in sources[number] else "page"
    return _checked(text, _replaced(text, _of_table(node, key), _flow(url)))


def append_source(text: str, table: Mapping[str, str]) -> str:
    """The text with one more source, as the last. One that says its address only is a bare line, but for a second one
    of its host: an id that goes by the place of its line is written, so that it lasts."""
    told = table["url"] if table.keys() == {"url"} else dict(table)
    after = _checked(text, _appended(text, "sources", told))
    if "id" not in table and (id_ := read(after).config.sources[-1].id) != host_id(table):
        return _checked(text, _appended(text, "sources", {"id": id_, **table}))
    return after


def append_all(text: str, sections: Sequence[Mapping[str, str]], sources: Sequence[Mapping[str, str]]) -> str:
    """The text with more sections and sources, as the last ones, in one edit: all of them or none."""
    after = text
    for section in sections:
        after = _appended(after, "sections", dict(section))
    for source in sources:
        after = _appended(after, "sources", dict(source))
    return _checked(text, after)


def _checked(before: str, after: str) -> str:
    """ConfigError where the new text has a fault that the old one had not."""
    known = {fault.partition(" ")[2] for fault in _faults(before)}  # wherever they stand
    new = [fault for fault in _faults(after) if fault.partition(" ")[2] not in known]
    if new:
        raise ConfigError("feeds.yaml was left as it is, because the edit would make it wrong:", *new)
    return after


def _faults(text: str) -> Sequence[str]:
    try:
        return [str(fault) for fault in read(text).faults]
    except ConfigError as error:
        return error.faults


# --- places ---


def _value(text: str, key: str) -> Any:
    """The node under a key at the top, None where nothing stands there."""
    root = yaml.compose(text, Loader=yaml.CBaseLoader)
    if not isinstance(root, yaml.MappingNode):
        return None
    node = next((value for name, value in root.value if name.value == key), None)
    return None if isinstance(node, yaml.ScalarNode) and not node.value else node


def _of_table(table: Any, key: str) -> Any:
    return next(value for name, value in table.value if name.value == key)


def _replaced(text: str, node: Any, told: str) -> str:
    return text[: node.start_mark.index] + told + text[node.end_mark.index :]


def _flow(value: object) -> str:
    """A value on one line, with quotes where YAML wants them; around most addresses it does not."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(told)}' for key, told in value.items())}}}"
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    written = yaml.dump([value], default_flow_style=True, allow_unicode=True, width=float("inf"), sort_keys=False)
    return written.strip()[1:-1]


# --- lists ---


def _appended(text: str, key: str, item: object) -> str:
    listed = _value(text, key)
    if listed is None:
        return _begun(text, key, item)
    if not isinstance(listed, yaml.SequenceNode):  # one bare word or address
        return _replaced(text, listed, f"[{_flow(listed.value)}, {_flow(item)}]")
    if listed.flow_style:
        end = _last_end(listed.value) if listed.value else listed.start_mark.index + 1
        return text[:end] + (", " if listed.value else "") + _flow(item) + text[end:]
    return _after_line(text, _last_end(listed.value), f"{_dash(text, listed.value)}{_flow(item)}")


def _begun(text: str, key: str, item: object) -> str:
    """A list where there was none: below its empty key, or at the end of the file."""
    line = f"{_INDENT}- {_flow(item)}"
    if empty := re.search(rf"(?m)^{key}:[ \t]*(?:#.*)?$", text):
        return _after_line(text, empty.end(), line)
    return _after_line(text, len(text.rstrip()), f"{key}:{_break(text)}{line}")


def _last_end(nodes: Sequence[Any]) -> int:
    """Where the last thing written inside these ends; the end of a block is only where the next begins."""
    node = nodes[-1]
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return int(node.end_mark.index)
    inner = node.value[-1] if isinstance(node, yaml.SequenceNode) else node.value[-1][1]
    return _last_end([inner])


def _dash(text: str, items: Sequence[Any]) -> str:
    """What stands before the first item on its line: its indentation, the dash and the space behind it."""
    start = items[0].start_mark.index
    return text[text.rfind("\n", 0, start) + 1 : start]


def _after_line(text: str, place: int, line: str) -> str:
    """The text with a line more, after the one that `place` is in."""
    end = text.find("\n", max(place - 1, 0) if text[place - 1 : place] == "\n" else place)
    if end < 0:
        return f"{text.rstrip()}{_break(text)}{line}{_break(text)}"
    return f"{text[: end + 1]}{line}{_break(text)}{text[end + 1 :]}"


def _break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
