"""Names, bars and thinned curves for rows of text: pure functions, tested without an app."""

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size

from core.curves import Curve

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII_BLOCKS = " .:#"


def fit(text: str, cells: int) -> str:
    """The text in exactly `cells` columns of the terminal, at their right, cut if it is longer."""
    cut = text if cell_len(text) <= cells else set_cell_size(text, cells)
    return " " * (cells - cell_len(cut)) + cut


def bar(share: float, cells: int) -> str:
    """A bar of `cells` characters, filled to `share` of them."""
    filled = round(min(share, 1.0) * cells) if share > 0 else 0  # NaN is not
    return "━" * filled + "╌" * (cells - filled)


def percent(share: float) -> str:
    """The share as whole percent, in at most four characters; a little is not said to be nothing,
    nor nearly all to be all."""
    words = f"{share:.0%}"
    if share > 0 and words == "0%":
        return "<1%"
    return ">99%" if share < 1 and words == "100%" else words


def number(value: float, digits: int = 3) -> str:
    """The number in so many digits, or two and a power of ten; a dash if it is none."""
    if value != value:
        return "–"
    words = f"{value:.{digits}g}"
    if "e" not in words:
        return words
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def balance(share: float, cells: int) -> str:
    """A bar from the middle of an odd number of cells, to the left for a share of -1..0, to the
    right for 0..1."""
    half = cells // 2
    filled = round(min(abs(share), 1.0) * half) if share == share else 0
    part = "━" * filled
    left, right = (part, "") if share < 0 else ("", part)
    return f"{left:>{half}}│{right:{half}}"


def sparkline(values: NDArray[np.float64], cells: int, levels: str) -> str:
    """The values as characters from the lowest to the highest level, the last at the right.

    Values are left out evenly if there are more than cells; what is not finite is a gap.
    """
    seen = np.unique(np.linspace(0, len(values) - 1, min(cells, len(values))).astype(int))
    chosen = values[seen]
    finite = np.isfinite(chosen)
    low, high = (chosen[finite].min(), chosen[finite].max()) if finite.any() else (0.0, 0.0)
    spread = high - low
    shares = (chosen[finite] - low) / spread if spread > 0 else np.full(finite.sum(), 0.5)
    found = iter(np.rint(shares * (len(levels) - 1)).astype(int).tolist())
    return "".join(levels[next(found)] if there else " " for there in finite).rjust(cells)


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
