"""The step pane: the next step, stage by stage, with the numbers it will have.

Nothing of this step has happened yet; only after the end of training the pane shows the last one.
While it is visible, it requests a trace of each step.
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
from core.inspection.step_trace import StepTrace
from tui.drawing.styles import Styles
from tui.drawing.text import paragraph
from tui.panes.line_pane import LinePane
from tui.panes.picture_toggle import PictureToggle
from tui.panes.step.along_panel import Along
from tui.panes.step.layout import StepLayout, StepView, is_folded, layout_step
from tui.panes.step.notices import notice, past_step_notice
from tui.panes.step.trace_details import ParameterIndex, TraceDetails
from tui.panes.trace_requests import TraceRequests

_FULL_SPEED_INTERVAL = 0.5  # seconds between two redraws while training runs
_SLOW_INTERVAL = 0.2


class StepPane(LinePane, PictureToggle):
    """Shows the list of stages, what the current stage does, and its values for one image.

    At the update it shows one parameter instead of the image.
    """

    BINDING_GROUP_TITLE = "Step"
    BINDINGS = [
        Binding("right", "across(1)", "Next image, or next column of weights", show=False),
        Binding("left", "across(-1)", "Previous image, or previous column of weights", show=False),
        Binding("pagedown,shift+right", "across(10)", "Forward by ten images", show=False),
        Binding("pageup,shift+left", "across(-10)", "Back by ten images", show=False),
        Binding("down", "down(1)", "Scroll down, or next row of weights", show=False),
        Binding("up", "down(-1)", "Scroll up, or previous row of weights", show=False),
        Binding(
            "full_stop,right_square_bracket", "array(1)", "Next array of parameters", show=False
        ),
        Binding(
            "comma,left_square_bracket", "array(-1)", "Previous array of parameters", show=False
        ),
        Binding("left_parenthesis,home", "stage(0)", "First stage", show=False),
        Binding("right_parenthesis,end", "stage(-1)", "Last stage", show=False),
        Binding("v", "along", "Loss along the step, or the parameters", show=False),
        Binding("i", "pictures", "Half-blocks or ASCII", show=False),
    ]

    class TraceRequested(Message):
        """Requests a trace of the next step."""

    class AlongStepRequested(Message):
        """Requests the loss along the traced step."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class StepRequested(Message):
        """Requests the step itself, after its last stage."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)
    stage: reactive[int] = reactive(0, repaint=False)
    image: reactive[int] = reactive(0, repaint=False)
    """The column of the image in the batch."""
    parameter: reactive[ParameterIndex | None] = reactive(None, repaint=False)
    """The parameter shown at the update; None for the one in W1 that changes most."""
    shows_along: reactive[bool] = reactive(False, repaint=False)
    """Whether the update shows the loss along the step in place of a parameter."""

    def __init__(self) -> None:
        super().__init__("step", paint_order=2)
        self.border_title = "Next step"
        self._cached_details: TraceDetails | None = None
        self._trace_requests = TraceRequests()
        self._along_requested: StepTrace | None = None  # for which trace
        self._step_layout: StepLayout | None = None
        self._layout_top = 0  # lines above the layout

    @property
    def HINT(self) -> str:  # noqa: N802
        """The keys for the key bar; the arrow keys depend on the stage."""
        if self._at_update:
            finished = self.snapshot.phase is Phase.FINISHED
            stages = "D previous" if finished else "d next  D previous"
            if self.shows_along:
                return f"{stages}  v parameters  x close"
            return f"{stages}  v along the step  arrows weight  , . array  x close"
        return "d next  D previous  ←→ image  ↑↓ scroll  x close"

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.run is not before.run:
            self.action_begin()
            self.image, self.parameter = 0, None
        if _shown(before) == _shown(snapshot):
            return
        if snapshot.phase is Phase.RUNNING:
            self.redraw_soon(_FULL_SPEED_INTERVAL if snapshot.full_speed else _SLOW_INTERVAL)
        else:
            self.redraw()

    def watch_stage(self) -> None:
        self.scroll_home(animate=False)
        self.redraw()
        self.refresh_bindings()

    def watch_image(self) -> None:
        self.redraw()

    def watch_parameter(self) -> None:
        self.redraw()
        if self.parameter is not None:
            self.call_after_refresh(self._scroll_to_parameter)

    def _scroll_to_parameter(self) -> None:
        if self._step_layout is not None and self._at_update:
            self.scroll_to(y=self._layout_top + self._step_layout.side_top, animate=False)

    def watch_shows_along(self) -> None:
        self.scroll_home(animate=False)
        self.redraw()
        self.refresh_bindings()

    def watch_pictures(self) -> None:
        self.redraw()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.redraw()  # the list of stages does not scroll

    def action_begin(self) -> None:
        """Go back to the first stage."""
        self.stage = 0

    def action_move(self, by: int) -> None:
        """Move by `by` stages; after the last stage, request the step."""
        details = self._traced()
        if details is None:
            return
        last = self._last_stage(details)
        if by > 0 and self.stage >= last:
            self.post_message(self.StepRequested())
        elif by < 0 and self.stage == 0:
            self.notify_end("This is the first stage of the step.")
        else:
            self.stage = max(0, min(self.stage, last) + by)

    def action_stage(self, index: int) -> None:
        if (details := self._traced()) is not None:
            stage = index % (self._last_stage(details) + 1)
            if stage == min(self.stage, self._last_stage(details)):
                self.notify_end(f"This is the {'last' if index else 'first'} stage of the step.")
            self.stage = stage

    def action_along(self) -> None:
        """At the update, switch between the loss along the step and a parameter; else go there."""
        details = self._traced()
        if details is None:
            return
        if details.trace.diverged:
            self.notify("The next step diverges, so there is no update to look along.", timeout=4)
            return
        self.shows_along = not (self._at_update and self.shows_along)
        self.stage = self._last_stage(details)

    def action_across(self, by: int) -> None:
        details = self._traced()
        if self._at_update:
            self._move_parameter(0, by)
        elif details is not None:
            last = len(details.trace.images) - 1
            image = min(max(min(self.image, last) + by, 0), last)
            if image == self.image:
                self.notify_end(f"This is the {'last' if by > 0 else 'first'} image of the batch.")
            self.image = image

    def action_down(self, by: int) -> None:
        if self._at_update and not self.shows_along:
            self._move_parameter(by, 0)
        elif 0 <= self.scroll_offset.y + by <= self.max_scroll_y:
            self.scroll_relative(y=by, animate=False)
        else:
            self.notify_end(f"This is the {'end' if by > 0 else 'beginning'} of the stage.")

    def action_array(self, by: int) -> None:
        """Select another array of parameters, and in it the number that changes most."""
        details = self._traced()
        if details is not None and self._shows_a_parameter():
            names = parameters(details.trace.config)
            index = names.index(self._shown_parameter(details)[0])
            self.parameter = details.largest_change(names[(index + by) % len(names)])

    def on_click(self, event: events.Click) -> None:
        offset, layout, details = event.get_content_offset(self), self._step_layout, self._details
        if offset is None or layout is None or details is None:
            return
        row = offset.y + self.scroll_offset.y - self._layout_top
        if offset.x < layout.list_width and 0 <= row < layout.list_rows:
            self.stage = min(max(layout.first_listed + row, 0), self._last_stage(details))

    def _traced(self) -> TraceDetails | None:
        """Returns the details of the trace; if there is none, say so."""
        if self._details is None:
            self.notify_end("No step is traced yet: wait a moment.")
        return self._details

    @property
    def _details(self) -> TraceDetails | None:
        """The details of the snapshot's trace; None if it has none."""
        trace = self.snapshot.trace
        if trace is None:
            self._cached_details = None
        elif self._cached_details is None or self._cached_details.trace is not trace:
            self._cached_details = TraceDetails(trace)
        return self._cached_details

    def _last_stage(self, details: TraceDetails) -> int:
        """Returns the last stage you can select: if the step diverges, the first missing one."""
        return min(len(details.plan) - 1, len(details.trace.stages))

    @property
    def _at_update(self) -> bool:
        details = self._details
        if details is None or details.trace.diverged:
            return False
        return self.stage >= len(details.plan) - 1

    def _shown_parameter(self, details: TraceDetails) -> ParameterIndex:
        """Returns the selected parameter, or the default if this network does not have it."""
        if self.parameter is not None:
            name, row, column = self.parameter
            rows, columns = details.trace.shapes.get(name, (0, 0))
            if row < rows and column < columns:
                return self.parameter
        return details.largest_change("W1")

    def _shows_a_parameter(self) -> bool:
        """Whether the update of a parameter is shown; if not, says how to get there."""
        if self._at_update and not self.shows_along:
            return True
        where = "v shows them." if self._at_update else "The last stage, the update, shows them."
        self.notify_end(f"No parameters are shown. {where}")
        return False

    def _move_parameter(self, down: int, across: int) -> None:
        details = self._details
        if details is not None and self._shows_a_parameter():
            name, *before = self._shown_parameter(details)
            rows, columns = details.trace.shapes[name]
            row = min(max(before[0] + down, 0), rows - 1)
            column = min(max(before[1] + across, 0), columns - 1)
            if [row, column] == before:
                which = "last" if down + across > 0 else "first"
                self.notify_end(f"This is the {which} {'row' if down else 'column'} of {name}.")
            self.parameter = name, row, column

    def draw(self, width: int, height: int) -> list[Strip]:
        if self._trace_requests.is_due(self.snapshot):
            self.post_message(self.TraceRequested())
        details, styles = self._details, self._text_styles()
        lines = paragraph(notice(self.snapshot), width, styles.muted)
        self._layout_top = len(lines)
        run = self.snapshot.run
        if details is None or run is None:
            self._step_layout = None
            finished = self.snapshot.phase is Phase.FINISHED
            self.set_border("Last step" if finished else "Next step")
            return lines
        stage = min(self.stage, self._last_stage(details))
        step = f"{details.trace.step:,}"
        title = f"Step {step}"
        if self.snapshot.trace_is_next:
            title = f"Next step ({step})"
        elif self.snapshot.trace_is_last:
            title = f"Last step ({step})"
        title += f": stage {stage + 1} of {len(details.plan)}"
        if is_folded(height - len(lines)):
            title += ": " + details.plan[stage].title.replace(": ", ", ")
        self.set_border(title, past_step_notice(self.snapshot))
        view = StepView(
            stage=stage,
            image=min(self.image, len(details.trace.images) - 1),
            parameter=self._shown_parameter(details) if self._at_update else None,
            class_names=run.dataset.class_names,
            pictures=self.pictures,
            along=self._along(details) if self._at_update and self.shows_along else None,
        )
        size = width, height - len(lines)
        self._step_layout = layout_step(details, view, size, self.scroll_offset.y, styles)
        return [row.crop(0, width) for row in (*lines, *self._step_layout.lines)]

    def _along(self, details: TraceDetails) -> Along:
        """Returns the loss along the step; if it is not known, request it, unless training runs."""
        snapshot, trace = self.snapshot, details.trace
        found = snapshot.traced_along_step
        is_running = snapshot.phase is Phase.RUNNING
        if found is None and not is_running and self._along_requested is not trace:
            self._along_requested = trace
            self.post_message(self.AlongStepRequested(trace.step))
        return Along(found, is_running)

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


def _shown(snapshot: Snapshot) -> tuple[object, ...]:
    """Returns what the pane shows of a snapshot, and what makes it request a trace."""
    return (
        *(snapshot.trace, snapshot.run, snapshot.steps, snapshot.config, snapshot.phase),
        snapshot.along_step,
    )
