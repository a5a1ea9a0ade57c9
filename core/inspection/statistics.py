"""Summary statistics of an array."""

from dataclasses import dataclass

import numpy as np

from core.types import Floats


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of an array.

    mean, deviation, minimum, maximum: of its finite values; NaN if there are none. The deviation
    is the standard deviation, with divisor n.
    zeros, nonfinite: the shares of all values, 0..1, that are exactly 0 or not finite.
    """

    mean: float
    deviation: float
    minimum: float
    maximum: float
    zeros: float
    nonfinite: float


def statistics(array: Floats) -> Statistics:
    """Returns the statistics of an array of any shape."""
    flat = array.ravel()
    finite = flat[np.isfinite(flat)].astype(np.float64)
    total = max(array.size, 1)
    zeros = (array.size - int(np.count_nonzero(array))) / total
    nonfinite = (array.size - finite.size) / total
    if not finite.size:
        return Statistics(np.nan, np.nan, np.nan, np.nan, zeros, nonfinite)
    mean, deviation = finite.mean(dtype=np.float64), finite.std(dtype=np.float64)
    low, high = finite.min(), finite.max()
    return Statistics(float(mean), float(deviation), float(low), float(high), zeros, nonfinite)
