"""Curves thinned to the columns of a chart."""

import numpy as np
from numpy.typing import NDArray

from core.history.curves import Curve


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
