"""The key `event` of an announcement, YAML -> Events. Pure."""

from __future__ import annotations

import yaml

from aggregator.model import Event
from aggregator.parse.values import Values, suggestion

_KEYS = ("start", "end", "place", "online")
_HOW = 'expected {start: 12/07/2017 10:00, place: "Roma, via di Prova 46"}; put text in quotes'


def events(values: Values) -> tuple[Event, ...]:
    """One mapping, or a list of them. All scalars are read as text: `10:00` is no sexagesimal number here."""
    field = values.field("event")
    try:
        node = yaml.compose(field.block(), Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        values.fault(field.line + line, "event", f"{error.problem}; {_HOW}")
        return ()
    except (yaml.YAMLError, RecursionError):  # control characters; brackets nested without end
        values.fault(field.line, "event", _HOW)
        return ()
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node] if node else []
    found = [_event(values, each, field.line) for each in nodes]
    return tuple(event for event in found if event)


def _event(values: Values, node: yaml.Node, offset: int) -> Event | None:
    if not isinstance(node, yaml.MappingNode):
        values.fault(offset + node.start_mark.line, "event", _HOW)
        return None
    written = _written(values, node, offset)
    start_line, start_text = written["start"]
    end_line, end_text = written["end"]
    online_line, online = written["online"]
    if not start_text:
        values.fault(start_line, "event.start", f"is missing; {_HOW}")
        return None
    start = values.moment_of(start_text, start_line, "event.start")
    end = values.moment_of(end_text, end_line, "event.end")
    if start.value is None:
        return None
    all_day = start.quality == "day"
    if end.value and (end.quality == "day") != all_day:
        values.fault(end_line, "event.end", "expected a time in both start and end, or in neither")
    elif end.value and end.value < start.value:
        values.fault(end_line, "event.end", "is before the start; correct one of them")
    address = values.address(online, online_line, "event.online") if online else ""
    return Event(start.value, end.value, written["place"][1], address, all_day)


def _written(values: Values, node: yaml.MappingNode, offset: int) -> dict[str, tuple[int, str]]:
    """(line, text) of every key of one event; a key that is not there is empty."""
    written = dict.fromkeys(_KEYS, (offset + node.start_mark.line, ""))
    for key, value in node.value:
        line = offset + key.start_mark.line
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            values.fault(line, "event", _HOW)
        elif key.value not in _KEYS:
            values.fault(
                line, f"event.{key.value[:40]}", f"no such key; {suggestion(key.value, _KEYS)}; put text in quotes"
            )
        elif written[key.value][1]:
            values.fault(line, f"event.{key.value}", "stands twice; keep one of them")
        else:
            written[key.value] = (line, " ".join(value.value.split()))
    return written
