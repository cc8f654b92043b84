"""Bytes lie less than what is said of them."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.encoding import decode, legal_references, read

TEXT = "<rss><title>Più città, l’Università – “qui” costa 5 €</title></rss>"
ITALIAN = "<rss><title>Più città, perché</title></rss>"


def declared(name: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="{name}"?>{text}'


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
@pytest.mark.parametrize("charset", ["", "iso-8859-1"])
def test_a_byte_order_mark_is_believed_first(mark: bytes, codec: str, charset: str) -> None:
    assert decode(mark + declared("latin-1", TEXT).encode(codec), charset) == f'<?xml version="1.0"?>{TEXT}'


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_letters_without_a_mark_are_known_by_their_shape(codec: str) -> None:
    assert decode(declared("utf-8", TEXT).encode(codec)) == f'<?xml version="1.0"?>{TEXT}'


def test_a_document_cut_inside_a_wide_letter_is_read_as_far_as_it_goes() -> None:
    assert decode(declared("utf-16", TEXT).encode("utf-16")[:-1]).startswith(f'<?xml version="1.0"?>{TEXT[:-2]}')


@pytest.mark.parametrize("name", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "klingon"])
def test_what_is_utf_8_is_read_so_whatever_is_declared(name: str) -> None:
    assert decode(declared(name, TEXT).encode(), charset=name) == f'<?xml version="1.0"?>{TEXT}'


def test_what_is_no_utf_8_is_read_as_the_server_says() -> None:
    assert decode(ITALIAN.encode("mac-roman"), "macintosh") == ITALIAN


def test_what_the_server_cannot_mean_is_read_as_declared() -> None:
    cyrillic = "<rss><title>Сообщение</title></rss>"

    assert decode(declared("koi8-r", cyrillic).encode("koi8-r"), "us-ascii; x").endswith(cyrillic)


@pytest.mark.parametrize("name", ["iso-8859-1", "ISO-8859-1", "latin1", "us-ascii", "windows-1252"])
def test_what_is_called_latin_1_is_windows_1252(name: str) -> None:
    assert decode(declared(name, TEXT).encode("cp1252")).endswith(TEXT)


@pytest.mark.parametrize("charset", ["", "utf-8", "klingon", "hex", "zlib", "undefined", "a\0b", "più", "x" * 1000])
def test_what_nobody_names_is_windows_1252(charset: str) -> None:
    assert decode(TEXT.encode("cp1252"), charset) == TEXT


# --- UTF-8, but not quite ---


@pytest.mark.parametrize("charset", ["", "utf-8", "iso-8859-1"])
def test_utf_8_that_is_cut_inside_a_letter_is_read_as_far_as_it_goes(charset: str) -> None:
    whole = TEXT.encode()
    for end in range(whole.index("ù".encode()) + 2, len(whole)):
        assert decode(whole[:end], charset) == whole[:end].decode("utf-8", "ignore")


@pytest.mark.parametrize("stray", ["è", "’", "€"])
def test_a_word_pasted_from_windows_costs_the_others_nothing(stray: str) -> None:
    body = TEXT.encode().replace(b" costa ", b" " + stray.encode("cp1252") + b" ")
    document, mended = read(body, "utf-8")
    assert document.decode() == TEXT.replace("costa", stray)
    assert mended == ("bytes that are no UTF-8 were read as windows-1252",)


def test_windows_1252_with_a_pair_that_might_be_utf_8_is_none() -> None:
    text = "<rss><title>È già così: «PIÙ» – perché Ã© è più</title></rss>"
    assert decode(text.encode("cp1252")) == text


# --- what looks Asian ---


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("gb2312", "国务院办公厅关于印发通知的公告"),
        ("gb18030", "国务院办公厅關於印發通知的公告"),
        ("big5", "臺灣政府公告事項與說明文件"),
        ("euc-kr", "대한민국 정부 공지사항 안내"),
        ("euc-jp", "これは政府からのお知らせです"),
        ("shift_jis", "これは政府からのお知らせです"),
    ],
)
@pytest.mark.parametrize("charset", ["", "utf-8"])
def test_asian_letters_that_nobody_names_are_known_by_their_looks(codec: str, words: str, charset: str) -> None:
    body = f"<rss><title>{words}</title></rss>".encode(codec)
    document, mended = read(body, charset)
    assert document.decode() == f"<rss><title>{words}</title></rss>"
    assert len(mended) == 1


@given(st.lists(st.sampled_from("perché è già così più PERCHÉ CITTÀ « » – “ora” € 5° l’età, naïf".split()), min_size=1))
def test_no_western_text_looks_asian(words: list[str]) -> None:
    text = f"<rss><title>{' '.join(words)}</title></rss>"
    assert decode(text.encode("cp1252")) == text


def test_a_byte_that_windows_1252_does_not_have_costs_one_letter() -> None:
    assert decode(b"<a>perch\xe9 \x81 no</a>") == "<a>perché \ufffd no</a>"


@pytest.mark.parametrize(("name", "codec"), [("gb2312", "gb18030"), ("Shift_JIS", "cp932"), ("euc-kr", "cp949")])
def test_asian_names_mean_their_wider_successors(name: str, codec: str) -> None:
    assert decode(declared(name, "<a>日本</a>").encode(codec)).endswith("<a>日本</a>")


@pytest.mark.parametrize("charset", ["iso-2022-jp", ""])
def test_an_alphabet_switched_by_escapes_does_not_pass_for_ascii(charset: str) -> None:
    body = declared("ISO-2022-JP", "<a>日本</a>").encode("iso-2022-jp")

    assert decode(body, charset).endswith("<a>日本</a>")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        (b" \r\n\t", ""),
        (b"\n\n <a/>", "<a/>"),
        (b"\xef\xbb\xbf\xef\xbb\xbf<a/>", "<a/>"),
        (b"<a>\x00uno\x0b\x1f due\ttre\n</a>", "<a>uno due\ttre\n</a>"),
        (b'{"items": []}', '{"items": []}'),
    ],
)
def test_nothing_stands_in_front_and_nothing_illegal_inside(body: bytes, text: str) -> None:
    assert decode(body) == text


@pytest.mark.parametrize(
    ("head", "left"),
    [
        ('<?xml version="1.0" encoding="utf-8"?>', '<?xml version="1.0"?>'),
        ('<?xml version="1.0"\xa0encoding="utf-8"?>', '<?xml version="1.0"?>'),
        ("<?xml version='1.0' encoding='utf-8' standalone='yes'?>", "<?xml version='1.0' standalone='yes'?>"),
        ('<?xml version = "1.0"  encoding = "utf-8" ?>', '<?xml version = "1.0" ?>'),
        ('\n<?xml version="1.0" encoding="utf-8"?>', '<?xml version="1.0"?>'),
        ('<?xml version="1.0"?>', '<?xml version="1.0"?>'),
    ],
)
def test_text_declares_no_encoding(head: str, left: str) -> None:
    body = '<a encoding="utf-8"/>'

    assert decode((head + body).encode()) == left + body


@given(st.binary(max_size=60), st.text(max_size=12) | st.sampled_from(["utf-16", "utf-7", "idna", "punycode", "rot13"]))
def test_no_bytes_and_no_name_are_refused(body: bytes, charset: str) -> None:
    assert "\0" not in decode(body, charset)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_any_text_survives_in_utf_8(text: str) -> None:
    assert decode(f"<a>{text}</a>".encode()) == f"<a>{text}</a>"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&#55357;&#56832;", "\U0001f600"),
        ("&#xD83D;&#xDE00;", "\U0001f600"),
        ("&#128512;", "&#128512;"),
        ("a&#55357;b", "ab"),
        ("&#56832;&#55357;", ""),
        ("&#0;&#1;&#9;", "&#9;"),
        ("&#1114112;&#99999999999999999999;", ""),
        ("&#65;&#55357;&#56832;", "&#65;\U0001f600"),
        ("&amp;#1;", "&amp;#1;"),
        ("nulla", "nulla"),
    ],
)
def test_a_reference_to_no_character_goes_and_two_halves_are_one(written: str, meant: str) -> None:
    assert legal_references(written.encode()).decode() == meant


@pytest.mark.parametrize(
    "never", ["\0", "\x0b", "\x1b", "\ufffe", "\uffff"], ids=["NUL", "VT", "ESC", "U+FFFE", "U+FFFF"]
)
def test_what_no_document_may_hold_is_taken_out_of_utf_8_and_told(never: str) -> None:
    document, mended = read(f"<a>Citt{never}à</a>".encode(), "utf-8")
    assert document == "<a>Città</a>".encode()
    assert mended == ("control characters were taken out",)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(["\ufeff", "\x1b$B", "\ufffe"]),
    st.sampled_from(["", "utf-8", "iso-8859-1", "iso-2022-jp"]),
)
def test_what_needs_no_mending_is_the_same_as_if_it_were_looked_at_closely(text: str, charset: str) -> None:
    """A blank in front is taken out, and makes sure of the closer look."""
    body = f"<a>{text}</a>".encode()
    quick, closely = read(body, charset), read(b" " + body, charset)
    assert quick == closely
