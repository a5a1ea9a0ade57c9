"""The table of the trials of a sweep, the best first."""

from collections.abc import Mapping

from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable

from core.config.config import SETTINGS
from core.experiments.search_space import write
from core.experiments.sweep import TrialProgress
from core.experiments.sweep_state import SweepState
from core.experiments.trial import TrialResult
from core.text import printable
from tui.screens.runs.marks import COLORS, GLYPHS
from tui.screens.sweep.words import result_text

Trial = TrialResult | TrialProgress

_ROWS = 200
_LOOKS = {"complete": "", "diverged": "error", "failed": "error", "pruned": "warning"}


class TrialTable(DataTable[Text]):
    """Keeps its cursor on a trial when the order changes."""

    HINT = "Enter use"
    BINDINGS = [
        Binding("left_parenthesis,home", "scroll_top", "First trial", show=False),
        Binding("right_parenthesis,end", "scroll_bottom", "Last trial", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", cell_padding=1, zebra_stripes=False)
        self.border_title = "Trials, the best first"
        self.trials: list[Trial] = []  # in the order of the rows
        self._names: tuple[str, ...] | None = None

    @property
    def selected(self) -> Trial | None:
        """The trial at the cursor."""
        row = self.cursor_row
        return self.trials[row] if 0 <= row < len(self.trials) else None

    def show(self, state: SweepState, marks: Mapping[int, int]) -> None:
        """Shows the trials of a sweep. marks: the number of the mark of each marked trial."""
        selected, top = self.selected, self.scroll_offset.y
        at_top = self.cursor_row <= 0
        names = state.plan.space.names if state.plan else ()
        ranked = state.ranked
        self.trials = ranked[:_ROWS]
        with self.app.batch_update():
            if names != self._names:
                self._names = names
                self.clear(columns=True)
                self.add_column("", width=1)
                self.add_column(Text("accuracy", justify="right"))
                for name in names:
                    self.add_column(Text(SETTINGS[name].label, justify="right"))
                for title in ("state", "trial", "run"):
                    self.add_column(title)
            else:
                self.clear()
            for trial in self.trials:
                self.add_row(*self._cells(trial, names, marks.get(trial.number)))
            places = [trial.number for trial in self.trials]
            if selected and not at_top and selected.number in places:
                self.move_cursor(row=places.index(selected.number), animate=False)
            self.scroll_to(y=top, animate=False)
        more = len(ranked) - len(self.trials)
        marked = f"{len(marks)} marked   " if marks else ""
        self.border_subtitle = f"{marked}{f'and {more:,} with lower accuracies' if more else ''}"

    def action_select_cursor(self) -> None:
        """Ignores Enter without rows, on which Textual fails."""
        if self.row_count:
            super().action_select_cursor()

    def _cells(self, trial: Trial, names: tuple[str, ...], mark: int | None) -> list[Text]:
        colors = self.app.theme_variables
        sign = Text(" ") if mark is None else Text(GLYPHS[mark], colors[COLORS[mark]])
        accuracy = "" if trial.accuracy is None else f"{trial.accuracy:.2%}"
        settings = trial.settings
        values = [write(SETTINGS[n], settings[n]) if n in settings else "" for n in names]
        state = result_text(trial)
        look = "success" if isinstance(trial, TrialProgress) else _LOOKS[trial.state]
        return [
            sign,
            Text(accuracy, "bold", justify="right"),
            *(Text(value, justify="right") for value in values),
            Text(state, colors[look] if look else ""),
            Text(str(trial.number), justify="right"),
            Text(printable(trial.run or "")),
        ]
