"""A status, or an error of curl's -> what went wrong, as an admin understands it."""

from __future__ import annotations

import re

import pycurl

from aggregator import walls

_REFUSALS = {
    401: "it wants a user name and a password, or other ones",
    403: "it does not let us in",
    404: "there is nothing at this address (any more)",
    410: "what was at this address is gone for good",
    429: "too many requests",
    451: "it may not show this, for legal reasons",
    503: "it is overloaded or under repair",
}
_KINDS = {
    1: "it wants to speak of something else",
    3: "it redirects in a way that nobody follows any more",
    4: "it refuses",
    5: "something is broken on its side",
}


_OPEN = (404, 410)  # nothing is there, whoever says it


def refusal(status: int, wall: str = "") -> str:
    """A `wall` counts where the server may have answered for it: a page of its own about a broken server is no wall."""
    words = _REFUSALS.get(status, _KINDS.get(status // 100, "that is no answer HTTP knows"))
    if wall and status not in _OPEN and (status < 500 or status == 503):
        words = walls.words(wall)
    return f"the server answered {status}: {words}"


_TOO_LARGE = 100  # pycurl has no name for CURLE_TOO_LARGE
_HTTP2_STREAM = 92  # nor for CURLE_HTTP2_STREAM
_UNPACKED = "the answer is compressed, but cannot be unpacked"
_UNKNOWN = "the answer is packed in a way that we do not know"
_HEADERS = "the headers of the answer are too large"
_OTHER = "the exchange with {host} failed: {detail}"

_FAULTS = {
    pycurl.E_COULDNT_RESOLVE_HOST: "the host name {host} does not exist, or cannot be found from here",
    pycurl.E_COULDNT_CONNECT: "no connection to {host}: it is switched off, or refuses us",
    pycurl.E_PEER_FAILED_VERIFICATION: "the certificate is not valid: {detail}",
    pycurl.E_SSL_CACERT_BADFILE: "this machine's list of trusted certificates cannot be read: {detail}",
    pycurl.E_SSL_CONNECT_ERROR: "no secure connection to {host} is possible: {detail}",
    pycurl.E_GOT_NOTHING: "{host} closed the connection without an answer",
    pycurl.E_PARTIAL_FILE: "the answer broke off before its end",
    pycurl.E_RECV_ERROR: "the connection to {host} broke off",
    pycurl.E_SEND_ERROR: "the connection to {host} broke off",
    pycurl.E_UNSUPPORTED_PROTOCOL: "what answers at {host} does not speak HTTP",
    pycurl.E_FTP_WEIRD_SERVER_REPLY: "the answer of {host} is not written as HTTP wants it: {detail}",
    _TOO_LARGE: _HEADERS,
    pycurl.E_BAD_CONTENT_ENCODING: _UNPACKED,
    pycurl.E_WRITE_ERROR: _UNPACKED,
}
# Where one code stands for several things, what curl says tells which; where it says it otherwise, the code must do.
_SAYINGS = {
    "Too large response headers": _HEADERS,
    "Unrecognized content encoding": _UNKNOWN,
    "Unsolicited Transfer-Encoding": _UNKNOWN,
    "Reject response exceeding limit": "the answer is packed more than five times over",
    "chunk hex-length": "the pieces of the answer have lengths that make no sense",
}
# What came before these is part of the document; what is missing, we do not know.
_CUT = {pycurl.E_PARTIAL_FILE, pycurl.E_RECV_ERROR, pycurl.E_OPERATION_TIMEDOUT, pycurl.E_HTTP2, _HTTP2_STREAM}


def fault(code: int, detail: str, host: str) -> str:
    """Curl's error code and its own words, in which the server's may stand, -> ours."""
    words = next((ours for theirs, ours in _SAYINGS.items() if detail.startswith(theirs)), _FAULTS.get(code, _OTHER))
    said = re.sub(r"^SSL certificate [\w ]+: | \(\d+\)$", "", detail)
    return words.format(host=host, detail="".join(filter(str.isprintable, said))[:200])


def is_cut(code: int) -> bool:
    """Whether what arrived before this error is the beginning of the document."""
    return code in _CUT
