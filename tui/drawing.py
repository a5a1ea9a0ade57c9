"""Pictures and figures as rows of text: pure functions of arrays, tested without an app."""

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size

RAMP = " .:-=+*#%@"
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


def thin(
    steps: NDArray[np.int64], values: NDArray[np.float32], columns: int
) -> tuple[list[float], list[float]]:
    """At most two points a column of a chart: the least and the greatest value in it.

    Whatever is not finite is left out; a spike of one step stays to be seen.
    """
    finite = np.isfinite(values)
    if not finite.all():
        steps, values = steps[finite], values[finite]
    if len(steps) <= 2 * columns:
        return steps.astype(float).tolist(), values.astype(float).tolist()
    edges = np.linspace(steps[0], steps[-1], columns, endpoint=False)
    starts = np.unique(np.searchsorted(steps, edges))
    low = np.minimum.reduceat(values, starts)
    high = np.maximum.reduceat(values, starts)
    middles = (steps[starts] + steps[np.append(starts[1:], len(steps)) - 1]) / 2
    return np.repeat(middles, 2).tolist(), np.column_stack((low, high)).ravel().tolist()


def _overlap(size: int, parts: int) -> NDArray[np.float64]:
    """(parts, size): how much of each of `size` pixels lies in each of `parts` equal parts."""
    edges = np.linspace(0, size, parts + 1)
    pixels = np.arange(size)
    begin = np.maximum(edges[:-1, None], pixels)
    end = np.minimum(edges[1:, None], pixels + 1)
    shares: NDArray[np.float64] = np.maximum(end - begin, 0) * parts / size
    return shares
