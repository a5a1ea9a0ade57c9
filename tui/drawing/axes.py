"""Axes: which cell a number falls into, and the round numbers that are written beside it.

Pure functions, tested without an app.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Axis:
    """The numbers from `low` to `high` along `cells` characters of `dots` dots each."""

    low: float
    high: float
    cells: int
    dots: int = 1

    def dot(self, values: ArrayLike) -> NDArray[np.int64]:
        """The dot of each value; just outside, -1 or one too many, for whatever lies beyond."""
        last = self.cells * self.dots - 1
        with np.errstate(over="ignore"):
            shares = (np.asarray(values, np.float64) - self.low) / (self.high - self.low)
        shares = np.clip(shares, -1, 2)
        return np.clip(np.floor(shares * last + 0.5), -1, last + 1).astype(np.int64)

    def cell(self, value: float) -> int | None:
        """The character in which `value` lies, if it is on the axis."""
        cell = int(self.dot(value)) // self.dots
        return cell if 0 <= cell < self.cells else None

    def value(self, cell: int) -> float:
        """The number in the middle of a character; the ends for those beyond."""
        last = max(self.cells * self.dots - 1, 1)
        share = (cell * self.dots + (self.dots - 1) / 2) / last
        return self.low + (self.high - self.low) * min(max(share, 0.0), 1.0)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) within low..high, at most `most` of them."""
    if high <= low or most < 2:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for factor in (1, 2, 5, 10, 20):
        unit = power * factor
        # A hair's breadth of tolerance, so that rounding does not drop a tick on the edge.
        first, last = math.ceil(low / unit - 1e-6), math.floor(high / unit + 1e-6)
        if last - first < most:
            break
    return [unit * n for n in range(first, last + 1)] or [low]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Numbers for a logarithmic axis from low above 0 to high, at most `most` of them.

    1, 2 and 5 times the powers of ten; 1 and 3 times, or only the powers, or some of them, where
    these would be too many; evenly spaced ones where they would be less than three.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors, stride in (
        ((1, 2, 5), 1),
        ((1,), 1),
        ((1,), 2),
        ((1,), 5),
        ((1,), 10),
        ((1,), 50),
    ):
        found = [
            factor * 10.0**power
            for power in range(first, last + 1)
            if power % stride == 0
            for factor in factors
            if low <= factor * 10.0**power <= high
        ]
        if len(found) <= most:
            break
    return found if len(found) > 2 else [y for y in ticks(low, high, most) if y > 0] or found


def labels(numbers: Sequence[float], percent: bool = False) -> list[str]:
    """Each number with as many decimals as it takes to tell them apart."""
    scaled = [100 * y if percent else y for y in numbers]
    sign = "%" if percent else ""
    gap = min((b - a for a, b in pairwise(scaled)), default=0.0)
    largest = max(map(abs, scaled), default=0.0)
    if gap < 1e-5 or largest >= 1e6:
        return [f"{y:.4g}{sign}" for y in scaled]
    decimals = max(0, -math.floor(math.log10(gap) + 1e-6))
    return [f"{y:.{decimals}f}{sign}" for y in scaled]
