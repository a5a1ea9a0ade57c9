"""What is known of a sweep: how far it is, its trials in a table and in charts, and words."""

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.widgets import ProgressBar, Static

from core.experiments.sweep_state import SweepState
from core.runs.names import SUFFIX
from tui.run.sweeping import Sweeping
from tui.screens.runs.marks import MAX_MARKS
from tui.screens.sweep.plots import FieldPlots
from tui.screens.sweep.trials import TrialTable
from tui.screens.sweep.words import about, status, summary


class TrialsView(Vertical):
    """Shows a sweep as it is whenever `look` is called."""

    state: reactive[SweepState | None] = reactive(None, repaint=False, init=False)

    def __init__(self, sweeping: Sweeping) -> None:
        super().__init__(id="sweep-trials")
        self._sweeping = sweeping
        self._marks: dict[int, int] = {}  # the number of the mark of each marked trial
        self._line = ""  # that says how far the sweep is

    def compose(self) -> ComposeResult:
        with Horizontal(id="sweep-progress"):
            yield Static(id="sweep-status", markup=False)
            yield ProgressBar(show_eta=False, show_percentage=False)
        yield TrialTable()
        yield FieldPlots()
        yield Static(id="sweep-summary", markup=False)

    @property
    def table(self) -> TrialTable:
        return self.query_one(TrialTable)

    def show_progress(self) -> None:
        """Shows the sweep as it is now."""
        sweeping = self._sweeping
        if sweeping.state is not None:
            line = status(sweeping.state, sweeping.seconds, sweeping.seconds_left)
            if line != self._line:
                self._line = line
                self.query_one("#sweep-status", Static).update(line, layout=False)
        self.state = sweeping.state

    def watch_state(self, before: SweepState | None, state: SweepState | None) -> None:
        if state is None:
            return
        total = state.plan.trials if state.plan else None
        self.query_one(ProgressBar).update(total=total, progress=len(state.results))
        if before is None or (before.results, before.running) != (state.results, state.running):
            self.table.show(state, self._marks)
        self.query_one(FieldPlots).show(state)
        self._describe()
        self.refresh_bindings()

    @on(TrialTable.RowHighlighted)
    def _describe(self) -> None:
        """Says what the sweep has found, and describes the trial at the cursor."""
        state, trial = self._sweeping.state, self.table.selected
        lines = [] if trial is None else [about(trial)]
        if state is not None:
            lines += summary(state)
        self.query_one("#sweep-summary", Static).update("\n".join(lines))

    def unmark(self) -> None:
        """Unmarks all trials."""
        self._marks = {}

    def mark(self) -> None:
        """Marks or unmarks the trial at the cursor, and moves on to the next one."""
        state, trial = self._sweeping.state, self.table.selected
        if trial is None or state is None:
            return
        free = [mark for mark in range(MAX_MARKS) if mark not in self._marks.values()]
        if trial.number in self._marks:
            del self._marks[trial.number]
        elif free:
            self._marks[trial.number] = free[0]
        else:
            self.notify(f"{MAX_MARKS} trials are marked; unmark one (space).", severity="warning")
            return
        row = self.table.cursor_row
        self.table.show(state, self._marks)
        self.table.move_cursor(row=min(row + 1, self.table.row_count - 1), animate=False)

    def marked_runs(self, directory: Path) -> list[tuple[Path, int]]:
        """Returns the files of the marked trials that have one, or else of the best six, each with
        the number of its mark."""
        found = [
            (trial.number, path)
            for trial in self.table.trials
            if trial.run and (path := directory / f"{trial.run}{SUFFIX}").exists()
        ]
        if self._marks:
            return [(path, self._marks[one]) for one, path in found if one in self._marks]
        return [(path, mark) for mark, (_, path) in enumerate(found[:MAX_MARKS])]
