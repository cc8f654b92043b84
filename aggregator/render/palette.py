"""The theme's one colour -> the colours of style.css, light and dark, each readable on its ground (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.render.colour import darkened, readable_on

ENOUGH = 4.5
# The grounds of style.css on which links stand; of each pair the one that leaves less contrast.
LIGHT_GROUND, DARK_GROUND = "#f3f4f6", "#1d2126"


@dataclass(frozen=True, slots=True)
class Palette:
    """`band` is the theme's own colour; `link` and `link_dark` are it, moved no further than reading needs."""

    band: str
    on_band: str
    link: str
    link_dark: str


def palette(colour: str) -> Palette:
    """The palette of a `#rrggbb`."""
    link, link_dark = (darkened(colour, ground, ENOUGH) for ground in (LIGHT_GROUND, DARK_GROUND))
    return Palette(colour, readable_on(colour), link, link_dark)
