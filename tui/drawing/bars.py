"""Bars and sparklines made of characters. Pure functions, tested without an app."""

import numpy as np
from numpy.typing import NDArray

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII_BLOCKS = " .:#"


def bar(share: float, cells: int) -> str:
    """A bar of `cells` characters, filled up to `share`, 0..1; empty for NaN."""
    filled = round(min(share, 1.0) * cells) if share > 0 else 0
    return "━" * filled + "╌" * (cells - filled)


def balance(share: float, cells: int) -> str:
    """A bar from the middle of `cells` (odd) characters: to the right for a share of 0..1, to the
    left for -1..0; none for NaN."""
    half = cells // 2
    filled = round(min(abs(share), 1.0) * half) if share == share else 0
    part = "━" * filled
    left, right = (part, "") if share < 0 else ("", part)
    return f"{left:>{half}}│{right:{half}}"


def sparkline(values: NDArray[np.float64], cells: int, levels: str) -> str:
    """One character per value, from the lowest of `levels` for the minimum to the highest for the
    maximum, aligned right.

    More values than cells are sampled evenly. A value that is not finite is a gap.
    """
    cells = max(cells, 0)
    sample = np.unique(np.linspace(0, len(values) - 1, min(cells, len(values))).astype(int))
    sampled = values[sample]
    finite = np.isfinite(sampled)
    low, high = (sampled[finite].min(), sampled[finite].max()) if finite.any() else (0.0, 0.0)
    spread = high - low
    shares = (sampled[finite] - low) / spread if spread > 0 else np.full(finite.sum(), 0.5)
    ranks = iter(np.rint(shares * (len(levels) - 1)).astype(int).tolist())
    return "".join(levels[next(ranks)] if is_finite else " " for is_finite in finite).rjust(cells)


def bars(shares: NDArray[np.float64], rows: int, blocks: str) -> list[str]:
    """Vertical bars, one column per share, 0..1, in `rows` lines from the top.

    blocks: the characters from empty to full. Any share above 0 is visible.
    """
    full = len(blocks) - 1
    levels = np.ceil(np.clip(shares, 0, 1) * rows * full - 1e-9).astype(int)
    return [
        "".join(blocks[level] for level in np.clip(levels - below * full, 0, full))
        for below in range(rows - 1, -1, -1)
    ]
