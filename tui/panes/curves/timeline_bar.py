"""The line under the curves: all steps of this branch, and where the run stands among them."""

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

_SMALLEST = 8  # cells for the line itself
_APART = 1.0  # seconds between two drawings while training runs flat out


class TimelineBar(DraggablePane):
    """Gone along with the keys or the mouse, it asks for the step to be gone to."""

    BINDING_GROUP_TITLE = "Timeline"
    HINT = "←→ go along  Home End"
    BINDINGS = [
        Binding("left", "columns(-1)", "Back along the timeline", show=False),
        Binding("right", "columns(1)", "Forth along the timeline", show=False),
        Binding("shift+left,ctrl+left", "steps(-1)", "One step back", show=False),
        Binding("shift+right,ctrl+right", "steps(1)", "One step forth", show=False),
        Binding("home", "end(False)", "To the first step of the run", show=False),
        Binding("end", "end(True)", "To the last step of this branch", show=False),
    ]

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    def __init__(self) -> None:
        super().__init__("past", paint_order=3)
        self._left = 0  # cells before the line
        self._axis = Axis(0, 1, 1)
        self._sought: int | None = None  # until the run stands there
        self.tooltip = (
            "The steps of this run. A click, or the arrow keys, go back to one of them, or forth "
            "again: all panes show the network as it was there. A setting changed there starts a "
            "new branch."
        )

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if _place(snapshot) != _place(before):
            self._sought = None
        if _seen(snapshot) != _seen(before):
            self.redraw_soon(_APART if snapshot.full_speed else 0.0)

    def action_columns(self, by: int) -> None:
        axis = self._axis
        self._seek(by * max(1, round((axis.high - axis.low) / max(axis.cells - 1, 1))))

    def action_steps(self, by: int) -> None:
        self._seek(by)

    def action_end(self, last: bool) -> None:
        self._go_to(self.snapshot.end if last else 0)

    def _seek(self, by: int) -> None:
        """By so many steps from where the run stands, or is on its way to."""
        self._go_to((self.snapshot.steps if self._sought is None else self._sought) + by)

    def _go_to(self, step: int) -> None:
        step = min(max(step, 0), self.snapshot.end)
        if step != (self.snapshot.steps if self._sought is None else self._sought):
            self._sought = step
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
        where = f"step {steps:,}" + f" of {end:,}" * (steps < end)
        count = len(snapshot.branches)
        branch = f"branch {snapshot.branch + 1} of {count}" if count > 1 else ""
        cells = width - len(where) - len(branch) - 1 - bool(branch)
        if cells < _SMALLEST:
            cells, branch = width - len(where) - 1, ""
        if cells < _SMALLEST:
            return [styled((where[:width], plain))]
        self._left = len(where) + 1
        self._axis = axis = Axis(0, max(end, 1), cells)
        at = axis.cell(steps) or 0
        strong = plain + Style(color=self.color("primary").rich_color)
        here = strong + Style(bold=True, reverse=self.has_focus)
        marks = ["━"] * at + ["●"] + ["╌"] * (cells - at - 1)
        for step in forks(snapshot.branches, snapshot.branch):
            cell = axis.cell(step)
            if cell is not None and cell != at:
                marks[cell] = "┳" if cell < at else "┬"
        line = "".join(marks)
        pieces = (line[:at], strong), (line[at], here), (line[at + 1 :], self.muted)
        return [styled((f"{where} ", plain), *pieces, (f" {branch}" if branch else "", self.muted))]


def _place(snapshot: Snapshot) -> tuple[object, ...]:
    """Where the run stands."""
    return snapshot.run, snapshot.move_count, snapshot.steps


def _seen(snapshot: Snapshot) -> tuple[object, ...]:
    seen = snapshot.run, snapshot.steps, snapshot.end, snapshot.move_count
    return (*seen, snapshot.branches, snapshot.full_speed)
