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
    return _folded(_untagged(raw, strict=True) if is_html else raw)


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


def _untagged(html: str, strict: bool) -> str:
    """Entities decoded once and tags out; with `strict` only those whose names HTML knows."""
    html = unwrapped(html)
    plain = None if strict else _plainly(html)
    return _by_tags(html, strict) if plain is None else plain


def _by_tags(html: str, strict: bool) -> str:
    def gap(tag: re.Match[str]) -> str:
        name = (tag["name"] or "").lower()
        if strict and name and name not in _KNOWN and ":" not in name:
            return tag[0]
        return "" if name in _INLINE or not name else " "

    end = html.rfind(">") + 1
    return unescape(_TAG.sub(gap, _GONE.sub(" ", html[:end])) + html[end:])


# Where each < and > belongs to a tag, and quotes are in order in all of them, one expression takes them out.
_PLAIN_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_PLAIN_INLINE = re.compile(rf"</?(?:{'|'.join(sorted(_INLINE))})(?=[\s/>])[^<>]*>", re.I)
_DOUBTFUL = re.compile(
    rf"<(?:{'|'.join(sorted(DROPPED))})(?=[\s/>])|=\s*'|<[^<>\"]*\"[^<>\"]*(?:\"[^<>\"]*\"[^<>\"]*)*>", re.I
)


def _plainly(html: str) -> str | None:
    if html.count("<") != html.count(">") or _DOUBTFUL.search(html):
        return None
    bare = _PLAIN_TAG.sub(" ", _PLAIN_INLINE.sub("", html))
    return None if "<" in bare else unescape(bare)


def unwrapped(html: str) -> str:
    """CDATA that was escaped once too often is a comment to HTML, and its words would be gone."""
    return _CDATA.sub("", html) if "<![CDATA[" in html else html


_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")


def _folded(plain: str) -> str:
    return " ".join(legal(plain).split())
