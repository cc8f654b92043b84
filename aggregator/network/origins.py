"""Addresses as written -> as HTTP wants them, their origin, and whether our secrets may go there."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

from aggregator.errors import FetchError

_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]  # scheme, host, port


def web_address(written: str, seen_from: str = "") -> str:
    """`/città` percent-encoded, `perché.example` in its ASCII form; FetchError where it is none we fetch."""
    try:
        url = str(safe_url_string(urljoin(seen_from, written)))
        origin(url)
    except (KeyError, ValueError):
        url = ""
    if not re.fullmatch(r"[!-~]+", url):  # a host that has no ASCII form is left as it was written
        raise FetchError("only addresses that begin with http:// or https:// and name a host can be fetched")
    if "@" in urlsplit(url).netloc:
        raise FetchError("the address holds a name or password, which every reader would see; take it out")
    return url


@lru_cache(maxsize=64)  # each is asked for several times
def origin(url: str) -> Origin:
    """RFC 6454, 4; KeyError or ValueError where it is no web address."""
    parts = urlsplit(url)
    default, host = _PORTS[parts.scheme], parts.hostname
    if not host:
        raise ValueError(url)
    return parts.scheme, host, parts.port or default


def may_see_secrets(there: Origin, home: Origin) -> bool:
    """Our own headers go to the host they were written for, and to its https side, nowhere else."""
    return there == home or (home[0::2] == ("http", 80) and there == ("https", home[1], 443))
