"""Draws the curves of one quantity, on the training batches and the evaluation set."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.style import Style

from core.history.branch_history import OtherBranchCurves
from core.history.curves import Curve, Curves
from core.history.snapshot import Snapshot
from core.metrics import far_above_guessing
from tui.contrast import GRAPHICS
from tui.drawing.axes import Axis
from tui.drawing.canvas import Canvas
from tui.drawing.figure import Figure
from tui.drawing.glyphs import Glyphs
from tui.drawing.marks import End, epoch_ends, mark_changes, mark_ends, write_at_edge
from tui.drawing.plotting import Line, plot
from tui.drawing.thinning import thin
from tui.panes.curves.branch_names import branch_names
from tui.panes.curves.legend import AVERAGE, BATCH, EPOCH_MEAN, EVALUATION, Look
from tui.panes.curves.readout import number
from tui.panes.curves.step_axis import Across, Scale, StepAxis, scale_after
from tui.panes.curves.step_chart import step_axis, visible_steps
from tui.panes.curves.value_axis import (
    LABEL_WIDTH,
    early_end,
    near,
    value_axis,
    value_range,
    x_ticks,
)

_FIRST_KEYS = (
    ("space", "train, or pause"),
    ("s", "train on one batch"),
    ("4", "change the settings"),
    ("x", "look inside a step"),
    ("?", "help"),
)
_COLUMNS_PER_EPOCH = 6  # at least, between two marked ends of epochs
_MAX_OTHER_BRANCHES = 8  # the latest ones
_FAR_ABOVE_NAMES = ("loss far above guessing", "far above guessing", "diverges")

# Of the other branches, in turn. The glyphs at their ends differ, too.
_BRANCH_COLORS = ("success", "secondary", "warning", "foreground")

Points = tuple[NDArray[np.float64], NDArray[np.float64]]
"""x and y."""


@dataclass(frozen=True, eq=False)
class CurvePlot:
    """What a chart draws of a snapshot.

    recent, across: as in StepChart. whole: whether the initial drop of the curves is in the range.
    blended: the style of a theme color with a share of it, as in LinePane.
    """

    snapshot: Snapshot
    quantity: Literal["loss", "accuracy"]
    recent: bool
    across: Across
    logarithmic: bool
    whole: bool
    glyphs: Glyphs
    plain: Style
    blended: Callable[..., Style]

    def draw(self, width: int, height: int) -> Figure[StepAxis]:
        """Draws the curves with their axes and marks, but without the cursor."""
        snapshot, glyphs, quantity = self.snapshot, self.glyphs, self.quantity
        start, end, curves = visible_steps(snapshot, self.recent)
        columns = width - LABEL_WIDTH - 1

        def thinned(curve: Curve, max_columns: int = columns) -> Points:
            return self._scaled(*thin(curve, start, end, max_columns))

        batches = thinned(curves[quantity], columns)
        average = thinned(curves[f"average {quantity}"])
        epochs = thinned(snapshot.epoch_curves[quantity], columns // 3)
        evaluation = thinned(snapshot.evaluation_curves[quantity], columns // 3)
        parts = snapshot.other_branches[-_MAX_OTHER_BRANCHES:]
        others = [thinned(part.training_curves[f"average {quantity}"]) for part in parts]

        learned = 0.0 if self.whole or self.logarithmic else early_end(curves["epoch"])
        own, other = (
            [y[x > learned] if learned else y for x, y in lines]
            for lines in ((average, epochs, evaluation), others)
        )
        if learned:  # the best values stay in the chart even if they are early ones
            best = np.fmax if quantity == "accuracy" else np.fmin  # not NaN
            own += [
                best.reduce(y, keepdims=True) for _, y in (average, epochs, evaluation) if len(y)
            ]
        percent = quantity == "accuracy"  # an accuracy cannot diverge: none is too high to show
        scaled = self.logarithmic, self.whole or percent
        faint = np.empty(0) if learned else batches[1]
        low, high = value_range(np.concatenate(own), faint, *scaled)
        if other:  # a branch that diverged should not flatten the curves of this one
            shown = other if self.whole else [near(values, low, high) for values in other]
            low, high = value_range(np.concatenate([*own, *shown]), faint, *scaled)
        y, y_labels = value_axis(low, high, height - 2, glyphs.dots[1], self.logarithmic, percent)
        cells = width - max(map(len, y_labels.values())) - 1
        x = step_axis(snapshot, self.recent, self.across, cells, glyphs.dots[0])
        scales = [scale_after(x.scale, snapshot, self.across, part) for part in parts]

        def points(line: Points, look: Look, marker: str) -> Iterator[Line]:
            # Later points outside the axis are arrows at its edge.
            place, value = x.scale.place(line[0]), line[1]
            above, below, later = value > y.high, value < y.low, line[0] > learned
            for which, sign in (
                (~above & ~below, marker),
                (above & later, glyphs.above),
                (below & later, glyphs.below),
            ):
                clipped = value[which].clip(y.low, y.high)
                yield Line(place[which], clipped, self._style(look), sign, joined=False)

        lines = [  # later ones cover earlier ones
            Line(
                *(x.scale.place(batches[0]), batches[1], self._style(BATCH)),
                *(glyphs.lines or glyphs.batch, False),
            ),
            *(
                Line(scale.place(line[0]), line[1], self._other_style(part), self._marker)
                for part, line, scale in zip(parts, others, scales, strict=True)
            ),
            Line(x.scale.place(average[0]), average[1], self._style(AVERAGE), self._marker),
            *points(epochs, EPOCH_MEAN, glyphs.epoch_mean),
            *points(evaluation, EVALUATION, glyphs.point),
        ]
        canvas = plot(lines, x.places, y, self.plain)
        ends = self._divergences(curves, x)
        for divergence in ends:
            canvas.line(divergence.column, glyphs.change, divergence.style)
        for part, line, scale in zip(parts, others, scales, strict=True):
            ends += self._branch_end(part, line, scale, x, y)
        mark_ends(canvas, ends, (self._style(BATCH),))
        self._mark_start(canvas, curves[f"average {quantity}"].between(start, end), y)
        if quantity == "loss" and not snapshot.furthest_step:
            self._write_first_keys(canvas)
        changes, warning = snapshot.changes, self.blended("warning")
        changed = mark_changes(canvas, x, changes, warning, glyphs, (self._style(BATCH),))
        max_epochs = x.cells // _COLUMNS_PER_EPOCH
        for step in epoch_ends(curves["epoch"].between(start, end), max_epochs):
            column = x.cell(step)
            if column is not None:
                canvas.line(column, glyphs.epoch, self.blended("foreground", 0.25))
        if snapshot.steps < snapshot.end:
            column = x.cell(snapshot.steps) or 0
            canvas.line(column, glyphs.position, self.blended("foreground", 0.7))
        ticks = x_ticks(x.places, whole=self.across in ("steps", "images"))
        return Figure(canvas, x, y_labels, ticks, changed, glyphs, self.plain)

    def _write_first_keys(self, canvas: Canvas) -> None:
        """Says in the empty chart what to press first."""
        width = max(len(f"{key}  {what}") for key, what in _FIRST_KEYS)
        left = max((canvas.width - width) // 2, 2)
        top = max((canvas.height - len(_FIRST_KEYS)) // 2, 0)
        for row, (key, what) in enumerate(_FIRST_KEYS[: canvas.height], top):
            canvas.write(row, left, f"{key:>5}", self.blended("accent") + Style(bold=True))
            canvas.write(row, left + 7, what[: max(canvas.width - left - 7, 0)], self.plain)

    @property
    def _marker(self) -> str:
        return self.glyphs.lines or self.glyphs.average

    def _style(self, look: Look) -> Style:
        style = self.blended(look.color, look.share, GRAPHICS)
        return style + Style(bold=True) if look.weight else style

    def _other_style(self, part: OtherBranchCurves) -> Style:
        if part.branch == self.snapshot.branch:
            return self.blended("foreground", 0.4, GRAPHICS)
        return self.blended(_BRANCH_COLORS[part.branch % len(_BRANCH_COLORS)], 0.9, GRAPHICS)

    def _branch_end(
        self, part: OtherBranchCurves, line: Points, scale: Scale, x: StepAxis, y: Axis
    ) -> list[End]:
        """The end of another branch, if it is in the chart."""
        if not len(line[0]):
            return []
        column = x.places.cell(float(scale.place(line[0][-1])))
        cell = y.cell(float(line[1][-1].clip(y.low, y.high)))
        if column is None or cell is None:
            return []
        mark = self.glyphs.branches[part.branch % len(self.glyphs.branches)]
        last_loss = part.training_curves["average loss"].high[-1:]
        diverged = part.diverged_at is not None and part.diverged_at >= part.since
        if diverged or (last_loss > self._far_above).any():
            mark = self.glyphs.bad
        names = branch_names(self.snapshot, part)
        return [End(y.cells - 1 - cell, column, mark, names, self._other_style(part))]

    def _mark_start(self, canvas: Canvas, average: Curve, y: Axis) -> None:
        """Says where the curve starts, if that is outside the axis."""
        if not len(average) or self.logarithmic:
            return
        above = average.high[0] > y.high
        if not above and not average.low[0] < y.low:
            return
        start = float(average.high[0] if above else average.low[0])
        value, style = number(self.quantity, start), self._style(AVERAGE)
        for text in (f"starts at {value}", f"from {value}"):
            if write_at_edge(canvas, above, text, style, (self._style(BATCH),)):
                break

    def _divergences(self, curves: Curves, x: StepAxis) -> list[End]:
        """Where the loss was not finite, where the run diverged, and where the loss rose far above
        that of guessing; the last of each has a name."""
        loss, average = curves["loss"], curves["average loss"]
        bad = loss.last[np.isnan(loss.low)].tolist()
        if self.snapshot.diverged_at is not None:
            bad.append(self.snapshot.diverged_at)
        far = average.high > self._far_above
        rises = average.last[1:][far[1:] & ~far[:-1]].tolist()
        ends: list[End] = []
        for steps, names in ((bad, ("diverged",)), (rises, _FAR_ABOVE_NAMES)):
            columns = {x.cell(step) for step in steps if x.low <= x.scale.place(step) <= x.high}
            places = sorted(column for column in columns if column is not None)
            named = [()] * len(places[1:]) + [names]
            style, sign = self.blended("error"), self.glyphs.bad
            ends += [End(0, c, sign, name, style) for c, name in zip(places, named, strict=False)]
        return ends

    @property
    def _far_above(self) -> float:
        """The loss from which on the run counts as diverging."""
        run = self.snapshot.run
        return far_above_guessing(len(run.dataset.class_names)) if run else np.inf

    def _scaled(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
        """The points in the scale of the axes, without values that have no logarithm."""
        if not self.logarithmic:
            return x, y
        return x[y > 0], np.log10(y[y > 0])
