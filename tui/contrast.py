"""The contrast of colors with their background.

Source: WCAG 2.2, https://www.w3.org/TR/WCAG22/#contrast-minimum.
"""

from textual.color import Color

TEXT, GRAPHICS = 4.5, 3.0
"""The contrast ratios that text and graphics should have at least."""

_STEPS = 20  # between two colors


def contrast(one: Color, other: Color) -> float:
    """Returns the contrast ratio of two colors, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def legible(color: Color, background: Color, share: float, least: float) -> Color:
    """Returns the background blended with a share of the color.

    The share is the smallest, at least `share`, that gives the contrast `least`; 1 if none does.
    """
    for step in range(_STEPS + 1):
        blend = background.blend(color, share + (1 - share) * step / _STEPS)
        if contrast(blend, background) >= least:
            break
    return blend


def strengthened(color: Color, backgrounds: list[Color], least: float) -> Color:
    """Returns the color blended with as little black or white as gives it the contrast `least`.

    backgrounds: it has that contrast to each of them, if black or white has.
    """
    black, white = Color(0, 0, 0), Color(255, 255, 255)
    target = max((black, white), key=lambda end: min(contrast(end, b) for b in backgrounds))
    for step in range(_STEPS + 1):
        blend = color.blend(target, step / _STEPS)
        if min(contrast(blend, background) for background in backgrounds) >= least:
            break
    return blend


def _luminance(color: Color) -> float:
    """The relative luminance, 0..1."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in color.normalized
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
