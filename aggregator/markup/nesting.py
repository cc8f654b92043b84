"""HTML as nh3 wrote it -> whether a second reading would find the very same, so that it need not be asked.

A parser by the standard (HTML, 13.2.6) builds another tree than is written where tags end others, where tables and
lists want this or that inside, and where formatting crosses blocks. Of tags that close one another in order, each where
it may stand, it builds just that tree; half of an entry's cleaning is saved by seeing so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_DEEPEST = 50

_VOID = frozenset(("br", "img", "wbr"))
_EMPTY = _VOID | {"hr"}
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code del dfn em i ins kbd mark q s samp small span strike strong sub sup time tt u"
    " var".split()
)
# What may stand where a paragraph may; each would end a paragraph, and a heading, that is open.
_BLOCKS = frozenset(
    "address article aside blockquote details div dl figcaption figure h1 h2 h3 h4 h5 h6 ol p pre section summary"
    " table ul".split()
)
_PARENTS = {
    "li": ("/ul", "/ol"),
    **dict.fromkeys(("dt", "dd"), ("/dl",)),
    **dict.fromkeys(("caption", "colgroup", "thead", "tbody", "tfoot"), ("/table",)),
    "tr": ("/thead", "/tbody", "/tfoot"),
    **dict.fromkeys(("td", "th"), ("/tr",)),
}
_BARE = frozenset("/table /colgroup /thead /tbody /tfoot /tr".split())  # hold their parts and nothing else
_END = {name: f"/{name}" for name in (*_INLINE, *_BLOCKS, *_PARENTS)}
_ENDS = frozenset(_END.values())
_TEXTUAL = frozenset("/p /h1 /h2 /h3 /h4 /h5 /h6".split())  # hold no blocks

_TAG = re.compile(r"<(/?[a-z][a-z0-9]*)")  # in a value there is no <: nh3 has escaped it
_TEXT_IN_TABLE = re.compile(
    r"(?:<(?:table|colgroup|thead|tbody|tfoot|tr)(?: [^<>]*)?>"
    r"|</(?:caption|colgroup|thead|tbody|tfoot|tr|td|th)>)[ \t\n]*[^ \t\n<]"
)
_FIRST_LINE = re.compile(r"<pre[^<>]*>\n")  # the parser drops it at each reading


def is_plain(html: str) -> bool:
    """Whether it is so beyond doubt; `html` is what nh3 wrote."""
    names = _TAG.findall(html)
    if len(names) != html.count("<") or "\r" in html:
        return False
    if "pre" in names and _FIRST_LINE.search(html):
        return False
    if "table" in names and _TEXT_IN_TABLE.search(html):
        return False
    return _are_nested(names)


def _are_nested(names: Iterable[str]) -> bool:
    """Whether each tag stands where it may, and ends where it should; `/p` is the end of a `p`."""
    place, around = _OUTSIDE, list[_Place]()
    for name in names:
        inside = place[name]
        if inside is _BACK:
            place = around.pop()
        elif inside is None or len(around) >= _DEEPEST:
            return False
        elif inside is not _HERE:
            around.append(place)
            place = inside
    return not around


class _Place(dict[str, "_Place | None"]):
    """Inside which tags one is, as far as it matters: {tag: where one is after it, or None where it may not stand}.

    Filled as tags are met; there are few places, so that a text is followed by looking up.
    """

    def __init__(self, end: str, is_link: bool, is_textual: bool) -> None:
        self._end, self._is_link, self._is_textual = end, is_link, is_textual

    def __missing__(self, name: str) -> _Place | None:
        self[name] = self._after(name)
        return self[name]

    def _after(self, name: str) -> _Place | None:
        if name in _ENDS:
            return _BACK if name == self._end else None
        if not self._may_hold(name):
            return None
        if name in _EMPTY:
            return _HERE
        end = _END.get(name, "")
        return _place(end, self._is_link or name == "a", self._is_textual or end in _TEXTUAL)

    def _may_hold(self, name: str) -> bool:
        if name in _PARENTS:
            return self._end in _PARENTS[name]
        if self._end in _BARE:
            return False
        if name in _INLINE:
            return name != "a" or not self._is_link
        return name in _VOID or ((name in _BLOCKS or name == "hr") and not self._is_textual)


_place = cache(_Place)
_OUTSIDE, _BACK, _HERE = (_Place("", False, False) for _ in range(3))  # the last two: out of it again; still there
