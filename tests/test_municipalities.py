"""Who writes for which municipality, as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.municipalities import _all, called, find, near


@pytest.mark.parametrize(
    "text",
    ["Roma", " roma ", "ROMA (RM)", "Roma, RM", "Comune di Roma", "058091", "c_h501", "C_H501", "H501", "Roma/Rom"],
)
def test_a_name_and_every_code_mean_the_same(text: str) -> None:
    assert [one.code for one in find(text)] == ["c_h501"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("forli'", "Forlì (FC)"),
        ("Sant’Angelo Lodigiano", "Sant'Angelo Lodigiano (LO)"),
        ("l aquila", "L'Aquila (AQ)"),
        ("Bozen", "Bolzano (BZ)"),
        ("Gemeinde Bozen", "Bolzano (BZ)"),
        ("Bolzano/Bozen", "Bolzano (BZ)"),
        ("citta di castello", "Città di Castello (PG)"),
        ("Cavallino", "Cavallino (LE)"),
        ("comunanza", "Comunanza (AP)"),
        ("castro (le)", "Castro (LE)"),
    ],
)
def test_a_name_is_known_as_people_write_it(text: str, meant: str) -> None:
    assert [str(one) for one in find(text)] == [meant]


def test_of_a_name_that_several_have_all_are_told() -> None:
    assert [str(one) for one in find("Castro")] == ["Castro (BG)", "Castro (LE)"]
    assert find("Castro (RM)") == ()


@pytest.mark.parametrize(
    ("text", "meant"), [("Reggio Emilia", "Reggio nell'Emilia (RE)"), ("laquila", "L'Aquila (AQ)")]
)
def test_what_names_none_is_told_what_is_like_it(text: str, meant: str) -> None:
    assert find(text) == ()
    assert meant in [str(one) for one in near(text)]


@pytest.mark.parametrize(
    "text", ["", " ", "comune", "000000", "c_z999", "x" * 100_000, "a" + " " * 100_000 + "b", "(((", "\x00", "-RM"]
)
def test_what_is_none_is_none(text: str) -> None:
    assert find(text) == ()


def test_whatever_we_call_one_finds_it_and_no_other() -> None:
    for one in _all():
        assert find(str(one)) == (one,)
        assert find(one.code) == (one,)
        assert one.istat == "" or find(one.istat) == (one,)
        assert one in find(one.name)
        assert called(one.code) == str(one)
    assert len({one.code for one in _all()}) == len(_all()) > 7_800


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    assert all(one in _all() for one in (*find(text), *near(text)))
