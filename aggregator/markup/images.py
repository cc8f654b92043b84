"""An <img> as nh3 wrote it -> the picture it stands for; nothing for a tracker, its words where there is no picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape, unescape

from aggregator.markup.rules import LAZY

# These two read only what nh3 has written: every attribute in double quotes, no < or > inside.
IMAGE = re.compile(r'<img((?: [^\s=>"]+="[^"]*")*)>')
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
_KEPT = frozenset("src alt title width height lang dir".split())  # each where it stood
_STYLE = re.compile(r"(?:^|;)\s*(width|height)\s*:([^;]*)")
_NO_SIZE = re.compile(r"\s*[01](?:\.0*)?(?:px)?\s*")


def image(match: re.Match[str]) -> str:
    """One <img> rewritten: its real source in `src`, nothing for a tracker, its words where there is no picture."""
    return _seen(match[1])[0]


def stands_for_itself(attributes: str) -> bool:
    """Whether `src` is the picture's own address."""
    return _seen(attributes)[1]


def stays(attributes: str) -> bool:
    """Whether `image` would write this very picture again."""
    return _seen(attributes)[0] == f"<img{attributes}>"


@lru_cache(maxsize=64)  # each is asked for several times
def _seen(attributes: str) -> tuple[str, bool]:
    written = _written(attributes)
    source = unescape(written.get("src", "")).strip()
    is_own = not _PLACEHOLDER.match(source)
    return _rewritten(attributes, written, source if is_own else _lazy(written) or source), is_own


def _rewritten(attributes: str, written: Mapping[str, str], source: str) -> str:
    if _is_tiny(written) or _TRACKER.match(source):
        return ""
    if not source or _NOT_WEB.match(source):
        return written.get("alt", "").replace("&quot;", '"')
    address = _escaped(source)
    if written.get("src") == address and "alt" in written and _KEPT.issuperset(written):
        return f"<img{attributes}>"
    kept = {name: written[name] for name in written if name in _KEPT} | {"src": address}
    kept.setdefault("alt", "")
    return "<img" + "".join(f' {name}="{value}"' for name, value in kept.items()) + ">"


def _written(attributes: str) -> Mapping[str, str]:
    """The attributes, escaped as they are."""
    return dict(_ATTRIBUTE.findall(attributes))


def _escaped(value: str) -> str:
    """As nh3 writes it."""
    return escape(value, quote=False).replace('"', "&quot;").replace("\xa0", "&nbsp;")


def _lazy(written: Mapping[str, str]) -> str:
    """What a lazy loader would put into `src`, in a placeholder's stead."""
    candidates = (unescape(written.get(name, "")).split() for name in LAZY)
    return next((candidate[0].rstrip(",") for candidate in candidates if candidate), "")


def _is_tiny(written: Mapping[str, str]) -> bool:
    style = dict(_STYLE.findall(unescape(written["style"]).lower())) if "style" in written else {}
    return all(_NO_SIZE.fullmatch(style.get(side) or unescape(written.get(side, ""))) for side in ("width", "height"))
