"""Images drawn in terminal cells. Pure functions of arrays, tested without an app.

A cell is about twice as high as wide, so half of it is a square pixel.
"""

from enum import Enum
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from core.types import Bytes, Floats

RAMP = " .:-=+*#%@"
_GAMMA = 0.7  # brightens the dark grays that most clothes in Fashion-MNIST have
_GRAYS = 64  # of half-blocks: more are indistinguishable, and each pair needs a style


class Pictures(Enum):
    """How images are drawn; the values are shown to the user."""

    ASCII = "characters"
    BLOCKS = "half-blocks"

    def other(self) -> "Pictures":
        return Pictures.BLOCKS if self is Pictures.ASCII else Pictures.ASCII


def suited(colors: str | None, no_color: bool, ascii_only: bool) -> Pictures:
    """The kind of picture that suits a terminal; `colors` is Rich's name of its color system."""
    grays = colors in ("truecolor", "256") and not no_color
    return Pictures.BLOCKS if grays and not ascii_only else Pictures.ASCII


def picture_size(shape: tuple[int, ...], max_rows: int, max_columns: int) -> tuple[int, int]:
    """The size in (rows, columns) of the largest picture with the proportions of `shape`, which
    is (height, width) in pixels."""
    height, width = shape
    scale = min(2 * max_rows / height, max_columns / width)
    return max(1, round(height * scale / 2)), max(1, round(width * scale))


def picture(
    image: NDArray[np.uint8], size: tuple[int, int], pictures: Pictures, plain: Style
) -> list[Strip]:
    """The image as lines of `size` (rows, columns) cells; `plain` is the style of characters.

    A bright pixel is bright on a light background, too: there characters are in reverse video.
    """
    rows, columns = size
    if pictures is Pictures.ASCII:
        style = plain + Style(reverse=True) if dark_on_light(plain) else plain
        return [Strip([Segment(row, style)], columns) for row in ascii_rows(image, rows, columns)]
    gray = np.rint(resize(image, 2 * rows, columns) * ((_GRAYS - 1) / 255)).astype(int)
    pairs = gray[::2] * _GRAYS + gray[1::2]
    return [Strip(_blocks(row), columns) for row in pairs.tolist()]


def resize(image: Bytes | Floats, rows: int, columns: int) -> NDArray[np.float64]:
    """The image (height, width) resampled to (rows, columns): each is the mean of its area."""
    height, width = image.shape
    down, across = _overlap(height, rows), _overlap(width, columns)
    resized: NDArray[np.float64] = down @ image.astype(np.float64) @ across.T
    return resized


def ascii_rows(image: NDArray[np.uint8], rows: int, columns: int) -> list[str]:
    """The image as `rows` strings of `columns` characters; denser ones are brighter.

    Contrast is stretched over the whole ramp for each image, because many images are dark.
    """
    gray = resize(image, rows, columns)
    low, high = gray.min(), gray.max()
    shares = (gray - low) / (high - low) if high > low else np.zeros_like(gray)
    levels = np.rint(shares**_GAMMA * (len(RAMP) - 1)).astype(int)
    return ["".join(RAMP[level] for level in row) for row in levels]


def dark_on_light(style: Style) -> bool:
    """Whether the text is darker than its background; False if the colors are not known."""
    text, background = (color and color.triplet for color in (style.color, style.bgcolor))
    return text is not None and background is not None and sum(text) < sum(background)


def _blocks(pairs: list[int]) -> list[Segment]:
    """Upper half-blocks for pairs of grays, upper * _GRAYS + lower; equal neighbors are merged."""
    return [Segment("▀" * len(list(run)), _two_grays(pair)) for pair, run in groupby(pairs)]


@lru_cache(maxsize=_GRAYS**2)
def _two_grays(pair: int) -> Style:
    top, bottom = (round(gray * 255 / (_GRAYS - 1)) for gray in divmod(pair, _GRAYS))
    return Style.from_color(Color.from_rgb(top, top, top), Color.from_rgb(bottom, bottom, bottom))


@lru_cache(maxsize=64)
def _overlap(size: int, parts: int) -> NDArray[np.float64]:
    """The weight of each of `size` pixels in each of `parts` equal parts: (parts, size)."""
    edges = np.linspace(0, size, parts + 1)
    pixels = np.arange(size)
    begin = np.maximum(edges[:-1, None], pixels)
    end = np.minimum(edges[1:, None], pixels + 1)
    shares: NDArray[np.float64] = np.maximum(end - begin, 0) * parts / size
    return shares
