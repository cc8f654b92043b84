"""One request on its way, hop by hop, until it has its answer."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit

import pycurl

from aggregator import i18n, walls
from aggregator.errors import FetchError, GoneError
from aggregator.model import Fetched, Problem, Request, Unchanged, Validators
from aggregator.network import guard, headers, words
from aggregator.network.certificates import Certificates
from aggregator.network.origins import may_see_secrets, origin, web_address

Answer = Fetched | Unchanged | Problem

_REDIRECTS = 5
_REDIRECTIONS = (300, 301, 302, 303, 307, 308)
_FOR_GOOD = (301, 308)
_MISSING = (404, 410)
_STATUS = re.compile(rb"HTTP/[\d.]+ +(\d{3})")
_CONNECT_SECONDS = 10.0
_PAUSES = (429, 503)  # where Retry-After speaks of the document, not of a redirect
_PAGE = 64_000  # bytes read of a page that is no document: it may say more than its status
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)


class Transfer:
    """What curl is told for one request, and what it makes of the answer.

    We follow redirects ourselves: curl would hand our headers to whatever host it is sent to. One handle serves all
    hops, so that a cookie set by the first is shown to the next, as sites that count visitors insist on.
    """

    begun = 0.0  # when this hop began, by the pump's clock

    def __init__(
        self, request: Request, user_agent: str, allowed: Sequence[guard.Network], certificates: Certificates
    ) -> None:
        self._request, self._user_agent, self._allowed = request, user_agent, tuple(allowed)
        self._certificates = certificates
        self._left = request.timeout  # seconds, for all hops together
        self._hops = 0
        self._moved = self._start = url = web_address(request.url)
        self._for_good = True
        self._home = origin(web_address(request.home) if request.home else url)
        self._meant = _meant(request.home or url, self._allowed) if request.is_typed else ()
        self.curl = pycurl.Curl()
        self._configure()
        self._aim(url)

    @property
    def size(self) -> int:
        """Bytes of the body so far."""
        return len(self._body)

    @property
    def took(self) -> float:
        """Seconds the server needed for this hop, the way to it aside."""
        return self.curl.getinfo(pycurl.TOTAL_TIME) - self.curl.getinfo(pycurl.PRETRANSFER_TIME)

    def _configure(self) -> None:
        """What holds for every hop."""
        curl = self.curl
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        curl.setopt(pycurl.PROXY, "")  # not whatever the environment says
        curl.setopt(pycurl.HTTP09_ALLOWED, 0)
        curl.setopt(pycurl.OPT_CERTINFO, 1)
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.FORBID_REUSE, bool(self._meant))  # by who may not open such a connection himself
        curl.setopt(pycurl.COOKIEFILE, "")  # cookies in memory, for this transfer alone
        curl.setopt(pycurl.ACCEPT_ENCODING, "")  # all that this libcurl can unpack
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open)
        curl.setopt(pycurl.HEADERFUNCTION, self._read_header)
        curl.setopt(pycurl.WRITEFUNCTION, self._read_body)
        if trusted := os.environ.get("SSL_CERT_FILE"):  # where an institution's own authority is added, by custom
            curl.setopt(pycurl.CAINFO, trusted)

    def _aim(self, url: str) -> None:
        """Make ready for one hop."""
        self.url, self.host = url, urlsplit(url).netloc
        self._headers: dict[str, str] = {}
        self._body, self._too_large = bytearray(), False
        self._status, self._head_ended = 0, False
        self._refused = ""
        ours = {"User-Agent": self._user_agent, "Accept": _ACCEPT} | self._conditions()
        if may_see_secrets(origin(url), self._home):
            ours |= dict(self._request.headers)
        self.curl.setopt(pycurl.URL, url)
        self.curl.setopt(pycurl.HTTPHEADER, [headers.line(name, value) for name, value in ours.items()])
        self.curl.setopt(pycurl.TIMEOUT_MS, max(1, round(self._left * 1000)))  # 0 would mean for ever
        self.curl.setopt(pycurl.CONNECTTIMEOUT_MS, round(_CONNECT_SECONDS * 1000))

    def _conditions(self) -> dict[str, str]:
        """RFC 9110, 13.1: the server's own words back to it."""
        known = self._request.validators
        conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in conditions.items() if value}

    # --- what curl calls

    def _open(self, purpose: int, address: pycurl.CurlSockAddr) -> _Lent | int:  # noqa: ARG002  curl's own signature
        """A socket for one attempt to connect, or none where the guard forbids it; curl then tries the next address."""
        if refusal := self._refusal(address.addr[0]):
            self._refused = refusal
            return pycurl.SOCKET_BAD
        try:
            return _Lent(socket.socket(address.family, address.socktype, address.protocol))
        except OSError:  # no IPv6 here, or no descriptor left
            return pycurl.SOCKET_BAD

    def _refusal(self, machine: str) -> str | None:
        is_at_home = may_see_secrets(origin(self.url), self._home)
        return _refused(machine, (*self._allowed, *self._meant) if is_at_home else self._allowed)

    def _read_header(self, line: bytes) -> None:
        if line.startswith(b"HTTP/"):  # what came before was an interim answer, such as 103
            self._headers, self._head_ended = {}, False
            status = _STATUS.match(line)
            self._status = int(status[1]) if status else 0
        elif not self._head_ended:  # after that come trailers, which nobody asked for
            self._head_ended = not line.strip()
            name, colon, value = line.decode("latin-1").partition(":")
            if colon:
                self._keep(name.strip().lower(), value.strip())

    def _keep(self, name: str, value: str) -> None:
        """The last one counts, but for lists (RFC 9110, 5.3), of which we read one."""
        if name == "cache-control" and name in self._headers:
            value = f"{self._headers[name]}, {value}"
        self._headers[name] = value

    def _read_body(self, piece: bytes) -> int | None:
        """Takes decompressed bytes, so that a small bomb cannot grow past the limit; 0 makes curl give up."""
        limit = self._request.max_body if 200 <= self._status < 300 else min(self._request.max_body, _PAGE)
        if len(self._body) + len(piece) > limit:
            self._body += piece[: limit - len(self._body)]
            self._too_large = True
            return 0
        self._body += piece
        return None

    # --- what became of it

    def settle(self, code: int, detail: str) -> Answer | None:
        """What this hop came to (curl's error code, 0 for none, and curl's words); None: it goes on to `url`."""
        status = int(self.curl.getinfo(pycurl.RESPONSE_CODE))
        self._left -= self.curl.getinfo(pycurl.TOTAL_TIME)
        try:
            answer = self._judge(status, code, detail)
        except FetchError as error:
            pause = headers.retry_after(self._headers, time.time()) if status in _PAUSES else None
            gone = isinstance(error, GoneError)
            return Problem(self._request.source_id, "gone" if gone else "fetch", str(error), pause, status)
        return answer and self._from_where(answer)

    def _judge(self, status: int, code: int, detail: str) -> Fetched | Unchanged | None:
        machine = str(self.curl.getinfo(pycurl.PRIMARY_IP))
        if machine and (refusal := self._refusal(machine)):  # it came by a connection that another request had opened
            raise FetchError(refusal)
        if status >= 400:
            raise (GoneError if status == 410 else FetchError)(words.refusal(status, self._wall(status)))
        if status in _REDIRECTIONS and self._head_ended and code != pycurl.E_OPERATION_TIMEDOUT:
            self._follow(status)  # whatever became of the page that says so
            return None
        if self._too_large:
            raise FetchError(words.TOO_LONG.format(size=i18n.file_size(self._request.max_body, "en")))
        if code:
            return self._broken(status, code, detail)
        if not self._head_ended:
            raise FetchError(words.BROKEN_HEAD.format(host=self.host))
        if status == 304:
            return self._unchanged()
        if not 200 <= status < 300:
            raise FetchError(words.refusal(status))
        if wall := walls.wall(self._headers):
            raise FetchError(words.refusal(status, wall))
        return self._document(words.A_PART if status == 206 else "")

    def _wall(self, status: int) -> str:
        """The bot wall that refuses us. What it says of a page that is not there, or of a broken server, is true."""
        if status in _MISSING or (status >= 500 and status != 503):
            return ""
        return walls.wall(self._headers, self._body.decode("utf-8", "replace"))

    def _broken(self, status: int, code: int, detail: str) -> Fetched | Unchanged:
        """Half a document is better than none, if what reads it knows that it is half."""
        text = self._refused if code == pycurl.E_COULDNT_CONNECT else ""
        text = text or (self._late() if code == pycurl.E_OPERATION_TIMEDOUT else words.fault(code, detail, self.host))
        if 200 <= status < 300 and self._body and words.is_cut(code):
            return self._document(text)
        raise FetchError(text)

    def _late(self) -> str:
        limit = self._request.timeout
        if not self.curl.getinfo(pycurl.REQUEST_SIZE):
            return words.NO_CONNECTION.format(host=self.host, seconds=min(_CONNECT_SECONDS, limit))
        return (words.NOT_COMPLETE if self._headers else words.NO_ANSWER).format(seconds=limit)

    def _unchanged(self) -> Unchanged:
        if not self._conditions():
            raise FetchError(words.UNCHANGED_UNASKED)
        return Unchanged(self._request.source_id, headers.max_age(self._headers, time.time()))

    def _follow(self, status: int) -> None:
        target = self._headers.get("location", "").encode("latin-1").decode("utf-8", "replace")
        if not target:
            raise FetchError(words.TO_NOWHERE.format(status=status))
        self._hops += 1
        if self._hops > _REDIRECTS:
            raise FetchError(words.TOO_FAR.format(times=_REDIRECTS))
        try:
            self._aim(web_address(target, self.url))
        except FetchError as error:
            raise FetchError(words.OUT_OF_BOUNDS.format(why=error)) from None
        self._for_good = self._for_good and status in _FOR_GOOD
        if self._for_good:
            self._moved = self.url

    def _from_where(self, answer: Fetched | Unchanged) -> Answer:
        """With the address it has for good, and until when one may trust its server."""
        moved = self._moved if self._moved != self._start else ""
        return replace(answer, moved=moved, certificate_ends=self._certificates.ends(self.curl, self.url))

    def _document(self, truncated: str) -> Fetched | Unchanged:
        if not self._body or self._body.isspace():
            raise FetchError(truncated or words.EMPTY)
        known, get = self._request.validators, self._headers.get
        body, self._body = bytes(self._body), bytearray()
        fingerprint = blake2b(body, digest_size=16).hexdigest()
        fresh = headers.max_age(self._headers, time.time())
        if fingerprint == known.body_hash:
            return Unchanged(self._request.source_id, fresh, is_seen=True)
        etag, modified = (headers.validator(get(name, "")) for name in ("etag", "last-modified"))
        # The rest of a truncated one has still to be asked for.
        validators = known if truncated else Validators(etag, modified, fingerprint)
        media_type, charset = headers.content_type(get("content-type", ""))
        return Fetched(self._request.source_id, self.url, body, media_type, charset, validators, fresh, truncated)


_refused = lru_cache(maxsize=256)(guard.refused)  # few machines, asked for at each hop


def _meant(url: str, allowed: tuple[guard.Network, ...]) -> tuple[guard.Network, ...]:
    """What an address that was typed in opens, beyond what may be asked anyway."""
    return tuple(network for network in guard.typed(url) if _refused(str(network.network_address), allowed))


class _Lent:
    """A socket as pycurl wants it: it takes a duplicate of what `fileno` gives, and ours is closed with this."""

    def __init__(self, opened: socket.socket) -> None:
        self._opened = opened

    def fileno(self) -> int:
        return self._opened.fileno()

    def __del__(self) -> None:
        self._opened.close()
