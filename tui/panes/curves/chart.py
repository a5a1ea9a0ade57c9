"""The chart of one quantity over the steps, on the training batches and the evaluation set."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive

from core.history.branch_history import OtherBranchCurves
from core.history.curves import Curve
from core.history.snapshot import Snapshot
from tui.contrast import GRAPHICS
from tui.drawing.axes import Axis
from tui.drawing.canvas import Canvas
from tui.drawing.figure import Figure
from tui.drawing.marks import epoch_ends, mark_changes, mark_divergence, mark_end
from tui.drawing.plotting import Line, plot
from tui.drawing.text import longest
from tui.drawing.thinning import thin
from tui.panes.curves.branch_names import branch_names
from tui.panes.curves.messages import MoveRequested
from tui.panes.curves.readout import number, reading
from tui.panes.curves.step_axis import Scale, StepAxis, scale_after
from tui.panes.curves.step_chart import (
    NO_STEP,
    WINDOW,
    StepChart,
    has_window,
    step_axis,
    visible_steps,
)
from tui.panes.curves.value_axis import (
    LABEL_WIDTH,
    early_end,
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
_MIN_SIZE = (20, 5)
_COLUMNS_PER_EPOCH = 6  # at least, between two marked ends of epochs
_MAX_OTHER_BRANCHES = 8  # the latest ones

# Of the other branches, in turn. The glyphs at their ends differ, too.
_BRANCH_COLORS = ("success", "secondary", "warning", "foreground")

Points = tuple[NDArray[np.float64], NDArray[np.float64]]
"""x and y."""


class Look(NamedTuple):
    """How a curve is drawn: a theme color, its share over the background, "bold " or ""."""

    color: str
    share: float = 1.0
    weight: str = ""


BATCH, AVERAGE = Look("primary", 0.5), Look("primary", 1.0)
EPOCH_MEAN, EVALUATION = Look("primary", 1.0, "bold "), Look("accent", 1.0, "bold ")


class Chart(StepChart):
    """The batches as faint dots, their average as a line, epochs and evaluations as points.

    A vertical line marks a change of a setting, a dotted one the end of an epoch, a heavy one the
    cursor.
    """

    BINDING_GROUP_TITLE = "Curves"
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
    whole: reactive[bool] = reactive(False, repaint=False)

    def __init__(self, quantity: Literal["loss", "accuracy"]) -> None:
        super().__init__(quantity, paint_order=0 if quantity == "loss" else 1)
        self._quantity = quantity
        self._titles = (Content(""), "")
        meaning = (
            "Mean cross-entropy in nats; lower is better."
            if quantity == "loss"
            else "Share of correctly classified images; higher is better."
        )
        self.tooltip = Content(
            f"{meaning} Click or use the arrow keys to read the values at a step."
        )

    @property
    def HINT(self) -> str:  # noqa: N802
        """The keys for the key bar that do something now."""
        snapshot, is_placed = self.snapshot, self.cursor is not None
        curves = visible_steps(snapshot, self.recent).curves
        offered = {
            "←→ cursor": snapshot.steps > 0,
            "Enter go to step": is_placed,
            "l log": True,
            "w window": has_window(snapshot),
            "h all": "epoch" in curves and bool(early_end(curves["epoch"])),
            "X axis": True,
        }
        return "  ".join(key for key, works in offered.items() if works)

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        super().watch_snapshot(before, snapshot)
        self.update_hint()

    def watch_cursor(self) -> None:
        super().watch_cursor()
        self.update_hint()

    def watch_logarithmic(self) -> None:
        self.redraw()
        self.update_titles()

    def watch_whole(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.update_titles()

    def action_columns(self, by: int) -> None:
        self.post_message(self.CursorMoved(round(by * self.steps_per_column)))

    def action_steps(self, by: int) -> None:
        self.post_message(self.CursorMoved(by))

    def action_end(self, last: bool) -> None:
        visible = visible_steps(self.snapshot, self.recent)
        step = min(visible.end, self.snapshot.steps) if last else visible.start
        if step == self.cursor:
            self.notify_end(f"The cursor is at the {'last' if last else 'first'} step shown.")
        else:
            self.post_message(self.CursorPlaced(step))

    def action_go_to_cursor(self) -> None:
        if self.cursor is not None:
            self.post_message(MoveRequested(self.cursor))
        elif self.snapshot.steps:
            self.notify_end("There is no cursor to go to: an arrow key places one.")
        else:
            self.notify_end(NO_STEP)

    def action_remove_cursor(self) -> None:
        self.post_message(self.CursorPlaced(None))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # Without a cursor, Escape leaves the chart, as it leaves other panes.
        if action == "remove_cursor":
            return self.cursor is not None
        return super().check_action(action, parameters)

    def update_titles(self) -> None:
        titles = self._title(), self._subtitle()
        if titles != self._titles:
            self._titles = titles
            self.border_title, self.border_subtitle = titles[0], Content(titles[1])

    def _title(self) -> Content:
        """The name and the legend, in the colors of the curves."""
        name = self._quantity.capitalize() + " (log)" * self.logarithmic
        run, glyphs = self.snapshot.run, self.glyphs
        if run is None:
            return Content(name)
        batch = (glyphs.batch, "batch", BATCH)
        average = (glyphs.average, "average", AVERAGE)
        short_average = (glyphs.average, "avg", AVERAGE)
        epoch = (glyphs.epoch_mean, "epoch", EPOCH_MEAN)
        evaluation = (glyphs.point, run.evaluation_set, EVALUATION)
        short_evaluation = (glyphs.point, "val", EVALUATION)
        if run.evaluation_set != "validation":
            short_evaluation = evaluation
        for entries, gap, space in (
            ((batch, average, epoch, evaluation), "  ", " "),
            ((batch, average, epoch, evaluation), " ", " "),
            ((batch, average, epoch, evaluation), " ", ""),
            ((batch, short_average, epoch, evaluation), " ", ""),
            ((batch, short_average, epoch, short_evaluation), " ", ""),
            ((average, epoch, evaluation), " ", ""),
            ((short_average, epoch, evaluation), " ", ""),
        ):
            legend = [
                # A space after a letter: not "ovalidation".
                (text, f"{weight}${color}{alpha}")
                for glyph, word, (color, share, weight) in entries
                for text, alpha in (
                    (f"{gap}{glyph}", f" {share:.0%}"),
                    (f"{' ' if glyph.isalpha() else space}{word}", ""),
                )
            ]
            if len(name) + sum(len(text) for text, _ in legend) <= self._title_width:
                return Content.assemble(name, *legend)
        return Content(name)

    def _subtitle(self) -> str:
        width = self._title_width
        if self.cursor is not None and self.snapshot.run is not None:
            near = self.steps_per_column / 2
            return reading(self.snapshot, self._quantity, self.cursor, near, width, self.glyphs)
        unit = {"images": "images seen", "seconds": "seconds of training"}.get(
            self.across, self.across
        )
        forms = [f"{unit}, last {WINDOW:,} steps" if self.recent else unit]
        if self.snapshot.full_speed:  # the rest of the screen is at a later step
            forms.insert(0, f"{forms[0]}, as of step {self.snapshot.steps:,}")
        return longest(forms, width)

    @property
    def _title_width(self) -> int:
        """Cells for a title in the border."""
        return self.size.width - 4

    def plot(self, width: int, height: int) -> Figure[StepAxis] | None:
        snapshot = self.snapshot
        if snapshot.run is None or width < _MIN_SIZE[0] or height < _MIN_SIZE[1]:
            return None
        glyphs, quantity = self.glyphs, self._quantity
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
        strong = [
            y[x > learned] if learned else y for x, y in (average, epochs, evaluation, *others)
        ]
        low, high = value_range(
            np.concatenate(strong), np.empty(0) if learned else batches[1], self.logarithmic
        )
        percent = quantity == "accuracy"
        y, y_labels = value_axis(low, high, height - 2, glyphs.dots[1], self.logarithmic, percent)
        cells = width - max(map(len, y_labels.values())) - 1
        x = step_axis(snapshot, self.recent, self.across, cells, glyphs.dots[0])
        scales = [scale_after(x.scale, snapshot, self.across, part) for part in parts]

        def points(line: Points, look: Look, marker: str) -> Line:
            # Later points outside the axis are drawn at its edge.
            shown = (line[0] > learned) | (y.low <= line[1]) & (line[1] <= y.high)
            place, value = x.scale.place(line[0][shown]), line[1][shown].clip(y.low, y.high)
            return Line(place, value, self._style(look), marker, joined=False)

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
            points(epochs, EPOCH_MEAN, glyphs.epoch_mean),
            points(evaluation, EVALUATION, glyphs.point),
        ]
        canvas = plot(lines, x.places, y, self.plain)
        for place in self._divergences(curves["loss"], x):
            faint = (self._style(BATCH),)
            mark_divergence(canvas, place, self.blended("error"), faint, glyphs)
        for part, line, scale in zip(parts, others, scales, strict=True):
            self._mark_branch(canvas, part, line, scale, x, y)
        self._mark_start(canvas, curves[f"average {quantity}"].between(start, end), y)
        if quantity == "loss" and not snapshot.furthest_step:
            self._write_first_keys(canvas)
        changed = mark_changes(canvas, x, snapshot.changes, self.blended("warning"), glyphs)
        max_epochs = x.cells // _COLUMNS_PER_EPOCH
        for step in epoch_ends(curves["epoch"].between(start, end), max_epochs):
            column = x.cell(step)
            if column is not None:
                canvas.line(column, glyphs.epoch, self.blended("foreground", 0.25))
        if snapshot.steps < snapshot.end:
            column = x.cell(snapshot.steps) or 0
            canvas.line(column, glyphs.position, self.blended("foreground", 0.7))
        ticks = x_ticks(x.low, x.high, x.cells, whole=self.across in ("steps", "images"))
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

    def _mark_branch(
        self,
        canvas: Canvas,
        part: OtherBranchCurves,
        line: Points,
        scale: Scale,
        x: StepAxis,
        y: Axis,
    ) -> None:
        """Marks the end of another branch, and writes its name beside it."""
        if not len(line[0]):
            return
        column = x.places.cell(float(scale.place(line[0][-1])))
        cell = y.cell(float(line[1][-1].clip(y.low, y.high)))
        if column is None or cell is None:
            return
        glyphs = self.glyphs
        mark = glyphs.branches[part.branch % len(glyphs.branches)]
        if part.diverged_at is not None and part.diverged_at >= part.since:
            mark = glyphs.bad
        mark_end(
            *(canvas, column, y.cells - 1 - cell, mark, branch_names(self.snapshot, part)),
            *(self._other_style(part), (self._style(BATCH),)),
        )

    def _mark_start(self, canvas: Canvas, average: Curve, y: Axis) -> None:
        """Says where the curve starts, if that is outside the axis."""
        if not len(average) or self.logarithmic:
            return
        above = average.high[0] > y.high
        if not above and not average.low[0] < y.low:
            return
        arrow = self.glyphs.above if above else self.glyphs.below
        start = float(average.high[0] if above else average.low[0])
        row = 0 if above else canvas.height - 1
        canvas.write(row, 0, f"{arrow} from {number(self._quantity, start)}", self._style(AVERAGE))

    def _divergences(self, loss: Curve, x: StepAxis) -> list[int]:
        """The columns of steps whose loss was not finite, or after which the run diverged."""
        steps = loss.last[np.isnan(loss.low)].tolist()
        if self.snapshot.diverged_at is not None:
            steps.append(self.snapshot.diverged_at)
        columns = {x.cell(step) for step in steps if x.low <= x.scale.place(step) <= x.high}
        return sorted(column for column in columns if column is not None)

    def _scaled(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
        """The points in the scale of the axes, without values that have no logarithm."""
        if not self.logarithmic:
            return x, y
        return x[y > 0], np.log10(y[y > 0])
