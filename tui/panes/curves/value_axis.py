"""The range and the labels of a chart's axes: pure functions."""

import math

import numpy as np
from numpy.typing import NDArray

from core.history.curves import Curve
from core.metrics import AVERAGED
from tui.drawing.axes import Axis, even_axis, labels, log_ticks
from tui.drawing.numbers import power_text

_LEAST = 4  # labels of the horizontal axis, if there is room
LABEL_WIDTH = 5  # cells for the labels at the left, or more if one is longer
# If a run diverges, the axis ends at this multiple of this quantile of the values.
_CUT_OFF, _LOG_CUT_OFF, _CUT_OFF_QUANTILE = 2.0, 10.0, 0.8
_MAX_VALUE = 1e300  # larger values count as this, because their range could overflow

Numbers = NDArray[np.float64]


def value_range(
    strong: Numbers, faint: Numbers, logarithmic: bool, whole: bool = False
) -> tuple[float, float]:
    """Returns the lowest and the highest value of the vertical axis.

    The range includes all values of the strong curves, and those of the faint curve except its
    outliers. If the run diverges, the axis ends below the highest values, so that the curve before
    them stays readable; not if `whole`, as for a quantity that cannot diverge. A linear axis has no
    values below 0. On a logarithmic one, all values are logarithms.
    """
    typical = np.sort(faint)[len(faint) // 50 : len(faint) - len(faint) // 50]
    values = np.clip(np.concatenate((strong, typical)), -_MAX_VALUE, _MAX_VALUE)
    low, high = _padded(float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    if not whole:
        high = min(high, _ceiling(strong, logarithmic))
    return low if logarithmic else max(low, 0.0), high


def near(values: Numbers, low: float, high: float) -> Numbers:
    """Returns the values that are in a range or at most its length away."""
    length = high - low
    return values[(values >= low - length) & (values <= high + length)]


def _padded(low: float, high: float) -> tuple[float, float]:
    pad = (high - low) * 0.05
    if pad <= 1e-9 * max(abs(low), abs(high)):
        pad = 0.05 * max(abs(low), 1.0)
    return low - pad, high + pad


def _ceiling(strong: Numbers, logarithmic: bool) -> float:
    """The highest value of an axis."""
    if not len(strong):
        return math.inf
    usual = max(float(np.quantile(strong, _CUT_OFF_QUANTILE, method="lower")), float(strong[0]))
    if logarithmic:
        return usual + math.log10(_LOG_CUT_OFF)
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

    The labels are round numbers. On a linear axis they are the same number of rows apart; it begins
    with one, so it may be longer than the range, but no label is above 100 percent. From 7 rows on,
    there are at least four.
    """
    most = max(min(rows, 7), rows * 2 // 5)
    if logarithmic:
        y = Axis(low, high, rows, dots)
        numbers = log_ticks(10**low, 10**high, most)
        places, texts = [math.log10(n) for n in numbers], [power_text(n, 4) for n in numbers]
    else:
        y, places = even_axis(low, min(high, 1.0) if percent else high, rows, dots, max(most, 2))
        if percent:
            places = [place for place in places if place < 1 + 1e-6]
        texts = labels(places, percent)
    cells = [y.cell(place) for place in places]
    width = max([LABEL_WIDTH, *map(len, texts)])
    by_row = {
        y.cells - 1 - cell: text.rjust(width)
        for cell, text in zip(cells, texts, strict=True)
        if cell is not None
    }
    return y, by_row or {0: " " * width}


def x_ticks(x: Axis, whole: bool = True) -> list[tuple[float, str]]:
    """Returns round numbers to label on the horizontal axis, evenly spaced, each with its label.

    They are as close as their labels allow. If a figure has no room for four of them, they are the
    farthest apart of which it has, though perhaps not for the last one. whole: only whole numbers.
    If they reach 100,000, all are in thousands, and from 1,000,000 on in millions; in thousands
    from 1,000 on, if it takes that to label four. The end comes last, if it has as few digits as
    the others; a figure labels it where it has room beside them.
    """
    span = max(x.high - x.low, 1e-9)
    power = math.floor(math.log10(span / x.cells))
    units = [factor * 10.0**p for p in range(power, power + 4) for factor in (1, 2, 2.5, 5)]
    units = [unit for unit in units if unit == round(unit) or not whole]
    closest: list[tuple[float, str]] = []
    for thousands in (1e5, 1e3):
        for unit in units:
            found = _x_labels(x, unit, thousands)
            widest = max((len(text) for _, text in found), default=0)
            if int(unit / span * (x.cells - 1)) > widest:
                break
        found += _x_end(x, unit, thousands)
        closest = closest or found
        # The window of the last steps moves: its labels should not change their form as it does.
        if x.low or _count_labelled(x, found) >= _LEAST:
            return found
        for unit in reversed(units):
            found = _x_labels(x, unit, thousands)
            if 2 * len(found) > x.cells:  # finer ones have even less room
                break
            if _count_labelled(x, found) >= max(_LEAST, len(found) - 1):
                return found
    return closest


def _x_labels(x: Axis, unit: float, thousands: float) -> list[tuple[float, str]]:
    """The multiples of a unit on the axis, each with its label."""
    # With a tolerance, so that rounding does not drop the end.
    first, last = math.ceil(x.low / unit - 1e-9), math.floor(x.high / unit + 1e-9)
    scale, suffix, decimals = _x_form(unit, x.high, thousands)
    numbers = [unit * n for n in range(first, last + 1)]
    return [(number, _x_text(number / scale, decimals, suffix)) for number in numbers]


def _x_end(x: Axis, unit: float, thousands: float) -> list[tuple[float, str]]:
    """The end of the axis with its label, if it is no multiple of the unit, but as short."""
    scale, suffix, decimals = _x_form(unit, x.high, thousands)
    end = x.high / scale
    exact = abs(round(end, decimals) - end) < 1e-9
    is_multiple = unit * math.floor(x.high / unit + 1e-9) >= x.high * (1 - 1e-9)
    return [(x.high, _x_text(end, decimals, suffix))] if exact and not is_multiple else []


def _count_labelled(x: Axis, found: list[tuple[float, str]]) -> int:
    """How many of the labels a figure has room for, with a blank between them."""
    count, free = 0, -math.inf
    for number, text in found:
        start = min((x.cell(number) or 0) - len(text) // 2, x.cells - len(text))
        if start > free:
            count, free = count + 1, start + len(text)
    return count


def _x_form(unit: float, end: float, thousands: float) -> tuple[float, str, int]:
    """What the labels of an axis count, its sign, and their number of decimals."""
    scale, suffix = (1e6, "M") if end >= 1e6 else (1e3, "k") if end >= thousands else (1.0, "")
    step = unit / scale
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return scale, suffix, decimals + (abs(round(step, decimals) - step) > 1e-3 * step)


def _x_text(number: float, decimals: int, suffix: str) -> str:
    return f"{number:,.{decimals}f}{suffix}" if number else "0"
