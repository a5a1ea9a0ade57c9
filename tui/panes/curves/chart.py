"""The chart of one quantity over the steps, with its cursor, its title and its legend."""

from typing import Literal

from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive

from core.history.snapshot import Snapshot
from tui.drawing.figure import Figure
from tui.drawing.text import longest
from tui.panes.curves.curve_plot import CurvePlot
from tui.panes.curves.legend import legend
from tui.panes.curves.messages import MoveRequested
from tui.panes.curves.readout import reading
from tui.panes.curves.step_axis import StepAxis
from tui.panes.curves.step_chart import (
    NO_STEP,
    WINDOW,
    StepChart,
    has_window,
    visible_steps,
)
from tui.panes.curves.value_axis import early_end

_MIN_SIZE = (20, 5)


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
            "h all": bool(early_end(curves["epoch"])),
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
            self.notify_end("Press an arrow key to place a cursor.")
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
        """The name and the legend."""
        name = self._quantity.capitalize()
        names = [f"{name} (log)", f"{name} log"] if self.logarithmic else [name]
        run = self.snapshot.run
        if run is None:
            return Content(names[0])
        return legend(names, run.evaluation_set, self.glyphs, self._title_width)

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

    @property
    def hides_values(self) -> bool:
        """Whether the chart of all values looks different from that without the outlying ones."""
        figures = [
            self._plot(*self.scrollable_content_region.size, whole) for whole in (False, True)
        ]
        short, whole = ([row.text for row in one.rows(None)] if one else [] for one in figures)
        return short != whole

    def plot(self, width: int, height: int) -> Figure[StepAxis] | None:
        return self._plot(width, height, self.whole)

    def _plot(self, width: int, height: int, whole: bool) -> Figure[StepAxis] | None:
        if self.snapshot.run is None or width < _MIN_SIZE[0] or height < _MIN_SIZE[1]:
            return None
        plot = CurvePlot(
            self.snapshot,
            self._quantity,
            self.recent,
            self.across,
            self.logarithmic,
            whole,
            self.glyphs,
            self.plain,
            self.blended,
        )
        return plot.draw(width, height)
