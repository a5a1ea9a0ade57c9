"""How the numbers of an array lie, in few bins that can be compared from step to step.

The width of a bin is a power of two and its edges are multiples of it: so bins of another time
can be merged into wider ones exactly, and no number is ever shown in another place than its own.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Floats

_HALF = 64  # bins from 0 to the number farthest from it, or half as many
_PART_OF_DECADE = 0.25
_LEAST = -12.0  # a power of ten; what is smaller is counted there
_CHUNK = 1 << 18  # numbers at a time, so that a large array takes no memory besides


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Bin `first` + k holds counts[k] of the numbers from (first + k)·width to one width more.

    counts: (n,) without empty bins at its ends; (0,) if there is nothing to count. Zeros are not
    counted, for they would tower above all others.
    zeros, lost: the shares of all numbers, 0..1, that are exactly 0, and those that are not finite.
    """

    width: float
    first: int
    counts: NDArray[np.int64]
    zeros: float
    nonfinite: float

    def wider(self, width: float) -> "Bins":
        """The same numbers in bins of `width`: this one, or it times a power of two."""
        shift = round(math.log2(width / self.width))
        if shift <= 0 or not len(self.counts):
            return self
        places = np.arange(self.first, self.first + len(self.counts)) >> shift
        counts = np.zeros(places[-1] - places[0] + 1, np.int64)
        np.add.at(counts, places - places[0], self.counts)
        return Bins(width, int(places[0]), counts, self.zeros, self.nonfinite)


def bins(array: Floats) -> Bins:
    """The numbers of an array of any shape, in at most 129 bins."""
    farthest = max((float(np.abs(part).max()) for part in _chunks(array) if part.size), default=0.0)
    exponent = max(math.ceil(math.log2(farthest)), -1000) if farthest else 0
    return _counted(array, 2.0 ** (exponent - int(math.log2(_HALF))), _itself)


def decades(array: Floats) -> Bins:
    """How large the numbers are: their powers of ten, log10|x|, in four bins a decade.

    Whatever is below 1e-12 is counted there.
    """
    return _counted(array, _PART_OF_DECADE, _power_of_ten)


def aligned(found: Sequence[Bins], cells: int) -> tuple[NDArray[np.int64], float, float]:
    """(m, cells) for each cell the count of its bin, of bins that are the same for all, and not
    more than cells; where the first begins and the last ends."""
    full = [bins for bins in found if len(bins.counts)]
    if not full:
        return np.zeros((len(found), cells), np.int64), 0.0, 0.0
    width = max(bins.width for bins in full)
    while True:
        wide = [bins.wider(width) for bins in full]
        first = min(bins.first for bins in wide)
        last = max(bins.first + len(bins.counts) for bins in wide)
        if last - first <= cells:
            break
        width *= 2
    counts = np.zeros((len(found), last - first), np.int64)
    for row, bins in enumerate(found):
        if len(bins.counts):
            bins = bins.wider(width)
            begin = bins.first - first
            counts[row, begin : begin + len(bins.counts)] = bins.counts
    columns = np.arange(cells) * (last - first) // cells
    return counts[:, columns], first * width, last * width


def _itself(part: Floats) -> Floats:
    return part


def _power_of_ten(part: Floats) -> Floats:
    powers: Floats = np.maximum(np.log10(np.abs(part)), _LEAST)
    return powers


def _chunks(array: Floats) -> Iterator[Floats]:
    """The finite numbers that are not 0, some at a time."""
    flat = array.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        part = flat[start : start + _CHUNK]
        yield part[np.isfinite(part) & (part != 0)]


def _counted(array: Floats, width: float, of: Callable[[Floats], Floats]) -> Bins:
    """The bins of what `of` makes of each number."""
    least = round(_LEAST / _PART_OF_DECADE) if of is _power_of_ten else -_HALF - 1
    most = 4 * _HALF
    counts, finite = np.zeros(most, np.int64), 0
    for part in _chunks(array):
        places = np.floor(of(part).astype(np.float64) / width).astype(np.intp) - least
        counts += np.bincount(places, minlength=most)
        finite += part.size
    zeros = array.size - int(np.count_nonzero(array))
    share = 1 / max(array.size, 1)
    filled = np.flatnonzero(counts)
    first, last = (filled[0], filled[-1]) if len(filled) else (0, -1)
    nonfinite = (array.size - finite - zeros) * share
    return Bins(width, int(first) + least, counts[first : last + 1], zeros * share, nonfinite)
