"""The runs screen: lists the kept runs, filters and marks them, and continues one."""

from asyncio import Event
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.config.config import Config
from core.data.dataset import Dataset
from core.errors import ConfigError
from core.runs.query import Query, parse
from core.runs.summary import RunList, RunSummary
from core.runs.trash import Trash
from core.text import printable
from tui.panes.key_bar import KeyBar
from tui.screens.background import in_background
from tui.screens.runs.actions import RunActions
from tui.screens.runs.arrangement import Arrangement
from tui.screens.runs.details import details
from tui.screens.runs.faults import Faults
from tui.screens.runs.marks import MAX_MARKS, toggled
from tui.screens.runs.table import RunTable

_FIRST = 50  # files that are read before the table is shown for the first time
_QUICK = 0.5  # seconds between two keys that are meant as one movement
_INTERVAL = 1.5  # seconds between two looks for files that have changed
_FILTER_HINT = "Filter by words and terms: adam acc>0.88 steps>=1000 lr<0.01 star state:paused"


class RunChoice(NamedTuple):
    """A run to continue after the screen is closed; or if config is given, to start a new run
    with these settings, those of the run at `path`."""

    path: Path
    config: Config | None = None


class RunsScreen(ModalScreen[RunChoice | None]):
    """The table over the whole window; training continues behind it.

    run_list: is read here, in a thread, and kept by the caller, so that it opens at once the next
    time. dataset: the one in memory, if any. rename_open, trash: see `RunActions`. arrangement: is
    changed here, and kept by the caller, too.
    """

    AUTO_FOCUS = "RunTable"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    BINDINGS = [
        Binding("enter", "resume", "Resume", show=False),
        Binding("space", "mark", "Mark", key_display="space"),
        Binding("U", "unmark", "Unmark all", show=False),
        Binding("c", "compare", "Compare"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("asterisk", "star", "Star", key_display="*"),
        Binding("r", "rename", "Rename"),
        Binding("n", "note", "Note"),
        Binding("d", "duplicate", "New run like it"),
        Binding("delete,backspace", "delete", "Delete", key_display="Del"),
        Binding("u", "undo", "Undo delete"),
        Binding("e", "export", "Export"),
        Binding("y", "copy", "Copy as command"),
        Binding("question_mark,f1", "app.help_on('Runs')", "Help", key_display="?"),
        Binding("escape,q,R", "leave", "Close", key_display="esc"),
    ]

    def __init__(
        self,
        run_list: RunList,
        dataset: Dataset | None,
        rename_open: Callable[[str], object],
        trash: Trash,
        arrangement: Arrangement,
    ) -> None:
        super().__init__()
        self._list, self._dataset = run_list, dataset
        self._actions = RunActions(self.app, rename_open, trash, self._changed)
        self._query = Query()
        self._arrangement = arrangement
        self._states: tuple[str, ...] = ()
        self._loaded = False
        self.has_content = Event()  # keys wait for it
        self._busy = False  # reading the directory
        self._marked_at = -_QUICK  # by `monotonic`
        self._stayed_at: Path | None = None  # the last run, if the latest key marked or unmarked it

    def compose(self) -> ComposeResult:
        yield RunTable(self._arrangement)
        yield Input(placeholder=_FILTER_HINT, compact=True, id="run-filter")
        yield Faults(self._list.directory)
        yield Static(id="run-details", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        table = self.query_one(RunTable)
        table.border_title = "Runs"
        if self._list.runs:
            self._states = tuple(run.state for run in self._list.runs)
            self.call_after_refresh(self._show)
        else:
            self._say("Reading the kept runs…")
        self._read()
        self.set_interval(_INTERVAL, self._read)

    def _read(self) -> None:
        """Looks for files that have changed, unless a thread is still at it."""
        if not self._busy:
            self._busy = True
            try:
                in_background(self.app, self._refresh)
            except RuntimeError:  # the system has no thread left; later perhaps
                self._busy = False

    def _refresh(self) -> None:
        first = not self._loaded
        try:
            if first and self._list.refresh(_FIRST):
                self.call_later(self._show)
            changed = self._list.refresh()
            self._loaded = True
            states = tuple(run.state for run in self._list.runs)
            if changed or states != self._states or (first and not states):
                self._states = states
                self.call_later(self._show)  # not of the app, which may wait for the content
        finally:
            self._busy = False
            if first:
                self.call_later(self.has_content.set)  # also if there is none

    def _show(self, cursor: Path | None = None) -> None:
        """Shows the runs that match the filter."""
        if not self.query(RunTable):  # it was closed in the meantime
            return
        table, known = self.query_one(RunTable), self._list.runs
        self._arrangement.marks = {
            path: mark
            for path, mark in self._arrangement.marks.items()
            if not self._loaded or path in {run.path for run in known}
        }
        runs = [run for run in known if self._query(run)]
        if cursor is None and not table.runs:  # the latest that is not on the screen
            others = [run for run in known if not (run.owner and run.owner.is_this)]
            cursor = others[0].path if others else None
        table.show(runs, self._arrangement.marks, cursor)
        count = f"{len(runs):,} of {len(known):,}" if len(runs) < len(known) else f"{len(runs):,}"
        table.border_title = Content(printable(f"Runs  {count} in {self._list.directory}"))
        self.query_one(Faults).show(self._list.faults)
        self._describe()
        self.has_content.set()

    @on(RunTable.RowHighlighted)
    def _describe(self) -> None:
        """Describes the run at the cursor."""
        run = self.query_one(RunTable).selected
        if run is not None:
            self._say("\n".join(details(run)))
        elif not self._list.runs:
            self._say(
                "No kept runs yet. Every run that trained at least one step is kept in "
                f"{printable(str(self._list.directory))}."
                if self._loaded
                else "Reading the kept runs…"
            )
        else:
            self._say("No runs match the filter. Press / to edit it, and Escape there to clear it.")

    def _say(self, text: str, fault: bool = False) -> None:
        static = self.query_one("#run-details", Static)
        static.set_class(fault, "-fault")
        static.update(text)

    @on(Input.Changed, "#run-filter")
    def _filter(self, event: Input.Changed) -> None:
        try:
            self._query = parse(event.value)
        except ConfigError as error:
            event.input.add_class("-invalid")
            self._say(f"{error}", fault=True)  # until it is complete, the old filter stays
            return
        event.input.remove_class("-invalid")
        self._show()

    @on(Input.Submitted, "#run-filter")
    def _end_filter(self) -> None:
        self.query_one(RunTable).focus()

    @on(RunTable.RowSelected)
    def _resume(self) -> None:
        self.action_resume()

    def action_resume(self) -> None:
        run = self._selected()
        if run is None or self.app.screen is not self:
            return
        if run.owner and run.owner.is_this:
            self.dismiss(None)  # it is the one on the screen
        else:
            self.dismiss(RunChoice(run.path))

    def action_duplicate(self) -> None:
        self._act(self._duplicate)

    def _duplicate(self, run: RunSummary) -> None:
        def leave(config: Config) -> None:
            if self.app.screen is self:
                self.dismiss(RunChoice(run.path, config))

        self._actions.read_settings(run, leave)

    def action_mark(self) -> None:
        """Marks or unmarks the run at the cursor and moves on to the next one.

        From the last one, it cannot move on: keys that come quickly, as from space held down, leave
        what the first of them did.
        """
        run, before, self._marked_at = self._selected(), self._marked_at, monotonic()
        if run is None:
            return
        table = self.query_one(RunTable)
        if self._stayed_at == run.path and self._marked_at - before < _QUICK:
            return
        self._stayed_at = run.path if table.cursor_row == table.row_count - 1 else None
        marks = toggled(self._arrangement.marks, run.path)
        if marks is None:
            self._actions.warn(f"{MAX_MARKS} runs are marked; unmark one (space) or all (U)")
            return
        self._arrangement.marks = marks
        self._show()
        table.action_cursor_down()

    def action_unmark(self) -> None:
        """Unmarks all runs, those that the filter hides, too."""
        if not self._arrangement.marks:
            self._actions.warn("no run is marked")
        self._arrangement.marks = {}
        self._show()

    def action_compare(self) -> None:
        """Opens the comparison of the marked runs."""
        from tui.screens.runs.compare import CompareScreen

        marked = sorted(self._arrangement.marks.items(), key=lambda item: item[1])
        if not marked:
            self._actions.warn("mark the runs to compare first, with space")
        elif self.app.screen is self:  # and not below a dialog
            self.app.push_screen(CompareScreen(marked, self._dataset))

    def action_filter(self) -> None:
        self.query_one("#run-filter", Input).focus()

    def action_star(self) -> None:
        self._act(self._actions.star)

    def action_rename(self) -> None:
        self._act(self._actions.rename)

    def action_note(self) -> None:
        self._act(self._actions.note)

    def action_export(self) -> None:
        self._act(self._actions.export)

    def action_copy(self) -> None:
        self._act(self._actions.copy_command)

    def action_delete(self) -> None:
        self._act(self._actions.delete)

    def action_undo(self) -> None:
        self._actions.undo()

    def _act(self, action: Callable[[RunSummary], object]) -> None:
        run = self._selected()
        if run is not None and self.app.screen is self:  # and not below a dialog
            action(run)

    def action_leave(self) -> None:
        field = self.query_one("#run-filter", Input)
        if field.has_focus:
            field.value = ""
            self.query_one(RunTable).focus()
        elif self.app.screen is self:  # and not below a dialog
            self.dismiss(None)

    def _changed(self, path: Path | None) -> None:
        """Reads what has changed, in a thread, and moves the cursor to the run at `path`."""
        self._list.refresh(None if self._loaded else _FIRST)
        self.app.call_later(self._show, path)

    def _selected(self) -> RunSummary | None:
        run = self.query_one(RunTable).selected
        if run is None:
            self._actions.warn("there is no run in the list")
        return run
