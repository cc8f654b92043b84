"""Text -> the same without what readers do not tell apart: letter case, accents, what cannot be seen. Pure."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u00ad\u200b-\u200d\ufeff]+")
_QUOTES = str.maketrans(dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4\u0060\u2032", "'"))


def fold(text: str) -> str:
    """Small letters without accents, straight apostrophes, nothing invisible: `Perché` is `perche`."""
    if text.isascii():
        return text.lower()
    return _INVISIBLE.sub("", unicodedata.normalize("NFKD", text.translate(_QUOTES))).casefold()
