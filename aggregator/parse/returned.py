"""A letter in the bounce mailbox -> what it says of a mail of ours: never, or not yet (RFC 3464, and what servers write
instead, read by flufl.bounce), or a complaint (RFC 5965); else its subject, which may hold a token.

Anybody may write there: letters are read as far as honest ones go, and the rest of them costs no time.
"""

from __future__ import annotations

import email
import email.policy
import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Literal

_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_STATUS = re.compile(r"(?im)^(?:Diagnostic-Code|Status):[ \t]*(.+)$")
_LONGEST = 200
# RFC 5322 allows lines of 998 bytes. Expressions that look for addresses may take the square of a line's length, and
# the end of each multipart is looked for at each line.
_LINE, _LINES, _LETTER = 500, 3_000, 128_000
_SUBJECT = 2_000
# RFC 3463: 5.1.x is the address's fault but for 7 and 8, which are the sender's; 5.2.1 a mailbox that is closed. What
# gives no such code says it in words; any other refusal may be about us, or about this mail.
_NOBODY = re.compile(
    r"^55[0-9] (?:5\.1\.(?![78]\b)\d{1,3}|5\.2\.1)\b"
    r"|^55[013] (?!\d\.\d)[^\n]*\b(?:unknown user|user unknown|no such (?:user|mailbox|recipient))\b",
    re.IGNORECASE,
)
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)  # it would log where it stumbled


@dataclass(frozen=True, slots=True)
class Returned:
    kind: Literal["permanent", "temporary", "complaint"]
    paths: tuple[str, ...]  # addresses that may be a return path of ours
    leave: str  # List-Unsubscribe of the mail it is about, if that came along
    message_id: str  # the same
    words: str  # the server's own, without addresses


def returned(letter: bytes) -> Returned | None:
    """None where it is no such report."""
    try:
        return _returned(email.message_from_bytes(_bounded(letter), policy=email.policy.compat32))
    except Exception:  # noqa: BLE001  the library stumbles over strangers' letters in many ways, such as nested for ever
        return None


def subject(letter: bytes) -> str:
    """Decoded and unfolded; of one that is longer than any token its beginning."""
    head = BytesHeaderParser(policy=email.policy.default).parsebytes(_bounded(letter))
    written = next((str(value) for name, value in head.raw_items() if name.lower() == "subject"), "")
    return str(email.policy.default.header_fetch_parse("Subject", written[:_SUBJECT]))


def _bounded(letter: bytes) -> bytes:
    return b"\n".join(line[:_LINE] for line in letter[:_LETTER].splitlines()[:_LINES])


def _returned(message: Message) -> Returned | None:
    complaint = _complaint(message)
    if complaint is not None:
        return _read(message, "complaint", complaint) if complaint != "not-spam" else None
    temporary, permanent = _failures(message)
    if not temporary and not permanent:
        return None
    return _read(message, "permanent" if permanent else "temporary", "")


def is_nobodys(answer: str) -> bool:
    """Whether a server refuses a recipient because there is none of that name: `550 5.1.1 User unknown`."""
    return _NOBODY.search(answer) is not None


def _failures(message: Message) -> tuple[Collection[bytes], Collection[bytes]]:
    from flufl.bounce import all_failures  # 15 ms that few commands need

    try:
        return all_failures(message)
    except Exception:  # noqa: BLE001  its detectors stumble over strangers' letters in many ways; people read those
        return (), ()


def _complaint(message: Message) -> str | None:
    """The kind of a feedback report (`abuse`, `fraud`, `not-spam` …), or None where it is none."""
    if str(message.get_param("report-type", "")).lower() != "feedback-report":
        return None
    fields = next((p for p in message.walk() if p.get_content_type() == "message/feedback-report"), None)
    kind = re.search(r"(?im)^Feedback-Type:\s*(\S+)", _text(fields)) if fields else None
    return kind[1].lower() if kind else "abuse"


def _read(message: Message, kind: Literal["permanent", "temporary", "complaint"], words: str) -> Returned:
    original = next(_originals(message), None)
    reported = re.findall(r"(?im)^Original-Mail-From:\s*(\S+)", _text(message))
    paths = [str(value) for name in _TO for value in message.get_all(name, [])]
    paths += [*reported, *([str(original["Return-Path"])] if original and original["Return-Path"] else [])]
    leave, message_id = (str(original[name] or "") if original else "" for name in ("List-Unsubscribe", "Message-ID"))
    return Returned(kind, tuple(paths), " ".join(leave.split()), message_id, words or _words(message))


def _originals(message: Message) -> Iterator[Message]:
    """The mail it is about, whole or its head only."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822":
            yield from (one for one in part.walk() if one is not part)
        elif part.get_content_type() == "text/rfc822-headers":
            yield email.message_from_bytes(_text(part).partition("\n\n")[2].encode())


def _words(message: Message) -> str:
    found = max(_STATUS.findall(_text(message)), key=len, default="returned")[:_LINE]  # unfolded, it may be long again
    return re.sub(r"<?[^\s<>]+@[^\s<>]+>?", "<address>", found)[:_LONGEST]


def _text(message: Message) -> str:
    return message.as_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
