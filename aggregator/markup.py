"""HTML of strangers -> safe HTML; HTML -> plain text, excerpts and titles. The same bytes in every process."""

from __future__ import annotations

import re
from collections import Counter
from html import escape, unescape

import nh3

# Beyond these an entry is no text for people but a weapon or a dump: a parser by the standard needs time and memory
# that grow with the product of tags and depth (50,000 open <div> take it four seconds).
_LONGEST = 500_000  # characters
_MOST_TAGS = 20_000
_DEEPEST = 200  # also what lxml can walk
_MOST_STYLED = 40  # formatting tags with attributes; each may be opened again in every paragraph (HTML, 13.2.4.3)
_ROUNDS = 4

_TAGS = set(
    "a abbr address article aside b bdi bdo big blockquote br caption cite code col colgroup dd del details dfn div dl"
    " dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp section small"
    " span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
_DROPPED = set(  # with all they hold
    "applet audio canvas iframe math noembed noframes noscript object script select style svg template textarea title"
    " video".split()
)
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "del": {"datetime"},
    "ins": {"datetime"},
}
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-srcset", "data-lazy-srcset", "srcset")
_IMAGE_ATTRIBUTES = _ATTRIBUTES | {"img": {*_ATTRIBUTES["img"], *_LAZY, "style"}}
_SCHEMES = {"http", "https", "mailto", "tel"}

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def legal(text: str) -> str:
    """The text without the characters XML 1.0 forbids, lone surrogates among them."""
    return _ILLEGAL.sub("", text)


def clean(html: str, base: str = "") -> str:
    """Safe HTML of any HTML: an allow-list of tags, links to http, https, mailto and tel only, no trackers.

    Relative addresses are resolved against `base`, or dropped where that is no web address. What is too big or too
    deep comes back as escaped text. Never raises; clean(clean(x)) is clean(x).
    """
    before = legal(html).replace("\r\n", "\n").replace("\r", "\n").strip()
    if "<" not in before and "&" not in before:
        return before
    # HTML read back may be another tree than was written (a <pre>'s first newline, misnested tables): only what
    # survives a second reading is safe against browsers that read it a third time.
    for _ in range(_ROUNDS):
        if _is_hostile(before):
            break
        after = legal(_sanitised(_harmless(before), base)).strip()
        if after == before:
            return after
        before = after
    return escape(text(before), quote=False)


_STRUCTURE = re.compile(r"<(/?)(?:main|header|footer|nav|center|form|fieldset|legend|hgroup|dir|menu)(?=[\s/>])", re.I)
_PRE = re.compile(r"(<pre(?:\s[^>]*)?>)\n+", re.I)  # the parser drops the first newline at each reading
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_STYLED = re.compile(r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/][^>]*>", re.I)


def _harmless(html: str) -> str:
    """Blocks that are not allowed become <div>, which keeps words apart; too many styles lose their attributes."""
    html = _PRE.sub(r"\1", _STRUCTURE.sub(r"<\1div", _unwrapped(html)))
    return _STYLED.sub(r"<\1>", html) if len(_STYLED.findall(html)) > _MOST_STYLED else html


def _unwrapped(html: str) -> str:
    """CDATA that was escaped once too often is a comment to HTML, and its words would be gone."""
    return _CDATA.sub("", html) if "<![CDATA[" in html else html


def _sanitised(html: str, base: str) -> str:
    if "<img" in html.lower():
        html = _IMAGE.sub(_image, _cleaner(_IMAGE_ATTRIBUTES, "pass_through").clean(html))
    if not base.lower().startswith(("http://", "https://")):
        return _cleaner(_ATTRIBUTES, "deny").clean(html)
    try:
        cleaner = _cleaner(_ATTRIBUTES, ("rewrite_with_base", base))
    except ValueError:  # no address after all
        cleaner = _cleaner(_ATTRIBUTES, "deny")
    return cleaner.clean(html)


def _cleaner(attributes: dict[str, set[str]], relative: nh3.UrlRelative) -> nh3.Cleaner:
    # `link_rel` is the only attribute forced: nh3 writes two of them on one tag in an order that changes by process.
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=attributes,
        url_schemes=_SCHEMES,
        url_relative=relative,
        link_rel="noopener noreferrer",
    )


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


# These two read only what nh3 has written: every attribute in double quotes, no < or > inside.
_IMAGE = re.compile(r'<img((?: [^\s=>"]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([^\s=>"]+)="([^"]*)"')

_PLACEHOLDER = re.compile(
    r"data:|about:|$|.*/(?:blank|spacer|placeholder|lazy|loading|loader|transparent|pixel|empty|clear|1x1)[^/]*$",
    re.IGNORECASE,
)
_NOT_WEB = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_TRACKER = re.compile(
    r"(?:https?:)?//(?:[^/]*\.)?(?:"
    r"doubleclick\.net|google-analytics\.com|googletagmanager\.com|googleadservices\.com|googlesyndication\.com"
    r"|feedsportal\.com|pheedo\.com|feedblitz\.com|scorecardresearch\.com|quantserve\.com|statcounter\.com"
    r"|shinystat\.(?:com|it)|histats\.com|webtrekk\.net|hotjar\.com|mathtag\.com|adnxs\.com|criteo\.com|addthis\.com"
    r"|pixel\.wp\.com|stats\.wp\.com|stats\.wordpress\.com|pixel\.[^/]+|bat\.bing\.com|px\.ads\.linkedin\.com"
    r"|facebook\.com/tr\b|feeds\.feedburner\.com/~|feedproxy\.google\.com/~|list-manage\.com/track"
    r")|.*/(?:matomo|piwik)\.php|.*/__utm\.gif|.*/track/open",
    re.IGNORECASE,
)
_STYLE = re.compile(r"(?:^|;)\s*(width|height)\s*:([^;]*)")
_NO_SIZE = re.compile(r"\s*[01](?:\.0*)?(?:px)?\s*")


def _image(match: re.Match[str]) -> str:
    """One <img> rewritten: its real source in `src`, nothing for a tracker, its words where there is no picture."""
    written = {name: unescape(value) for name, value in _ATTRIBUTE.findall(match[1])}
    source = _source(written)
    if _is_tiny(written) or _TRACKER.match(source):
        return ""
    if not source or _NOT_WEB.match(source):
        return escape(written.get("alt", ""), quote=False)
    kept = {"src": source, "alt": written.get("alt", "")}
    kept |= {name: written[name] for name in ("title", "width", "height", "lang", "dir") if name in written}
    return "<img" + "".join(f' {name}="{escape(value)}"' for name, value in kept.items()) + ">"


def _source(written: dict[str, str]) -> str:
    """The address of the picture: `src`, or where that is a placeholder what a lazy loader would put there."""
    source = written.get("src", "").strip()
    if not _PLACEHOLDER.match(source):
        return source
    for name in _LAZY:
        if candidate := written.get(name, "").split():
            return candidate[0].rstrip(",")
    return source


def _is_tiny(written: dict[str, str]) -> bool:
    style = dict(_STYLE.findall(written.get("style", "").lower()))
    return all(_NO_SIZE.fullmatch(style.get(side) or written.get(side, "")) for side in ("width", "height"))


_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small span strike strong"
    " sub sup time tt u var wbr".split()
)
_KNOWN = {*_TAGS, *_DROPPED, *_INLINE} | set(
    "body center embed fieldset footer form head header html input legend link main meta nav param source".split()
)
# Both are applied to text that ends in ">", so that every tag finds its end and the whole stays linear. Quotes count
# only after "=": <p title='dell'articolo'> ends at its >.
_GONE = re.compile(
    rf"<({'|'.join(sorted(_DROPPED - {'textarea', 'title'}))})(?=[\s/>])[^>]*>.*?(?:</\1[^>]*>|\Z)", re.S | re.I
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

    def gap(tag: re.Match[str]) -> str:
        name = (tag["name"] or "").lower()
        if strict and name and name not in _KNOWN and ":" not in name:
            return tag[0]
        return "" if name in _INLINE or not name else " "

    html = _unwrapped(html)
    end = html.rfind(">") + 1
    return unescape(_TAG.sub(gap, _GONE.sub(" ", html[:end])) + html[end:])


def _folded(plain: str) -> str:
    return " ".join(legal(plain).split())
