"""Bar charts of values: columns for many units, rows for named classes. Pure functions."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from textual.strip import Strip

from core.types import Floats
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS, bars
from tui.drawing.numbers import fit
from tui.drawing.styles import Styles
from tui.drawing.text import styled

_DOWN, _ASCII_DOWN = " ▀█", " '#"  # there are only half-blocks for bars that hang down
_NAME_WIDTH, _FIGURE_WIDTH = 11, 8
_MAX_BAR_WIDTH = 4


class UnitBars(NamedTuple):
    """rows: the chart, from the top; units_per_bar: how many units share one bar."""

    rows: list[str]
    units_per_bar: int


def unit_bars(values: Floats, width: int, height: int, ascii_only: bool) -> UnitBars:
    """Draw one bar per unit, upwards for positive values and downwards for negative ones.

    If there are more units than columns, each column shows the maximum and the minimum of its
    units. Values that are not finite have no bar.
    """
    up, down = (ASCII_BLOCKS, _ASCII_DOWN) if ascii_only else (BLOCKS, _DOWN)
    finite = np.where(np.isfinite(values), values, 0).astype(np.float64)
    units_per_bar = -(-len(finite) // max(width, 1))
    starts = np.arange(0, len(finite), units_per_bar)
    high = np.maximum(np.maximum.reduceat(finite, starts), 0)
    low = np.minimum(np.minimum.reduceat(finite, starts), 0)
    max_up, max_down = high.max(), -low.min()
    span = (max_up + max_down) or 1.0
    below = _rows_below(max_down / span, height) if max_down else 0
    above = height - below
    # One scale for both directions, so that their bars can be compared.
    scale = max(max_up / above if above else 0.0, max_down / below if below else 0.0) or 1.0
    rows = bars(high / (scale * above), above, up) if above else []
    rows += bars(-low / (scale * below), below, down)[::-1] if below else []
    bar_width = min(_MAX_BAR_WIDTH, width // len(starts))
    return UnitBars([_widen(row, bar_width) for row in rows], units_per_bar)


def _rows_below(share: float, height: int) -> int:
    """Returns how many rows are for negative values, which take this share of the range."""
    if share == 1 or height < 2:
        return height if share > 0.5 else 0
    return min(max(round(share * height), 1), height - 1)


def _widen(row: str, cells: int) -> str:
    """Make each bar `cells` wide, with a gap of one cell if it is wider than one."""
    return "".join(block * max(cells - 1, 1) + " " * (cells > 1) for block in row)


class ClassValue(NamedTuple):
    """The value of one class. figure: the value as text. mark: a note after it."""

    name: str
    value: float
    figure: str
    mark: str = ""


def class_bars(
    classes: Sequence[ClassValue], width: int, max_rows: int, styles: Styles
) -> list[Strip]:
    """Draw one bar per class, to the right for positive values and to the left for negative ones.

    If there are more than `max_rows` classes, the marked ones and those with the largest values
    are shown.
    """
    values = np.nan_to_num([row.value for row in classes], posinf=0, neginf=0)
    shown = _shown(classes, values, max_rows)
    mark_width = max(len(row.mark) for row in classes)
    cells = max(2, width - _NAME_WIDTH - _FIGURE_WIDTH - 2 - bool(mark_width) - mark_width)
    high, low = max(values.max(), 0.0), max(-values.min(), 0.0)
    left = round(cells * low / (high + low)) if low else 0
    if low and high:
        left = min(max(left, 1), cells - 1)
    scale = max(high / max(cells - left, 1), low / max(left, 1)) or 1.0
    lines = []
    for index in shown:
        row, value = classes[index], values[index]
        filled = min(round(abs(value) / scale), left if value < 0 else cells - left)
        positive = ("━" * filled if value > 0 else "").ljust(cells - left, " ")
        negative = ("━" * filled if value < 0 else "").rjust(left, " ")
        style = styles.strong if row.mark else styles.plain
        name, figure = fit(row.name, _NAME_WIDTH), fit(row.figure, _FIGURE_WIDTH)
        lines.append(
            styled(
                (f"{name} ", style),
                (f"{negative}{positive}", styles.bars),
                (f"{figure} {row.mark}", style),
            )
        )
    if len(shown) < len(classes):
        lines.append(styled((f"and {len(classes) - len(shown)} more classes", styles.muted)))
    return lines


def _shown(classes: Sequence[ClassValue], values: Floats, max_rows: int) -> list[int]:
    """Returns the indices of the classes to show, in their own order."""
    if len(classes) <= max_rows:
        return list(range(len(classes)))
    priority = np.abs(values) + np.array([np.inf if row.mark else 0.0 for row in classes])
    return sorted(np.argsort(-priority, kind="stable")[: max(max_rows - 1, 1)].tolist())
