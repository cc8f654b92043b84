"""Tokens: short, signed, of one purpose, and found in what mail programs make of them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from aggregator.errors import TokenError
from aggregator.tokens import Keyring, mailto

KEY = b"a key of the tests, long enough."
RING = Keyring(KEY)
ID = "5f0c9d2e7a41b36c"


@given(st.text(max_size=60))
def test_a_token_gives_back_the_subscriber_it_was_made_for(subscriber_id):
    assert RING.read_leave(RING.leave(subscriber_id)) == subscriber_id


def test_a_token_is_short_and_needs_no_escaping():
    assert len(RING.leave(ID)) < 60
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", RING.leave(ID))


def test_the_same_subscriber_always_gets_the_same_token():
    assert RING.leave(ID) == Keyring(KEY).leave(ID)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        RING.leave(ID)[:-1],
        RING.leave(ID)[1:],
        RING.leave(ID).replace(".", ".."),
        Keyring(b"another key of the tests, as long").leave(ID),
        str(URLSafeSerializer(KEY, salt="confirm", signer_kwargs={"key_derivation": "hmac"}).dumps(ID)),
        str(URLSafeSerializer(KEY, salt="leave", signer_kwargs={"key_derivation": "hmac"}).dumps([ID])),
        "è" * 40,
    ],
)
def test_a_forged_cut_or_foreign_token_is_refused(token):
    with pytest.raises(TokenError):
        RING.read_leave(token)


def test_a_short_key_is_refused_with_the_reason():
    with pytest.raises(ValueError, match="at least 16 bytes"):
        Keyring(b"short")


@pytest.mark.parametrize(
    "mangled",
    [
        "{}",
        "Re: {}",
        "R: {}",
        "I:{}",
        "[SPAM] Re: Fwd: {} (fwd)",
        "  {}\r\n",
        "Annullare l'iscrizione: <{}>.",
        "{}. Grazie",
        "subject={}",
    ],
)
def test_a_token_is_found_in_what_mail_programs_make_of_a_subject(mangled):
    assert RING.find_leave(mangled.format(RING.leave(ID))) == ID


@given(st.lists(st.integers(1, 50), min_size=1, max_size=3), st.sampled_from([" ", "\r\n ", "\t"]))
def test_a_token_broken_by_the_ends_of_lines_is_found(cuts, gap):
    token = RING.leave(ID)
    for cut in sorted(set(cuts), reverse=True):
        token = token[:cut] + gap + token[cut:]
    assert RING.find_leave(f"Re: {token} cordiali saluti") == ID


@given(st.text())
def test_a_text_without_a_token_of_ours_gives_nobody(text):
    assert RING.find_leave(text) is None


def test_a_subject_of_a_million_letters_is_given_up_at_once():
    assert RING.find_leave("Re: " + "parola " * 150_000) is None


def test_the_mailto_address_carries_the_token_as_its_subject():
    uri = mailto("leave+list@example.it", RING.leave(ID))
    assert uri.startswith("mailto:leave%2Blist@example.it?subject=")
    assert parse_qs(urlsplit(uri).query) == {"subject": [RING.leave(ID)]}
