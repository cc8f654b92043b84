"""The text of an announcement -> its front matter, key by key, and what stands below it. Pure.

Front matter is lines `key: rest`, not YAML: the rest is taken as written, so that an Italian headline with colons,
quotes and # needs no care. What a key means is none of this module's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_FENCE = "---"
_KEY = re.compile(r"([^\W\d][\w-]*)[ \t]*:(.*)", re.DOTALL)
_HOW = "begin the file with a line ---, then lines such as `title: …`, then a line ---, then the text"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one line, and the remedy."""

    line: int
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One key as written: the rest of its line, and the indented lines below it with their numbers."""

    line: int
    rest: str
    below: tuple[tuple[int, str], ...] = ()

    def block(self) -> str:
        """Everything written for this key, line for line, so that a line number inside it can be told."""
        lines, last = [self.rest], self.line
        for number, line in self.below:
            lines += [""] * (number - last - 1) + [line]
            last = number
        return "\n".join(lines)

    def items(self, *, commas: bool = False) -> tuple[tuple[int, str], ...]:
        """(line, text) of `[a, b]`, of the key's own line (`commas`: `a, b` are two), and of `- ` lines below it."""
        bracketed = self.rest.startswith("[") and self.rest.endswith("]")
        own = self.rest[1:-1] if bracketed else self.rest
        written = [(self.line, text) for text in (own.split(",") if bracketed or commas else [own])]
        written += [(number, line.strip(" \t").removeprefix("-")) for number, line in self.below]
        return tuple((number, text.strip()) for number, text in written if text.strip())


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`body` begins at line `body_line`; with `whole` False there is no front matter to speak of, only faults."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    faults: tuple[Fault, ...] = ()
    whole: bool = True


def read(text: str) -> FrontMatter:
    """Every key of the front matter; a line that cannot be read is a fault, and the others are read all the same."""
    # Not splitlines(): it also breaks at characters that may stand inside a headline, such as U+2028.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return _broken(1, f"the file is empty or may not be read; {_HOW}")
    if lines[first].rstrip() != _FENCE:
        return _broken(first + 1, f"expected a line --- before anything else; {_HOW}")
    last = next((n for n in range(first + 1, len(lines)) if lines[n].rstrip() == _FENCE), None)
    if last is None:
        return _broken(first + 1, f"the line --- that ends it is missing; {_HOW}")
    fields, faults = _fields(enumerate(lines[first + 1 : last], first + 2))
    return FrontMatter(fields, "\n".join(lines[last + 1 :]), last + 2, tuple(faults))


def _broken(line: int, text: str) -> FrontMatter:
    return FrontMatter(faults=(Fault(line, "front matter", text),), whole=False)


def _fields(lines: Iterable[tuple[int, str]]) -> tuple[dict[str, Field], list[Fault]]:
    fields: dict[str, Field] = {}
    faults: list[Fault] = []
    for (number, line), *below in _groups(lines):
        match = _KEY.fullmatch(line)
        if match is None:
            faults.append(Fault(number, "front matter", "expected `key: text` on one line; longer text goes below ---"))
        elif match[1] in fields:
            faults.append(Fault(number, match[1], f"stands in line {fields[match[1]].line} already; keep one of them"))
        else:
            fields[match[1]] = Field(number, match[2].strip(" \t"), tuple(below))
    return fields, faults


def _groups(lines: Iterable[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Each line at the margin with the indented and `- ` lines below it; blank lines and comments are left out."""
    groups: list[list[tuple[int, str]]] = []
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if groups and (line[0] in " \t" or line.startswith("- ")):
            groups[-1].append((number, line))
        else:
            groups.append([(number, line)])
    return groups
