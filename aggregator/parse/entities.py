"""A document that declares entities of its own -> how long it would be with all of them in their places. Pure.

A few hundred kB can stand for as many GB that way ("billion laughs", quadratic blow-up), and expat lets eight MB pass
before it looks.
"""

from __future__ import annotations

import re
from collections import Counter

_DECLARED = re.compile(r"""<!ENTITY\s+([^\s%]+)\s+(?:"([^"]*)"|'([^']*)')""")
_REFERENCE = re.compile(r"&([^\s#&;]+);")
_DEEPEST = 8  # entities within entities; deeper ones are an attack


def swollen(text: str) -> int:
    """Letters of the document with its entities written out; more than any limit where they hold one another."""
    declared = {name: one or other for name, one, other in _DECLARED.findall(text)}
    if not declared:
        return len(text)
    lengths = dict.fromkeys(declared, 0)
    for _ in range(_DEEPEST):
        lengths = {name: _length(value, lengths) for name, value in declared.items()}
    deeper = {name: _length(value, lengths) for name, value in declared.items()}
    if deeper != lengths:
        return 1 << 60
    return _length(_DECLARED.sub("", text), lengths)


def _length(text: str, lengths: dict[str, int]) -> int:
    found = Counter(name for name in _REFERENCE.findall(text) if name in lengths)
    return len(text) + sum(lengths[name] * times for name, times in found.items())
