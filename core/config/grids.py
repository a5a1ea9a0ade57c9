"""The round values that the arrow keys step through.

A grid has no bounds of its own: each kind of setting skips the values outside its range.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from math import ceil, floor
from typing import Protocol


class Grid(Protocol):
    """An ordered set of numbers."""

    def neighbor(self, value: float, up: bool) -> float:
        """Returns the next number above (or below) `value`, or `value` itself at the end."""


@dataclass(frozen=True)
class Even:
    """All multiples of `step`."""

    step: float

    def neighbor(self, value: float, up: bool) -> float:
        # Rounded, because a decimal multiple, such as 0.15 of 0.05, may not be one in binary.
        places = round(value / self.step, 9)
        return round((floor(places) + 1 if up else ceil(places) - 1) * self.step, 10)


@dataclass(frozen=True)
class Marks:
    """A list of numbers, in ascending order."""

    numbers: tuple[float, ...]

    def neighbor(self, value: float, up: bool) -> float:
        place = bisect_right(self.numbers, value) if up else bisect_left(self.numbers, value) - 1
        return self.numbers[place] if 0 <= place < len(self.numbers) else value


def decades(lowest: int, highest: int = 12) -> Marks:
    """Returns 0, then 1, 2 and 5 times each power of ten from 10**lowest to 10**highest."""
    powers = range(lowest, highest + 1)
    return Marks((0.0, *(float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5))))


COUNTING = Even(1)
DOUBLING = Marks(tuple(2**power for power in range(20)))
TOWARD_ONE = Marks(
    (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999)
)
