"""A chart over a logarithmic horizontal axis: curves, and marks at chosen values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual.strip import Strip

from tui.drawing.axes import Axis, labels, log_ticks, round_range
from tui.drawing.figure import Figure
from tui.drawing.glyphs import Glyphs
from tui.drawing.plotting import Line, plot

_LABEL_CELLS = 9  # of a tick below the axis, with its gap
_Y_LABELS = 7

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Values over positive numbers. Those that are not finite are left out.

    marker: in ASCII, or if the points are not joined; otherwise the line is drawn in dots.
    """

    x: Numbers
    y: Numbers
    style: Style
    marker: str
    joined: bool = True


@dataclass(frozen=True)
class Mark:
    """A vertical line at a positive number, with a text at its top."""

    x: float
    text: str
    style: Style


def log_chart(
    curves: Sequence[Curve],
    marks: Sequence[Mark],
    value_range: tuple[float, float],
    size: tuple[int, int],
    glyphs: Glyphs,
    plain: Style,
    baseline: float | None = None,
) -> list[Strip]:
    """Draws the curves, the last on top, in (width, height) cells; nothing if there is no room.

    value_range: of the vertical axis; what is outside is not drawn. The horizontal axis has all x
    of the curves. baseline: a value with a horizontal line behind the curves.
    """
    width, height = size
    rows = height - 2
    low, high = value_range
    x_all = np.concatenate([curve.x for curve in curves])
    if rows < 3 or not len(x_all):
        return []
    numbers = round_range(low, high, max(min(rows, _Y_LABELS), 2))
    y = Axis(numbers[0], numbers[-1], rows, glyphs.dots[1])
    cells = [y.cell(number) for number in numbers]
    y_labels = {
        rows - 1 - cell: text
        for cell, text in zip(cells, labels(numbers), strict=True)
        if cell is not None
    }
    columns = width - max(map(len, y_labels.values())) - 1
    if columns < 10:
        return []
    start, end = float(x_all.min()), float(x_all.max())
    x = Axis(np.log10(start), np.log10(end), columns, glyphs.dots[0])
    lines = []
    for curve in curves:
        known = np.isfinite(curve.y)
        marker = curve.marker if not (curve.joined and glyphs.lines) else glyphs.lines
        points = np.log10(curve.x[known]), curve.y[known]
        lines.append(Line(*points, curve.style, marker, curve.joined))
    canvas = plot(lines, x, y, plain)
    if baseline is not None and (base := y.cell(baseline)) is not None:
        for place in range(columns):
            if canvas.is_blank(rows - 1 - base, place, place + 1):
                canvas.write(rows - 1 - base, place, glyphs.horizontal, plain + Style(dim=True))
    for row, mark in enumerate(marks):
        column = x.cell(float(np.log10(mark.x)))
        if column is not None:
            canvas.line(column, glyphs.change, mark.style)
            text = f" {mark.text} "
            first = column + 1 if column + 1 + len(text) <= columns else column - len(text)
            canvas.write(row, first, text, mark.style)
    ticks = log_ticks(start * 0.999, end * 1.001, max(columns // _LABEL_CELLS, 2))
    places = [(float(np.log10(tick)), power_text(tick)) for tick in ticks]
    figure = Figure(canvas, x, y_labels, places, (), glyphs, plain)
    return [*figure.rows(None), *figure.axis_rows(None)]


def power_text(number: float) -> str:
    """The number in three digits, without the zeros of an exponent: 1e-6, 0.001, 10."""
    mantissa, e, exponent = f"{number:.3g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa
