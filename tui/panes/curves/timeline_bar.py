"""The bar under the curves: the steps of this branch, and where the run is among them."""

from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.reactive import reactive
from textual.strip import Strip

from core.branches import forks
from core.history.snapshot import Snapshot
from tui.drawing.axes import Axis
from tui.drawing.text import styled
from tui.panes.curves.messages import MoveRequested
from tui.panes.draggable_pane import DraggablePane
from tui.panes.rate_texts import rate_texts

_MIN_CELLS = 8  # for the bar itself
_CELLS_BESIDE_RATE = 12  # for the bar, at least, beside the learning rate


class TimelineBar(DraggablePane):
    """Asks the run to move to the step that the keys or the mouse choose."""

    BINDING_GROUP_TITLE = "Timeline"
    BINDINGS = [
        Binding("left", "columns(-1)", "Back", show=False),
        Binding("right", "columns(1)", "Forward", show=False),
        Binding("comma,shift+left,ctrl+left", "steps(-1)", "One step back", show=False),
        Binding("full_stop,shift+right,ctrl+right", "steps(1)", "One step forward", show=False),
        Binding("left_parenthesis,home", "end(False)", "First step of the run", show=False),
        Binding("right_parenthesis,end", "end(True)", "Last step of the branch", show=False),
    ]

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    shows_rate: reactive[bool] = reactive(False)
    """Whether the learning rate is beside the bar, because it has no row of its own."""

    def __init__(self) -> None:
        super().__init__("timeline", paint_order=3)
        self._left = 0  # cells before the bar
        self._axis = Axis(0, 1, 1)
        self._requested: int | None = None  # the step asked for, until the run is there
        self.tooltip = (
            "The steps of this branch. Click or use the arrow keys to go to a step; all panes "
            "then show the network at that step. If you change a setting there, a new branch "
            "starts."
        )

    @property
    def HINT(self) -> str:  # noqa: N802
        """The keys for the key bar, once there is a step to go to."""
        return "" if self.snapshot.end == self._first else "←→ move  , . one step  ( ) first, last"

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if _position(snapshot) != _position(before):
            self._requested = None
        self.update_hint()
        if _drawn_facts(snapshot) != _drawn_facts(before):
            self.redraw()

    def action_columns(self, by: int) -> None:
        axis = self._axis
        self._move(by * max(1, round((axis.high - axis.low) / max(axis.cells - 1, 1))))

    def action_steps(self, by: int) -> None:
        self._move(by)

    def action_end(self, last: bool) -> None:
        self._go_to_by_key(self.snapshot.end if last else self._first)

    @property
    def _first(self) -> int:
        """The step at which the run begins."""
        return self.snapshot.branches[0].fork

    @property
    def _target(self) -> int:
        """The step that the run is at, or on its way to."""
        return self.snapshot.steps if self._requested is None else self._requested

    def _move(self, by: int) -> None:
        self._go_to_by_key(self._target + by)

    def _go_to_by_key(self, step: int) -> None:
        if self.snapshot.end == self._first:
            self.notify_end("There is no step to go to yet: space trains.")
        elif step >= self._target == self.snapshot.end:
            self.notify_end("This is the last step of the branch.")
        elif step <= self._target == self._first:
            self.notify_end("This is the first step of the run.")
        else:
            self._go_to(step)

    def _go_to(self, step: int) -> None:
        step = min(max(step, self._first), self.snapshot.end)
        if step != self._target:
            self._requested = step
            self.post_message(MoveRequested(step))

    def point(self, event: events.MouseEvent) -> None:
        self._go_to(round(self._axis.value(int(event.x) - self.gutter.left - self._left)))

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        snapshot, plain = self.snapshot, self.plain
        steps, end = snapshot.steps, snapshot.end
        if snapshot.run is None:
            return []
        position = f"step {steps:,}" + f" of {end:,}" * (steps < end)
        count = len(snapshot.branches)
        branch = f" branch {snapshot.branch + 1} of {count}" if count > 1 else ""
        suffix = self._rate(width - len(position) - 1 - _CELLS_BESIDE_RATE - len(branch)) + branch
        cells = width - len(position) - len(suffix) - 1
        if cells < _MIN_CELLS:
            cells, suffix = width - len(position) - 1, ""
        if cells < _MIN_CELLS:
            return [styled((position[:width], plain))]
        self._left = len(position) + 1
        self._axis = axis = Axis(self._first, max(end, self._first + 1), cells)
        at = axis.cell(steps) or 0
        strong = plain + Style(color=self.color("primary").rich_color)
        current = strong + Style(bold=True, reverse=self.has_focus)
        marks = ["━"] * at + ["●"] + ["╌"] * (cells - at - 1)
        for step in forks(snapshot.branches, snapshot.branch):
            cell = axis.cell(step)
            if cell is not None and cell != at:
                marks[cell] = "┳" if cell < at else "┬"
        line = "".join(marks)
        pieces = (line[:at], strong), (line[at], current), (line[at + 1 :], self.muted)
        return [styled((f"{position} ", plain), *pieces, (suffix, self.muted))]

    def _rate(self, width: int) -> str:
        """The learning rate and why, in at most `width` cells."""
        texts = [f" {text}" for text in rate_texts(self.snapshot) if text]
        return next((text for text in texts if self.shows_rate and len(text) <= width), "")


def _position(snapshot: Snapshot) -> tuple[object, ...]:
    """Where the run is."""
    return snapshot.run, snapshot.move_count, snapshot.steps


def _drawn_facts(snapshot: Snapshot) -> tuple[object, ...]:
    """What must differ between two snapshots for the bar to be redrawn."""
    drawn = snapshot.run, snapshot.steps, snapshot.end, snapshot.move_count
    return (*drawn, snapshot.branches, snapshot.config, snapshot.changes)
