"""A pane whose columns are steps of the run, with a cursor at one of them."""

from time import thread_time
from typing import NamedTuple

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Phase
from core.history.curves import Curves
from core.history.snapshot import Snapshot
from tui.drawing.figure import ASCII, UNICODE, Figure, Glyphs
from tui.panes.draggable_pane import DraggablePane

WINDOW = 1000  # steps of the recent window
_SHARE = 0.012  # of a core is what drawing may take
_SLOW_MOTION = 0.2  # seconds between two drawings in slow motion
_LONGEST = 2.0  # seconds between two drawings, however dear


class VisibleSteps(NamedTuple):
    """The steps to be seen, and the curves that hold them."""

    start: int
    end: int
    curves: Curves


def visible_steps(snapshot: Snapshot, recent: bool) -> VisibleSteps:
    """The whole run with all its branches, or the last steps before where it stands."""
    if not recent:
        return VisibleSteps(0, max(snapshot.furthest_step, 10), snapshot.training_curves)
    start, exact = max(0, snapshot.steps - WINDOW), snapshot.recent_curves
    kept = len(exact["loss"]) and exact["loss"].first[0] <= start + 1 if exact else False
    return VisibleSteps(start, max(snapshot.steps, 10), exact if kept else snapshot.training_curves)


class StepChart(DraggablePane):
    """Subclasses give `plot`. The figure it makes is kept while only the cursor moves."""

    apart = 0.5
    """Seconds between two drawings while training runs, or more if they are dear."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    recent: reactive[bool] = reactive(False, repaint=False)
    cursor: reactive[int | None] = reactive(None, repaint=False)

    class CursorMoved(Message):
        """The cursor shall move by some steps."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class CursorPlaced(Message):
        """The cursor shall stand at a step; at none, if None."""

        def __init__(self, step: float | None) -> None:
            super().__init__()
            self.step = step

    def __init__(self, id: str, paint_order: int) -> None:
        super().__init__(id, paint_order)
        self._figure: Figure | None = None  # the last one, where the mouse still finds its steps
        self._stale = True
        self._cost = 0.0  # seconds that the last drawing took

    def plot(self, width: int, height: int) -> Figure | None:
        """The chart in so many cells, without the cursor; None if there is nothing to show."""
        raise NotImplementedError

    def say(self) -> None:
        """Writes in words what is shown, at every change of the snapshot or the cursor."""

    @property
    def glyphs(self) -> Glyphs:
        """The characters to draw with."""
        return ASCII if self.ascii else UNICODE

    @property
    def column(self) -> float:
        """How many steps a column stands for."""
        if self._figure is None:
            return 1
        x = self._figure.x
        return max(1.0, (x.high - x.low) / max(x.cells - 1, 1))

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        self.say()
        if _seen(before) != _seen(snapshot):
            # The curves need not follow every frame: drawing them takes milliseconds.
            apart = min(max(self.apart, self._cost / _SHARE), _LONGEST)
            slowly = _SLOW_MOTION if snapshot.phase is Phase.RUNNING else 0.0
            self.redraw_soon(apart if snapshot.full_speed else slowly)

    def watch_recent(self) -> None:
        self.redraw()
        self.say()

    def watch_cursor(self) -> None:
        super().invalidate()  # but not the figure: it is the same, with another cursor
        self.refresh()
        self.say()

    def invalidate(self) -> None:
        self._stale = True
        super().invalidate()

    def draw(self, width: int, height: int) -> list[Strip]:
        if self._stale:
            self._stale = False
            begin = thread_time()
            self._figure = self.plot(width, height)
            self._cost = thread_time() - begin
        if self._figure is None:
            return []
        return [*self._figure.rows(self.cursor), *self._figure.axis_rows(self.cursor)]

    def point(self, event: events.MouseEvent) -> None:
        if self._figure is not None:
            cell = int(event.x) - self.gutter.left - self._figure.left
            self.post_message(self.CursorPlaced(self._figure.x.value(cell)))


def _seen(snapshot: Snapshot) -> tuple[object, ...]:
    """What a chart shows of it, but for the curves, which grow with the steps, and whether it
    may wait."""
    seen = snapshot.run, snapshot.steps, snapshot.evaluation, snapshot.changes
    return (*seen, snapshot.move_count, snapshot.full_speed)
