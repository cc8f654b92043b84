"""One XML element -> its text, its words with their type, its addresses; NotWellFormed where unsure of them. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from html.entities import entitydefs
from typing import NamedTuple
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from lxml import etree

from aggregator.errors import NotWellFormed
from aggregator.parse.names import Attributes, attributes, name
from aggregator.parse.told import NOWHERE, SOUND, Words


class Scope(NamedTuple):
    """What an element inherits: the address relative ones are joined to, its language, and whether this is Atom."""

    base: str = NOWHERE
    language: str = ""
    atom: bool = False

    def inside(self, attributes: Attributes) -> Scope:
        """The scope inside an element with these attributes: xml:base and xml:lang, also without their prefix."""
        if _INHERITED.isdisjoint(attributes):
            return self
        base = self.base
        if wanted := attributes.get("xml:base", attributes.get("base")):
            base = joined(base, wanted)
            if not base.startswith(("http://", "https://", NOWHERE)):
                raise NotWellFormed(f"xml:base {wanted[:80]!r} is no web address")
        language = attributes.get("xml:lang", attributes.get("lang", self.language))
        return Scope(base, language.replace("_", "-"), self.atom)


_INHERITED = frozenset(("xml:base", "base", "xml:lang", "lang"))


def joined(base: str, reference: str) -> str:
    """RFC 3986, 5.2; extra slashes after the scheme are taken out, and what is hopeless is empty."""
    if SOUND.fullmatch(reference):
        return reference
    try:
        return urljoin(base, _SLASHES.sub(r"\1", reference))
    except ValueError:
        return ""


_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+,.-]*://)/+")


# --- plain text ---


def text(element: etree._Element) -> str:
    """What stands in a leaf, without the blanks around it."""
    if len(element):
        raise NotWellFormed(f"there are elements inside {element.tag[:80]!r}")
    return (element.text or "").strip()


def plain(element: etree._Element) -> str:
    """The same, mended."""
    return mended(text(element))


def mended(value: str) -> str:
    """As feedparser mends every text: UTF-8 that was read as Latin-1 once, windows-1252 that was taken for Unicode."""
    if value.isascii() or _is_sound(value) or not _SUSPECT.search(value.encode("utf-8")):
        return value
    with suppress(UnicodeError):
        value = value.encode("iso-8859-1").decode("utf-8")
    return value.translate(_WINDOWS)


def _is_sound(value: str) -> bool:
    """Whether it is in Latin-1 with nothing in it that a character might go on with, as most of Italian is: seen in
    half the time."""
    try:
        return not value.encode("iso-8859-1").translate(None, _SOUND)
    except UnicodeEncodeError:
        return False


_SOUND = bytes(code for code in range(256) if not 0x80 <= code < 0xC0)
# In UTF-8: a control character of Latin-1, or one of its letters that might begin a character and one that goes on.
_SUSPECT = re.compile(rb"\xc2(?:[\x80-\x9f]|(?<=\xc3[\x82-\xb4]\xc2)[\x80-\xbf])")
_WINDOWS = {code: character for code in range(128, 160) if (character := bytes([code]).decode("cp1252", "ignore"))}


# --- words with a type ---

_TYPES = {
    **dict.fromkeys(("text", "plain", "text/plain"), "text/plain"),
    **dict.fromkeys(("html", "text/html"), "text/html"),
    **dict.fromkeys(("xhtml", "application/xhtml+xml"), "application/xhtml+xml"),
}


def words(element: etree._Element, found: Attributes, scope: Scope, default: str) -> Words:
    """A text with its type; all but plain text, HTML and XHTML is refused, as feedparser tries to decode it."""
    kind = _TYPES.get(found.get("type", default))
    if kind is None or "mode" in found:
        raise NotWellFormed(f"{element.tag[:80]!r} is of a type we do not read")
    if kind == "application/xhtml+xml":
        value = mended(_inlined(_unwrapped(element) if scope.atom else element))
    else:
        value = plain(element)
    return Words(value, kind, scope.language, "" if scope.base is NOWHERE else scope.base)


def guessed(words: Words, scope: Scope) -> Words:
    """The same, of the type that feedparser guesses: what RSS says is plain text may be HTML."""
    if words.type != "text/plain" or scope.atom or not _is_html(words.value):
        return words
    return words._replace(type="text/html")


def _is_html(value: str) -> bool:
    """feedparser's guess, without its long list of tags."""
    if not (_CLOSING.search(value) or _REFERENCE.search(value)):
        return False
    if not all(entity in entitydefs for entity in _NAMED.findall(value)):
        return False
    if not all(tag.lower() in _ORDINARY for tag in _TAG.findall(value)):
        raise NotWellFormed("a text may be plain or HTML")
    return True


_CLOSING = re.compile(r"</\w+>")
_REFERENCE = re.compile(r"&#?\w+;")
_NAMED = re.compile(r"&(\w+);")
_TAG = re.compile(r"</?(\w+)")
_ORDINARY = frozenset(
    "a abbr b big blockquote br center cite code dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img li ol p pre q s "
    "small span strike strong sub sup table tbody td tfoot th thead tr tt u ul".split()
)


# --- XHTML ---


def _unwrapped(element: etree._Element) -> etree._Element:
    """The <div> that Atom wants around XHTML (RFC 4287, 3.1.1.3), where it is all there is."""
    if len(element) != 1 or (element.text or "").strip() or (element[0].tail or "").strip():
        return element
    return element[0] if _inline_name(element[0]) == "div" else element


def _inlined(element: etree._Element) -> str:
    """What is inside, as feedparser writes it: every element with an end tag, names without prefixes."""
    parts: list[str] = []
    _write(element, parts)
    return "".join(parts).strip()


def _write(element: etree._Element, parts: list[str]) -> None:
    parts.append(escape(element.text or ""))
    for child in element:
        tag = _inline_name(child)
        parts.append(f"<{tag}")
        parts += (f' {key}="{escape(value, _QUOTE)}"' for key, value in attributes(child).items())
        parts.append(">")
        _write(child, parts)
        parts.append(f"</{tag}>{escape(child.tail or '')}")


_QUOTE = {'"': "&quot;"}
_STRANGE = frozenset(("body", "math", "svg"))


def _inline_name(element: etree._Element) -> str:
    """The name of an element of XHTML. One of another namespace may close what feedparser has open."""
    prefix, _, local = name(element).partition("_")
    if prefix != "xhtml" or local in _STRANGE:
        raise NotWellFormed(f"there is {element.tag[:80]!r} in the midst of XHTML")
    return local
