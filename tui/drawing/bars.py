"""Names, bars and thinned curves for rows of text: pure functions, tested without an app."""

import numpy as np
from numpy.typing import NDArray

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII_BLOCKS = " .:#"


def bar(share: float, cells: int) -> str:
    """A bar of `cells` characters, filled to `share` of them."""
    filled = round(min(share, 1.0) * cells) if share > 0 else 0  # NaN is not
    return "━" * filled + "╌" * (cells - filled)


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
