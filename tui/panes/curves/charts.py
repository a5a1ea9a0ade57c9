"""The curves: loss, accuracy and learning rate over the steps, with one cursor for all."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive

from core.history.snapshot import Snapshot
from tui.panes.curves.chart import Chart
from tui.panes.curves.rate_chart import RateChart
from tui.panes.curves.step_chart import StepChart, visible_steps
from tui.panes.curves.timeline_bar import TimelineBar

_ROOM_FOR_RATE = 16  # rows
_ROOM_FOR_MORE = 26


class Charts(Vertical):
    """Loss and accuracy side by side, over the learning rate where there is room for it, and the
    timeline.

    recent: only the last steps are shown; logarithmic: so is the loss; cursor: a step to be read.
    """

    ALLOW_MAXIMIZE = True

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    recent: reactive[bool] = reactive(False, repaint=False)
    logarithmic: reactive[bool] = reactive(False, repaint=False)
    cursor: reactive[int | None] = reactive(None, repaint=False)

    def compose(self) -> ComposeResult:
        shared = Charts.snapshot, Charts.recent, Charts.cursor
        with Horizontal():
            yield Chart("loss").data_bind(*shared, Charts.logarithmic)
            yield Chart("accuracy").data_bind(*shared)
        yield RateChart().data_bind(*shared)
        yield TimelineBar().data_bind(Charts.snapshot)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height >= _ROOM_FOR_RATE, "-with-rate")
        self.set_class(event.size.height >= _ROOM_FOR_MORE, "-tall")

    def action_log_loss(self) -> None:
        """The loss on a logarithmic axis, and back."""
        self.logarithmic = not self.logarithmic

    def action_window(self) -> None:
        """The last steps, and back to the whole run."""
        self.recent = not self.recent

    def watch_snapshot(self) -> None:
        self._keep_cursor()

    def watch_recent(self) -> None:
        self._keep_cursor()

    @on(StepChart.CursorPlaced)
    def _place(self, event: StepChart.CursorPlaced) -> None:
        start, end = self._span
        if event.step is None or not end:
            self.cursor = None
        else:
            self.cursor = min(max(round(event.step), start), end)

    @on(StepChart.CursorMoved)
    def _move(self, event: StepChart.CursorMoved) -> None:
        """From none to the nearer end; from an end away, to none."""
        start, end = self._span
        if not end:
            return
        if self.cursor is None:
            self.cursor = start if event.by > 0 else end
        elif self.cursor == (end if event.by > 0 else start):
            self.cursor = None
        else:
            self.cursor = min(max(self.cursor + event.by, start), end)

    @property
    def _span(self) -> tuple[int, int]:
        """The first and last step where the cursor may be."""
        return visible_steps(self.snapshot, self.recent).start, self.snapshot.steps

    def _keep_cursor(self) -> None:
        """What is no longer to be seen is no longer read."""
        start, end = self._span
        if self.cursor is not None and not start <= self.cursor <= end:
            self.cursor = None
