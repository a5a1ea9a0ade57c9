"""The chart of one quantity over the steps, on the training batches and the evaluation set."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive

from tui.drawing.axes import Axis
from tui.drawing.figure import Figure
from tui.drawing.marks import epoch_ends, mark_changes
from tui.drawing.plotting import Line, plot
from tui.drawing.thinning import thin
from tui.panes.curves.messages import MoveRequested
from tui.panes.curves.readout import reading
from tui.panes.curves.step_chart import WINDOW, StepChart, visible_steps
from tui.panes.curves.value_axis import LABEL_WIDTH, value_labels, value_range, x_ticks

_MIN_SIZE = (20, 5)
_COLUMNS_PER_EPOCH = 6  # at least, between two marked ends of epochs
_MAX_OTHER_BRANCHES = 8  # the latest ones

Numbers = NDArray[np.float64]


class Chart(StepChart):
    """The batches faint, their average strong, the evaluation set as marked points.

    A vertical line marks a change of a setting, a dotted one the end of an epoch, a heavy one the
    cursor.
    """

    BINDING_GROUP_TITLE = "Curves"
    HINT = "←→ cursor  Enter go to step  l log  w window"
    BINDINGS = [
        Binding("left", "columns(-1)", "Cursor left", show=False),
        Binding("right", "columns(1)", "Cursor right", show=False),
        Binding("comma,shift+left,ctrl+left", "steps(-1)", "Cursor one step back", show=False),
        Binding(
            "full_stop,shift+right,ctrl+right", "steps(1)", "Cursor one step forward", show=False
        ),
        Binding("left_parenthesis,home", "end(False)", "Cursor to the first step", show=False),
        Binding("right_parenthesis,end", "end(True)", "Cursor to the last step", show=False),
        Binding("enter", "go_to_cursor", "Go to the step of the cursor", show=False),
        Binding("escape", "remove_cursor", "Remove the cursor", show=False),
    ]

    logarithmic: reactive[bool] = reactive(False, repaint=False)

    def __init__(self, quantity: Literal["loss", "accuracy"]) -> None:
        super().__init__(quantity, paint_order=0 if quantity == "loss" else 1)
        self._quantity = quantity
        self._titles = ("", "")
        meaning = (
            "Mean cross-entropy in nats; lower is better."
            if quantity == "loss"
            else "Share of correctly classified images; higher is better."
        )
        self.tooltip = Content(
            f"{meaning} Click or use the arrow keys to read the values at a step."
        )

    def watch_logarithmic(self) -> None:
        self.redraw()
        self.update_titles()

    def on_resize(self) -> None:
        self.update_titles()

    def action_columns(self, by: int) -> None:
        self.post_message(self.CursorMoved(round(by * self.steps_per_column)))

    def action_steps(self, by: int) -> None:
        self.post_message(self.CursorMoved(by))

    def action_end(self, last: bool) -> None:
        visible = visible_steps(self.snapshot, self.recent)
        self.post_message(self.CursorPlaced(visible.end if last else visible.start))

    def action_go_to_cursor(self) -> None:
        if self.cursor is not None:
            self.post_message(MoveRequested(self.cursor))

    def action_remove_cursor(self) -> None:
        self.post_message(self.CursorPlaced(None))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # Without a cursor, Escape leaves the chart, as it leaves other panes.
        return action not in ("remove_cursor", "go_to_cursor") or self.cursor is not None

    def update_titles(self) -> None:
        titles = self._title(), self._subtitle()
        if titles != self._titles:
            self._titles = titles
            self.border_title, self.border_subtitle = map(Content, titles)

    def _title(self) -> str:
        name = self._quantity.capitalize() + " (log)" * self.logarithmic
        run, glyphs = self.snapshot.run, self.glyphs
        if run is None:
            return name
        evaluation = f"{glyphs.point} {run.evaluation_set}"
        long = f"{name}  {glyphs.batch} batch  {glyphs.average} average  {evaluation}"
        short = f"{name}  {glyphs.average} average  {evaluation}"
        titles = long, short, short.replace("  ", " ")
        return next((title for title in titles if len(title) <= self._title_width), name)

    def _subtitle(self) -> str:
        width = self._title_width
        if self.cursor is not None and self.snapshot.run is not None:
            near = self.steps_per_column / 2
            return reading(self.snapshot, self._quantity, self.cursor, near, width, self.glyphs)
        steps = f"last {WINDOW:,} steps" if self.recent else "steps"
        branches = {part.branch for part in self.snapshot.other_branches}
        others = branches - {self.snapshot.branch}
        legend = f"{steps} (gray: {'other branches' if others else 'later steps'})"
        return legend if branches and len(legend) <= width else steps

    @property
    def _title_width(self) -> int:
        """Cells for a title in the border."""
        return self.size.width - 4

    def plot(self, width: int, height: int) -> Figure | None:
        snapshot = self.snapshot
        if snapshot.run is None or width < _MIN_SIZE[0] or height < _MIN_SIZE[1]:
            return None
        glyphs, plain = self.glyphs, self.plain
        start, end, curves = visible_steps(snapshot, self.recent)
        columns = width - LABEL_WIDTH - 1
        batches, average, evaluation = (
            self._scaled(*thin(curve, start, end, max_columns))
            for curve, max_columns in (
                # Fewer columns for the faint curve: plotext takes time for each point.
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
        strong = np.concatenate([average[1], evaluation[1], *(line[1] for line in other_branches)])
        low, high = value_range(strong, batches[1], self.logarithmic)
        y = Axis(low, high, height - 2, glyphs.dots[1])
        y_labels = value_labels(y, self.logarithmic, percent=self._quantity == "accuracy")
        x = Axis(start, end, width - max(map(len, y_labels.values())) - 1, glyphs.dots[0])

        faint = glyphs.lines or glyphs.batch
        # Later lines cover earlier ones.
        lines = [
            *(Line(*line, self.blended("foreground", 0.4), faint) for line in other_branches),
            Line(*batches, self.blended("primary", 0.35), faint),
            Line(*average, self.blended("primary"), glyphs.lines or glyphs.average),
            # Points outside the axis are drawn at its edge.
            Line(
                evaluation[0],
                evaluation[1].clip(low, high),
                self.blended("accent"),
                glyphs.point,
                joined=False,
            ),
        ]
        canvas = plot(lines, x, y, plain)
        changed = mark_changes(canvas, x, snapshot.changes, self.blended("warning"), glyphs)
        max_epochs = x.cells // _COLUMNS_PER_EPOCH
        for step in epoch_ends(curves["epoch"].between(start, end), max_epochs):
            column = x.cell(step)
            if column is not None:
                canvas.line(column, glyphs.epoch, self.blended("foreground", 0.25))
        if snapshot.steps < snapshot.end:
            column = x.cell(snapshot.steps) or 0
            canvas.line(column, glyphs.position, self.blended("foreground", 0.7))
        return Figure(canvas, x, y_labels, x_ticks(start, end, x.cells), changed, glyphs, plain)

    def _scaled(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """The points in the scale of the axes, without values that have no logarithm."""
        if not self.logarithmic:
            return x, y
        return x[y > 0], np.log10(y[y > 0])
