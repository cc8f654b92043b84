"""HTML of strangers -> safe HTML. The same bytes in every process."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from html import escape

import nh3

from aggregator.markup.images import IMAGE, image, stands_for_itself, stays
from aggregator.markup.letters import legal
from aggregator.markup.nesting import is_plain
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
    before = _without_marks(legal(html)).strip()
    if "\r" in before:
        before = before.replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in before and "&" not in before:
        return before
    # HTML read back may be another tree than was written (a <pre>'s first newline, misnested tables): only what
    # survives a second reading is safe against browsers that read it a third time. What is plain would.
    for _ in range(_ROUNDS):
        if _is_hostile(before):
            break
        after, has_final_pictures = _reading(before, base)
        if after == before or ((has_final_pictures or _are_final(after)) and _is_settled(after)):
            return after
        before = after
    return escape(_without_marks(text(before)).strip(), quote=False)


def _is_settled(html: str) -> bool:
    """Whether another reading would surely change no tag of what one has made."""
    return is_plain(html) and not (html.count("=") > _MOST_STYLED and _is_overstyled(html))


def _are_final(html: str) -> bool:
    """Whether another reading would leave all pictures as they are."""
    pictures = IMAGE.findall(html)
    return len(pictures) == html.count("<img") and all(map(stays, pictures))


def _reading(html: str, base: str) -> tuple[str, bool]:
    """What one reading makes of it, and whether its pictures are surely final."""
    html, has_references = _harmless(html), "#" in html and "&#" in html  # one letter is found much faster
    after = _DENYING_SEEN.clean(html)
    noted = _NOTED.findall(after)
    pictures = [attributes for attributes, unlinked in noted if not unlinked]
    is_final = len(pictures) == len(noted) and all(map(stands_for_itself, pictures))
    if is_final:
        after = after if all(map(stays, pictures)) else IMAGE.sub(image, after)
    else:  # some address is relative, or not the picture's own
        html = IMAGE.sub(image, _SEEING.clean(html)) if pictures else html
        after = _resolving(base).clean(html)
    if has_references:  # they may bring in what was taken out
        after = _without_marks(legal(after))
    return after.strip(), is_final


def _without_marks(text: str) -> str:
    """Nobody sees a byte order mark, and a parser drops one from the beginning only: not at each reading."""
    return text.replace("\ufeff", "") if "\ufeff" in text else text


_NOTED = re.compile(rf"{IMAGE.pattern}|<(a) (?!href=)")  # pictures, and links that lead nowhere
_BLOCKS = "main|header|footer|nav|center|form|fieldset|legend|hgroup|dir|menu"
_STRUCTURE = re.compile(rf"<(/?)(?:{_BLOCKS})(?=[\s/>])", re.I)
_PRE = re.compile(r"(<pre(?:\s[^>]*)?>)\n+", re.I)  # the parser drops the first newline at each reading
_STYLES = "b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
_STYLED = re.compile(rf"<({_STYLES})[\s/][^>]*>", re.I)
# Whatever is touched, and all that is written in capitals: to search without letter case takes three times as long.
_HARMFUL = re.compile(rf"<(?:[A-Z]|/[A-Z]|/?(?:{_BLOCKS}|pre)[\s/>]|!\[|(?:{_STYLES})[\s/])")


def _harmless(html: str) -> str:
    """Blocks that are not allowed become <div>, which keeps words apart; too many styles lose their attributes."""
    if not _HARMFUL.search(html):
        return html
    html = _PRE.sub(r"\1", _STRUCTURE.sub(r"<\1div", unwrapped(html)))
    return _STYLED.sub(r"<\1>", html) if _is_overstyled(html) else html


def _is_overstyled(html: str) -> bool:
    return html.count("<") > _MOST_STYLED and len(_STYLED.findall(html)) > _MOST_STYLED


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
_SEEING = _cleaner(IMAGE_ATTRIBUTES, "pass_through")
_DENYING_SEEN = _cleaner(IMAGE_ATTRIBUTES, "deny")
_DENYING = _cleaner(ATTRIBUTES, "deny")


@lru_cache(maxsize=4)  # the entries of a document often have one base
def _resolving(base: str) -> nh3.Cleaner:
    if not base.lower().startswith(("http://", "https://")):
        return _DENYING
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
    if len(html) > _LONGEST or tags > _MOST_TAGS:
        return True
    return tags > _DEEPEST and not is_plain(html) and _depth(html) > _DEEPEST


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
