"""HTML -> plain text, excerpts and titles."""

from __future__ import annotations

import re
from html import unescape

from aggregator.markup.letters import legal
from aggregator.markup.rules import DROPPED, TAGS

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small span strike strong"
    " sub sup time tt u var wbr".split()
)
_KNOWN = {*TAGS, *DROPPED, *_INLINE} | set(
    "body center embed fieldset footer form head header html input legend link main meta nav param source".split()
)
# Both are applied to text that ends in ">", so that every tag finds its end and the whole stays linear. Quotes count
# only after "=": <p title='dell'articolo'> ends at its >.
_GONE = re.compile(
    rf"<({'|'.join(sorted(DROPPED - {'textarea', 'title'}))})(?=[\s/>])[^>]*>.*?(?:</\1[^>]*>|\Z)", re.S | re.I
)
_TAG = re.compile(
    r"<!--(?:-?>|.*?(?:-->|\Z))|<(?:[!?]|/?(?P<name>[a-zA-Z][^\s/>]*))(?:[^>=]++|=\s*+\"[^\"]*\"|=\s*+'[^']*'|=)*+>",
    re.S,
)


def text(html: str) -> str:
    """Readable plain text on one line: no tags, entities decoded, a space where a block ends."""
    return _folded(_untagged(html, strict=False))


def title(raw: str, is_html: bool) -> str:
    """A title as plain text on one line.

    With `is_html`, tags that HTML knows are taken out and entities decoded once: `Circolare <INPS>` and `a < b` stay.
    """
    return _folded(_untagged(raw, strict=True) if is_html and ("<" in raw or "&" in raw) else raw)


def excerpt(html: str, limit: int) -> str:
    """Plain text of at most `limit` characters, cut after a word, with "…" where something is missing."""
    whole = text(html)
    if len(whole) <= limit:
        return whole
    if limit < 1:
        return ""
    head = whole[: limit - 1]
    words = head if _WORD_ENDS.match(whole, limit - 1) else head.rpartition(" ")[0]
    return (words.rstrip(" ,;:.-–—(«“\"'") or head) + "…"


_WORD_ENDS = re.compile(r"[^\w\s]*(?:\s|$)")


def essence(html: str) -> bytes:
    """What is read, without its blanks: equal for texts that differ only in how they are laid out. UTF-8."""
    return _untagged(html, strict=False).encode("utf-8", "surrogatepass").translate(None, _BLANKS).replace(_NBSP, b"")


_BLANKS = bytes(range(33))
_NBSP = "\xa0".encode()


def _untagged(html: str, strict: bool) -> str:
    """Entities decoded once and tags out; with `strict` only those whose names HTML knows."""
    html = unwrapped(html)
    if not strict and (plain := _plainly(html)) is not None:
        return plain
    html = _readable(html)
    if not strict and (plain := _plainly(html)) is not None:
        return plain
    return _by_tags(html, strict)


def _readable(html: str) -> str:
    """Without scripts, styles and the like."""
    end = html.rfind(">") + 1
    return _GONE.sub(" ", html[:end]) + html[end:]


def _by_tags(html: str, strict: bool) -> str:
    """The text of readable HTML."""

    def gap(tag: re.Match[str]) -> str:
        name = (tag["name"] or "").lower()
        if strict and name and name not in _KNOWN and ":" not in name:
            return tag[0]
        return "" if name in _INLINE or not name else " "

    end = html.rfind(">") + 1
    return unescape(_TAG.sub(gap, html[:end]) + html[end:])


# Tags that end where they seem to: names we know, values in double quotes with no < or > inside. Where there are no
# others, as in nearly every text, it is cut at them in one go.
_PLAIN_TAG = re.compile(r'<(/?[a-z][a-z0-9]*)(?:>|(?=[\s/])(?:[^<>"=]++|="[^"<>]*")*+>)')
_GAPS = {
    slash + known: "" if known in _INLINE else " " for known in _KNOWN - DROPPED for slash in ("", "/")
}  # what stands in a tag's place


def _plainly(html: str) -> str | None:
    """The text, or None where a tag needs a closer look."""
    parts = _PLAIN_TAG.split(html)
    try:
        parts[1::2] = map(_GAPS.__getitem__, parts[1::2])
    except KeyError:
        return None
    bare = "".join(parts)
    return None if "<" in bare else unescape(bare)


def unwrapped(html: str) -> str:
    """CDATA that was escaped once too often is a comment to HTML, and its words would be gone."""
    return _CDATA.sub("", html) if "<![CDATA[" in html else html


_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")


def _folded(plain: str) -> str:
    return " ".join(legal(plain).split())
