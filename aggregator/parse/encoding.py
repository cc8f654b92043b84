"""Bytes of a document -> the same in UTF-8, whatever was declared. Declarations lie more often than bytes do."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence

from aggregator import markup
from aggregator.parse.guesses import PATCHED, Read, by_looks, mostly_utf_8

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first characters of XML without a byte order mark (XML 1.0, appendix F).
_SHAPES = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_PROLOGUE = re.compile(rb"""^(<\?xml[^>]*?)(?:\s|\xc2\xa0)+encoding\s*=\s*["'][^"']*["']""")
_LONGEST_PROLOGUE = 1024
_REFERENCE = re.compile(rb"&#([xX][0-9A-Fa-f]+|[0-9]+);")
_SUSPECT = re.compile(rb"&#(?:[xX]|0|(?:[0-9]|[12][0-9]|3[01]);|[0-9]{5})")  # all others are legal
_HALVES = re.compile(rb"&#(x0*d[89ab][0-9a-f]{2}|0*5[56]\d{3});&#(x0*d[c-f][0-9a-f]{2}|0*5[67]\d{3});", re.I)
# What is written as Latin-1 is windows-1252 in fact (WHATWG Encoding Standard, 4.2).
_MEANT = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
          "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949"}  # fmt: skip


def decode(body: bytes, charset: str = "") -> str:
    """The document as text: no byte order mark, no blanks in front, no character XML forbids, no encoding declared."""
    return read(body, charset)[0].decode("utf-8")


def read(body: bytes, charset: str = "") -> tuple[bytes, tuple[str, ...]]:
    """The same in UTF-8, with what had to be done for it, in words.

    Tried in order: byte order mark, shape of the first bytes, UTF-8 (strictly, then with a stray byte here and there),
    the server's charset, the declared encoding, what Asian letters look like, windows-1252.
    """
    declared = _DECLARATION.match(body[:_LONGEST_PROLOGUE])
    names = [charset, declared[1].decode("ascii") if declared else ""]
    if body.startswith((b"<", b"{")) and markup.is_legal(body):  # as most are; those of 7 or 16 bits have controls
        return _undeclared(body), tuple(_claims("" if body.isascii() else "utf-8", names))
    text, name = (
        _by_mark(body)
        or _by_name(body, [*_escaped(body, names), "utf-8"])
        or mostly_utf_8(body)
        or _by_name(body, names)
        or by_looks(body)
        or (body.decode("cp1252", "replace"), "windows-1252")
    )
    whole = markup.legal(text)
    bare = whole.lstrip("\ufeff \t\r\n")
    return _undeclared(bare.encode("utf-8")), tuple(_mended(name, names, text, whole, bare))


def _undeclared(document: bytes) -> bytes:
    found = _PROLOGUE.match(document, 0, _LONGEST_PROLOGUE)
    return found[1] + document[found.end() :] if found else document


def _mended(name: str, names: Sequence[str], text: str, whole: str, bare: str) -> Iterator[str]:
    if name == PATCHED:
        yield "bytes that are no UTF-8 were read as windows-1252"
        name = "utf-8"
    yield from _claims(name, names)
    if len(whole) < len(text):
        yield "control characters were taken out"
    if bare.startswith("<?xml") and len(bare) < len(whole.removeprefix("\ufeff")):
        yield "blanks before its first line were taken out"


def _claims(name: str, names: Sequence[str]) -> Iterator[str]:
    """What it is in, where it says otherwise."""
    told = [written for written in names if written]
    if name and not any(_same(name, written) for written in told or ["utf-8"]):
        claim = f"though it says {' and '.join(dict.fromkeys(told))}" if told else "though it does not say so"
        yield f"read as {name}, {claim}"


def _same(name: str, written: str) -> bool:
    """Whether two names mean one encoding, as browsers take them."""
    try:
        return codecs.lookup(_meant(name)).name == codecs.lookup(_meant(written)).name
    except (LookupError, ValueError):
        return False


def _meant(name: str) -> str:
    short = name.lower().removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    return _MEANT.get(short, short)


def legal_references(document: bytes) -> bytes:
    """XML in UTF-8 without numeric references to what no text can hold: an emoji written as two halves becomes one, and
    a number that is no character goes. feedparser crashes on them."""
    if not _SUSPECT.search(document):
        return document
    return _REFERENCE.sub(_legal, _HALVES.sub(_joined, document))


def _joined(match: re.Match[bytes]) -> bytes:
    high, low = (_number(match[n]) for n in (1, 2))
    if 0xD800 <= high < 0xDC00 <= low < 0xE000:
        return chr(0x10000 + (high - 0xD800 << 10) + (low - 0xDC00)).encode("utf-8")
    return match[0]


def _legal(match: re.Match[bytes]) -> bytes:
    number = _number(match[1])
    return match[0] if number < 0x110000 and markup.legal(chr(number)) else b""


def _number(reference: bytes) -> int:
    """`55357` or `xD83D`; longer ones are no character."""
    if len(reference) > 8:
        return 0x110000
    return int(reference[1:], 16) if reference[:1] in b"xX" else int(reference)


def _by_mark(body: bytes) -> Read | None:
    for start, name in (*_BOMS, *_SHAPES):
        if body.startswith(start):
            return body.decode(name, "replace"), name
    return None


def _escaped(body: bytes, names: Sequence[str]) -> list[str]:
    """7-bit encodings that switch alphabets by escape sequences; they would pass for ASCII, thus for UTF-8."""
    return [n for n in names if b"\x1b" in body and n.lower().startswith("iso-2022")]


def _by_name(body: bytes, names: Sequence[str]) -> Read | None:
    for name in names:
        text = _strict(body, _MEANT.get(name.lower(), name))
        if text is not None:
            return text, "" if text.isascii() else name  # in ASCII all of them are one
    return None


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name) if name else None
    except (UnicodeDecodeError, LookupError, ValueError):
        return None
