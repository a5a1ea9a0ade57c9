"""The curves pane: loss, accuracy and learning rate over the steps, with one cursor for all."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive

from core.history.snapshot import Snapshot
from tui.panes.curves.chart import Chart
from tui.panes.curves.rate_chart import RateChart
from tui.panes.curves.step_axis import ACROSS, Across
from tui.panes.curves.step_chart import StepChart, visible_steps
from tui.panes.curves.timeline_bar import TimelineBar

_RATE_HEIGHT = 12  # rows from which the learning rate is shown


class Charts(Vertical):
    """Loss and accuracy side by side, above the learning rate, if it fits, and the timeline.

    recent: show the last steps only; logarithmic: the scale of the loss; whole: show the early fall
    in full, too; across: what the horizontal axes count; cursor: a step whose values are read.
    """

    ALLOW_MAXIMIZE = True

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    recent: reactive[bool] = reactive(False, repaint=False)
    logarithmic: reactive[bool] = reactive(False, repaint=False)
    whole: reactive[bool] = reactive(False, repaint=False)
    across: reactive[Across] = reactive("steps", repaint=False)
    cursor: reactive[int | None] = reactive(None, repaint=False)

    def compose(self) -> ComposeResult:
        shared = Charts.snapshot, Charts.recent, Charts.across, Charts.cursor
        with Horizontal():
            yield Chart("loss").data_bind(*shared, Charts.whole, Charts.logarithmic)
            yield Chart("accuracy").data_bind(*shared, Charts.whole)
        yield RateChart().data_bind(*shared)
        yield TimelineBar().data_bind(Charts.snapshot)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height >= _RATE_HEIGHT, "-with-rate")

    def action_log_loss(self) -> None:
        """Switches the loss between a linear and a logarithmic axis."""
        self.logarithmic = not self.logarithmic

    def action_window(self) -> None:
        """Switches between the whole run and its last steps."""
        self.recent = not self.recent

    def action_whole(self) -> None:
        """Switches between the values after the early fall and all values."""
        self.whole = not self.whole

    def action_across(self) -> None:
        """Switches to the next unit of the horizontal axes: steps, epochs, images, seconds."""
        self.across = ACROSS[(ACROSS.index(self.across) + 1) % len(ACROSS)]

    def watch_snapshot(self) -> None:
        self._drop_invisible_cursor()

    def watch_recent(self) -> None:
        self._drop_invisible_cursor()

    @on(StepChart.CursorPlaced)
    def _place_cursor(self, event: StepChart.CursorPlaced) -> None:
        start, end = self._cursor_range
        if event.step is None or not end:
            self.cursor = None
        else:
            self.cursor = min(max(round(event.step), start), end)

    @on(StepChart.CursorMoved)
    def _move_cursor(self, event: StepChart.CursorMoved) -> None:
        """Moves the cursor; it appears at the nearer end, and disappears beyond an end."""
        start, end = self._cursor_range
        if not end:
            return
        if self.cursor is None:
            self.cursor = start if event.by > 0 else end
        elif self.cursor == (end if event.by > 0 else start):
            self.cursor = None
        else:
            self.cursor = min(max(self.cursor + event.by, start), end)

    @property
    def _cursor_range(self) -> tuple[int, int]:
        """The first and last step that the cursor can be at."""
        return visible_steps(self.snapshot, self.recent).start, self.snapshot.steps

    def _drop_invisible_cursor(self) -> None:
        start, end = self._cursor_range
        if self.cursor is not None and not start <= self.cursor <= end:
            self.cursor = None
