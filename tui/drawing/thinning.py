"""Curves thinned to the columns of a chart."""

import numpy as np
from numpy.typing import NDArray

from core.history.curves import Curve


def thin(
    curve: Curve, start: float, end: float, columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Thins a curve to at most two points in each column of a chart of start..end.

    The points are the minimum and maximum of the column, so that a spike of one step stays
    visible. Values that are not finite are omitted. Returns x and y.
    """
    visible = curve.between(start, end)
    finite = ~np.isnan(visible.low)
    low, high = visible.low[finite], visible.high[finite]
    x = np.clip((visible.first[finite] + visible.last[finite]) / 2, start, end)
    if len(x) > columns:
        width = (end - start) / columns
        column = np.minimum((x - start) // width, columns - 1)
        begins = np.flatnonzero(np.diff(column, prepend=-1))
        low, high = np.minimum.reduceat(low, begins), np.maximum.reduceat(high, begins)
        x = start + (column[begins] + 0.5) * width
    # Where the curve falls the maximum comes first: otherwise the line would zigzag.
    middle = low / 2 + high / 2
    falls = np.append(False, middle[1:] < middle[:-1])[: len(middle)]
    both = np.column_stack((np.where(falls, high, low), np.where(falls, low, high)))
    distinct = np.column_stack((np.ones(len(x), bool), low < high))
    return np.column_stack((x, x))[distinct], both[distinct]
