"""Request -> Fetched | Unchanged | Problem: HTTP, conditional, polite, bounded; curl stays inside this file."""

from __future__ import annotations

import re
import select
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from hashlib import blake2b
from itertools import islice
from queue import SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

import pycurl
from w3lib.url import safe_url_string

from aggregator import i18n, settings
from aggregator.errors import FetchError, GoneError
from aggregator.model import Fetched, Problem, Request, Unchanged, Validators

Answer = Fetched | Unchanged | Problem

_REDIRECTS = 5
_CONNECT_SECONDS = 10.0
_AHEAD = 8  # requests taken in advance for each that may be in flight: work for other hosts while one is full
_READY = 8  # finished bodies that may wait for the consumer before no more transfers are begun
_GRACE_SECONDS = (
    2.0  # closing waits so long for the thread; only a look-up of a name, which nothing stops, takes longer
)
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)
_PORTS = {"http": 80, "https": 443}


class CurlNetwork:
    """The web, as `ports.Network`."""

    def __init__(self, settings: settings.Network, default_user_agent: str) -> None:
        self._settings = settings
        self._user_agent = settings.user_agent or default_user_agent

    def fetch(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Exactly one answer for each request, as they arrive; what goes wrong out there is a `Problem`.

        Requests are taken lazily, some times `concurrency` ahead, in the consumer's own thread; curl runs in another,
        so that a consumer busy parsing lets no transfer time out. To close the iterator abandons what is under way.
        """
        waiting, owed = iter(requests), 0
        with closing(_Pump(self._settings.concurrency, self._settings.per_host, self._user_agent)) as pump:
            while True:
                for request in islice(waiting, self._settings.concurrency * _AHEAD - owed):
                    pump.put(request)
                    owed += 1
                if not owed:
                    return
                yield pump.take()
                owed -= 1


class _Pump:
    """The thread in which curl runs: requests in by `put`, answers out by `take`; only that thread touches the rest."""

    def __init__(self, concurrency: int, per_host: int, user_agent: str) -> None:
        self._concurrency, self._per_host, self._user_agent = concurrency, per_host, user_agent
        self._requests: SimpleQueue[Request] = SimpleQueue()
        self._answers: SimpleQueue[Answer | Exception] = SimpleQueue()
        self._parked: list[_Transfer] = []
        self._flying: dict[pycurl.Curl, _Transfer] = {}
        self._busy: Counter[str] = Counter()
        self._multi = pycurl.CurlMulti()
        self._bell, self._ear = socket.socketpair()
        self._ear.setblocking(False)
        self._stopping = False
        self._thread = Thread(target=self._run, name="curl", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Abandon what is under way."""
        self._stopping = True
        self._ring()
        self._thread.join(_GRACE_SECONDS)
        self._bell.close()

    def put(self, request: Request) -> None:
        self._requests.put(request)
        self._ring()

    def take(self) -> Answer:
        """The next answer; raises what the thread died of, if it died."""
        answer = self._answers.get()
        self._ring()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _ring(self) -> None:
        with suppress(ConnectionError):  # a dead thread has no ear; what it died of is among the answers
            self._bell.send(b"!")

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._receive()
                self._begin()
                self._wait()
                self._multi.perform()
                self._finish()
        except Exception as error:  # noqa: BLE001  a bug in here must reach the consumer, who would wait for ever
            self._answers.put(error)
        finally:
            self._release()

    def _receive(self) -> None:
        while not self._requests.empty():
            request = self._requests.get()
            try:
                self._parked.append(_Transfer(request, self._user_agent))
            except FetchError as error:
                self._answers.put(Problem(request.source_id, "fetch", str(error)))

    def _begin(self) -> None:
        """Begin what may begin, oldest first; a full host holds up nobody else's."""
        for transfer in tuple(self._parked):
            if len(self._flying) >= self._concurrency or self._answers.qsize() >= _READY:
                return
            if self._busy[transfer.host] < self._per_host:
                self._parked.remove(transfer)
                self._busy[transfer.host] += 1
                self._flying[transfer.curl] = transfer
                self._multi.add_handle(transfer.curl)

    def _wait(self) -> None:
        """Until a socket has something for curl, curl wants the time, or the consumer rings."""
        reading, writing, failing = self._multi.fdset()
        wanted = self._multi.timeout()  # milliseconds; -1 for no wish
        seconds = wanted / 1000 if 0 <= wanted < 1000 else 1.0
        select.select([*reading, self._ear.fileno()], writing, failing, seconds)
        with suppress(BlockingIOError):
            self._ear.recv(4096)

    def _finish(self) -> None:
        _, well, badly = self._multi.info_read()
        for curl, code, detail in [*((curl, 0, "") for curl in well), *badly]:
            transfer = self._flying.pop(curl)
            self._busy[transfer.host] -= 1
            self._multi.remove_handle(curl)
            if answer := transfer.settle(code, detail):
                curl.close()
                self._answers.put(answer)
            else:
                self._parked.insert(0, transfer)

    def _release(self) -> None:
        for curl in self._flying:
            self._multi.remove_handle(curl)
        for transfer in (*self._flying.values(), *self._parked):
            transfer.curl.close()
        self._ear.close()
        self._multi.close()


class _Transfer:
    """One request on its way, hop by hop, until it has its answer.

    We follow redirects ourselves: curl would hand our headers to whatever host it is sent to. One handle serves all
    hops, so that a cookie set by the first is shown to the next, as sites that count visitors insist on.
    """

    def __init__(self, request: Request, user_agent: str) -> None:
        self._request, self._user_agent = request, user_agent
        self._left = request.timeout  # seconds, for all hops together
        self._hops, self._too_large = 0, False
        url = _web_address(request.url)
        self._home = _origin(url)
        self.curl = pycurl.Curl()
        self._configure()
        self._aim(url)

    def _configure(self) -> None:
        """What holds for every hop; a guard over the addresses we connect to belongs here (OPENSOCKETFUNCTION)."""
        curl = self.curl
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        curl.setopt(pycurl.PROXY, "")  # not whatever the environment says
        curl.setopt(pycurl.HTTP09_ALLOWED, 0)
        curl.setopt(pycurl.FAILONERROR, 1)  # spares us the body of an error page
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.COOKIEFILE, "")  # cookies in memory, for this transfer alone
        curl.setopt(pycurl.ACCEPT_ENCODING, "")  # all that this libcurl can unpack
        curl.setopt(pycurl.HEADERFUNCTION, self._read_header)
        curl.setopt(pycurl.WRITEFUNCTION, self._read_body)

    def _aim(self, url: str) -> None:
        """Make ready for one hop."""
        self.url, self.host = url, urlsplit(url).netloc
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        headers = {"User-Agent": self._user_agent, "Accept": _ACCEPT} | self._conditions()
        if _may_see_secrets(_origin(url), self._home):
            headers |= dict(self._request.headers)
        self.curl.setopt(pycurl.URL, url)
        self.curl.setopt(pycurl.HTTPHEADER, [_header(name, value) for name, value in headers.items()])
        self.curl.setopt(pycurl.TIMEOUT_MS, max(1, round(self._left * 1000)))  # 0 would mean for ever
        self.curl.setopt(pycurl.CONNECTTIMEOUT_MS, round(_CONNECT_SECONDS * 1000))

    def _conditions(self) -> dict[str, str]:
        """RFC 9110, 13.1: the server's own words back to it."""
        known = self._request.validators
        conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in conditions.items() if value}

    def _read_header(self, line: bytes) -> None:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            self._headers[name.lower()] = value.strip()

    def _read_body(self, piece: bytes) -> int | None:
        """Takes decompressed bytes, so that a small bomb cannot grow past the limit; 0 makes curl give up."""
        if len(self._body) + len(piece) > self._request.max_body:
            self._too_large = True
            return 0
        self._body += piece
        return None

    def settle(self, code: int, detail: str) -> Answer | None:
        """What this hop came to (curl's error code, 0 for none, and curl's words); None: it goes on to `url`."""
        try:
            return self._judge(code, detail)
        except FetchError as error:
            return Problem(self._request.source_id, "gone" if isinstance(error, GoneError) else "fetch", str(error))

    def _judge(self, code: int, detail: str) -> Answer | None:
        status = int(self.curl.getinfo(pycurl.RESPONSE_CODE))
        self._left -= self.curl.getinfo(pycurl.TOTAL_TIME)
        if status >= 400:
            raise (GoneError if status == 410 else FetchError)(_refusal(status))
        if self._too_large:
            raise FetchError(f"the body is larger than {i18n.file_size(self._request.max_body, 'en')} and was cut off")
        if code:
            raise FetchError(self._fault(code, detail))
        if status == 304 and self._conditions():
            return Unchanged(self._request.source_id)
        if status < 300:
            return self._document()
        self._follow(status)
        return None

    def _fault(self, code: int, detail: str) -> str:
        limit = self._request.timeout
        if code != pycurl.E_OPERATION_TIMEDOUT:
            words = _FAULTS.get(code, "the exchange with {host} failed: {detail}")
            return words.format(host=self.host, detail=re.sub(r"^SSL certificate [\w ]+: ", "", detail))
        if not self.curl.getinfo(pycurl.REQUEST_SIZE):
            return f"no connection to {self.host} within {min(_CONNECT_SECONDS, limit):g} seconds"
        return f"{'the answer was not complete' if self._headers else 'no answer'} within {limit:g} seconds"

    def _follow(self, status: int) -> None:
        target = self.curl.getinfo_raw(pycurl.REDIRECT_URL)
        if target is None:
            raise FetchError(f"the server answered {status}, a redirect, but not where to")
        self._hops += 1
        if self._hops > _REDIRECTS:
            raise FetchError(f"the server redirects more than {_REDIRECTS} times in a row")
        self._aim(_web_address(target.decode("utf-8", "replace")))

    def _document(self) -> Answer:
        if not self._body or self._body.isspace():
            raise FetchError("the answer is empty")
        body = bytes(self._body)
        fingerprint = blake2b(body, digest_size=16).hexdigest()
        if fingerprint == self._request.validators.body_hash:
            return Unchanged(self._request.source_id)
        get = self._headers.get
        validators = Validators(get("etag", ""), get("last-modified", ""), fingerprint)
        return Fetched(self._request.source_id, self.url, body, *_content_type(get("content-type", "")), validators)


def _web_address(written: str) -> str:
    """An address as HTTP wants it: `/città` percent-encoded, `perché.example` in its ASCII form."""
    try:
        url = str(safe_url_string(written))
        _origin(url)
    except (KeyError, ValueError):
        url = ""
    if not re.fullmatch(r"[!-~]+", url):  # a host that has no ASCII form is left as it was written
        raise FetchError("only addresses that begin with http:// or https:// and name a host can be fetched")
    if "@" in urlsplit(url).netloc:
        raise FetchError("the address holds a name or password, which every reader would see; take it out")
    return url


def _origin(url: str) -> tuple[str, str, int]:
    """RFC 6454, 4: scheme, host, port; KeyError or ValueError where it is no web address."""
    parts, default = urlsplit(url), _PORTS[urlsplit(url).scheme]
    if not parts.hostname:
        raise ValueError(url)
    return parts.scheme, parts.hostname, parts.port or default


def _may_see_secrets(origin: tuple[str, str, int], home: tuple[str, str, int]) -> bool:
    """Our own headers go to the host they were written for, and to its https side, nowhere else."""
    return origin == home or (home[0::2] == ("http", 80) and origin == ("https", home[1], 443))


def _header(name: str, value: str) -> bytes:
    line = f"{name}: {value}"
    if re.search(r"[\r\n\0]|[^\0-\xff]", line):
        raise FetchError(f"the header {name!r} holds a line break or a letter that HTTP cannot carry")
    return line.encode("latin-1")  # the letters HTTP has; an ETag comes in by them, too


def _content_type(value: str) -> tuple[str, str]:
    """`Text/XML; charset="UTF-8"` -> text/xml, utf-8."""
    charset = re.search(r"""charset\s*=\s*["']?([^\s"';]+)""", value, re.IGNORECASE)
    return value.partition(";")[0].strip().lower(), charset[1].lower() if charset else ""


_REFUSALS = {
    401: "it wants a user name and a password, or other ones",
    403: "it does not let us in",
    404: "there is nothing at this address (any more)",
    410: "what was at this address is gone for good",
    429: "too many requests",
    503: "it is overloaded or under repair",
}


def _refusal(status: int) -> str:
    words = _REFUSALS.get(status, "it refuses" if status < 500 else "something is broken on its side")
    return f"the server answered {status}: {words}"


_FAULTS = {
    pycurl.E_COULDNT_RESOLVE_HOST: "the host name {host} does not exist, or cannot be found from here",
    pycurl.E_COULDNT_CONNECT: "no connection to {host}: it is switched off, or refuses us",
    pycurl.E_PEER_FAILED_VERIFICATION: "the certificate is not valid: {detail}",
    pycurl.E_SSL_CACERT_BADFILE: "this machine's list of trusted certificates cannot be read: {detail}",
    pycurl.E_SSL_CONNECT_ERROR: "no secure connection to {host} is possible: {detail}",
    pycurl.E_GOT_NOTHING: "{host} closed the connection without an answer",
    pycurl.E_PARTIAL_FILE: "the answer broke off before its end",
    pycurl.E_RECV_ERROR: "the connection to {host} broke off",
    pycurl.E_UNSUPPORTED_PROTOCOL: "what answers at {host} does not speak HTTP",
    pycurl.E_BAD_CONTENT_ENCODING: "the answer is compressed, but cannot be unpacked",
    pycurl.E_WRITE_ERROR: "the answer is compressed, but cannot be unpacked",
}
