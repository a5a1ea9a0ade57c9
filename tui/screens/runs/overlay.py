"""The curves of several runs in one chart."""

import math
from typing import Any, cast

import numpy as np
from textual.binding import Binding
from textual.reactive import reactive
from textual.strip import Strip

from core.history.curves import Curve
from core.metrics import AVERAGED
from tui.drawing.axes import Axis
from tui.drawing.figure import Figure
from tui.drawing.glyphs import ASCII, UNICODE, Glyphs
from tui.drawing.plotting import Line, plot
from tui.drawing.text import as_many, styled
from tui.drawing.thinning import thin
from tui.panes.curves.step_axis import Across
from tui.panes.curves.value_axis import LABEL_WIDTH, value_axis, value_range, x_ticks
from tui.panes.line_pane import LinePane
from tui.screens.runs.compared import Compared, ComparedRun, Numbers, Quantity
from tui.screens.runs.marks import COLORS, GLYPHS
from tui.substitutes import to_ascii

_MIN_SIZE = (20, 5)


class OverlayChart(LinePane):
    """For each run the average over its batches, and its evaluations as points.

    across: what the horizontal axis counts. cursor: a place on it, whose values are read.
    """

    HINT = "←→ cursor"
    BINDINGS = [
        Binding("left", "move(-1)", "Cursor left", show=False),
        Binding("right", "move(1)", "Cursor right", show=False),
    ]

    compared: reactive[Compared | None] = reactive(None, repaint=False)
    across: reactive[Across] = reactive("steps", repaint=False)
    cursor: reactive[float | None] = reactive(None, repaint=False)

    def __init__(self, quantity: Quantity) -> None:
        super().__init__(f"overlay-{quantity}")
        self._quantity: Quantity = quantity
        self._axis: Axis | None = None

    def watch_compared(self) -> None:
        self.redraw()

    def watch_across(self) -> None:
        self.cursor = None
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

    def _figure(self, compared: Compared, width: int, height: int) -> Figure[Axis]:
        glyphs: Glyphs = ASCII if self.ascii else UNICODE
        furthest = max((_last(run, self.across) for run in compared.runs), default=0.0)
        end = float(max(math.ceil(furthest), 1))
        columns = width - LABEL_WIDTH - 1
        lines, values = [], [np.empty(0)]
        for run in compared.runs:
            style = self.blended(COLORS[run.mark])
            mark = to_ascii(GLYPHS[run.mark]) if self.ascii else GLYPHS[run.mark]
            average = _thinned(run.across[self.across], run.averages[self._quantity], end, columns)
            points = _thinned(
                run.evaluated[self.across], run.evaluations[self._quantity], end, columns // 3
            )
            lines.append((average, style, glyphs.lines or mark, True))
            lines.append((points, style, mark, False))
            values += [average[1], points[1]]
        low, high = value_range(np.concatenate(values), np.empty(0), False)
        percent = self._quantity == "accuracy"
        y, labels = value_axis(low, high, height - 2, glyphs.dots[1], percent=percent)
        x = Axis(0, end, width - max(map(len, labels.values())) - 1, glyphs.dots[0])
        canvas = plot(
            [
                Line(across, up if joined else up.clip(y.low, y.high), style, marker, joined)
                for (across, up), style, marker, joined in sorted(
                    lines, key=lambda line: not line[3]
                )
            ],
            x,
            y,
            self.plain,
        )
        return Figure(canvas, x, labels, x_ticks(0, end, x.cells), (), glyphs, self.plain)

    def _title(self, compared: Compared, width: int) -> str:
        name = "Accuracy" if self._quantity == "accuracy" else "Loss in nats"
        average = (ASCII if self.ascii else UNICODE).average
        subsets = " or ".join(dict.fromkeys(run.subset for run in compared.runs))
        long = f"{name}  {average} average of {AVERAGED} batches  points: {subsets} set"
        short = f"{name}  {average} batches, average  points: {subsets}"
        return next((title for title in (long, short) if len(title) <= width), name)

    def _reading(self, compared: Compared, width: int) -> str:
        """What the horizontal axis counts, or the averages at the cursor."""
        if self.cursor is None:
            return f"{self.across} (x: epochs, images, seconds or steps)"
        parts = [f"{self.across} {self.cursor:,.1f}".removesuffix(".0")]
        for run in compared.runs:
            across, values = run.across[self.across], run.averages[self._quantity]
            after = int(np.searchsorted(across, self.cursor))
            if after < len(across):
                value = values[after]
                text = f"{value:.1%}" if self._quantity == "accuracy" else f"{value:.3g}"
                parts.append(f"{GLYPHS[run.mark]} {text}")
        return as_many(parts, width)


def _last(run: ComparedRun, across: Across) -> float:
    return float(run.across[across][-1]) if len(run.across[across]) else 0.0


def _thinned(x: Numbers, y: Numbers, end: float, columns: int) -> tuple[Numbers, Numbers]:
    curve = Curve(cast(Any, x), cast(Any, x), y, y)
    return thin(curve, 0, end, max(columns, 1))
