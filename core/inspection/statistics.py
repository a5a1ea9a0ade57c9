"""What an array is like, in a few figures: statistics, and a histogram of its numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Floats


@dataclass(frozen=True, slots=True)
class Statistics:
    """mean, deviation, minimum, maximum: of the finite numbers; NaN if there is none.

    zeros: the share of all numbers, 0..1, that is exactly 0; lost: the share that is not finite.
    """

    mean: float
    deviation: float
    minimum: float
    maximum: float
    zeros: float
    nonfinite: float


def statistics(array: Floats) -> Statistics:
    """The statistics of all numbers of an array of any shape."""
    finite = _finite(array)
    count = max(array.size, 1)
    zeros = (array.size - int(np.count_nonzero(array))) / count
    nonfinite = (array.size - finite.size) / count
    if not finite.size:
        return Statistics(np.nan, np.nan, np.nan, np.nan, zeros, nonfinite)
    mean, deviation = finite.mean(dtype=np.float64), finite.std(dtype=np.float64)
    low, high = finite.min(), finite.max()
    return Statistics(float(mean), float(deviation), float(low), float(high), zeros, nonfinite)


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """counts: (bins,) of the finite numbers, in as many even parts of low..high; both are 0 if
    there is none."""

    low: float
    high: float
    counts: NDArray[np.int64]


def histogram(array: Floats, bins: int) -> Histogram:
    """How the numbers of an array of any shape lie; if all are equal, all in the middle."""
    finite = _finite(array)
    if not finite.size:
        return Histogram(0.0, 0.0, np.zeros(bins, np.int64))
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        places = np.full(finite.size, bins // 2)
    else:
        places = ((finite - low) * (bins / (high - low))).astype(np.intp)
    counts = np.bincount(np.minimum(places, bins - 1), minlength=bins)
    return Histogram(low, high, counts)


def _finite(array: Floats) -> NDArray[np.float64]:
    flat = array.ravel()
    return flat[np.isfinite(flat)].astype(np.float64)
