"""Weights as pictures: pure functions of arrays, tested without an app.

The colours grow brighter from the negative to the positive, so that without colour they are black,
grey and white; in characters, other ones stand for negative weights than for positive ones.
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
_FEW = len(POSITIVE)
_SHADES = 15  # each way: more cannot be told apart, and each pair of them is a style
_LEAST, _ZERO, _MOST = (0, 24, 112), (118, 118, 118), (255, 222, 110)


def weight_picture(
    weights: Floats, size: tuple[int, int], pictures: Pictures, plain: Style
) -> list[Strip]:
    """The weights (height, width) in (rows, columns) cells, the largest of them at full strength.

    What is not finite is drawn as 0.
    """
    rows, columns = size
    if pictures is Pictures.RAMP:
        levels = _levels(weights, rows, columns, _FEW) + _FEW
        return [_characters(row, plain) for row in levels.tolist()]
    levels = _levels(weights, 2 * rows, columns, _SHADES) + _SHADES
    pairs = levels[::2] * (2 * _SHADES + 1) + levels[1::2]
    return [Strip(_blocks(row), columns) for row in pairs.tolist()]


def legend(pictures: Pictures, width: int) -> str:
    """What the signs of such a picture mean, in so many cells."""
    told: tuple[str, ...]
    if pictures is Pictures.RAMP:
        told = (
            f"{NEGATIVE} negative, {POSITIVE} positive",
            f"{NEGATIVE} below 0, {POSITIVE} above",
        )
    else:
        told = (
            "dark blue negative, grey 0, bright yellow positive",
            "dark (blue) below 0, bright (yellow) above",
            "dark below 0, bright above",
        )
    return next((words for words in told if len(words) <= width), told[-1][:width])


def _levels(weights: Floats, rows: int, columns: int, steps: int) -> np.ndarray:
    """(rows, columns) whole numbers from -steps to steps, in proportion to the largest."""
    finite = np.nan_to_num(weights.astype(np.float64), nan=0, posinf=0, neginf=0)
    drawn = resize(finite, rows, columns)
    most = np.abs(drawn).max()
    levels: np.ndarray = np.rint(drawn / (most or 1) * steps).astype(int)
    return levels


def _characters(levels: list[int], plain: Style) -> Strip:
    strong = plain + Style(bold=True)
    segments = []
    for positive, run in groupby(levels, lambda level: level > _FEW):
        words = "".join(_CHARACTERS[level] for level in run)
        segments.append(Segment(words, strong if positive else plain))
    return Strip(segments, len(levels))


def _blocks(pairs: list[int]) -> list[Segment]:
    """Upper half-blocks of these shades, upper * (2 * _SHADES + 1) + lower."""
    return [Segment("▀" * len(list(run)), _two_shades(pair)) for pair, run in groupby(pairs)]


@lru_cache(maxsize=(2 * _SHADES + 1) ** 2)
def _two_shades(pair: int) -> Style:
    top, bottom = divmod(pair, 2 * _SHADES + 1)
    return Style.from_color(_shade(top - _SHADES), _shade(bottom - _SHADES))


def _shade(level: int) -> Color:
    share, end = abs(level) / _SHADES, _LEAST if level < 0 else _MOST
    red, green, blue = (round(z + share * (e - z)) for z, e in zip(_ZERO, end, strict=True))
    return Color.from_rgb(red, green, blue)
