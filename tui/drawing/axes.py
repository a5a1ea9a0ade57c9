"""Axes of charts: from numbers to cells, and round numbers for their ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tui.drawing.numbers import power_text


@dataclass(frozen=True)
class Axis:
    """A linear scale from `low` to `high` over `cells` characters of `dots` dots each."""

    low: float
    high: float
    cells: int
    dots: int = 1

    @property
    def places(self) -> "Axis":
        """The axis of its ticks: itself, unless its values are those of another scale."""
        return self

    def dot(self, values: ArrayLike) -> NDArray[np.int64]:
        """The dot of each value; values outside the axis get the dot just outside the end."""
        last = self.cells * self.dots - 1
        with np.errstate(over="ignore"):
            shares = (np.asarray(values, np.float64) - self.low) / (self.high - self.low)
        shares = np.clip(shares, -1, 2)
        return np.clip(np.floor(shares * last + 0.5), -1, last + 1).astype(np.int64)

    def cell(self, value: float) -> int | None:
        """The cell of a value, or None if it is outside the axis."""
        cell = int(self.dot(value)) // self.dots
        return cell if 0 <= cell < self.cells else None

    def value(self, cell: int) -> float:
        """The number in the middle of a cell; for cells outside, the nearer end of the axis."""
        last = max(self.cells * self.dots - 1, 1)
        share = (cell * self.dots + (self.dots - 1) / 2) / last
        return self.low + (self.high - self.low) * min(max(share, 0.0), 1.0)


def ticks(low: float, high: float, max_ticks: int) -> list[float]:
    """Evenly spaced round numbers in low..high; the spacing is 1, 2 or 5 times a power of ten."""
    if high <= low or max_ticks < 2:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / max_ticks))
    for factor in (1, 2, 5, 10, 20):
        unit = power * factor
        # With a tolerance, so that rounding does not drop a tick at the end.
        first, last = math.ceil(low / unit - 1e-6), math.floor(high / unit + 1e-6)
        if last - first < max_ticks:
            break
    return [unit * n for n in range(first, last + 1)] or [low]


def even_axis(
    low: float, high: float, cells: int, dots: int, max_ticks: int
) -> tuple[Axis, list[float]]:
    """An axis that contains low..high, and round numbers on it, the same number of cells apart.

    It begins with one of them, and goes beyond `high` where their distance needs it. Of all such
    axes it is the shortest with at most `max_ticks` (2 or more) numbers: multiples of 1, 2, 2.5 or
    5 times a power of ten. From 7 cells on, there are at least 4 numbers.
    """
    room = cells - 1 / dots
    power = 10.0 ** math.floor(math.log10((high - low) / cells))
    distances = _even_distances(cells, dots, max_ticks)
    axis, numbers = Axis(low, high, cells, dots), [low]  # without room for two numbers
    shortest = math.inf
    for unit in (power * 10**p * factor for p in range(4) for factor in (1, 2, 5, 2.5)):
        # With a tolerance, so that rounding does not add a number at the start.
        first = math.floor(low / unit + 1e-6)
        widest = unit * room / max(high - unit * first, 1e-9 * unit) * (1 + 1e-6)
        distance = max((distance for distance in distances if distance <= widest), default=0.0)
        if distance and unit / distance < shortest * (1 - 1e-6):
            shortest = unit / distance
            axis = Axis(unit * first, unit * (first + room / distance), cells, dots)
            numbers = [unit * (first + n) for n in range(_count(room, distance))]
    return axis, numbers


@lru_cache
def _even_distances(cells: int, dots: int, most: int) -> list[float]:
    """The distances in cells at which 4 to `most` numbers, or as many as fit, are evenly placed.

    The first number is at the first dot. There are few distances, so that the axis of a curve that
    grows seldom changes.
    """
    room = cells - 1 / dots
    found = []
    for whole in range(1, cells):
        for beyond in (0.0, 0.05, 0.1, 0.15, 0.2, 0.25):
            distance, count = whole + beyond, _count(room, whole + beyond)
            places = [int(n * distance * dots + 0.5) // dots for n in range(count)]
            if 2 <= count <= most and places == list(range(0, whole * count, whole)):
                found.append(distance)
    least = min(4, max((_count(room, distance) for distance in found), default=0))
    return [distance for distance in found if _count(room, distance) >= least]


def _count(room: float, distance: float) -> int:
    return int(room / distance + 1e-6) + 1


def log_ticks(low: float, high: float, max_ticks: int) -> list[float]:
    """Round numbers for a logarithmic axis from `low` (above 0) to `high`.

    1, 1.5, 2, 3, 5 and 7 times the powers of ten; 1, 2 and 5 times, 1 and 3 times, only the powers,
    or every 2nd, 5th, 10th or 50th of them, if these are too many; evenly spaced numbers if they
    are fewer than three.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors, stride in (
        ((1, 1.5, 2, 3, 5, 7), 1),
        ((1, 2, 5), 1),
        ((1, 3), 1),
        ((1,), 1),
        ((1,), 2),
        ((1,), 5),
        ((1,), 10),
        ((1,), 50),
    ):
        numbers = [
            factor * 10.0**power
            for power in range(first, last + 1)
            if power % stride == 0
            for factor in factors
            if low <= factor * 10.0**power <= high
        ]
        if len(numbers) <= max_ticks:
            break
    if len(numbers) > 2:
        return numbers
    return [y for y in ticks(low, high, max_ticks) if y > 0] or numbers


def labels(numbers: Sequence[float], percent: bool = False) -> list[str]:
    """The numbers as text, with as many decimals as their spacing needs."""
    scaled = [100 * y if percent else y for y in numbers]
    unit = "%" if percent else ""
    gap = min((b - a for a, b in pairwise(scaled)), default=0.0)
    largest = max(map(abs, scaled), default=0.0)
    if gap < 1e-5 or largest >= 1e6:
        return [f"{power_text(y, 4)}{unit}" for y in scaled]
    decimals = max(0, -math.floor(math.log10(gap) + 1e-6))
    decimals += abs(round(gap, decimals) - gap) > 1e-3 * gap  # 0.25 needs one more than 0.2
    return [f"{y:.{decimals}f}{unit}" for y in scaled]
