"""Weights drawn as pictures. Pure functions of arrays, tested without an app.

Colors get brighter from negative to positive, so without color they are black, gray and white.
Characters differ for negative and positive weights.
"""

from functools import lru_cache
from itertools import groupby

import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from core.types import Floats
from tui.drawing.pictures import Pictures, resize

NEGATIVE, POSITIVE = "-~=", "+*#"
_CHARACTERS = NEGATIVE[::-1] + " " + POSITIVE
_LEVELS = len(POSITIVE)  # per sign, in characters
_SHADES = 15  # per sign: more are indistinguishable, and each pair needs a style
# As much green as red: so the shades stay blue, gray and yellow where a terminal has 256 colors.
_NEGATIVE_RGB, _ZERO_RGB, _POSITIVE_RGB = (16, 16, 140), (118, 118, 118), (255, 255, 80)


def weight_picture(
    weights: Floats, size: tuple[int, int], pictures: Pictures, plain: Style
) -> list[Strip]:
    """The weights (height, width) as lines of `size` (rows, columns) cells.

    Scaled so that the largest absolute value is at full strength. A value that is not finite is
    drawn as 0.
    """
    rows, columns = size
    if pictures is Pictures.ASCII:
        levels = _levels(weights, rows, columns, _LEVELS) + _LEVELS
        return [_characters(row, plain) for row in levels.tolist()]
    levels = _levels(weights, 2 * rows, columns, _SHADES) + _SHADES
    pairs = levels[::2] * (2 * _SHADES + 1) + levels[1::2]
    return [Strip(_blocks(row), columns) for row in pairs.tolist()]


def legend(pictures: Pictures, width: int) -> str:
    """The meaning of the characters or colors, in at most `width` cells."""
    texts: tuple[str, ...]
    if pictures is Pictures.ASCII:
        texts = (
            f"{NEGATIVE} negative, {POSITIVE} positive",
            f"{NEGATIVE} below 0, {POSITIVE} above",
        )
    else:
        texts = (
            "dark blue negative, gray 0, bright yellow positive",
            "dark (blue) below 0, bright (yellow) above",
            "dark below 0, bright above",
        )
    return next((text for text in texts if len(text) <= width), texts[-1][:width])


def _levels(weights: Floats, rows: int, columns: int, steps: int) -> np.ndarray:
    """Integers from -steps, for the largest absolute value, to steps: (rows, columns)."""
    finite = np.nan_to_num(weights.astype(np.float64), nan=0, posinf=0, neginf=0)
    drawn = resize(finite, rows, columns)
    largest = np.abs(drawn).max()
    levels: np.ndarray = np.rint(drawn / (largest or 1) * steps).astype(int)
    return levels


def _characters(levels: list[int], plain: Style) -> Strip:
    strong = plain + Style(bold=True)
    segments = []
    for positive, run in groupby(levels, lambda level: level > _LEVELS):
        text = "".join(_CHARACTERS[level] for level in run)
        segments.append(Segment(text, strong if positive else plain))
    return Strip(segments, len(levels))


def _blocks(pairs: list[int]) -> list[Segment]:
    """Upper half-blocks for pairs of shades, upper * (2 * _SHADES + 1) + lower."""
    return [Segment("▀" * len(list(run)), _two_shades(pair)) for pair, run in groupby(pairs)]


@lru_cache(maxsize=(2 * _SHADES + 1) ** 2)
def _two_shades(pair: int) -> Style:
    top, bottom = divmod(pair, 2 * _SHADES + 1)
    return Style.from_color(_shade(top - _SHADES), _shade(bottom - _SHADES))


def _shade(level: int) -> Color:
    share, end = abs(level) / _SHADES, _NEGATIVE_RGB if level < 0 else _POSITIVE_RGB
    red, green, blue = (round(z + share * (e - z)) for z, e in zip(_ZERO_RGB, end, strict=True))
    return Color.from_rgb(red, green, blue)
