"""Colours that can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.render.colour import contrast, darkened, readable_on

colours = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


def test_contrast_is_that_of_the_definition():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#0066cc", "#0066cc") == 1


@given(colours)
def test_white_or_black_can_be_read_on_any_colour(background):
    assert contrast(readable_on(background), background) >= 4.5


@given(colours, colours)
def test_a_darkened_colour_can_be_read_on_any_background(colour, background):
    assert contrast(darkened(colour, background, 4.5), background) >= 4.5


@given(colours)
def test_a_colour_that_can_be_read_already_is_left_alone(colour):
    assert (darkened(colour, "#ffffff", 4.5) == colour) == (contrast(colour, "#ffffff") >= 4.5)


def test_what_cannot_be_reached_ends_at_black():
    assert darkened("#777777", "#aaaaaa", 21) == "#000000"
