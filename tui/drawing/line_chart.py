"""A chart of curves over a horizontal axis, with marks at chosen places."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual.strip import Strip

from tui.drawing.axes import Axis, even_axis, labels, ticks
from tui.drawing.canvas import Canvas
from tui.drawing.figure import Figure
from tui.drawing.glyphs import Glyphs
from tui.drawing.plotting import Line, plot

LABEL_CELLS = 9  # of a tick below the axis, with its gap
_Y_LABELS = 7

Numbers = NDArray[np.float64]
AxisRange = tuple[float, float]


@dataclass(frozen=True)
class ChartCurve:
    """Values over numbers. Those that are not finite are left out.

    marker: in ASCII, or if the points are not joined; otherwise the line is drawn in dots.
    """

    x: Numbers
    y: Numbers
    style: Style
    marker: str
    joined: bool = True


@dataclass(frozen=True)
class Mark:
    """A vertical line, with a text beside it, as far up as it covers no curve."""

    x: float
    text: str
    style: Style


def line_chart(
    curves: Sequence[ChartCurve],
    marks: Sequence[Mark],
    ranges: tuple[AxisRange, AxisRange],
    size: tuple[int, int],
    glyphs: Glyphs,
    plain: Style,
    baseline: float | None = None,
    percent: bool = False,
    places: Sequence[tuple[float, str]] | None = None,
) -> list[Strip]:
    """Draws the curves, the last on top, in (width, height) cells; nothing without room or range.

    ranges: of the horizontal and the vertical axis; what is outside is not drawn. baseline: a value
    with a horizontal line behind the curves. percent: label both axes in percent. places: the
    labels of the horizontal axis, by default at round numbers.
    """
    width, height = size
    rows = height - 2
    (start, end), (low, high) = ranges
    if rows < 3 or end <= start:
        return []
    y, numbers = even_axis(low, high, rows, glyphs.dots[1], max(min(rows, _Y_LABELS), 2))
    y_labels = {
        rows - 1 - cell: text
        for cell, text in zip(map(y.cell, numbers), labels(numbers, percent), strict=True)
        if cell is not None
    }
    columns = width - max(map(len, y_labels.values())) - 1
    if columns < 10:
        return []
    x = Axis(start, end, columns, glyphs.dots[0])
    canvas = plot([_line(curve, glyphs) for curve in curves], x, y, plain)
    behind = plain + Style(dim=True)
    if baseline is not None and (base := y.cell(baseline)) is not None:
        for place in range(columns):
            if canvas.is_blank(rows - 1 - base, place, place + 1):
                canvas.write(rows - 1 - base, place, glyphs.horizontal, behind)
    marked = [(column, mark) for mark in marks if (column := x.cell(mark.x)) is not None]
    for column, mark in marked:
        canvas.line(column, glyphs.change, mark.style)
    for number, (column, mark) in enumerate(marked):
        text = f" {mark.text} "
        row, first = _beside(column, len(text), canvas, behind) or (number, column + 1)
        canvas.write(row, min(first, columns - len(text)), text, mark.style)
    if places is None:
        cells = 7 if percent else LABEL_CELLS
        at = ticks(start, end, max(columns // cells, 2))
        places = list(zip(at, labels(at, percent), strict=True))
    figure = Figure(canvas, x, y_labels, places, (), glyphs, plain)
    return [*figure.rows(None), *figure.axis_rows(None)]


def _beside(column: int, cells: int, canvas: Canvas, behind: Style) -> tuple[int, int] | None:
    """Returns the first row with room for a text right or left of the column, and where it begins.

    behind: the style of what it may cover.
    """
    for row in range(canvas.height):
        for first in (column + 1, column - cells):
            if canvas.is_blank(row, first, first + cells, (behind,)):
                return row, first
    return None


def _line(curve: ChartCurve, glyphs: Glyphs) -> Line:
    known = np.isfinite(curve.y)
    marker = curve.marker if not (curve.joined and glyphs.lines) else glyphs.lines
    return Line(curve.x[known], curve.y[known], curve.style, marker, curve.joined)
