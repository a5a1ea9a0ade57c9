"""The range and the labels of a chart's axes: pure functions."""

import math

import numpy as np
from numpy.typing import NDArray

from core.history.curves import Curve
from core.metrics import AVERAGED
from tui.drawing.axes import Axis, labels, log_ticks, round_range

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


def early_end(epoch: Curve) -> float:
    """Returns the step from which values set the range: the curves fall steeply before it.

    It is the end of the first epoch, but at least that of the first moving average, and at most
    the middle of the run so far; 0 during the first epoch. epoch: the epoch of each step.
    """
    after = int(np.searchsorted(epoch.low, 1, side="right"))
    if not 0 < after < len(epoch):
        return 0.0
    return min(max(float(epoch.last[after - 1]), AVERAGED), float(epoch.last[-1]) / 2)


def value_axis(
    low: float, high: float, rows: int, dots: int, logarithmic: bool = False, percent: bool = False
) -> tuple[Axis, dict[int, str]]:
    """Returns the vertical axis of a range, and its labels by row, padded to the same width.

    The labels are round numbers. A linear axis begins and ends with one, so it may be longer than
    the range, but not beyond 100 percent. From 7 rows on, it has at least four.
    """
    most = max(min(rows, 7), rows * 2 // 5)
    if logarithmic:
        y = Axis(low, high, rows, dots)
        numbers = log_ticks(10**low, 10**high, most)
        places, texts = [math.log10(n) for n in numbers], [f"{n:.4g}" for n in numbers]
    else:
        places = round_range(low, min(high, 1.0) if percent else high, max(most, 2))
        y = Axis(places[0], places[-1], rows, dots)
        texts = labels(places, percent)
    cells = [y.cell(place) for place in places]
    width = max([LABEL_WIDTH, *map(len, texts)])
    by_row = {
        y.cells - 1 - cell: text.rjust(width)
        for cell, text in zip(cells, texts, strict=True)
        if cell is not None
    }
    return y, by_row or {0: " " * width}


def x_ticks(start: float, end: float, cells: int, whole: bool = True) -> list[tuple[float, str]]:
    """Returns numbers to label on the horizontal axis, each with its label, and the end.

    They are as close as their labels allow. whole: only whole numbers. From 100,000 on, all but
    the end are in thousands, from 1,000,000 on in millions.
    """
    span = max(end - start, 1e-9)
    power = math.floor(math.log10(span / cells))
    for unit in (factor * 10.0**p for p in range(power, power + 4) for factor in (1, 2, 2.5, 5)):
        if whole and unit != round(unit):
            continue
        numbers = [unit * n for n in range(math.ceil(start / unit), math.ceil(end / unit))]
        texts = _x_texts(numbers, end)
        if int(unit / span * (cells - 1)) > max(map(len, texts), default=0):
            break
    return [*zip(numbers, texts, strict=True), (end, _x_texts([end], 0)[0])]


def _x_texts(numbers: list[float], end: float) -> list[str]:
    if end >= 1_000_000:
        return [f"{number / 1e6:,g}M" if number else "0" for number in numbers]
    if end >= 100_000:
        return [f"{number / 1000:,g}k" if number else "0" for number in numbers]
    if all(number == round(number) for number in numbers):
        return [f"{number:,.0f}" for number in numbers]
    return [f"{number:.3g}" for number in numbers]
