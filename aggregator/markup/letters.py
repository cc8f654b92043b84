"""Any text -> the same without what XML cannot hold."""

from __future__ import annotations

import re

# XML 1.0, 2.2: no control characters but tab and line ends, no lone surrogates, none of U+FFFE and U+FFFF.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")


def legal(text: str, raw: bytes = b"") -> str:
    """The text without the characters XML 1.0 forbids, lone surrogates among them; `raw` is the same in UTF-8, where it
    is at hand."""
    if text.isprintable():  # most lines are, and it is quickly seen
        return text
    try:
        raw = raw or text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return _ILLEGAL.sub("", text)
    # Bytes are searched ten times faster than letters, and nearly every text is legal.
    if len(raw.translate(None, _CONTROLS)) == len(raw) and "\ufffe" not in text and "\uffff" not in text:
        return text
    return _ILLEGAL.sub("", text)
