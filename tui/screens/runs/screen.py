"""The runs screen: lists the kept runs, goes on with one, changes names, notes and stars."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.config.config import Config
from core.data.dataset import Dataset
from core.errors import ConfigError, CoreError, RunError
from core.runs import editing
from core.runs.names import is_name
from core.runs.query import Query, parse
from core.runs.run import Run
from core.runs.summary import RunList, RunSummary
from core.runs.trash import Trash
from core.text import printable
from tui.journal import LOGGER
from tui.panes.key_bar import KeyBar
from tui.screens.background import in_background
from tui.screens.runs.details import details
from tui.screens.runs.marks import MAX_MARKS, toggled
from tui.screens.runs.prompt import Confirm, Prompt
from tui.screens.runs.table import RunTable

_FIRST = 50  # files that are read before the table is shown for the first time
_INTERVAL = 1.5  # seconds between two looks for files that have changed
_FILTER_HINT = "Filter by words and terms: adam acc>0.88 steps>=1000 lr<0.01 star state:paused"


@dataclass(frozen=True)
class Choice:
    """What to do after the screen is closed: resume the run, or start a new one like it."""

    kind: Literal["resume", "duplicate"]
    path: Path
    config: Config


class RunsScreen(ModalScreen[Choice | None]):
    """The table over the whole window; training continues behind it.

    run_list: is read here, in a thread, and kept by the caller, so that it opens at once the next
    time. trash: deleted runs. dataset: the one in memory, if any.
    """

    AUTO_FOCUS = "RunTable"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    BINDINGS = [
        Binding("enter", "resume", "Resume", show=False),
        Binding("space", "mark", "Mark", key_display="space"),
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
        Binding("escape,q,R", "leave", "Close", show=False),
    ]

    def __init__(self, run_list: RunList, trash: Trash, dataset: Dataset | None) -> None:
        super().__init__()
        self._list, self._trash, self._dataset = run_list, trash, dataset
        self._query = Query()
        self._marks: dict[Path, int] = {}
        self._states: tuple[str, ...] = ()
        self._faults: set[str] = set()
        self._loaded = False
        self._busy = False  # reading the directory

    def compose(self) -> ComposeResult:
        yield RunTable()
        yield Input(placeholder=_FILTER_HINT, compact=True, id="run-filter")
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
                self.app.call_later(self._show)
            changed = self._list.refresh()
            self._loaded = True
            states = tuple(run.state for run in self._list.runs)
            if changed or states != self._states or (first and not states):
                self._states = states
                self.app.call_later(self._show)
        finally:
            self._busy = False

    def _show(self, cursor: Path | None = None) -> None:
        """Shows the runs that pass the filter."""
        if not self.query(RunTable):  # it was closed in the meantime
            return
        table, known = self.query_one(RunTable), self._list.runs
        self._marks = {
            path: mark
            for path, mark in self._marks.items()
            if not self._loaded or path in {run.path for run in known}
        }
        runs = [run for run in known if self._query(run)]
        if cursor is None and not table.runs:  # the latest that is not on the screen
            others = [run for run in known if not (run.owner and run.owner.is_this)]
            cursor = others[0].path if others else None
        table.show(runs, self._marks, cursor)
        count = f"{len(runs):,} of {len(known):,}" if len(runs) < len(known) else f"{len(runs):,}"
        table.border_title = Content(f"Runs  {count} in {self._list.directory}")
        faults = self._list.faults
        for fault in set(faults) - self._faults:
            LOGGER.warning(fault)
        self._faults |= set(faults)
        files = "1 file" if len(faults) == 1 else f"{len(faults):,} files"
        sorting = f"sorted by {self._sorting()}  s: next column  o: reverse"
        unreadable = f"! {files} cannot be read: see the message log (n)   " if faults else ""
        table.border_subtitle = Content(unreadable + sorting)
        self._describe()

    def _sorting(self) -> str:
        table = self.query_one(RunTable)
        title = next((c.title for c in table.choice if c.key == table.sort_key), "when")
        return " ".join(title.split())

    @on(RunTable.RowHighlighted)
    def _describe(self) -> None:
        """Describes the run at the cursor."""
        run = self.query_one(RunTable).selected
        if run is not None:
            self._say("\n".join(details(run)))
        elif not self._list.runs:
            self._say(
                "No kept runs yet. Every run that trained at least one step is kept in "
                f"{self._list.directory}."
                if self._loaded
                else "Reading the kept runs…"
            )
        else:
            self._say("No run passes the filter. Change it (/), or press Escape in it.")

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
        self._choose("resume")

    def action_duplicate(self) -> None:
        self._choose("duplicate")

    def _choose(self, kind: Literal["resume", "duplicate"]) -> None:
        run = self._selected()
        if run is None or self.app.screen is not self:
            return
        owner = run.owner
        if kind == "resume" and owner:
            if owner.is_this:
                self.dismiss(None)  # it is the one on the screen
            else:
                self._warn(f"{run.name} is open in another program: {owner}. Close it there first")
            return
        self.dismiss(Choice(kind, run.path, run.config))

    def action_mark(self) -> None:
        run = self._selected()
        if run is None:
            return
        marks = toggled(self._marks, run.path)
        if marks is None:
            self._warn(f"{MAX_MARKS} runs are marked; unmark one of them first (space)")
            return
        self._marks = marks
        table = self.query_one(RunTable)
        self._show()
        table.action_cursor_down()

    def action_compare(self) -> None:
        """Opens the comparison of the marked runs."""
        from tui.screens.runs.compare import CompareScreen

        marked = sorted(self._marks.items(), key=lambda item: item[1])
        if not marked:
            self._warn("mark the runs to compare first, with space")
        elif self.app.screen is self:  # and not below a dialog
            self.app.push_screen(CompareScreen(marked, self._dataset))

    def action_filter(self) -> None:
        self.query_one("#run-filter", Input).focus()

    def action_star(self) -> None:
        if run := self._selected():
            self._edit(partial(editing.set_star, run.path, not run.star))

    def action_rename(self) -> None:
        run = self._selected()
        if run is None:
            return
        if run.owner:
            where = "here" if run.owner.is_this else f"in {run.owner}"
            self._warn(f"{run.name} is open {where}: its file cannot be renamed now")
            return

        def check(name: str) -> str:
            if not is_name(name):
                return "Enter up to 80 letters, digits, dots, hyphens and underscores."
            taken = run.path.with_name(f"{name}{run.path.suffix}")
            if taken != run.path and taken.exists():
                return f"There is a run {name} already. Enter another name."
            return ""

        def rename(name: str | None) -> None:
            if name is not None and name != run.name:
                self._edit(partial(editing.rename, run.path, name))

        hint = "Letters, digits, dots, hyphens and underscores, for example wide-and-slow."
        self.app.push_screen(Prompt(f"Rename {run.name}", run.name, hint, check), rename)

    def action_note(self) -> None:
        run = self._selected()
        if run is None:
            return

        def save(text: str | None) -> None:
            if text is not None:
                self._edit(partial(editing.set_notes, run.path, text))

        hint = "A line about this run. Runs with a note are never removed to save space."
        self.app.push_screen(Prompt(f"Note on {run.name}", run.notes, hint, lambda _: ""), save)

    def action_export(self) -> None:
        """Asks for a directory or a file, and writes the run there as `fashion-tui export` does."""
        run = self._selected()
        if run is None:
            return

        def export(to: str | None) -> None:
            if to:
                in_background(self.app, partial(self._export, run.path, to))

        hint = "A directory for all files, or one file: .csv, .svg, .html, .py, .onnx and others."
        self.app.push_screen(Prompt(f"Export {run.name} to", f"{run.name}/", hint, _needed), export)

    def _export(self, path: Path, to: str) -> None:
        from core.export.source import Source
        from tui.export.export import write

        try:
            with Run(path) as run:
                paths = write(Source(run), to)
        except CoreError as error:
            self.app.call_later(self._warn, str(error))
            return
        written = (
            f"{len(paths)} files in {paths[0].parent.absolute()}"
            if len(paths) > 2
            else str(paths[0].absolute())
        )
        self.app.call_later(self.notify, f"Wrote {printable(written)}.")

    def action_copy(self) -> None:
        """Copies the command that makes the run again, and shows it."""
        if run := self._selected():
            in_background(self.app, partial(self._copy, run.path))

    def _copy(self, path: Path) -> None:
        from core.export.command import as_command

        try:
            with Run(path) as run:
                command = as_command(run)
        except CoreError as error:
            self.app.call_later(self._warn, str(error))
            return
        self.app.call_later(self.app.copy_to_clipboard, command)
        self.app.call_later(self.notify, command, title="Copied to the clipboard")

    def action_delete(self) -> None:
        run = self._selected()
        if run is None:
            return
        if run.owner:
            where = "on the screen" if run.owner.is_this else f"open in {run.owner}"
            self._warn(f"{run.name} is {where} and cannot be deleted")
            return

        def delete(yes: bool | None) -> None:
            if yes:
                self._edit(partial(self._trash.remove, run.path))

        result = "" if run.best_accuracy is None else f", {run.best_accuracy:.2%} at best"
        question = (
            f"Delete {run.name} ({run.step:,} steps{result})? "
            "Until the program ends, u restores it."
        )
        self.app.push_screen(Confirm("Delete a run", question), delete)

    def action_undo(self) -> None:
        self._edit(self._restore)

    def _restore(self) -> Path | None:
        path = self._trash.restore()
        if path is None:
            raise RunError("no run was deleted since the program started")
        return path

    def action_leave(self) -> None:
        field = self.query_one("#run-filter", Input)
        if field.has_focus:
            field.value = ""
            self.query_one(RunTable).focus()
        elif self.app.screen is self:  # and not below a dialog
            self.dismiss(None)

    def _edit(self, edit: Callable[[], Path | None]) -> None:
        """Changes a file, in a thread, because another program may be writing to it."""
        in_background(self.app, partial(self._carry_out, edit))

    def _carry_out(self, edit: Callable[[], Path | None]) -> None:
        try:
            path = edit()
        except RunError as error:
            self.app.call_later(self._warn, str(error))
            return
        self._list.refresh(None if self._loaded else _FIRST)
        self.app.call_later(self._show, path)

    def _selected(self) -> RunSummary | None:
        run = self.query_one(RunTable).selected
        if run is None:
            self._warn("there is no run in the list")
        return run

    def _warn(self, message: str) -> None:
        self.notify(f"{message[:1].upper()}{message[1:]}.", severity="warning")


def _needed(text: str) -> str:
    return "" if text.strip() else "Enter a directory, which ends with /, or a file."
