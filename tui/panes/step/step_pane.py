"""The step that comes next, taken apart: its stages one by one, with the numbers it will have.

Nothing of it has happened yet. It asks for the anatomy of the step while it is to be seen.
"""

from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from core.events import Phase
from core.history.snapshot import Snapshot
from core.inspection.stages import parameters
from tui.drawing.styles import Styles
from tui.drawing.text import paragraph
from tui.panes.line_pane import LinePane
from tui.panes.picture_toggle import PictureToggle
from tui.panes.step.layout import StepLayout, StepView, lay_out
from tui.panes.step.notices import notice, past_step_notice
from tui.panes.step.trace_details import ParameterIndex, TraceDetails
from tui.panes.trace_requests import TraceRequests

_APART = 0.5  # seconds between two drawings while training runs
_SLOW_MOTION = 0.2


class StepPane(LinePane, PictureToggle):
    """A list of the stages, what the current one does, and what it does to one image.

    At the update, instead of the image, what it does to one parameter.
    """

    BINDING_GROUP_TITLE = "Step"
    BINDINGS = [
        Binding("right", "across(1)", "Next image, or column of the weight", show=False),
        Binding("left", "across(-1)", "Image before, or column of the weight", show=False),
        Binding("pagedown,shift+right", "across(10)", "Ten images on", show=False),
        Binding("pageup,shift+left", "across(-10)", "Ten images back", show=False),
        Binding("down", "down(1)", "Scroll down, or row of the weight", show=False),
        Binding("up", "down(-1)", "Scroll up, or row of the weight", show=False),
        Binding("right_square_bracket", "parameter(1)", "Next weights", False, key_display="]"),
        Binding("left_square_bracket", "parameter(-1)", "Weights before", False, key_display="["),
        Binding("home", "stage(0)", "First stage", show=False),
        Binding("end", "stage(-1)", "Last stage", show=False),
        Binding("i", "pictures", "Half-blocks or ASCII", show=False),
    ]

    class TraceRequested(Message):
        """The next step shall be taken apart."""

    class StepRequested(Message):
        """Someone went on past the last stage: the step shall be made."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    stage: reactive[int] = reactive(0, repaint=False)
    image: reactive[int] = reactive(0, repaint=False)
    """The column of the batch."""
    weight: reactive[ParameterIndex | None] = reactive(None, repaint=False)
    """Of the update; None: the one of the first layer that changes most."""

    def __init__(self) -> None:
        super().__init__("step", paint_order=2)
        self.border_title = "Step, taken apart"
        self._details: TraceDetails | None = None
        self._trace_requests = TraceRequests()
        self._step_layout: StepLayout | None = None
        self._above = 0  # lines over it

    @property
    def HINT(self) -> str:  # noqa: N802
        """For the line of keys: what the arrows do depends on the stage."""
        if self._at_update:
            return "F11 on  D back  arrows weight  [ ] which  x close"
        return "F11 on  D back  ←→ image  ↑↓ scroll  x close"

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.run is not before.run:
            self.action_begin()
            self.image, self.weight = 0, None
        if _seen(before) == _seen(snapshot):
            return
        if snapshot.phase is Phase.RUNNING:
            self.redraw_soon(_APART if snapshot.full_speed else _SLOW_MOTION)
        else:
            self.redraw()

    def watch_stage(self) -> None:
        self.scroll_home(animate=False)
        self.redraw()
        self.refresh_bindings()

    def watch_image(self) -> None:
        self.redraw()

    def watch_weight(self) -> None:
        self.redraw()
        if self.weight is not None:
            self.call_after_refresh(self._reveal_weight)

    def _reveal_weight(self) -> None:
        """Scrolls down to it, if it is not to be seen otherwise."""
        if self._step_layout is not None and self._at_update:
            self.scroll_to(y=self._above + self._step_layout.side, animate=False)

    def watch_pictures(self) -> None:
        self.redraw()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.redraw()  # the list stays where it is

    def action_begin(self) -> None:
        """Back to the first stage, as a step is made."""
        self.stage = 0

    def action_walk(self, by: int) -> None:
        """So many stages on, or back; past the last one the step is made."""
        found = self._found
        if found is None:
            return
        last = self._last(found)
        if by > 0 and self.stage >= last:
            self.post_message(self.StepRequested())
        else:
            self.stage = max(0, min(self.stage, last) + by)

    def action_stage(self, at: int) -> None:
        if self._found is not None:
            self.stage = at % (self._last(self._found) + 1)

    def action_across(self, by: int) -> None:
        found = self._found
        if self._at_update:
            self._move(0, by)
        elif found is not None:
            last = len(found.trace.images) - 1
            self.image = min(max(min(self.image, last) + by, 0), last)

    def action_down(self, by: int) -> None:
        if self._at_update:
            self._move(by, 0)
        else:
            self.scroll_relative(y=by, animate=False)

    def action_parameter(self, by: int) -> None:
        """The next array of parameters, and in it the number that changes most."""
        found = self._found
        if found is not None and self._at_update:
            names = parameters(found.trace.config)
            at = names.index(self._place(found)[0])
            self.weight = found.largest(names[(at + by) % len(names)])

    def on_click(self, event: events.Click) -> None:
        offset, shown, found = event.get_content_offset(self), self._step_layout, self._found
        if offset is None or shown is None or found is None:
            return
        row = offset.y + self.scroll_offset.y - self._above
        if offset.x < shown.wide and 0 <= row < shown.rows:
            self.stage = min(max(shown.start + row, 0), self._last(found))

    @property
    def _found(self) -> TraceDetails | None:
        """What is known of the last anatomy, if there is one."""
        trace = self.snapshot.trace
        if trace is None:
            self._details = None
        elif self._details is None or self._details.trace is not trace:
            self._details = TraceDetails(trace)
        return self._details

    def _last(self, found: TraceDetails) -> int:
        """The last stage where one can stand: the first that is missing, if the step diverges."""
        return min(len(found.plan) - 1, len(found.trace.stages))

    @property
    def _at_update(self) -> bool:
        found = self._found
        if found is None or found.trace.diverged:
            return False
        return self.stage >= len(found.plan) - 1

    def _place(self, found: TraceDetails) -> ParameterIndex:
        """The chosen parameter; of a network that has none of this name and size, the default."""
        if self.weight is not None:
            name, row, column = self.weight
            rows, columns = found.trace.shapes.get(name, (0, 0))
            if row < rows and column < columns:
                return self.weight
        return found.largest("W1")

    def _move(self, down: int, across: int) -> None:
        found = self._found
        if found is not None:
            name, row, column = self._place(found)
            rows, columns = found.trace.shapes[name]
            row, column = row + down, column + across
            self.weight = name, min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def draw(self, width: int, height: int) -> list[Strip]:
        if self._trace_requests.is_due(self.snapshot):
            self.post_message(self.TraceRequested())
        found, styles = self._found, self._text_styles()
        told = paragraph(notice(self.snapshot), width, styles.muted)
        self._above = len(told)
        run = self.snapshot.run
        if found is None or run is None:
            self._step_layout = None
            self.set_border("Step, taken apart")
            return told
        at = min(self.stage, self._last(found))
        title = f"Step {found.trace.step:,}, taken apart · stage {at + 1} of {len(found.plan)}"
        self.set_border(title, past_step_notice(self.snapshot))
        view = StepView(
            at=at,
            image=min(self.image, len(found.trace.images) - 1),
            place=self._place(found) if self._at_update else None,
            names=run.dataset.class_names,
            pictures=self.pictures,
        )
        room = width, height - len(told)
        self._step_layout = lay_out(found, view, room, self.scroll_offset.y, styles)
        return [row.crop(0, width) for row in (*told, *self._step_layout.lines)]

    def _text_styles(self) -> Styles:
        plain = self.plain
        return Styles(
            plain=plain,
            muted=self.muted,
            strong=plain + Style(bold=True),
            bars=plain + Style(color=self.color("primary").rich_color),
            wrong=plain + Style(color=self.color("text-error").rich_color, bold=True),
            ascii=self.ascii,
        )


def _seen(snapshot: Snapshot) -> tuple[object, ...]:
    """What is shown of it, and what an anatomy may be asked for."""
    return snapshot.trace, snapshot.run, snapshot.steps, snapshot.config, snapshot.phase
