"""Histograms that can be compared from step to step.

The bin width is a power of two and every bin edge is a multiple of it, so two bins merge exactly
into one of twice the width and histograms of different steps can share their bins.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Floats

_BINS_PER_SIDE = 64  # at most, from 0 to the value farthest from it
_BINS_PER_DECADE = 4
_MIN_EXPONENT = -12  # of ten; smaller values are counted there
_CHUNK = 1 << 18  # values per pass, to keep the temporary arrays small


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of the nonzero finite values of an array.

    counts: (n,), where counts[k] is the number of values in
    [(first + k)·width, (first + k + 1)·width). If the largest magnitude is a power of two, it ends
    the last bin instead of starting another, so that the axis of probabilities ends at 1. The
    first and the last bin are not empty; n is 0 if there is nothing to count. Zeros are left out,
    because the outputs of a ReLU have so many that the other bins would vanish beside them.
    zeros, nonfinite: the shares of all values, 0..1, that are exactly 0 or not finite.
    """

    width: float
    first: int
    counts: NDArray[np.int64]
    zeros: float
    nonfinite: float

    def coarsened(self, width: float) -> "Histogram":
        """Returns the histogram with bins of `width`, which is its own width times a power of 2."""
        shift = round(math.log2(width / self.width))
        if shift <= 0 or not len(self.counts):
            return self
        bins = np.arange(self.first, self.first + len(self.counts)) >> shift
        counts = np.zeros(bins[-1] - bins[0] + 1, np.int64)
        np.add.at(counts, bins - bins[0], self.counts)
        return Histogram(width, int(bins[0]), counts, self.zeros, self.nonfinite)


def histogram(array: Floats) -> Histogram:
    """Returns the histogram of an array of any shape, with at most 129 bins."""
    largest = max((float(np.abs(part).max()) for part in _chunks(array) if part.size), default=0.0)
    exponent = max(math.ceil(math.log2(largest)), -1000) if largest else 0
    width = 2.0 ** (exponent - int(math.log2(_BINS_PER_SIDE)))
    return _count(array, width, -_BINS_PER_SIDE - 1, lambda part: part, _BINS_PER_SIDE - 1)


def log_histogram(array: Floats) -> Histogram:
    """Returns the histogram of log10|x|, with four bins per power of ten.

    Values below 1e-12 are counted at -12.
    """
    width = 1 / _BINS_PER_DECADE
    return _count(array, width, _MIN_EXPONENT * _BINS_PER_DECADE, _magnitude)


def aligned(histograms: Sequence[Histogram], cells: int) -> tuple[NDArray[np.int64], float, float]:
    """Returns counts (len(histograms), cells) over one common axis, and the ends of that axis.

    The histograms are coarsened to at most `cells` common bins. A bin that is wider than a cell
    fills several cells, each with the count of the bin.
    """
    filled = [histogram for histogram in histograms if len(histogram.counts)]
    if not filled:
        return np.zeros((len(histograms), cells), np.int64), 0.0, 0.0
    width = max(histogram.width for histogram in filled)
    while True:
        coarse = [histogram.coarsened(width) for histogram in filled]
        first = min(histogram.first for histogram in coarse)
        last = max(histogram.first + len(histogram.counts) for histogram in coarse)
        if last - first <= cells:
            break
        width *= 2
    counts = np.zeros((len(histograms), last - first), np.int64)
    for row, histogram in enumerate(histograms):
        if len(histogram.counts):
            histogram = histogram.coarsened(width)
            start = histogram.first - first
            counts[row, start : start + len(histogram.counts)] = histogram.counts
    columns = np.arange(cells) * (last - first) // cells
    return counts[:, columns], first * width, last * width


def _magnitude(part: Floats) -> Floats:
    magnitude: Floats = np.maximum(np.log10(np.abs(part)), float(_MIN_EXPONENT))
    return magnitude


def _chunks(array: Floats) -> Iterator[Floats]:
    """Yield the nonzero finite values, a chunk at a time."""
    flat = array.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        part = flat[start : start + _CHUNK]
        yield part[np.isfinite(part) & (part != 0)]


def _count(
    array: Floats,
    width: float,
    lowest_bin: int,
    transform: Callable[[Floats], Floats],
    highest_bin: float = math.inf,
) -> Histogram:
    """Returns the histogram of the transformed values, none of which is below `lowest_bin`.

    Those above `highest_bin` are counted in it.
    """
    size = 4 * _BINS_PER_SIDE
    counts, finite = np.zeros(size, np.int64), 0
    for part in _chunks(array):
        bins = np.floor(transform(part).astype(np.float64) / width).clip(max=highest_bin)
        counts += np.bincount(bins.astype(np.intp) - lowest_bin, minlength=size)
        finite += part.size
    zeros = array.size - int(np.count_nonzero(array))
    nonfinite = array.size - finite - zeros
    total = max(array.size, 1)
    filled = np.flatnonzero(counts)
    first, last = (filled[0], filled[-1]) if len(filled) else (0, -1)
    return Histogram(
        width=width,
        first=int(first) + lowest_bin,
        counts=counts[first : last + 1],
        zeros=zeros / total,
        nonfinite=nonfinite / total,
    )
