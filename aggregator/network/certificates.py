"""A finished hop over https -> when the server's certificate ends."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pycurl


class Certificates:
    """A connection that is used again shows no certificate: what its host showed before is remembered."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}

    def ends(self, curl: pycurl.Curl, url: str) -> datetime | None:
        """None where it was not https, or nobody has seen it."""
        if not url.startswith("https:"):
            return None
        host = urlsplit(url).netloc
        if shown := _expiry(curl):
            self._ends[host] = shown
        return self._ends.get(host)


def _expiry(curl: pycurl.Curl) -> datetime | None:
    """Of the first certificate in the chain, which is the server's own; written `Nov 29 07:09:49 2026 GMT`."""
    for name, value in next(iter(curl.getinfo_raw(pycurl.INFO_CERTINFO)), ()):
        if name == b"Expire date":
            try:
                return datetime.fromtimestamp(ssl.cert_time_to_seconds(value.decode("ascii")), UTC)
            except (ValueError, OverflowError):
                return None
    return None
