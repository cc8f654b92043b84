"""Bytes of which no declaration tells the truth -> their text, by what they look like; None where unsure. Pure."""

from __future__ import annotations

import re

Read = tuple[str, str]  # the text, and the encoding it was in
PATCHED = "utf-8 with strays"

_STRAY = re.compile("[\udc80-\udcff]")
_WIDE = re.compile("[^\0-\x7f]")
_WINDOWS = {0xDC00 + code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0x100)}
_CUT = "".join(map(chr, _WINDOWS))


def mostly_utf_8(body: bytes) -> Read | None:
    """UTF-8 that a program cut in the midst of a letter, or into which somebody pasted windows-1252.

    Twice as many letters as stray bytes are no accident: in Chinese encodings one pair in four may pass for a letter.
    """
    text = body.decode("utf-8", "surrogateescape").rstrip(_CUT)
    strays = len(_STRAY.findall(text))
    letters = len(_WIDE.findall(text)) - strays
    if not letters or letters < 2 * strays:
        return None
    return text.translate(_WINDOWS) if strays else text, PATCHED if strays else "utf-8"


_ASIAN = ["gb18030", "big5", "cp949", "euc_jp", "cp932"]
_FEWEST = 8  # bytes beyond ASCII
_IN_ROW = re.compile(rb"[\x80-\xff]{2,}")


def by_looks(body: bytes) -> Read | None:
    """Chinese, Korean or Japanese that does not say so. Their letters have two bytes and stand in rows, where those
    of windows-1252 stand alone; asked of an Italian text, the detector would find Japanese in one of five."""
    beyond = sum(map(len, re.findall(rb"[\x80-\xff]+", body)))
    if beyond < _FEWEST or 5 * sum(map(len, _IN_ROW.findall(body))) < 3 * beyond:
        return None
    from charset_normalizer import from_bytes  # here, as nearly all documents do without

    best = from_bytes(body, cp_isolation=_ASIAN).best()
    return (str(best), best.encoding) if best else None
