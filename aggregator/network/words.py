"""A status, or an error of curl's -> what went wrong, as an admin understands it."""

from __future__ import annotations

import re

import pycurl

from aggregator import walls
from aggregator.model import EMPTY_ANSWER

_LASTS = "; if that lasts, tell the webmaster"
_LOOK = "; look for a slip in `url:`, or on the site for the new address"
_REFUSALS = {
    401: "it wants a user name and a password, or other ones; write what the webmaster gives you under `auth:`",
    403: "it does not let us in; ask the webmaster to let programs read the feed's address",
    404: f"there is nothing at this address (any more){_LOOK}",
    410: "what was at this address is gone for good; look on the site for another, or take the source out",
    429: "too many requests; we come back later, and a longer `every:` may help",
    451: "it may not show this, for legal reasons; ask the webmaster",
    503: f"it is overloaded or under repair{_LASTS}",
}
_KINDS = {
    1: f"it wants to speak of something else{_LASTS}",
    3: "it redirects in a way that nobody follows any more; look on the site for the new address",
    4: f"it refuses{_LOOK}",
    5: f"something is broken on its side{_LASTS}",
}


def refusal(status: int, wall: str = "") -> str:
    """`wall` is the name of the bot wall that answered, if one did."""
    if wall:
        return f"the server answered {status}: {walls.words(wall)}"
    words = _REFUSALS.get(status, _KINDS.get(status // 100, f"that is no answer HTTP knows{_LASTS}"))
    return f"the server answered {status}: {words}"


EMPTY = f"{EMPTY_ANSWER}{_LASTS}"
A_PART = f"the server sent only a part of the document (206){_LASTS}"
UNCHANGED_UNASKED = f"the server answered 304, not modified, though we have nothing of it{_LASTS}"
BROKEN_HEAD = f"the connection to {{host}} broke off within the headers{_LASTS}"
NO_CONNECTION = f"no connection to {{host}} within {{seconds:g}} seconds{_LASTS}"
NO_ANSWER = "no answer within {seconds:g} seconds; a longer `timeout:` may help"
NOT_COMPLETE = "the answer was not complete within {seconds:g} seconds; a longer `timeout:` may help"
_BROWSE = "; open the address in a browser, and write as `url:` where that ends"
TO_NOWHERE = f"the server answered {{status}}, a redirect, but not where to{_BROWSE}"
TOO_FAR = f"the server redirects more than {{times}} times in a row{_BROWSE}"
OUT_OF_BOUNDS = f"the server redirects us to where we do not go: {{why}}{_LASTS}"
TOO_LONG = "the body is larger than {size} and was cut off; if a feed can be so large, write a larger `max_body:`"

_TOO_LARGE = 100  # pycurl has no name for CURLE_TOO_LARGE
_HTTP2_STREAM = 92  # nor for CURLE_HTTP2_STREAM
_UNPACKED = f"the answer is compressed, but cannot be unpacked{_LASTS}"
_UNKNOWN = f"the answer is packed in a way that we do not know{_LASTS}"
_HEADERS = f"the headers of the answer are too large{_LASTS}"
_OFF = f"the connection to {{host}} broke off{_LASTS}"
_OTHER = f"the exchange with {{host}} failed: {{detail}}{_LASTS}"

_FAULTS = {
    pycurl.E_COULDNT_RESOLVE_HOST: f"the host name {{host}} does not exist, or cannot be found from here{_LOOK}",
    pycurl.E_COULDNT_CONNECT: f"no connection to {{host}}: it is switched off, or refuses us{_LASTS}",
    pycurl.E_PEER_FAILED_VERIFICATION: "the certificate is not valid: {detail}; tell the webmaster, who must mend it",
    pycurl.E_SSL_CACERT_BADFILE: "this machine's list of trusted certificates cannot be read: {detail}; mend the file "
    "that SSL_CERT_FILE names",
    pycurl.E_SSL_CONNECT_ERROR: f"no secure connection to {{host}} is possible: {{detail}}{_LASTS}",
    pycurl.E_GOT_NOTHING: f"{{host}} closed the connection without an answer{_LASTS}",
    pycurl.E_PARTIAL_FILE: f"the answer broke off before its end{_LASTS}",
    pycurl.E_RECV_ERROR: _OFF,
    pycurl.E_SEND_ERROR: _OFF,
    pycurl.E_UNSUPPORTED_PROTOCOL: f"what answers at {{host}} does not speak HTTP{_LOOK}",
    pycurl.E_FTP_WEIRD_SERVER_REPLY: f"the answer of {{host}} is not written as HTTP wants it: {{detail}}{_LASTS}",
    _TOO_LARGE: _HEADERS,
    pycurl.E_BAD_CONTENT_ENCODING: _UNPACKED,
    pycurl.E_WRITE_ERROR: _UNPACKED,
}
# Where one code stands for several things, what curl says tells which; where it says it otherwise, the code must do.
_SAYINGS = {
    "Too large response headers": _HEADERS,
    "Unrecognized content encoding": _UNKNOWN,
    "Unsolicited Transfer-Encoding": _UNKNOWN,
    "Reject response exceeding limit": f"the answer is packed more than five times over{_LASTS}",
    "chunk hex-length": f"the pieces of the answer have lengths that make no sense{_LASTS}",
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
