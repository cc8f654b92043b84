"""`#rrggbb` -> colours that can be read beside it (WCAG 2.2, 1.4.3 and the definition of contrast ratio)."""

from __future__ import annotations

_WHITE, _BLACK = "#ffffff", "#000000"
_STEPS = 50


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1.0 to 21.0."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on(background: str) -> str:
    """White or black, whichever is easier to read; against any background one of them reaches 4.5."""
    return max(_WHITE, _BLACK, key=lambda colour: contrast(colour, background))


def darkened(colour: str, background: str, ratio: float) -> str:
    """The colour, moved away from the background just until the contrast is reached: darker on light, lighter on dark.

    Where `ratio` cannot be reached the answer is black or white.
    """
    end = readable_on(background)
    steps = (_mixed(colour, end, step / _STEPS) for step in range(_STEPS))
    return next((mixed for mixed in steps if contrast(mixed, background) >= ratio), end)


def tinted(ground: str, colour: str, share: float) -> str:
    """The ground with a breath of the colour: a `share` of it, 0.0 to 1.0."""
    return _mixed(ground, colour, share)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(value / 255) for value in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, end: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(end), strict=True)
    return "#" + "".join(f"{round(start + (stop - start) * share):02x}" for start, stop in pairs)
