"""One mail: what a mail server and a mail program find in its bytes."""

from __future__ import annotations

import email
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import AddressError
from aggregator.model import Edition
from aggregator.render.mail.message import (
    ADDRESS_MARK,
    LEAVE_MARK,
    Mould,
    build,
    list_id_for,
    message_id_for,
    quoted_printable,
)

LEAVE = "mailto:leave@example.it?subject=" + "IjVmMGM5ZDJlN2E0MWIzNmMi.cVt0Zk1oQ3R5bG9uZ3Rva2VuaGVyZQ"
ONE_CLICK = "https://notizie.example.it/leave/" + "t0ken" * 12


def edition(**fields):
    told = {
        "subject": "Permessi di soggiorno n. 14/2026 – Adesioni entro il 30 giugno, e altre 9 novità",
        "html": f'<p>Perché no? {ADDRESS_MARK} <a href="{LEAVE_MARK}">Annulla</a></p>\n',
        "text": f"Perché no?\n{ADDRESS_MARK}\n{LEAVE_MARK}\n",
    }
    return Edition("settimanale", 14, "it", (), **(told | fields))


def message(of=None, **fields):
    told = {
        "sender": "Permessi di soggiorno <notizie@example.it>",
        "recipient": "anagrafe@comune.example",
        "reply_to": "servizi@example.it",
        "message_id": message_id_for("issue", "settimanale", 14, "s1", "notizie.example.it"),
        "date": datetime(2026, 6, 17, 6, tzinfo=UTC),
        "leave": (LEAVE,),
        "list_id": list_id_for("settimanale", "notizie.example.it"),
    }
    return build(of or edition(), **(told | fields))


def read(raw):
    parsed = email.message_from_bytes(raw, policy=default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


def parts(raw):
    plain, html = read(raw).iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return plain.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def header_lines(raw):
    return raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_the_headers_are_those_mail_providers_ask_of_a_newsletter():
    mail = read(message())
    assert mail["From"] == "Permessi di soggiorno <notizie@example.it>"
    assert mail["To"] == "anagrafe@comune.example"
    assert mail["Reply-To"] == "servizi@example.it"
    assert mail["Subject"] == edition().subject
    assert mail["Date"].datetime == datetime(2026, 6, 17, 6, tzinfo=UTC)
    assert mail["List-Id"] == "<settimanale.notizie.example.it>"
    assert mail["List-Unsubscribe"] == f"<{LEAVE}>"
    assert mail["Content-Language"] == "it"
    assert mail["MIME-Version"] == "1.0"
    assert mail["Precedence"] is mail["Auto-Submitted"] is mail["List-Unsubscribe-Post"] is None


def test_the_parts_hold_the_edition_with_the_readers_own_words():
    plain, html = parts(message())
    assert plain == f"Perché no?\nanagrafe@comune.example\n{LEAVE}\n"
    assert html == f'<p>Perché no? anagrafe@comune.example <a href="{LEAVE}">Annulla</a></p>\n'


def test_a_web_address_to_leave_by_is_one_click():
    mail = read(message(leave=(ONE_CLICK,)))
    assert mail["List-Unsubscribe"] == f"<{ONE_CLICK}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_with_a_web_side_the_one_click_stands_before_the_mail_that_asks_to_leave():
    raw = message(leave=(ONE_CLICK, LEAVE), preferences="https://notizie.example.it/preferences/t")
    assert [uri.strip() for uri in read(raw)["List-Unsubscribe"].split(",")] == [f"<{ONE_CLICK}>", f"<{LEAVE}>"]
    assert read(raw)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all(ONE_CLICK in part for part in parts(raw)), "and readers see it"


@pytest.mark.parametrize("leave", [LEAVE, ONE_CLICK, "https://notizie.example.it/leave/" + "t" * 800])
def test_the_way_to_leave_stands_on_one_line_as_it_is(leave):
    assert f"List-Unsubscribe: <{leave}>".encode() in header_lines(message(leave=(leave,)))


@pytest.mark.parametrize(
    "leave", ["", "TOKEN", "javascript:leave()", "https://a b", "mailto:è@example.it", "https://a>"]
)
def test_no_mail_leaves_without_a_way_to_leave(leave):
    with pytest.raises(ValueError, match="way to leave"):
        message(leave=(leave,))


def test_a_mail_without_any_way_to_leave_is_none():
    with pytest.raises(ValueError, match="way to leave"):
        message(leave=())


def test_several_ways_to_leave_are_folded_only_between_them() -> None:
    raw = message(leave=(ONE_CLICK, LEAVE))
    assert f"List-Unsubscribe: <{ONE_CLICK}>,\r\n <{LEAVE}>\r\nList-Unsubscribe-Post: ".encode() in raw
    assert read(raw)["List-Unsubscribe"] == f"<{ONE_CLICK}>, <{LEAVE}>"
    assert ONE_CLICK in parts(raw)[0]
    assert LEAVE not in parts(raw)[0]


def test_complaints_are_counted_by_issue_newsletter_language_and_sender() -> None:
    assert re.fullmatch(r"14:settimanale:it:[0-9a-f]{12}", read(message())["Feedback-ID"])


@given(st.text(st.sampled_from("aè.= \n\t"), max_size=90), st.text(st.sampled_from("aè.= \n"), max_size=90))
def test_wherever_the_readers_words_stand_the_rest_is_as_it_was(before: str, after: str) -> None:
    of = edition(text=f"{before}{ADDRESS_MARK}{LEAVE_MARK}{after}{ADDRESS_MARK}\n")
    raw = message(of)
    assert parts(raw)[0] == f"{before}anagrafe@comune.example{LEAVE}{after}anagrafe@comune.example\n"
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76


def test_one_mould_serves_many_readers_with_the_bytes_each_would_get_alone() -> None:
    mould = Mould(
        edition(), sender="Notizie <notizie@example.it>", reply_to="", list_id=list_id_for("settimanale", "example.it")
    )
    for name in ("uno", "due"):
        own = {"recipient": f"{name}@comune.example", "message_id": f"<{name}@example.it>"}
        own |= {"date": datetime(2026, 6, 17, 6, tzinfo=UTC), "leave": (LEAVE + name,)}
        alone = message(
            sender="Notizie <notizie@example.it>", reply_to="", list_id=list_id_for("settimanale", "example.it"), **own
        )
        assert mould.cast(**own) == alone


def test_no_reply_address_no_header():
    assert read(message(reply_to=""))["Reply-To"] is None


@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to", "message_id", "list_id"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\n ", "\x00", "\x85"])
def test_nobody_smuggles_a_header_in(field, end):
    with pytest.raises((ValueError, AddressError)):
        message(**{field: f"notizie@example.it{end}Bcc: all@example.it"})


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00", "\x85"])
def test_nobody_smuggles_a_header_in_by_a_way_to_leave(end):
    with pytest.raises(ValueError, match="way to leave"):
        message(leave=(LEAVE, f"{LEAVE}{end}Bcc: all@example.it"))


def test_a_subject_with_a_line_end_is_refused():
    with pytest.raises(ValueError, match="Subject"):
        message(edition(subject="Avviso\r\nBcc: all@example.it"))


def test_an_address_that_is_none_is_refused():
    with pytest.raises(AddressError):
        message(recipient="comune.example")


printable = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), min_size=1, max_size=140)


@given(printable.map(lambda words: " ".join(words.split())).filter(bool))
def test_every_subject_is_read_as_it_was_written(subject):
    raw = message(edition(subject=subject))
    assert read(raw)["Subject"] == subject
    folded = raw.partition(b"\r\nSubject: ")[2].partition(b"\r\nDate: ")[0]
    assert folded.isascii()
    assert subject.isascii() or max(map(len, (b"Subject: " + folded).split(b"\r\n"))) <= 78


@given(printable.map(lambda words: " ".join(words.split())).filter(bool))
def test_every_name_of_a_sender_is_read_as_it_was_written(name):
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    raw = message(sender=f'"{quoted}" <notizie@example.it>')
    head = raw.decode("ascii", "strict").partition("\r\nTo: ")[0].removeprefix("From: ").replace("\r\n ", " ")
    shown, _, address = head.rpartition(" <")
    assert address == "notizie@example.it>"
    if "=?" in shown:
        assert str(make_header(decode_header(shown))) == name
    else:
        assert read(raw)["From"].addresses[0].display_name == name


def test_what_looks_like_an_encoded_word_is_not_decoded():
    subject = "=?utf-8?q?Urgente?= leggi"
    assert read(message(edition(subject=subject)))["Subject"] == subject


def test_a_domain_with_accents_travels_in_ascii_and_is_shown_as_written():
    raw = message(recipient="protocollo@città.example", list_id=list_id_for("news", "città.example"))
    assert b"To: protocollo@xn--citt-3na.example" in header_lines(raw)
    assert read(raw)["List-Id"] == "<news.xn--citt-3na.example>"
    assert "protocollo@città.example" in parts(raw)[0]


def test_an_address_with_accents_stands_in_its_header_as_utf8():
    assert "To: josé@comune.example".encode() in header_lines(message(recipient="josé@comune.example"))


def test_the_readers_address_cannot_break_the_page():
    html = parts(message(recipient="o'neil&co=\u00abx\u00bb@comune.example"))[1]
    assert "o&#x27;neil&amp;co=" in html


def test_an_address_that_spells_a_mark_is_only_an_address():
    plain, _ = parts(message(recipient=f"{LEAVE_MARK}@comune.example"))
    assert plain == f"Perché no?\n{LEAVE_MARK}@comune.example\n{LEAVE}\n"


def test_the_same_arguments_give_the_same_bytes():
    assert message() == message()
    assert message(edition(text="altro\n")) != message()


HOSTILE = "\n".join(
    [".", "..", ". punto", "From here on", "From: a@b.example", "x" * 3000, "è" * 1500, "😀 fine ", "=3D =\t", "--=_"]
)


def test_hostile_text_arrives_as_it_was_sent():
    plain, html = parts(message(edition(text=HOSTILE, html=f"<pre>{HOSTILE}</pre>")))
    assert plain == HOSTILE
    assert html == f"<pre>{HOSTILE}</pre>"


def test_no_line_of_the_body_tempts_a_relay():
    """Lone dots, mbox's `From ` and long lines are what relays alter, and an altered body breaks the signature."""
    raw = message(edition(text=HOSTILE, html=HOSTILE))
    assert raw.isascii()
    assert not re.search(rb"[^\r]\n|\r[^\n]", raw)
    body = raw.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert max(map(len, body)) <= 76
    assert not any(line == b"." or line.startswith(b"From ") for line in body)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=400))
def test_every_text_survives_quoted_printable(text):
    decoded = email.message_from_bytes(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + quoted_printable(text)
    ).get_payload(decode=True)
    assert decoded.replace(b"\r\n", b"\n") == re.sub(r"\r\n?", "\n", text).encode()


def test_a_message_id_is_the_same_at_every_attempt_and_names_nobody():
    made = message_id_for("issue", "settimanale", 14, "anagrafe@comune.example", "notizie.example.it")
    assert made == message_id_for("issue", "settimanale", 14, "anagrafe@comune.example", "notizie.example.it")
    assert re.fullmatch(r"<issue\.settimanale\.14\.[0-9a-f]{20}@notizie\.example\.it>", made)


def test_every_delivery_has_its_own_message_id():
    deliveries = [("issue", "a", 1, "s1"), ("test", "a", 1, "s1"), ("issue", "b", 1, "s1"), ("issue", "a", 2, "s1")]
    made = {message_id_for(*d, "notizie.example.it") for d in [*deliveries, ("issue", "a", 1, "s2")]}
    assert len(made) == 5
