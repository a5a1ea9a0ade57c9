"""A pane whose columns are steps of the run, with a cursor at one of them."""

from dataclasses import dataclass
from time import thread_time
from typing import NamedTuple

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Phase
from core.history.curves import Curves
from core.history.snapshot import Snapshot
from tui.drawing.figure import Figure
from tui.panes.curves.step_axis import (
    STEPS,
    Across,
    StepAxis,
    place_text,
    scale_after,
    scale_of,
)
from tui.panes.draggable_pane import DraggablePane

WINDOW = 1000  # steps, in the window of the last steps
NO_STEP = "There is no step to read yet: space trains."
_SLOW_MOTION_INTERVAL = 0.2  # seconds between two drawings


class VisibleSteps(NamedTuple):
    """The first and last step that a chart shows, and the curves that contain them."""

    start: int
    end: int
    curves: Curves


def visible_steps(snapshot: Snapshot, recent: bool) -> VisibleSteps:
    """The whole run with all its branches, or its last steps."""
    first = snapshot.branches[0].fork
    if not recent:
        end = max(snapshot.furthest_step, first + 10)
        return VisibleSteps(first, end, snapshot.training_curves)
    start, exact = max(first, snapshot.steps - WINDOW), snapshot.recent_curves
    complete = len(exact["loss"]) and exact["loss"].first[0] <= start + 1 if exact else False
    curves = exact if complete else snapshot.training_curves
    return VisibleSteps(start, max(snapshot.steps, first + 10), curves)


def has_window(snapshot: Snapshot) -> bool:
    """Whether the window of the last steps does not show them all."""
    return snapshot.steps - WINDOW > snapshot.branches[0].fork


def step_axis(snapshot: Snapshot, recent: bool, across: Across, cells: int, dots: int) -> StepAxis:
    """The axis of the visible steps."""
    start, end, _ = visible_steps(snapshot, recent)
    if across == "steps":
        return StepAxis(start, end, cells, dots, STEPS)
    scale = scale_of(snapshot, across)
    high = float(scale.place(snapshot.steps))
    if not recent:
        for part in snapshot.other_branches:
            high = max(high, float(scale_after(scale, snapshot, across, part).places[-1]))
    return StepAxis(float(scale.place(start)), high or 1.0, cells, dots, scale)


class StepChart(DraggablePane):
    """Base of the charts. Subclasses implement `plot`; its figure is reused when the cursor moves.

    recent: show the last steps only; across: what the axis counts; cursor: a step whose values are
    read.
    """

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    recent: reactive[bool] = reactive(False, repaint=False)
    across: reactive[Across] = reactive("steps", repaint=False)
    cursor: reactive[int | None] = reactive(None, repaint=False)

    @dataclass
    class CursorMoved(Message):
        """Asks to move the cursor by some steps."""

        by: int

    @dataclass
    class CursorPlaced(Message):
        """Asks to place the cursor at a step, or to remove it (None)."""

        step: float | None

    def __init__(self, id: str, paint_order: int) -> None:
        super().__init__(id, paint_order)
        self._figure: Figure[StepAxis] | None = None  # the last one: the mouse needs its axis
        self._stale = True
        self.cost = 0.0  # seconds that the last drawing took

    def plot(self, width: int, height: int) -> Figure[StepAxis] | None:
        """Draws the chart without the cursor; returns None if there is nothing to show."""
        raise NotImplementedError

    def update_titles(self) -> None:
        """Called when the snapshot, the window or the cursor changes."""

    @property
    def left(self) -> int:
        """The number of cells to the left of the columns."""
        return self._figure.left if self._figure else 0

    @property
    def steps_per_column(self) -> float:
        return self._figure.x.steps_per_cell if self._figure else 1

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if drawn_facts(before) != drawn_facts(snapshot):
            in_slow_motion = snapshot.phase is Phase.RUNNING and not snapshot.full_speed
            self.redraw_soon(_SLOW_MOTION_INTERVAL if in_slow_motion else 0.0)

    def flush_redraw(self) -> None:
        self.update_titles()  # in the same paint: they may name the step
        super().flush_redraw()

    def watch_recent(self) -> None:
        self.redraw()
        self.update_titles()

    def watch_across(self) -> None:
        self.redraw()
        self.update_titles()

    def watch_cursor(self) -> None:
        super().invalidate()  # the lines, but not the figure
        self.refresh()
        self.update_titles()

    def invalidate(self) -> None:
        self._stale = True
        super().invalidate()

    def draw(self, width: int, height: int) -> list[Strip]:
        if self._stale:
            self._stale = False
            begin = thread_time()
            self._figure = self.plot(width, height)
            self.cost = thread_time() - begin
        if self._figure is None:
            return []
        place = 0.0 if self.cursor is None else float(self._figure.x.scale.place(self.cursor))
        text = place_text(self.across, place)
        return [*self._figure.rows(self.cursor), *self._figure.axis_rows(self.cursor, text)]

    def point(self, event: events.MouseEvent) -> None:
        if self._figure is not None:
            cell = int(event.x) - self.gutter.left - self.left
            self.post_message(self.CursorPlaced(self._figure.x.value(cell)))


def drawn_facts(snapshot: Snapshot) -> tuple[object, ...]:
    """What must differ between two snapshots for a chart to be redrawn.

    The curves are not compared: they change only together with the steps.
    """
    drawn = snapshot.run, snapshot.steps, snapshot.evaluation, snapshot.changes
    return (*drawn, snapshot.move_count, snapshot.full_speed)
