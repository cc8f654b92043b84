"""pydantic's errors -> faults in plain sentences, for people who know YAML and no Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from aggregator.config.place import Fault, Path, Tree
from aggregator.config.schema import keys_at, meaning
from aggregator.config.syntax import is_glued

_LONGEST = 40
_MOST = 25
_UNKNOWN = "unknown key; "
# What people write for a key that is called otherwise here.
_OTHERWISE = {
    "name": "title",
    "link": "url",
    "feed": "url",
    "address": "url",
    "category": "section",
    "channel": "sources",
    "interval": "every",
    "colour": "color",
    "license": "licence",
    "lang": "language",
    "sender": "from",
}


def faults(error: ValidationError, tree: Tree, above: Path = ()) -> Iterator[Fault]:
    """A fault for each thing pydantic found, each thing once; `above` is where the validated value stands."""
    reported = {fault.key for fault in tree.faults}
    for detail in error.errors(include_url=False):
        path = (*above, *_path(detail["loc"]))
        if _is_echo(detail):
            continue
        fault = tree.fault(path, _sentence(detail, path), at_key=_is_unknown_key(detail))
        if fault.key not in reported:
            reported.add(fault.key)
            yield fault


def _path(loc: tuple[str | int, ...]) -> Path:
    """Where it stands in the file: without the name of the noun that pydantic tried in a choice of several."""
    return tuple(part for part in loc if part != "Web")


def _is_echo(detail: Any) -> bool:
    """What follows from another fault: the other side of a choice, a list that is empty because its items are wrong."""
    return "literal['none']" in detail["loc"] or (detail["type"] == "too_short" and bool(detail["input"]))


def _is_unknown_key(detail: Any) -> bool:
    return str(detail["type"]) == "unexpected_keyword_argument"


def _sentence(detail: Any, path: Path) -> str:
    limits = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            told = meaning(path)
            return f"missing ({told if told[:2].isupper() else told[:1].lower() + told[1:]})"
        case "unexpected_keyword_argument":
            return unknown_key(str(path[-1]), keys_at(path[:-1]))
        case "value_error":
            expected, mark, hint = str(limits["error"]).partition("; ")
            return f"{expected}, found {found(detail['input'])}{mark}{hint}"
        case "literal_error":
            return one_of(detail["input"], re.findall(r"'([^']*)'", limits["expected"]))
        case "greater_than_equal":
            expected = f"expected {limits['ge']} or more"
        case "less_than_equal":
            expected = f"expected {limits['le']} or less"
        case "too_short":
            return "expected one at least"
        case kind:
            expected = _expected(str(kind), path)
    glued = "; a blank is missing after the colon" if keys_at(path) and is_glued(str(detail["input"])) else ""
    return f"{expected}, found {found(detail['input'])}{glued}"


def _expected(kind: str, path: Path) -> str:
    if kind.startswith("int"):
        return "expected a whole number"
    if kind.startswith("bool"):
        return "expected true or false"
    if kind.startswith("string"):
        return "expected a text"
    if kind.startswith(("tuple", "list")):
        return "expected a list, each line of it beginning with a hyphen"
    keys = f"keys such as {', '.join(keys_at(path)[:3])}" if keys_at(path) else "keys with their values"
    return f"expected none, or {keys}" if path == ("web",) else f"expected {keys}"


def found(value: Any) -> str:
    """What was written, short enough for a line, without the password of an address."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, dict):
        return "a table of keys"
    if isinstance(value, list | tuple):
        return "a list"
    text = re.sub(r"//[^/@]*@", "//…@", "".join(c if c.isprintable() else " " for c in str(value)))
    return f"'{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}'"


def unknown_key(key: str, known: Iterable[str]) -> str:
    known = tuple(known)
    otherwise = _OTHERWISE.get(key, "")
    hint = f"did you mean {otherwise}?" if otherwise in known else suggestion(key, known)
    return f"{_UNKNOWN}{hint or there_is(known)}"


def meant(fault: Fault) -> str:
    """The dotted key that was probably meant, where a fault is a misspelt key; else nothing."""
    match = re.fullmatch(f"{_UNKNOWN}did you mean (.+)\\?", fault.message)
    return f"{fault.key.rpartition('.')[0]}.{match[1]}".removeprefix(".") if match else ""


def one_of(value: Any, known: Iterable[str]) -> str:
    """`expected it or en, found 'itt'`, with the nearest one if there is any."""
    known = tuple(known)
    hint = suggestion(value, known) if isinstance(value, str) else ""
    return f"expected {alternatives(known)}, found {found(value)}{'; ' + hint if hint else ''}"


def suggestion(value: str, known: Iterable[str]) -> str:
    """`did you mean news?`, or nothing where nothing is near."""
    by_fold = {one.casefold(): one for one in known}
    near = get_close_matches(value.casefold(), by_fold, n=1)
    return f"did you mean {by_fold[near[0]]}?" if near else ""


def there_is(known: Iterable[str]) -> str:
    """What may stand here, where nothing near was found."""
    names = list(dict.fromkeys(known))
    return f"there is {', '.join(names[:_MOST])}{', …' if len(names) > _MOST else ''}" if names else "there is none"


def alternatives(known: Iterable[str]) -> str:
    *first, last = known
    return f"{', '.join(first)} or {last}" if first else last
