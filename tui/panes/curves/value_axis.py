"""The range and the labels of a chart's axes: pure functions."""

import math

import numpy as np
from numpy.typing import NDArray

from tui.drawing.axes import Axis, labels, log_ticks, ticks

LABEL_WIDTH = 5  # cells for the labels at the left, or more if one is longer
# If a run diverges, the axis ends at this multiple of this quantile of the values.
_CUT_OFF, _CUT_OFF_QUANTILE = 2.0, 0.8
_MAX_VALUE = 1e300  # larger values count as this, because their range could overflow

Numbers = NDArray[np.float64]


def value_range(strong: Numbers, faint: Numbers, logarithmic: bool) -> tuple[float, float]:
    """Returns the lowest and the highest value of the vertical axis.

    The range includes all values of the strong curves, and those of the faint curve except its
    outliers. A linear axis has no values below 0, and if the run diverges, it ends below the
    highest values, so that the curve before them stays readable.
    """
    typical = np.sort(faint)[len(faint) // 50 : len(faint) - len(faint) // 50]
    values = np.clip(np.concatenate((strong, typical)), -_MAX_VALUE, _MAX_VALUE)
    low, high = _padded(float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    return (low, high) if logarithmic else (max(low, 0.0), min(high, _ceiling(strong)))


def _padded(low: float, high: float) -> tuple[float, float]:
    pad = (high - low) * 0.05
    if pad <= 1e-9 * max(abs(low), abs(high)):
        pad = 0.05 * max(abs(low), 1.0)
    return low - pad, high + pad


def _ceiling(strong: Numbers) -> float:
    """The highest value of a linear axis."""
    if not len(strong):
        return math.inf
    usual = max(float(np.quantile(strong, _CUT_OFF_QUANTILE, method="lower")), float(strong[0]))
    return _CUT_OFF * usual if usual > 0 else math.inf


def value_labels(y: Axis, logarithmic: bool, percent: bool) -> dict[int, str]:
    """The labels of the vertical axis by row: round numbers, padded to the same width."""
    if logarithmic:
        numbers = log_ticks(10**y.low, 10**y.high, max(3, (y.cells + 1) // 2))
        places, texts = [math.log10(n) for n in numbers], [f"{n:.4g}" for n in numbers]
    else:
        places = ticks(y.low, y.high, max(3, y.cells * 2 // 5))
        texts = labels(places, percent)
    cells = [y.cell(place) for place in places]
    width = max([LABEL_WIDTH, *map(len, texts)])
    return {
        y.cells - 1 - cell: text.rjust(width)
        for cell, text in zip(cells, texts, strict=True)
        if cell is not None
    } or {0: " " * width}


def x_ticks(start: int, end: int, width: int) -> list[float]:
    """The round step numbers to label, and the last step, where the axis ends."""
    inner = ticks(start, end, max(2, width // 10))
    return [*(x for x in inner if start <= x < end), end]
