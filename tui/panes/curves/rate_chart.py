"""A strip below the charts: the learning rate at each step, as bars."""

import numpy as np
from textual.strip import Strip

from tui.drawing.axes import Axis
from tui.drawing.bars import bars
from tui.drawing.canvas import Canvas
from tui.drawing.figure import Figure
from tui.drawing.text import styled
from tui.panes.curves.readout import step_reading
from tui.panes.curves.step_chart import StepChart, visible_steps

_MIN_SIZE = (20, 2)


class RateChart(StepChart, can_focus=False):
    """A bar for each column, from 0 up, below the current value or the values at the cursor."""

    interval = 2.0

    def __init__(self) -> None:
        super().__init__("rate", paint_order=2)
        self.tooltip = "The learning rate at each step, after the schedule and your changes."

    def plot(self, width: int, height: int) -> Figure | None:
        if self.snapshot.run is None or width < _MIN_SIZE[0] or height < _MIN_SIZE[1]:
            return None
        glyphs, rows = self.glyphs, height - 1
        start, end, curves = visible_steps(self.snapshot, self.recent)
        curve = curves["learning rate"].between(start, end)
        top = float(curve.high.max()) if len(curve) else 0.0
        label = f"{top:.3g}"
        x = Axis(start, end, width - max(5, len(label)) - 1, glyphs.dots[0])
        canvas = Canvas(x.cells, rows, self.plain)
        if top > 0:
            steps = np.array([x.value(cell) for cell in range(x.cells)])
            shares = np.where(steps <= curve.last[-1] + 0.5, curve.highs(steps) / top, 0)
            for row, bar in enumerate(bars(shares, rows, glyphs.blocks)):
                canvas.write(row, 0, bar, self.blended("secondary", 0.6))
        y_labels = {rows - 1: "0", 0: label.rjust(5)} if top > 0 else {}
        return Figure(canvas, x, y_labels, (), (), glyphs, self.plain)

    def draw(self, width: int, height: int) -> list[Strip]:
        super().draw(width, height)
        if self._figure is None:
            return []
        return [styled((self._heading(width), self.muted)), *self._figure.rows(self.cursor)]

    def _heading(self, width: int) -> str:
        snapshot = self.snapshot
        if self.cursor is not None:
            near = self.steps_per_column
            return step_reading(snapshot, self.cursor, near, self.glyphs)[:width]
        return f"learning rate {snapshot.learning_rate:.4g}"
