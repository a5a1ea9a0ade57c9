"""The curves pane: loss, accuracy and learning rate over the steps, with one cursor for all."""

from time import monotonic

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.timer import Timer

from core.history.snapshot import Snapshot
from tui.delay import call_after
from tui.panes.curves.chart import Chart
from tui.panes.curves.rate_chart import RateChart
from tui.panes.curves.step_axis import ACROSS, Across
from tui.panes.curves.step_chart import NO_STEP, WINDOW, StepChart, has_window, visible_steps
from tui.panes.curves.timeline_bar import TimelineBar
from tui.panes.curves.value_axis import early_end
from tui.preferences import Preferences, follow, remember

_INTERVAL = 1.3  # seconds between two snapshots at full speed; more if drawing is expensive
_MAX_INTERVAL = 2.0  # however expensive
_CPU_SHARE = 0.012  # of one core, for drawing a chart
_RATE_HEIGHT = 12  # rows from which the learning rate is shown


class Charts(Vertical):
    """Loss and accuracy side by side, above the learning rate, if it fits, and the timeline.

    At full speed the charts show a new snapshot only now and then, because drawing the curves takes
    milliseconds; their axes end at its step. The two rows below show every snapshot, in the same
    paint as the status.

    shown: the snapshot that the charts show.
    recent: show the last steps only; logarithmic: the scale of the loss; whole: show the initial
    drop, too; across: what the horizontal axes count; cursor: a step whose values are read.
    """

    ALLOW_MAXIMIZE = True

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    shown: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    recent: reactive[bool] = reactive(False, repaint=False)
    logarithmic: reactive[bool] = reactive(False, repaint=False)
    whole: reactive[bool] = reactive(False, repaint=False)
    across: reactive[Across] = reactive("steps", repaint=False)
    cursor: reactive[int | None] = reactive(None, repaint=False)

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._timer: Timer | None = None  # until the next snapshot is shown
        self._shown_at = 0.0

    def compose(self) -> ComposeResult:
        shared = {"snapshot": Charts.shown}
        common = Charts.recent, Charts.across, Charts.cursor
        with Horizontal():
            yield Chart("loss").data_bind(*common, Charts.whole, Charts.logarithmic, **shared)
            yield Chart("accuracy").data_bind(*common, Charts.whole, **shared)
        yield RateChart().data_bind(*common, Charts.snapshot)
        yield TimelineBar().data_bind(Charts.snapshot)

    def on_resize(self, event: events.Resize) -> None:
        with_rate = event.size.height >= _RATE_HEIGHT
        self.set_class(with_rate, "-with-rate")
        self.query_one(TimelineBar).shows_rate = not with_rate

    def on_mount(self) -> None:
        follow(self, self._follow_preferences)

    def _follow_preferences(self, preferences: Preferences) -> None:
        self.logarithmic = preferences.log_loss

    def on_show(self) -> None:
        self._select("loss")

    def _select(self, quantity: str) -> None:
        """Marks the chart that a small window hides."""
        for chart in self.query(Chart):
            chart.set_class(chart.id != quantity, "-other")

    def action_other(self) -> None:
        """Shows the other chart, where there is room for one only."""
        hidden = [chart for chart in self.query(Chart) if not chart.display]
        if hidden:
            self._select(hidden[0].id or "")
        else:
            self.notify("Loss and accuracy are both shown.", timeout=3)

    def action_log_loss(self) -> None:
        """Switches the loss between a linear and a logarithmic axis; shows it if it is hidden."""
        self._select("loss")
        remember(self, log_loss=not self.logarithmic)

    def action_window(self) -> None:
        """Switches between the whole run and its last steps, or says that they are the same."""
        if not has_window(self.shown):
            text = f"All steps up to here are shown: there are at most {WINDOW:,}."
            self.notify(text, timeout=3)
        else:
            self.recent = not self.recent

    def action_whole(self) -> None:
        """Switches between the values after the initial drop and all values, or says why not."""
        if any(chart.hides_values for chart in self.query(Chart) if chart.display):
            self.whole = not self.whole
        elif early_end(visible_steps(self.shown, self.recent).curves["epoch"]):
            self.notify("All values are shown.", timeout=3)
        else:
            self.notify("All values are shown until the second epoch.", timeout=3)

    def action_across(self) -> None:
        """Switches to the next unit of the horizontal axes: steps, epochs, images, seconds."""
        self.across = ACROSS[(ACROSS.index(self.across) + 1) % len(ACROSS)]

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if not snapshot.full_speed:
            self.show()
        elif self._timer is None:
            cost = max((chart.cost for chart in self.query(Chart)), default=0.0)
            interval = min(max(_INTERVAL, cost / _CPU_SHARE), _MAX_INTERVAL)
            wait = self._shown_at + interval - monotonic()
            self._timer = call_after(self, wait, self.show)

    def show(self) -> None:
        """Shows the latest snapshot now."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._shown_at = monotonic()
        self.shown = self.snapshot

    def watch_shown(self) -> None:
        self._drop_invisible_cursor()

    def watch_recent(self) -> None:
        self._drop_invisible_cursor()

    @on(StepChart.CursorPlaced)
    def _place_cursor(self, event: StepChart.CursorPlaced) -> None:
        start, end = self._cursor_range
        if event.step is None or not end:
            self.cursor = None
            if event.step is not None:
                self.notify(NO_STEP, timeout=3)
        else:
            self.cursor = min(max(round(event.step), start), end)

    @on(StepChart.CursorMoved)
    def _move_cursor(self, event: StepChart.CursorMoved) -> None:
        """Moves the cursor; it appears at the nearer end, and disappears beyond an end."""
        start, end = self._cursor_range
        if not end:
            self.notify(NO_STEP, timeout=3)
        elif self.cursor is None:
            self.cursor = start if event.by > 0 else end
        elif self.cursor == (end if event.by > 0 else start):
            self.cursor = None
        else:
            self.cursor = min(max(self.cursor + event.by, start), end)

    @property
    def _cursor_range(self) -> tuple[int, int]:
        """The first and last step that the cursor can be at."""
        return visible_steps(self.shown, self.recent).start, self.shown.steps

    def _drop_invisible_cursor(self) -> None:
        start, end = self._cursor_range
        if self.cursor is not None and not start <= self.cursor <= end:
            self.cursor = None
