"""An address as written -> a key to compare it by, its absolute form, its host. Keys are never published."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

# Browsers drop these from an address (WHATWG URL, 4.4); spaces only at its ends.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_ROUNDS = 4  # taking one thing out may bare another: /a/..;sid=1
_PLAIN = re.compile(r"https?://([a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,})((?:/[A-Za-z0-9_~-]+(?:\.[A-Za-z0-9_~-]+)*)*/?)")
_MANY_WWW = re.compile(r"^(?:www\.)+(?=[^.]+\.)")
_DEFAULT_PORT = re.compile(r":(?:80|443)?$")
_SESSION_IN_PATH = re.compile(
    r"(?:;|%3b)(?:jsessionid|phpsessid|sid|sessionid)=[^/;?]*"  # servlets, old PHP
    r"|/\([a-z]\([a-z0-9]{20,}\)\)(?=/|$)",  # ASP.NET without cookies: /(S(…))/
    re.IGNORECASE,
)
# Parameters that say who asks or whence, never what for. Lower case.
_NOISE = re.compile(
    r"utm_.*|mtm_.*|pk_.*|piwik_.*|hsa_.*|_hs.*|oly_.*|vero_.*|at_(?:medium|campaign|custom.*)"
    r"|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|srsltid|li_fat_id|mkt_tok|wt_mc"
    r"|mc_cid|mc_eid|_ga|_gl|ref_src|ref_url|xtor|cmpid|__twitter_impression"
    r"|jsessionid|phpsessid|aspsessionid.*|sessionid|session_id|cfid|cftoken|oscsid|zenid|p_auth"
)
# PHP-Nuke numbers its stories by `sid` too: only a long one is a session.
_SID = re.compile(r"sid=[0-9a-z,-]{16,}", re.IGNORECASE)


@lru_cache(maxsize=4096)  # guid, link and files of an entry are often one address, and each is asked for several times
def key(url: str) -> str:
    """`//host/path?query`, equal for addresses that differ only in what does not choose the page.

    Scheme, `www.`, default port, credentials, final slash, fragment (unless it is a route, `#/…` or `#!…`), session
    and tracking parameters, their order, letter case of the host and style of percent-encoding are levelled. What is
    no web address comes back stripped, so that any string may be asked for.
    """
    if plain := _PLAIN.fullmatch(url):  # most are, and nothing in them is levelled but this
        return f"//{_MANY_WWW.sub('', plain[1])}{plain[2].rstrip('/')}"
    text = _tidy(url)
    for _ in range(_ROUNDS):
        levelled = _levelled(text)
        if levelled == text:
            break
        text = levelled
    return text


def resolve(base: str, reference: str) -> str:
    """The absolute address of a reference (RFC 3986, 5.2). Empty for an empty one; a hopeless one stays as it is."""
    wanted = _tidy(reference)
    if not wanted or is_web(wanted):
        return wanted  # joining would lose an empty query, which some servers want
    try:
        return urljoin(_tidy(base), wanted)
    except ValueError:
        return wanted


def is_web(url: str) -> bool:
    """Whether it is an http or https address with a host, and nothing but an address."""
    if _PLAIN.fullmatch(url):
        return True
    try:
        parts = urlsplit(url)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        return False
    clean = url == _tidy(url) and not re.search(r"\s", parts.netloc)
    return clean and port_is_sound and parts.scheme in ("http", "https") and bool(parts.hostname)


def host(url: str) -> str:
    """The host in small letters without port, or the empty string."""
    try:
        return (urlsplit(_tidy(url)).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _tidy(url: str) -> str:
    return _CONTROLS.sub("", url.strip()).strip()


def _levelled(url: str) -> str:
    try:
        parts = urlsplit(canonicalize_url(url, keep_fragments=True))
        name = _DEFAULT_PORT.sub("", parts.netloc.rpartition("@")[2]).rstrip(".")
    except (ValueError, IndexError):
        return url
    if parts.scheme not in ("http", "https", "") or not name:
        return url
    path = _SESSION_IN_PATH.sub("", parts.path).rstrip("/;")
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit(("", _MANY_WWW.sub("", name), path, _without_noise(parts.query), fragment))


def _without_noise(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if not _is_noise(pair))


def _is_noise(pair: str) -> bool:
    return bool(_NOISE.fullmatch(pair.partition("=")[0].lower()) or _SID.fullmatch(pair))
