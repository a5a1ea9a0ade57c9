"""Pictures and figures as rows of text: pure functions of arrays, tested without an app."""

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size

from core.curves import Curve

RAMP = " .:-=+*#%@"
BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII_BLOCKS = " .:#"
_GAMMA = 0.7  # lifts the dark greys, in which most garments are printed


def resize(image: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.float64]:
    """The image (height, width) as (rows, columns), each the mean of the area it covers."""
    height, width = image.shape
    down, across = _overlap(height, rows), _overlap(width, columns)
    resized: NDArray[np.float64] = down @ image.astype(np.float64) @ across.T
    return resized


def ascii_rows(image: NDArray[np.uint8], rows: int, columns: int) -> list[str]:
    """The image as `rows` strings of `columns` characters, the denser the brighter.

    Contrast is stretched over the whole ramp for each image: many garments are dark all over.
    """
    grey = resize(image, rows, columns)
    low, high = grey.min(), grey.max()
    shares = (grey - low) / (high - low) if high > low else np.zeros_like(grey)
    levels = np.rint(shares**_GAMMA * (len(RAMP) - 1)).astype(int)
    return ["".join(RAMP[level] for level in row) for row in levels]


def text_size(image: NDArray[np.uint8], most_columns: int) -> tuple[int, int]:
    """(rows, columns) that keep the image's proportions, a character being twice as high as wide.

    A column a pixel where there is room, so that no pixel is lost.
    """
    height, width = image.shape
    columns = min(width, most_columns)
    return max(1, round(height * columns / width / 2)), columns


def fit(text: str, cells: int) -> str:
    """The text in exactly `cells` columns of the terminal, at their right, cut if it is longer."""
    cut = text if cell_len(text) <= cells else set_cell_size(text, cells)
    return " " * (cells - cell_len(cut)) + cut


def bar(share: float, cells: int) -> str:
    """A bar of `cells` characters, filled to `share` of them."""
    filled = round(min(max(share, 0.0), 1.0) * cells)
    return "━" * filled + "╌" * (cells - filled)


def bars(shares: NDArray[np.float64], rows: int, blocks: str) -> list[str]:
    """A column for each share, 0..1, as high as that share of the rows; the top row first.

    blocks: from the empty character to the full one. Whatever is above 0 is seen.
    """
    full = len(blocks) - 1
    levels = np.ceil(np.clip(shares, 0, 1) * rows * full - 1e-9).astype(int)
    return [
        "".join(blocks[level] for level in np.clip(levels - below * full, 0, full))
        for below in range(rows - 1, -1, -1)
    ]


def thin(
    curve: Curve, start: float, end: float, columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most two points in each of the columns of a chart of start..end, x and y.

    They are the least and the greatest value in it, so that a spike of one step stays to be
    seen; what is not finite is left out.
    """
    seen = curve.between(start, end)
    finite = ~np.isnan(seen.low)
    low, high = seen.low[finite], seen.high[finite]
    x = np.clip((seen.first[finite] + seen.last[finite]) / 2, start, end)
    if len(x) > columns:
        width = (end - start) / columns
        column = np.minimum((x - start) // width, columns - 1)
        begins = np.flatnonzero(np.diff(column, prepend=-1))
        low, high = np.minimum.reduceat(low, begins), np.maximum.reduceat(high, begins)
        x = start + (column[begins] + 0.5) * width
    # Of a falling curve the greatest comes first, or a line through the points would zigzag.
    middle = low / 2 + high / 2
    falls = np.append(False, middle[1:] < middle[:-1])[: len(middle)]
    both = np.column_stack((np.where(falls, high, low), np.where(falls, low, high)))
    distinct = np.column_stack((np.ones(len(x), bool), low < high))
    return np.column_stack((x, x))[distinct], both[distinct]


def _overlap(size: int, parts: int) -> NDArray[np.float64]:
    """(parts, size): how much of each of `size` pixels lies in each of `parts` equal parts."""
    edges = np.linspace(0, size, parts + 1)
    pixels = np.arange(size)
    begin = np.maximum(edges[:-1, None], pixels)
    end = np.minimum(edges[1:, None], pixels + 1)
    shares: NDArray[np.float64] = np.maximum(end - begin, 0) * parts / size
    return shares
