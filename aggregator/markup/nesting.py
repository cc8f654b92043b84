"""HTML as nh3 wrote it -> whether a second reading would find the very same, so that it need not be asked.

A parser by the standard (HTML, 13.2.6) builds another tree than is written where tags end others, where tables and
lists want this or that inside, and where formatting crosses blocks. Of tags that close one another in order, each where
it may stand, it builds just that tree; half of an entry's cleaning is saved by seeing so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_DEEPEST = 50

_VOID = frozenset(("br", "img", "wbr"))
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

_TAG = re.compile(r"<(/?[a-z][a-z0-9]*)[^<>]*>")
_TEXT_IN_TABLE = re.compile(
    r"(?:<(?:table|colgroup|thead|tbody|tfoot|tr)(?: [^<>]*)?>"
    r"|</(?:caption|colgroup|thead|tbody|tfoot|tr|td|th)>)\s*[^\s<]"
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
    ends: list[str] = []  # awaited
    for name in names:
        if name in _ENDS:
            if not ends or ends.pop() != name:
                return False
        elif name not in _VOID or (ends and ends[-1] in _BARE):
            if not _may_stand(name, ends):
                return False
            if name != "hr":
                ends.append(_END[name])
    return not ends


def _may_stand(name: str, ends: list[str]) -> bool:
    if name in _INLINE and not (ends and ends[-1] in _BARE):
        return len(ends) < _DEEPEST and (name != "a" or "/a" not in ends)
    if name in _PARENTS:
        return bool(ends) and ends[-1] in _PARENTS[name]
    if ends and ends[-1] in _BARE:
        return False
    return (name in _BLOCKS or name == "hr") and len(ends) < _DEEPEST and _TEXTUAL.isdisjoint(ends)
