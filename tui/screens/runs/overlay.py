"""The curves of several runs in one chart."""

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from textual.binding import Binding
from textual.reactive import reactive
from textual.strip import Strip

from core.history.curves import Curve
from core.metrics import AVERAGED
from core.text import significant
from tui.drawing.axes import Axis
from tui.drawing.canvas import Canvas
from tui.drawing.figure import Figure
from tui.drawing.glyphs import ASCII, UNICODE, Glyphs
from tui.drawing.plotting import Line, plot
from tui.drawing.text import as_many, styled
from tui.drawing.thinning import thin
from tui.panes.curves.readout import number
from tui.panes.curves.step_axis import Across
from tui.panes.curves.value_axis import (
    LABEL_WIDTH,
    early_end,
    value_axis,
    value_range,
    x_ticks,
)
from tui.panes.line_pane import LinePane
from tui.screens.runs.bands import SeedBand
from tui.screens.runs.compared import Compared, ComparedRun, Numbers, Quantity
from tui.screens.runs.marks import COLORS, GLYPHS
from tui.substitutes import to_ascii

_MIN_SIZE = (20, 5)
_SHADE = "░"

Points = tuple[Numbers, Numbers]
"""x and y."""


class OverlayChart(LinePane):
    """For each run the average over its batches, and its evaluations as points.

    bands: drawn in place of their runs. across: what the horizontal axis counts.
    whole: show the initial drop of the curves, too. cursor: a place on the horizontal axis, whose
    values are read.
    """

    HINT = "←→ cursor  h all"
    BINDINGS = [
        Binding("left", "move(-1)", "Cursor left", show=False),
        Binding("right", "move(1)", "Cursor right", show=False),
    ]

    compared: reactive[Compared | None] = reactive(None, repaint=False)
    bands: reactive[tuple[SeedBand, ...]] = reactive((), repaint=False)
    across: reactive[Across] = reactive("steps", repaint=False)
    whole: reactive[bool] = reactive(False, repaint=False)
    cursor: reactive[float | None] = reactive(None, repaint=False)

    def __init__(self, quantity: Quantity) -> None:
        super().__init__(f"overlay-{quantity}")
        self._quantity: Quantity = quantity
        self._axis: Axis | None = None

    def watch_compared(self) -> None:
        self.redraw()

    def watch_bands(self) -> None:
        self.redraw()

    def watch_across(self) -> None:
        self.cursor = None
        self.redraw()

    def watch_whole(self) -> None:
        self.redraw()

    def watch_cursor(self) -> None:
        self.redraw()

    def action_move(self, by: int) -> None:
        """Moves the cursor by a column; beyond an end it disappears."""
        x = self._axis
        if x is None:
            return
        cell = (-1 if by > 0 else x.cells) if self.cursor is None else x.cell(self.cursor) or 0
        self.cursor = x.value(cell + by) if 0 <= cell + by < x.cells else None

    def draw(self, width: int, height: int) -> list[Strip]:
        compared = self.compared
        if compared is None or width < _MIN_SIZE[0] or height < _MIN_SIZE[1]:
            self._axis = None
            return []
        self.set_border(self._title(compared, width - 4), self._reading(compared, width - 4))
        figure = self._figure(compared, width, height)
        self._axis = figure.x
        if not figure.canvas.width:
            return [styled(("No steps yet.", self.muted))]
        at = cast(Any, self.cursor)
        return [*figure.rows(at), *figure.axis_rows(None)]

    def _shown(self, compared: Compared) -> list[ComparedRun]:
        """The curves: the bands, and the runs that are in none."""
        banded = {run.path for one in self.bands for run in one.runs}
        single = [run for run in compared.runs if run.path not in banded]
        return [*(one.mean for one in self.bands), *single]

    def _figure(self, compared: Compared, width: int, height: int) -> Figure[Axis]:
        glyphs: Glyphs = ASCII if self.ascii else UNICODE
        runs = self._shown(compared)
        furthest = max((_last(run, self.across) for run in runs), default=0.0)
        end = float(max(math.ceil(furthest), 1))
        columns = width - LABEL_WIDTH - 1
        lines, values = [], [np.empty(0)]
        has_later = any(_early_end(run, self.across) for run in runs)
        for run in runs:
            style = self.blended(COLORS[run.mark])
            mark = to_ascii(GLYPHS[run.mark]) if self.ascii else GLYPHS[run.mark]
            average = _thinned(run.across[self.across], run.averages[self._quantity], end, columns)
            points = _thinned(
                run.evaluated[self.across], run.evaluations[self._quantity], end, columns // 3
            )
            learned = 0.0 if self.whole else _early_end(run, self.across, has_later)
            lines.append((average, style, glyphs.lines or mark, True, learned))
            lines.append((points, style, mark, False, learned))
            if not len(points[0]):  # without colors, only the glyph distinguishes the runs
                last = average[0][-1:], average[1][-1:]
                lines.append((last, style, mark, False, learned))
            values += [y[x > learned] if learned else y for x, y in (average, points)]
        for one in self.bands:
            learned = 0.0 if self.whole else _early_end(one.mean, self.across, has_later)
            later = one.mean.across[self.across] > learned
            values += [side[self._quantity][later] for side in (one.lowest, one.highest)]
        percent = self._quantity == "accuracy"
        low, high = value_range(np.concatenate(values), np.empty(0), False, whole=percent)
        y, labels = value_axis(low, high, height - 2, glyphs.dots[1], percent=percent)
        x = Axis(0, end, width - max(map(len, labels.values())) - 1, glyphs.dots[0])
        canvas = plot(
            [
                Line(*(points if joined else _within(points, learned, y)), style, marker, joined)
                for points, style, marker, joined, learned in sorted(
                    lines, key=lambda line: not line[3]
                )
            ],
            x,
            y,
            self.plain,
        )
        for one in self.bands:
            self._fill(canvas, one, x, y)
        starts = [run.averages[self._quantity][:1] for run in runs]
        self._mark_starts(canvas, np.concatenate(starts).tolist(), y)
        return Figure(canvas, x, labels, x_ticks(x), (), glyphs, self.plain)

    def _fill(self, canvas: Canvas, one: SeedBand, x: Axis, y: Axis) -> None:
        """Fills what is blank between the lowest and the highest run of a band."""
        across = one.mean.across[self.across]
        if not len(across):
            return
        shade, style = "." if self.ascii else _SHADE, self.blended(COLORS[one.mean.mark], 0.45)
        for column in range(x.cells):
            at = x.value(column)
            if not across[0] <= at <= across[-1]:
                continue
            ends = [
                float(np.interp(at, across, side[self._quantity]))
                for side in (one.lowest, one.highest)
            ]
            first, last = (int(dot) // y.dots for dot in y.dot(ends))
            for cell in range(max(first, 0), min(last, y.cells - 1) + 1):
                row = y.cells - 1 - cell
                if canvas.is_blank(row, column, column + 1):
                    canvas.write(row, column, shade, style)

    def _mark_starts(self, canvas: Canvas, starts: Sequence[float], y: Axis) -> None:
        """Labels the starts of curves that begin outside the axis."""
        for row, found in (
            (0, sorted(start for start in starts if start > y.high)),
            (canvas.height - 1, sorted(start for start in starts if start < y.low)),
        ):
            texts = [number(self._quantity, start) for start in found]
            if texts:
                ends = " to ".join(dict.fromkeys((texts[0], texts[-1])))
                canvas.write(row, 0, f"starts at {ends}", self.muted)

    def _title(self, compared: Compared, width: int) -> str:
        name = "Accuracy" if self._quantity == "accuracy" else "Loss in nats"
        average = (ASCII if self.ascii else UNICODE).average
        subsets = " or ".join(dict.fromkeys(run.subset for run in compared.runs))
        if self.bands:
            average = f"{average} mean, {'.' if self.ascii else _SHADE} lowest to highest of the"
            long = f"{name}  {average} seeds  points: {subsets} set"
            short = f"{name}  {average} seeds"
            return next((title for title in (long, short) if len(title) <= width), name)
        long = f"{name}  {average} average of {AVERAGED} batches  points: {subsets} set"
        short = f"{name}  {average} batches, average  points: {subsets}"
        return next((title for title in (long, short) if len(title) <= width), name)

    def _reading(self, compared: Compared, width: int) -> str:
        """What the horizontal axis counts, or the averages at the cursor."""
        if self.cursor is None:
            return f"{self.across} (x: epochs, images, seconds or steps)"
        parts = [f"{self.across} {self.cursor:,.1f}".removesuffix(".0")]
        ranges = {one.mean.mark: one for one in self.bands}
        for run in self._shown(compared):
            across, values = run.across[self.across], run.averages[self._quantity]
            after = int(np.searchsorted(across, self.cursor))
            if after < len(across):
                text = self._number(values[after])
                if one := ranges.get(run.mark):
                    ends = (side[self._quantity][after] for side in (one.lowest, one.highest))
                    text += f" ({' to '.join(map(self._number, ends))})"
                parts.append(f"{GLYPHS[run.mark]} {text}")
        return as_many(parts, width)

    def _number(self, value: float) -> str:
        return f"{value:.1%}" if self._quantity == "accuracy" else significant(value, 3)


def _early_end(run: ComparedRun, across: Across, at_least_half: bool = False) -> float:
    """The place on the axis from which the values of a run set the range: see `early_end`.

    at_least_half: even during its first epoch, a run has an early half, because others are longer.
    """
    steps = cast(Any, run.across["steps"])
    epoch = np.ceil(run.across["epochs"])
    end = early_end(Curve(steps, steps, epoch, epoch))
    if at_least_half and len(steps):
        end = end or steps[-1] / 2
    return float(np.interp(end, steps, run.across[across])) if end else 0.0


def _within(points: Points, learned: float, y: Axis) -> Points:
    """The points on a vertical axis; later ones outside it are drawn at its edge."""
    across, values = points
    shown = (across > learned) | (y.low <= values) & (values <= y.high)
    return across[shown], values[shown].clip(y.low, y.high)


def _last(run: ComparedRun, across: Across) -> float:
    return float(run.across[across][-1]) if len(run.across[across]) else 0.0


def _thinned(x: Numbers, y: Numbers, end: float, columns: int) -> Points:
    curve = Curve(cast(Any, x), cast(Any, x), y, y)
    return thin(curve, 0, end, max(columns, 1))
