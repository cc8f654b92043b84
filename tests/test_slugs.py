"""Titles -> names fit for paths."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.slugs import slug


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Più Comuni: l’accordo è fatto", "piu-comuni-l-accordo-e-fatto"),
        ("D.Lgs. n. 25/2008 -- “asilo”", "d-lgs-n-25-2008-asilo"),
        ("Straße, ﬁne, №1", "strasse-fine-no1"),
        ("公告", "senza-titolo"),
        ("", "senza-titolo"),
        ("../../etc/passwd", "etc-passwd"),
        ("a" * 70, "a" * 60),
        ("parola " * 10, "parola-parola-parola-parola-parola-parola-parola-parola"),
        ("x" * 30 + " " + "y" * 29, "x" * 30 + "-" + "y" * 29),
    ],
)
def test_a_title_becomes_a_name(title: str, name: str):
    assert slug(title) == name


@given(st.text())
def test_a_name_is_short_and_fit_for_every_path(title: str):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(title))
    assert len(slug(title)) <= 60
    assert slug(slug(title)) == slug(title)
