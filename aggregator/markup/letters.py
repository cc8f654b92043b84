"""Any text -> the same without what XML cannot hold."""

from __future__ import annotations

import re

# XML 1.0, 2.2: no control characters but tab and line ends, no lone surrogates, none of U+FFFE and U+FFFF.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")


def legal(text: str) -> str:
    """The text without the characters XML 1.0 forbids, lone surrogates among them."""
    if text.isprintable():  # most lines are, and it is quickly seen
        return text
    # Bytes are searched ten times faster than letters, and nearly every text is legal.
    raw = _encoded(text)
    if raw and len(raw.translate(None, _CONTROLS)) == len(raw) and "\ufffe" not in text and "\uffff" not in text:
        return text
    return _ILLEGAL.sub("", text)


def is_legal(raw: bytes) -> bool:
    """Whether it is UTF-8, and holds no character XML 1.0 forbids."""
    if len(raw.translate(None, _CONTROLS)) < len(raw) or any(never in raw for never in _NEVER):
        return False
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


_NEVER = ("\ufffe".encode(), "\uffff".encode())


def _encoded(text: str) -> bytes:
    """In bytes that below 32 mean what they mean in ASCII; none where there is a lone surrogate."""
    try:
        return text.encode("latin-1")  # Italian mostly is in memory just so
    except UnicodeEncodeError:
        pass
    try:
        return text.encode()
    except UnicodeEncodeError:
        return b""
