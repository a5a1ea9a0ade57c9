"""The sweep screen: a form for a sweep, then its trials in a table and in charts."""

from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen, Screen
from textual.widgets import ContentSwitcher, Static

from core.config.config import Config
from core.errors import CoreError
from core.experiments.study_storage import MISSING
from core.experiments.sweep_request import SweepRequest
from core.text import capitalized
from tui.panes.key_bar import KeyBar
from tui.run.sweeping import Sweeping
from tui.screens.runs.prompt import Confirm
from tui.screens.sweep.draft import SweepDraft, Where
from tui.screens.sweep.form import SweepForm
from tui.screens.sweep.plots import FieldPlots
from tui.screens.sweep.trials import Trial, TrialTable
from tui.screens.sweep.trials_view import TrialsView
from tui.screens.window_size import is_small

if TYPE_CHECKING:
    from core.history.snapshot import Snapshot

_INTERVAL = 0.5  # seconds between two looks at a sweep


class SweepScreen(ModalScreen[Config | None]):
    """Over the whole window; training and the sweep continue behind it and after it is closed.

    Returns the settings of a trial to take into the form, or None.

    training: the screen whose `snapshot` it follows. draft: what was entered before. base: the
    settings in the form. is_ready: whether the draft can start as it is.
    """

    AUTO_FOCUS = ""
    MOVING_KEYS = ("up", "down")  # in the form, they move the focus
    BINDINGS = [
        # Short, so that 80 columns have room for all that work at a time.
        Binding("b", "take_best", "Best"),
        Binding("x", "stop", "Stop"),
        Binding("g", "continue", "Continue"),
        Binding("v", "view", "Charts"),
        Binding("c", "compare", "Compare"),
        Binding("n", "new", "New"),
        Binding("space", "mark", "Mark", key_display="space"),
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("escape,q,E", "leave", "Close", key_display="esc"),
    ]

    def __init__(
        self,
        training: Screen[None],
        sweeping: Sweeping,
        draft: SweepDraft,
        base: Config,
        where: Where,
        is_ready: bool = False,
    ) -> None:
        super().__init__()
        self._training, self._sweeping = training, sweeping
        self._draft, self._base, self._where = draft, base, where
        self._is_ready = is_ready

    def compose(self) -> ComposeResult:
        run = self._snapshot.run
        with ContentSwitcher(initial=None):
            yield SweepForm(
                self._draft,
                self._base,
                self._where,
                run.dataset if run else None,
                run.training_images if run else 0,
                lambda: self._snapshot.speed,
                lambda: self._sweeping.epoch_seconds,
            )
            yield TrialsView(self._sweeping)
        yield KeyBar()
        yield Static(f"{capitalized(MISSING)}.", id="sweep-missing", markup=False)

    def on_mount(self) -> None:
        self.app.clear_notifications()
        has_optuna = find_spec("optuna") is not None
        self.query_one("#sweep-missing").display = not has_optuna
        self.query_one(ContentSwitcher).display = has_optuna
        is_known = self._sweeping.state is not None
        self._show_view("form" if self._is_ready or not is_known else "trials")
        if self._sweeping.is_active and self._is_ready:
            self._show_view("trials")
            self.notify("A sweep is running. Stop it (x) before you start another one.")
        self.set_interval(_INTERVAL, self._look)

    def on_resize(self) -> None:
        self.set_class(is_small(*self.size), "-small")
        self.set_class(self.size.width < 78, "-narrow")

    @property
    def _snapshot(self) -> "Snapshot":
        return self._training.snapshot  # type: ignore[attr-defined]

    @property
    def _view(self) -> str:
        return (self.query_one(ContentSwitcher).current or "").removeprefix("sweep-")

    def _show_view(self, view: str) -> None:
        self.query_one(ContentSwitcher).current = f"sweep-{view}"
        if view == "trials":
            self._trials.table.focus()
            self._look()
        elif self._is_ready:
            self.query_one("#sweep-start").focus()
        else:
            self.query_one("EntryRow Entry").focus()
        self.refresh_bindings()

    @property
    def _trials(self) -> TrialsView:
        return self.query_one(TrialsView)

    def _look(self) -> None:
        """Shows the sweep as it is now."""
        if self._view == "trials":
            self._trials.show_progress()

    @on(SweepForm.StartRequested)
    def _start(self, event: SweepForm.StartRequested) -> None:
        event.stop()
        self._begin(event.request)

    def _begin(self, request: SweepRequest) -> None:
        try:
            self._sweeping.start(request)
        except CoreError as error:
            self.notify(f"{capitalized(str(error))}.", severity="warning")
            return
        self._is_ready = False
        self._trials.unmark()
        self._show_view("trials")

    @on(TrialTable.RowSelected)
    def _take_selected(self) -> None:
        if (trial := self._trials.table.selected) is not None:
            self._take(trial)

    def action_take_best(self) -> None:
        best = self._sweeping.state.best if self._sweeping.state else None
        if best is None:
            self.notify("No trial has finished yet.", severity="warning")
        else:
            self._take(best)

    def _take(self, trial: Trial) -> None:
        state = self._sweeping.state
        if state is not None and state.plan is not None and self.app.screen is self:
            kept = {name: getattr(self._base, name) for name in ("threads", "timeline_memory")}
            self.dismiss(state.plan.config.replace(**kept, **trial.settings))

    def action_mark(self) -> None:
        self._trials.mark()

    def action_compare(self) -> None:
        """Compares the runs of the marked trials, or of the best ones if none is marked."""
        from tui.screens.runs.compare import CompareScreen

        request = self._sweeping.request
        if request is None or request.runs is None:
            self.notify("The runs are not kept, so they cannot be compared.", severity="warning")
            return
        marked = self._trials.marked_runs(request.runs)
        if not marked:
            self.notify("These trials have no run yet.", severity="warning")
        elif self.app.screen is self:
            run = self._snapshot.run
            self.app.push_screen(CompareScreen(marked, run.dataset if run else None))

    def action_stop(self) -> None:
        state = self._sweeping.state

        def stop(yes: bool | None) -> None:
            if yes:
                self._sweeping.stop()

        if state is not None and state.phase in ("starting", "training"):
            question = "Stop the sweep? Finished trials are kept; you can continue the study later."
            self.app.push_screen(Confirm("Stop", question), stop)

    def action_continue(self) -> None:
        """Continues with the trials that are left."""
        state, request = self._sweeping.state, self._sweeping.request
        if request is not None and state is not None and state.study:
            self._begin(replace(request, study=state.study))

    def action_new(self) -> None:
        if self._sweeping.is_active:
            self.notify("A sweep is running. Stop it (x) before you start another one.")
        else:
            self._show_view("form")
            self.query_one(SweepForm).describe_plan()

    def action_view(self) -> None:
        """Shows the charts in place of the table, in a small window."""
        self.toggle_class("-charts")
        self.query_one(FieldPlots if self.has_class("-charts") else TrialTable).focus()

    def action_help(self) -> None:
        from tui.screens.help import Help

        self.app.push_screen(Help("Sweep"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys work in the form, where most are text, and in the table."""
        if action in ("mark", "compare", "take_best", "stop", "continue", "new", "view"):
            if not self.is_mounted or self._view != "trials":
                return False
            if action == "view":
                return self.has_class("-small")
            state = self._sweeping.state
            if action == "stop":
                return state is not None and state.phase in ("starting", "training")
            if action == "continue":
                return state is not None and not state.is_active and state.left > 0
            if action == "new":
                return not self._sweeping.is_active
        return True

    def action_leave(self) -> None:
        if self.app.screen is not self:
            return
        if self._view == "form" and self._sweeping.state is not None:
            self._is_ready = False
            self._show_view("trials")
            return
        if self._sweeping.is_active:
            self.app.notify("The sweep continues; E shows it.", timeout=4)
        self.dismiss(None)
