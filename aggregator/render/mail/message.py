"""Edition + one recipient -> the bytes of one mail (RFC 5322, 2046, 2369, 8058)."""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_qp
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache
from html import escape

from aggregator.addresses import ascii_domain, bare, named
from aggregator.model import DeliveryKind, Edition

# Where the recipient's own words go in an edition. Plain letters: nothing on the way escapes, wraps or rewrites them.
ADDRESS_MARK = "bollettinoRecipientAddress"
LEAVE_MARK = "bollettinoLeaveLink"
PREFERENCES_MARK = "bollettinoPreferencesLink"

_MARKS = re.compile(f"{ADDRESS_MARK}|{LEAVE_MARK}|{PREFERENCES_MARK}")
_LEAVE = re.compile(r"(mailto:|https?://)[!-;=?-~]+")  # printable ASCII without < and >
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST_LINE = 998  # octets, RFC 5322, 2.1.1


class Mould:
    """An edition made ready for many recipients: encoded once, cut where the recipient's own words go."""

    def __init__(
        self, edition: Edition, *, sender: str, reply_to: str, list_id: str, is_automatic: bool = False
    ) -> None:
        """`sender` and `reply_to` ("": none) may carry a name; `list_id` comes from the function below. `is_automatic`:
        no program that answers for somebody should answer it (RFC 3834). ValueError where a value holds a control
        character (nobody smuggles a header in), AddressError where an address is none."""
        self._top = _head({"From": _mailbox("From", sender)})
        self._middle = _head(
            {
                "Reply-To": _mailbox("Reply-To", reply_to) if reply_to else "",
                "Subject": _words("Subject", edition.subject),
            }
        )
        boundary = _boundary(edition)
        self._bottom = _head(
            {
                "List-Id": _line("List-Id", list_id),
                "Feedback-ID": _line("Feedback-ID", _feedback_id(edition, list_id)),
                "Auto-Submitted": "auto-generated" if is_automatic else "",
                "Content-Language": _line("Content-Language", edition.language),
                "MIME-Version": "1.0",
                "Content-Type": f'multipart/alternative; boundary="{boundary}"',
            }
        )
        self._body = (
            f"\r\n--{boundary}\r\n".encode(),
            *_part("text/plain", edition.text),
            f"\r\n--{boundary}\r\n".encode(),
            *_part("text/html", edition.html, escaped=True),
            f"\r\n--{boundary}--\r\n".encode(),
        )

    def cast(
        self, *, recipient: str, message_id: str, date: datetime, leave: Sequence[str], preferences: str = ""
    ) -> bytes:
        """One mail with CRLF, ready for `Mail.send`; the same arguments give the same bytes.

        `leave`: the `https:` and `mailto:` URIs by which this recipient leaves; the first is the link in the text.
        `preferences`, where there is a web side, leads to what the recipient chose.
        ValueError where there is none, or a value holds a control character; AddressError where `recipient` is none.
        """
        if not leave or not all(map(_LEAVE.fullmatch, leave)):
            raise ValueError("no mail leaves without a way to leave: expected mailto: or https: URIs")
        to = _head({"To": bare(_line("To", recipient))})
        own = _head(
            {
                "Date": _moment(date),
                "Message-ID": _line("Message-ID", message_id),
                "List-Unsubscribe": _uris("List-Unsubscribe", leave),
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if _is_one_click(leave) else "",
            }
        )
        words = dict(_words_of(recipient, leave[0], preferences or leave[0]))
        body = (piece if isinstance(piece, bytes) else words[piece] for piece in self._body)
        return b"".join((self._top, to, self._middle, own, self._bottom, *body))


def build(
    edition: Edition,
    *,
    sender: str,
    recipient: str,
    reply_to: str,
    message_id: str,
    date: datetime,
    leave: Sequence[str],
    list_id: str,
    preferences: str = "",
    is_automatic: bool = False,
) -> bytes:
    """A mould for one mail."""
    mould = Mould(edition, sender=sender, reply_to=reply_to, list_id=list_id, is_automatic=is_automatic)
    return mould.cast(recipient=recipient, message_id=message_id, date=date, leave=leave, preferences=preferences)


def as_read(edition: Edition, *, recipient: str, leave: Sequence[str], preferences: str = "") -> Edition:
    """The edition with one recipient's own words in it, to be looked at and not mailed."""
    words = {ADDRESS_MARK: recipient, LEAVE_MARK: leave[0], PREFERENCES_MARK: preferences or leave[0]}
    text = _MARKS.sub(lambda mark: words[mark[0]], edition.text)
    return replace(edition, text=text, html=_MARKS.sub(lambda mark: escape(words[mark[0]]), edition.html))


def message_id_for(kind: DeliveryKind, newsletter: str, number: int, subscriber_id: str, host: str) -> str:
    """The same id for the same delivery at every attempt; says nothing about who the subscriber is."""
    who = hashlib.sha256(f"{kind}\n{newsletter}\n{number}\n{subscriber_id}".encode()).hexdigest()[:20]
    return f"<{kind}.{newsletter}.{number}.{who}@{ascii_domain(host)}>"


def list_id_for(newsletter: str, host: str) -> str:
    """`<settimanale.notizie.example.it>` (RFC 2919)."""
    return f"<{newsletter}.{ascii_domain(host)}>"


def quoted_printable(text: str) -> bytes:
    """A text as a mail's body carries it: ASCII, lines of at most 76 octets that end in CRLF (RFC 2045, 6.7)."""
    encoded = b2a_qp(re.sub(r"\r\n?", "\n", text).encode(), istext=True).replace(b"\n", b"\r\n")
    # "From " at a line's start would be altered by mailboxes of the mbox kind, and break the signature.
    return re.sub(rb"(?m)^From ", b"F=\r\nrom ", encoded)


def _head(head: Mapping[str, str]) -> bytes:
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in head.items() if value)


# --- the body: quoted-printable, cut at the marks ---

Mark = tuple[str, bool]  # its name, and whether its words stand in HTML


def _part(media_type: str, text: str, *, escaped: bool = False) -> Iterator[bytes | Mark]:
    """Encoded text and marks in turn. Before and after a mark a line is broken that nobody sees (RFC 2045, 6.7, rule
    5), so that what stands there may be of any length."""
    head = f"Content-Type: {media_type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    yield head.encode()
    place = 0
    for mark in _MARKS.finditer(text):
        yield _open_ended(text[place : mark.start()])
        yield mark[0], escaped
        place = mark.end()
    yield quoted_printable(text[place:])


def _words_of(recipient: str, leave: str, preferences: str) -> Iterator[tuple[Mark, bytes]]:
    for name, word in ((ADDRESS_MARK, recipient), (LEAVE_MARK, leave), (PREFERENCES_MARK, preferences)):
        escaped, encoded = escape(word), _open_ended(word)
        yield (name, False), encoded
        yield (name, True), encoded if escaped == word else _open_ended(escaped)


def _open_ended(text: str) -> bytes:
    """Encoded so that more text may follow: its last line is broken unseen. Were the text its own end, its last line
    might be one octet too long for that; so a letter stands in for what follows."""
    encoded = quoted_printable(text + "x").removesuffix(b"x")
    return encoded if not encoded or encoded.endswith(b"\n") else encoded + b"=\r\n"


def _boundary(edition: Edition) -> str:
    """Cannot occur in the parts: quoted-printable never writes `=_`."""
    return "=_" + hashlib.sha256(f"{edition.text}\n{edition.html}".encode()).hexdigest()[:32]


@lru_cache(64)
def _moment(date: datetime) -> str:
    return format_datetime(date)


def _feedback_id(edition: Edition, list_id: str) -> str:
    """What Gmail counts complaints by: number, newsletter and language; the last names us in 5 to 15 letters."""
    sender = hashlib.sha256(list_id.rpartition(f"{edition.newsletter}.")[2].encode()).hexdigest()[:12]
    return f"{edition.number}:{edition.newsletter}:{edition.language}:{sender}"


def _uris(field: str, uris: Sequence[str]) -> str:
    """Folded only between URIs, and never an encoded word: either would kill the one click (RFC 8058)."""
    return ",\r\n ".join(_line(field, f"<{uri}>") for uri in uris)


def _is_one_click(uris: Sequence[str]) -> bool:
    return any(uri.startswith("https:") for uri in uris)


def _mailbox(field: str, text: str) -> str:
    name, address = named(_line(field, text))
    return formataddr((name, address)) if name.isascii() else f"{_words(field, name)} <{address}>"


def _words(field: str, text: str) -> str:
    """ASCII as it is, everything else as encoded words (RFC 2047), folded by the library that knows their length."""
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    return Header(_line(field, text), charset, header_name=field).encode(linesep="\r\n")


def _line(field: str, value: str) -> str:
    """The value, if it can stand on one line of a header: this is where a smuggled header ends."""
    if _CONTROL.search(value):
        raise ValueError(f"{field}: a control character or a line's end has no place here")
    if len(field) + 2 + len(value.encode()) > _LONGEST_LINE:
        raise ValueError(f"{field}: longer than a line of mail may be ({_LONGEST_LINE} octets)")
    return value
