"""Edition + one recipient -> the bytes of one mail (RFC 5322, 2046, 2369, 8058)."""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_qp
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from html import escape
from unicodedata import category

from aggregator.addresses import ascii_domain, bare, named
from aggregator.model import DeliveryKind, Edition

# Where the recipient's own words go in an edition. Plain letters: nothing on the way escapes, wraps or rewrites them.
ADDRESS_MARK = "bollettinoRecipientAddress"
LEAVE_MARK = "bollettinoLeaveLink"
PREFERENCES_MARK = "bollettinoPreferencesLink"

_MARKS = re.compile(f"{ADDRESS_MARK}|{LEAVE_MARK}|{PREFERENCES_MARK}")
_LEAVE = re.compile(r"(mailto:|https?://)[!-;=?-~]+")  # printable ASCII without < and >
_LONGEST_LINE = 998  # octets, RFC 5322, 2.1.1


def build(
    edition: Edition,
    *,
    sender: str,
    recipient: str,
    reply_to: str,
    message_id: str,
    date: datetime,
    leave: str,
    list_id: str,
    one_click: str = "",
    preferences: str = "",
) -> bytes:
    """One mail with CRLF, ready for `Mail.send`; the same arguments give the same bytes.

    `sender` and `reply_to` ("": none) may carry a name; `leave` is the `mailto:` or `https:` URI by which this
    recipient leaves; `one_click`, where there is a web side, is the `https:` one that stands before it, and
    `preferences` leads to what the recipient chose; `list_id` and `message_id` come from the functions below.
    ValueError where a value holds a control character (nobody smuggles a header in) or there is no way to leave;
    AddressError where an address is none.
    """
    ways = [way for way in (one_click, leave) if way]
    if not ways or not all(map(_LEAVE.fullmatch, ways)):
        raise ValueError("no mail leaves without a way to leave: expected a mailto: or https: URI")
    head = {
        "From": _mailbox("From", sender),
        "To": bare(_line("To", recipient)),
        "Reply-To": _mailbox("Reply-To", reply_to) if reply_to else "",
        "Subject": _words("Subject", edition.subject),
        "Date": format_datetime(date),
        "Message-ID": _line("Message-ID", message_id),
        "List-Id": _line("List-Id", list_id),
        # Never folded and never an encoded word: either would kill the one click (RFC 8058).
        "List-Unsubscribe": _line("List-Unsubscribe", ", ".join(f"<{way}>" for way in ways)),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if ways[0].startswith("https:") else "",
        "Content-Language": _line("Content-Language", edition.language),
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{_boundary(edition)}"',
    }
    words = {ADDRESS_MARK: recipient, LEAVE_MARK: ways[0], PREFERENCES_MARK: preferences or ways[0]}
    return _head(head) + b"\r\n" + _body(edition, words)


def message_id_for(kind: DeliveryKind, newsletter: str, number: int, subscriber_id: str, host: str) -> str:
    """The same id for the same delivery at every attempt; says nothing about who the subscriber is."""
    who = hashlib.sha256(f"{kind}\n{newsletter}\n{number}\n{subscriber_id}".encode()).hexdigest()[:20]
    return f"<{kind}.{newsletter}.{number}.{who}@{ascii_domain(host)}>"


def list_id_for(newsletter: str, host: str) -> str:
    """`<settimanale.notizie.example.it>` (RFC 2919)."""
    return f"<{newsletter}.{ascii_domain(host)}>"


def quoted_printable(text: str) -> bytes:
    """A text as a mail's body carries it: ASCII, lines of at most 76 octets that end in CRLF (RFC 2045, 6.7)."""
    lines = re.sub(r"\r\n?|\n", "\r\n", text).encode()
    encoded = b2a_qp(lines, istext=True)
    # "From " at a line's start would be altered by mailboxes of the mbox kind, and break the signature.
    return re.sub(rb"(?m)^From ", b"F=\r\nrom ", encoded)


def _head(head: Mapping[str, str]) -> bytes:
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in head.items() if value)


def _body(edition: Edition, words: Mapping[str, str]) -> bytes:
    text = _MARKS.sub(lambda mark: words[mark[0]], edition.text)
    html = _MARKS.sub(lambda mark: escape(words[mark[0]]), edition.html)
    boundary = _boundary(edition).encode()
    parts = [_part("text/plain", text), _part("text/html", html)]
    return b"".join(b"--" + boundary + b"\r\n" + part for part in parts) + b"--" + boundary + b"--\r\n"


def _part(media_type: str, text: str) -> bytes:
    head = f"Content-Type: {media_type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + quoted_printable(text) + b"\r\n"


def _boundary(edition: Edition) -> str:
    """Cannot occur in the parts: quoted-printable never writes `=_`."""
    return "=_" + hashlib.sha256(f"{edition.text}\n{edition.html}".encode()).hexdigest()[:32]


def _mailbox(field: str, text: str) -> str:
    name, address = named(_line(field, text))
    return formataddr((name, address)) if name.isascii() else f"{_words(field, name)} <{address}>"


def _words(field: str, text: str) -> str:
    """ASCII as it is, everything else as encoded words (RFC 2047), folded by the library that knows their length."""
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(_line(field, text), charset, header_name=field).encode(linesep="\r\n")


def _line(field: str, value: str) -> str:
    """The value, if it can stand on one line of a header: this is where a smuggled header ends."""
    if any(category(letter) == "Cc" for letter in value):
        raise ValueError(f"{field}: a control character or a line's end has no place here")
    if len(field) + 2 + len(value.encode()) > _LONGEST_LINE:
        raise ValueError(f"{field}: longer than a line of mail may be ({_LONGEST_LINE} octets)")
    return value
