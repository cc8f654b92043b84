"""The theme's one colour -> the colours of style.css, light and dark, each readable on its ground (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.render.colour import darkened, readable_on, tinted

ENOUGH = 4.5
ENOUGH_ON_DARK = 6.5  # thin letters that shine look paler than their ratio
# The grounds of style.css on which links stand; of each pair the one that leaves less contrast.
LIGHT_GROUND, DARK_GROUND = "#f3f4f6", "#1d2126"


@dataclass(frozen=True, slots=True)
class Palette:
    """`band` is the theme's own colour; `link` and `link_dark` are it, moved no further than reading needs; `tint` is
    white with so little of it that black and dark grey are read on it, whatever the colour."""

    band: str
    on_band: str
    link: str
    link_dark: str
    tint: str


def palette(colour: str) -> Palette:
    """The palette of a `#rrggbb`."""
    link, link_dark = darkened(colour, LIGHT_GROUND, ENOUGH), darkened(colour, DARK_GROUND, ENOUGH_ON_DARK)
    return Palette(colour, readable_on(colour), link, link_dark, tinted("#ffffff", colour, 0.08))
