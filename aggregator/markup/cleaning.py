"""HTML of strangers -> safe HTML. The same bytes in every process."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from html import escape

import nh3

from aggregator.markup.images import IMAGE, image
from aggregator.markup.letters import legal
from aggregator.markup.plain import plainly
from aggregator.markup.reading import text, unwrapped
from aggregator.markup.rules import ATTRIBUTES, DROPPED, IMAGE_ATTRIBUTES, SCHEMES, TAGS

# Beyond these an entry is no text for people but a weapon or a dump: a parser by the standard needs time and memory
# that grow with the product of tags and depth (50,000 open <div> take it four seconds).
_LONGEST = 500_000  # characters
_MOST_TAGS = 20_000
_DEEPEST = 200  # also what lxml can walk
_MOST_STYLED = 40  # formatting tags with attributes; each may be opened again in every paragraph (HTML, 13.2.4.3)
_ROUNDS = 4


def clean(html: str, base: str = "") -> str:
    """Safe HTML of any HTML: an allow-list of tags, links to http, https, mailto and tel only, no trackers.

    Relative addresses are resolved against `base`, or dropped where that is no web address. What is too big or too
    deep comes back as escaped text. Never raises; clean(clean(x)) is clean(x).
    """
    before = legal(html).replace("\r\n", "\n").replace("\r", "\n").strip()
    if "<" not in before and "&" not in before:
        return before
    plain = plainly(before)
    return _parsed(before, base) if plain is None else plain


def _parsed(before: str, base: str) -> str:
    """HTML read back may be another tree than was written (a <pre>'s first newline, misnested tables): only what
    survives a second reading is safe against browsers that read it a third time. What is plain does, by its form."""
    for _ in range(_ROUNDS):
        if _is_hostile(before):
            break
        after = legal(_sanitised(_harmless(before), base)).strip()
        if after == before or plainly(after) == after:
            return after
        before = after
    return escape(text(before), quote=False)


_STRUCTURE = re.compile(r"<(/?)(?:main|header|footer|nav|center|form|fieldset|legend|hgroup|dir|menu)(?=[\s/>])", re.I)
_PRE = re.compile(r"(<pre(?:\s[^>]*)?>)\n+", re.I)  # the parser drops the first newline at each reading
_STYLED = re.compile(r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/][^>]*>", re.I)


def _harmless(html: str) -> str:
    """Blocks that are not allowed become <div>, which keeps words apart; too many styles lose their attributes."""
    html = _PRE.sub(r"\1", _STRUCTURE.sub(r"<\1div", unwrapped(html)))
    return _STYLED.sub(r"<\1>", html) if len(_STYLED.findall(html)) > _MOST_STYLED else html


def _sanitised(html: str, base: str) -> str:
    if "<img" in html.lower():
        html = IMAGE.sub(image, _SEEN.clean(html))
    if not base.lower().startswith(("http://", "https://")):
        return _DENYING.clean(html)
    return _resolving(base).clean(html)


def _cleaner(attributes: dict[str, set[str]], relative: nh3.UrlRelative) -> nh3.Cleaner:
    # `link_rel` is the only attribute forced: nh3 writes two of them on one tag in an order that changes by process.
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=DROPPED,
        attributes=attributes,
        url_schemes=SCHEMES,
        url_relative=relative,
        link_rel="noopener noreferrer",
    )


# To make one takes as long as to clean an entry with it.
_SEEN = _cleaner(IMAGE_ATTRIBUTES, "pass_through")
_DENYING = _cleaner(ATTRIBUTES, "deny")


@lru_cache(maxsize=4)  # the entries of a document often have one base
def _resolving(base: str) -> nh3.Cleaner:
    try:
        return _cleaner(ATTRIBUTES, ("rewrite_with_base", base))
    except ValueError:  # no address after all
        return _DENYING


_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# Void, or closed by their own next sibling: any number of them open is no depth.
_FLAT = frozenset(
    "area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr track"
    " wbr".split()
)


def _is_hostile(html: str) -> bool:
    tags = html.count("<")
    return len(html) > _LONGEST or tags > _MOST_TAGS or (tags > _DEEPEST and _depth(html) > _DEEPEST)


def _depth(html: str) -> int:
    """How many tags are open at once at most; exact for what nh3 wrote, a good guess for anything else."""
    open_tags: Counter[str] = Counter()
    depth = deepest = 0
    for closing, name in _TAG_NAME.findall(html.lower()):
        if name in _FLAT:
            continue
        if not closing:
            open_tags[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif open_tags[name]:
            open_tags[name] -= 1
            depth -= 1
    return deepest
