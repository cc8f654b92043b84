"""HTML that is plainly written -> what nh3 would make of it, without asking nh3: most entries of most feeds.

Plain are nested tags that close one another in order, of kinds for which the HTML standard (13.2.6) builds the very
tree that is written; attributes in double quotes; addresses whose form alone says that they are sound; and text.
Whatever is not plain beyond any doubt is left to nh3. A test holds both equal on all that can be found or made up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape

from aggregator.markup.images import is_placeholder, is_tracker
from aggregator.markup.rules import ATTRIBUTES

_LONGEST = 200_000  # characters
_MOST_TAGS = 4_000
_DEEPEST = 50

_VOID = frozenset(("br", "img", "wbr"))
_FORMATTING = frozenset("b big code em i s small strike strong tt u".split())  # with attributes they are told apart
_INLINE = _FORMATTING | frozenset("a abbr bdi bdo cite del dfn ins kbd mark q samp span sub sup time var".split())
# What may stand where a paragraph may; each would end a paragraph, and a heading, that is open.
_BLOCKS = frozenset(
    "address article aside blockquote details div dl figcaption figure h1 h2 h3 h4 h5 h6 hr ol p section summary"
    " ul".split()
)
_TEXTUAL = frozenset("p h1 h2 h3 h4 h5 h6".split())  # hold no blocks
_PARENTS = {"li": frozenset(("ul", "ol")), "dt": frozenset(("dl",)), "dd": frozenset(("dl",))}
_KNOWN = _VOID | _INLINE | _BLOCKS | _PARENTS.keys()

_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)([^<>]*)>([^<>]*)")
_ATTRIBUTES = re.compile(r'(?:[ \t\n]+[a-z][a-z-]*="[^"]*")*[ \t\n]*/?')
_ATTRIBUTE = re.compile(r'([a-z][a-z-]*)="([^"]*)"')
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|nbsp);)")
# Numbers on which HTML and Python might not agree: controls, halves of pairs, what is no character.
_ODD = re.compile(r"&#(?!(?:3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6]|1[6-9][0-9]|[2-9][0-9]{2}|[0-9]{4});)")
_IN_VALUE = re.compile(r"&(?!(?:amp|lt|gt|nbsp|quot);)")
_HOST = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_SOUND = re.compile(
    rf"https?://(?:{_HOST}\.)+[a-z]{{2,}}(?:[/?#][^\s\x7f-\xa0]*)?"
    r"|mailto:[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+|tel:\+?[0-9-]+"
)  # fmt: skip
_REL = ' rel="noopener noreferrer"'
_OF_AN_IMAGE = ("title", "width", "height", "lang", "dir")
_LOOKED_AT = ("style", "srcset")  # they may say that a picture is none, or another one


def plainly(html: str) -> str | None:
    """The safe form of plain HTML, None where it is not; `html` is legal, stripped and without carriage returns."""
    tokens = _TOKEN.findall(html)
    # Each match takes one < and one >, and goes on where the last one ended: nothing stands between them.
    if len(tokens) != html.count("<") or len(tokens) != html.count(">") or len(tokens) > _MOST_TAGS:
        return None
    if len(html) > _LONGEST or _ODD.search(html):
        return None
    start = html.find("<")
    written = [_text(html if start < 0 else html[:start])]
    stack: list[str] = []
    for slash, name, attributes, text in tokens:
        tag = _closed(name, attributes, stack) if slash else _opened(name, attributes, stack)
        if tag is None:
            return None
        written.append(tag)
        written.append(_text(text) if "&" in text or "\xa0" in text else text)
    return None if stack else "".join(written).strip()


def _text(text: str) -> str:
    """As nh3 writes it: references but four become their letters."""
    if "&" in text and _REFERENCE.search(text):
        text = escape(unescape(text), quote=False)
    return text.replace("\xa0", "&nbsp;")


def _closed(name: str, attributes: str, stack: list[str]) -> str | None:
    if attributes or not stack or stack.pop() != name:
        return None
    return f"</{name}>"


def _opened(name: str, attributes: str, stack: list[str]) -> str | None:
    if name not in _KNOWN or not _may_stand(name, stack):
        return None
    if name not in _VOID and name != "hr":
        stack.append(name)
    if not attributes:
        return f"<a{_REL}>" if name == "a" else None if name == "img" else f"<{name}>"
    kept = _kept(name, attributes)
    return None if kept is None else f"<{name}{kept}>"


def _may_stand(name: str, stack: list[str]) -> bool:
    if len(stack) >= _DEEPEST:
        return False
    if name in _INLINE or name in _VOID:
        return name != "a" or "a" not in stack
    parents = _PARENTS.get(name)
    if parents is not None:
        return bool(stack) and stack[-1] in parents
    return _TEXTUAL.isdisjoint(stack)


def _kept(name: str, attributes: str) -> str | None:
    """The attributes that are let in, as nh3 writes them; None where it might see others."""
    if not _ATTRIBUTES.fullmatch(attributes):
        return None
    given = _ATTRIBUTE.findall(attributes)
    told = dict(given)
    if len(told) != len(given) or (told and name in _FORMATTING):
        return None
    if "&" in attributes and _IN_VALUE.search(attributes):
        return None
    if name == "img":
        return _image(told)
    allowed = ATTRIBUTES.get(name, ()), ATTRIBUTES["*"]
    if "href" in told and name == "a" and not _SOUND.fullmatch(told["href"]):
        return None
    kept = (f' {key}="{_value(value)}"' for key, value in given if key in allowed[0] or key in allowed[1])
    return "".join(kept) + (_REL if name == "a" else "")


def _image(told: Mapping[str, str]) -> str | None:
    """A picture that is plainly one; all others are looked at closely elsewhere."""
    source = told.get("src", "")
    if not source.startswith("http") or not _SOUND.fullmatch(source):
        return None
    if any(key in _LOOKED_AT or key.startswith("data-") for key in told):
        return None
    if is_placeholder(source) or is_tracker(source, told):
        return None
    others = (f' {key}="{_value(told[key])}"' for key in _OF_AN_IMAGE if key in told)
    return f' src="{_value(source)}" alt="{_value(told.get("alt", ""))}"' + "".join(others)


def _value(value: str) -> str:
    return value.replace("\xa0", "&nbsp;")
