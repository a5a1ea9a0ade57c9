"""The row below the charts: the learning rate in force and why, and its course as bars."""

from dataclasses import replace

import numpy as np
from textual.strip import Strip

from core.history.snapshot import Snapshot
from tui.contrast import GRAPHICS
from tui.drawing.bars import bars
from tui.drawing.canvas import Canvas
from tui.drawing.figure import Figure
from tui.drawing.text import as_many, styled
from tui.panes.curves.readout import step_reading
from tui.panes.curves.step_axis import StepAxis
from tui.panes.curves.step_chart import StepChart, drawn_facts, step_axis, visible_steps
from tui.panes.rate_texts import rate_texts

_WORDS = (52, 24, 0)  # cells for the words; as many as leave room for the bars
_MIN_BARS = 20


class RateChart(StepChart, can_focus=False):
    """The words, or the values at the cursor, and a bar for each column, from 0 up."""

    def __init__(self) -> None:
        super().__init__("rate", paint_order=2)
        self._width = 0  # of the words
        self.tooltip = "The learning rate at each step, after the schedule and your changes."

    def plot(self, width: int, height: int) -> Figure[StepAxis] | None:
        if self.snapshot.run is None or width <= _MIN_BARS:
            return None
        self._width = next(words for words in _WORDS if width - words > _MIN_BARS)
        glyphs = replace(self.glyphs, vertical=" ")
        _, _, curves = visible_steps(self.snapshot, self.recent)
        cells = width - self._width - 1
        x = step_axis(self.snapshot, self.recent, self.across, cells, self.glyphs.dots[0])
        curve = curves["learning rate"].between(x.value(0), x.value(cells - 1))
        top = float(np.nanmax(curve.high, initial=0.0))
        canvas = Canvas(cells, 1, self.plain)
        if top > 0:
            steps = np.array([x.value(cell) for cell in range(cells)])
            shares = np.where(steps <= curve.last[-1] + 0.5, curve.highs(steps) / top, 0)
            [row] = bars(shares, 1, glyphs.blocks)
            canvas.write(0, 0, row, self.blended("secondary", 0.6, GRAPHICS))
        return Figure(canvas, x, {}, (), (), glyphs, self.plain)

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        same_words = rate_texts(before) == rate_texts(snapshot)
        if not same_words or drawn_facts(before) != drawn_facts(snapshot):
            self.redraw()

    @property
    def left(self) -> int:
        return super().left + self._width

    def draw(self, width: int, height: int) -> list[Strip]:
        super().draw(width, height)
        if self._figure is None:
            return []
        words = styled((self._words(self._width).ljust(self._width), self.muted))
        return [Strip.join([words, *self._figure.rows(self.cursor)])]

    def _words(self, width: int) -> str:
        if self.cursor is not None:
            near = self.steps_per_column
            parts = step_reading(self.snapshot, self.cursor, near, self.glyphs)
            return as_many(parts, width, " · ")
        return next((text for text in rate_texts(self.snapshot) if len(text) <= width), "")
