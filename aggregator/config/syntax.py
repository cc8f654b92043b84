"""What libyaml says of broken YAML -> what to do about it, in words for people who write feeds.yaml by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence

_STARTERS = {
    "\t": "a tab: indent with spaces",
    "%": "expected quotes around a text that begins with %",
    "@": "expected quotes around a text that begins with @",
    "`": "expected quotes around a text that begins with `",
}

# (a part of what libyaml says, the remedy); the first that fits counts. {opened} is the line where it began.
_REMEDIES = (
    ("found a tab", "a tab: indent with spaces"),
    ("scanning an alias", "expected quotes around a text that begins with *"),
    ("scanning an anchor", "expected quotes around a text that begins with &"),
    ("tag", "expected quotes around a text that begins with !"),
    (
        "mapping values are not allowed",
        "a colon that cannot be read: put a text that holds one in quotes; else look at the line above: a space after "
        "its colon, and the same indentation",
    ),
    (
        "block sequence entries are not allowed",
        "a list begins on a line of its own below its key",
    ),
    ("unknown escape character", "a backslash: use single quotes ('…') around a text that holds one"),
    ("unexpected end of stream", "the quotes opened in line {opened} are never closed"),
    (
        "',' or ']'",
        "expected a comma or ] in the list opened with [ in line {opened}; a text that begins with # needs quotes",
    ),
    (
        "',' or '}'",
        "expected a comma or }} in the table opened with {{ in line {opened}; a text that begins with # needs quotes",
    ),
    ("expected '-' indicator", "expected a line beginning with - here, as in line {opened}, or another indentation"),
    (
        "did not find expected key",
        "this fits nothing above it: look at the indentation, and at quotes within quotes",
    ),
    ("could not find expected ':'", "expected `key: value`, with a colon and a space"),
    ("expected node content", "expected a value; a text that begins with ] }} or , needs quotes"),
    ("document start", "expected nothing but keys and values; take out the line that begins with %"),
)
_UNKNOWN = "this cannot be read: look at indentation, quotes and brackets"


_APOSTROPHE = (
    'the apostrophe before this ends the text: put double quotes around a text that holds one, as in "L\'Aquila"'
)
_GLUED = re.compile(r"\s*(?:- +)?[^\W\d][\w-]*:(?!//)[^\s:]")


def remedy(problem: str, context: str, lines: Sequence[str], place: tuple[int, int], opened: int) -> str:
    """One sentence. `place` is that of the fault, line and column from 0; `opened` the line where the thing began."""
    line, column = place
    text = lines[min(line, len(lines) - 1)]
    before, rest = text[:column], text[column:]
    if "cannot start any token" in problem:
        return _STARTERS.get(rest[:1], _UNKNOWN)
    if before.rstrip().endswith("'") and re.match(r"\w(?!\w*\s*:)", rest):
        return _APOSTROPHE
    said = f"{context}: {problem}"
    if ("mapping values" in said or "expected ':'" in said) and (glued := _glued(lines, line)):
        return f"a blank is missing after the colon in line {glued}"
    words = next((words for part, words in _REMEDIES if part in said), _UNKNOWN)
    return words.format(opened=opened)


def is_glued(text: str) -> bool:
    """`title:Comune`, which YAML takes for one word."""
    return bool(_GLUED.match(text))


def _glued(lines: Sequence[str], line: int) -> int | None:
    """The number of the line before a fault, where it lacks the blank after its key; libyaml stumbles a line later."""
    above = next((n for n in range(min(line, len(lines)) - 1, -1, -1) if lines[n].strip()), None)
    return above + 1 if above is not None and is_glued(lines[above]) else None
