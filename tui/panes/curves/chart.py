"""One quantity over the steps: training, and the watched images."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from textual.binding import Binding
from textual.reactive import reactive

from tui.drawing.axes import Axis, labels, log_ticks, ticks
from tui.drawing.figure import Figure, epoch_ends, mark_changes
from tui.drawing.plotting import Line, plot
from tui.drawing.thinning import thin
from tui.panes.curves.messages import MoveRequested
from tui.panes.curves.readout import reading
from tui.panes.curves.step_chart import WINDOW, StepChart, visible_steps

_SMALLEST = (20, 5)
_COLUMNS_BETWEEN_EPOCHS = 6
_LABELS = 5  # cells for the numbers at the left, or more if one is longer
_MAX_OTHER_BRANCHES = 8  # of the other branches, the last ones
_BEFORE, _SHOOTS = 0.8, 2.0  # above so many times of what this share lies below, it shoots up
_LARGEST = 1e300  # beyond which numbers cannot be told apart from infinity

Numbers = NDArray[np.float64]


class Chart(StepChart):
    """Every batch faint, its running average strong, the watched images as marked points.

    A vertical line stands where a setting was changed by hand, a fainter, dotted one where an
    epoch ended, a heavy one at the cursor.
    """

    BINDING_GROUP_TITLE = "Chart"
    HINT = "←→ cursor  Enter go there  l log  w window"
    BINDINGS = [
        Binding("left", "columns(-1)", "Cursor left", show=False),
        Binding("right", "columns(1)", "Cursor right", show=False),
        Binding("shift+left,ctrl+left", "steps(-1)", "Cursor one step back", show=False),
        Binding("shift+right,ctrl+right", "steps(1)", "Cursor one step on", show=False),
        Binding("home", "end(False)", "Cursor to the first step", show=False),
        Binding("end", "end(True)", "Cursor to the last step", show=False),
        Binding("enter", "go_there", "Go to the step of the cursor", show=False),
        Binding("escape", "no_cursor", "Remove the cursor", show=False),
    ]

    logarithmic: reactive[bool] = reactive(False, repaint=False)

    def __init__(self, quantity: Literal["loss", "accuracy"]) -> None:
        super().__init__(quantity, paint_order=0 if quantity == "loss" else 1)
        self._quantity = quantity
        self._said: tuple[str, str] | None = None
        self.tooltip = (
            "Mean cross-entropy, in nats: how surprised the network is by the right answer. "
            "Lower is better."
            if quantity == "loss"
            else "Share of images recognised. Higher is better."
        ) + " A click, or the arrow keys, read the values at a step."

    def watch_logarithmic(self) -> None:
        self.redraw()
        self.say()

    def on_resize(self) -> None:
        self.say()

    def action_columns(self, by: int) -> None:
        self.post_message(self.CursorMoved(round(by * self.column)))

    def action_steps(self, by: int) -> None:
        self.post_message(self.CursorMoved(by))

    def action_end(self, last: bool) -> None:
        seen = visible_steps(self.snapshot, self.recent)
        self.post_message(self.CursorPlaced(seen.end if last else seen.start))

    def action_go_there(self) -> None:
        if self.cursor is not None:
            self.post_message(MoveRequested(self.cursor))

    def action_no_cursor(self) -> None:
        self.post_message(self.CursorPlaced(None))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # Without a cursor, Escape leaves the chart, as it does elsewhere.
        return action not in ("no_cursor", "go_there") or self.cursor is not None

    def say(self) -> None:
        said = self._title(), self._subtitle()
        if said != self._said:
            self._said = said
            self.border_title, self.border_subtitle = said

    def _title(self) -> str:
        head = self._quantity.capitalize() + ", log" * self.logarithmic
        run, glyphs = self.snapshot.run, self.glyphs
        if run is None:
            return head
        watched = f"{glyphs.point} {run.evaluation_set}"
        long = f"{head}  {glyphs.batch} batch  {glyphs.average} average  {watched}"
        short = f"{head}  {glyphs.average} training  {watched}"
        titles = long, short, short.replace("  ", " ")
        return next((title for title in titles if len(title) <= self._room), head)

    def _subtitle(self) -> str:
        if self.cursor is not None and self.snapshot.run is not None:
            near = self.column / 2
            place = self.snapshot, self._quantity, self.cursor
            return reading(*place, near, self._room, self.glyphs)
        what = f"last {WINDOW:,} steps" if self.recent else "steps"
        others = {part.branch for part in self.snapshot.other_branches} - {self.snapshot.branch}
        gray = "other branches" if others else "ahead"
        told = f"{what}; grey: {gray}"
        return told if self.snapshot.other_branches and len(told) <= self._room else what

    @property
    def _room(self) -> int:
        """Cells for a title in the border."""
        return self.size.width - 4

    def plot(self, width: int, height: int) -> Figure | None:
        snapshot = self.snapshot
        if snapshot.run is None or width < _SMALLEST[0] or height < _SMALLEST[1]:
            return None
        glyphs, plain = self.glyphs, self.plain
        start, end, curves = visible_steps(snapshot, self.recent)
        columns = width - _LABELS - 1
        raw, mean, marked = (
            self._scaled(*thin(curve, start, end, most))
            for curve, most in (
                # Fewer columns for what is faint: plotext takes a while for each point.
                (curves[self._quantity], columns // 2),
                (curves[f"average {self._quantity}"], columns),
                (snapshot.evaluation_curves[self._quantity], columns // 3),
            )
        )
        other_branches = [
            self._scaled(
                *thin(part.training_curves[f"average {self._quantity}"], start, end, columns)
            )
            for part in snapshot.other_branches[-_MAX_OTHER_BRANCHES:]
        ]
        strong = (mean[1], marked[1], *(line[1] for line in other_branches))
        low, high = _range(np.concatenate(strong), raw[1])
        if not self.logarithmic:
            low, high = max(low, 0.0), min(high, _ceiling(np.concatenate(strong)))
        y = Axis(low, high, height - 2, glyphs.dots[1])
        y_labels = self._y_labels(y)
        x = Axis(start, end, width - max(map(len, y_labels.values())) - 1, glyphs.dots[0])

        faint = glyphs.joined or glyphs.batch
        # Later lines cover earlier ones where they meet in a cell.
        lines = [
            *(Line(*line, self.blended("foreground", 0.4), faint) for line in other_branches),
            Line(*raw, self.blended("primary", 0.35), faint),
            Line(*mean, self.blended("primary"), glyphs.joined or glyphs.average),
            # One that lies beyond stays to be seen, at the edge.
            Line(marked[0], marked[1].clip(low, high), self.blended("accent"), glyphs.point, False),
        ]
        canvas = plot(lines, x, y, plain)
        changed = mark_changes(canvas, x, snapshot.changes, self.blended("warning"), glyphs)
        most_epochs = x.cells // _COLUMNS_BETWEEN_EPOCHS
        for step in epoch_ends(curves["epoch"].between(start, end), most_epochs):
            column = x.cell(step)
            if column is not None:
                canvas.line(column, glyphs.epoch, self.blended("foreground", 0.25))
        if snapshot.steps < snapshot.end:
            canvas.line(x.cell(snapshot.steps) or 0, glyphs.here, self.blended("foreground", 0.7))
        return Figure(
            canvas, x, y_labels, x_ticks(start, end, x.cells), changed, glyphs, self.plain
        )

    def _scaled(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """The points as the axes have them, without those that a logarithm cannot show."""
        if not self.logarithmic:
            return x, y
        return x[y > 0], np.log10(y[y > 0])

    def _y_labels(self, y: Axis) -> dict[int, str]:
        """Round numbers by the row in which they stand, all equally wide."""
        most = max(3, y.cells * 2 // 5)
        if self.logarithmic:
            numbers = log_ticks(10**y.low, 10**y.high, max(3, (y.cells + 1) // 2))
            places, names = [math.log10(n) for n in numbers], [f"{n:.4g}" for n in numbers]
        else:
            places = ticks(y.low, y.high, most)
            names = labels(places, percent=self._quantity == "accuracy")
        cells = [y.cell(place) for place in places]
        width = max([_LABELS, *map(len, names)])
        return {
            y.cells - 1 - cell: name.rjust(width)
            for cell, name in zip(cells, names, strict=True)
            if cell is not None
        } or {0: " " * width}


def _range(strong: Numbers, faint: Numbers) -> tuple[float, float]:
    """The whole of the strong curves, and the faint one but for its rarest outliers."""
    typical = np.sort(faint)[len(faint) // 50 : len(faint) - len(faint) // 50]
    seen = np.clip(np.concatenate((strong, typical)), -_LARGEST, _LARGEST)
    if not len(seen):
        return 0.0, 1.0
    low, high = float(seen.min()), float(seen.max())
    pad = (high - low) * 0.05
    if pad <= 1e-9 * max(abs(low), abs(high)):
        pad = 0.05 * max(abs(low), 1.0)
    return low - pad, high + pad


def _ceiling(strong: Numbers) -> float:
    """Where the picture of a run that shoots up in the end is cut off: a few times above all that
    it was before, its beginning included."""
    if not len(strong):
        return math.inf
    before = max(float(np.quantile(strong, _BEFORE, method="lower")), float(strong[0]))
    return _SHOOTS * before if before > 0 else math.inf


def x_ticks(start: int, end: int, width: int) -> list[float]:
    """Round steps, and the last one, where the axis ends."""
    inner = ticks(start, end, max(2, width // 10))
    return [*(x for x in inner if start <= x < end), end]
