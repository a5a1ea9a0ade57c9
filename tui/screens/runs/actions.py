"""What can be done with a kept run: star, name, note, export, command, new run, removal.

Dialogs ask what is needed; the work is done in a thread, because another program may be writing to
the file.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.app import App

from core.config.config import Config
from core.errors import CoreError, RunError
from core.runs import editing
from core.runs.names import is_name
from core.runs.run import Run
from core.runs.summary import RunSummary, summarize
from core.runs.trash import Trash
from core.text import capitalized, one_line, printable
from tui.screens.background import in_background
from tui.screens.runs.prompt import Confirm, Prompt

Done = Callable[[Path | None], object]
"""Called, in the thread, with the path of the run after a change of it; None: that it had."""


class RunActions:
    """Acts on one run at a time, for a screen of `app`.

    rename_open: gives another name to the run that this program has open. trash: deleted runs.
    """

    def __init__(
        self, app: App[object], rename_open: Callable[[str], object], trash: Trash, done: Done
    ) -> None:
        self._app, self._rename_open, self._trash, self._done = app, rename_open, trash, done

    def star(self, run: RunSummary) -> None:
        """Gives a run a star, or takes it away."""
        self._change(partial(editing.set_star, run.path, not run.star))

    def note(self, run: RunSummary) -> None:
        """Asks for the notes on a run."""

        def save(text: str | None) -> None:
            if text is not None:
                self._change(partial(editing.set_notes, run.path, text))

        hint = "A line about this run. Runs with a note are never removed to save space."
        self._app.push_screen(
            Prompt(f"Note on {run.name}", one_line(run.notes), hint, lambda _: ""), save
        )

    def rename(self, run: RunSummary) -> None:
        """Asks for another name. A run that is open in another program keeps its own."""
        if self._is_open_elsewhere(run, "renamed"):
            return

        def check(name: str) -> str:
            if not is_name(name):
                return "Enter up to 80 letters, digits, dots, hyphens and underscores."
            taken = run.path.with_name(f"{name}{run.path.suffix}")
            if taken != run.path and taken.exists():
                return f"There is a run {name} already. Enter another name."
            return ""

        def rename(name: str | None) -> None:
            if name is None or name == run.name:
                return
            if run.owner and run.owner.is_this:
                self._rename_open(name)
            else:
                self._change(partial(editing.rename, run.path, name))

        hint = "Letters, digits, dots, hyphens and underscores, for example wide-and-slow."
        self._app.push_screen(Prompt(f"Rename {run.name}", run.name, hint, check), rename)

    def delete(self, run: RunSummary) -> None:
        """Asks whether to delete a run that no program has open."""
        if self._is_open_elsewhere(run, "deleted"):
            return
        if run.owner:
            self.warn(f"the run {run.name} is on the screen and cannot be deleted")
            return

        def delete(yes: bool | None) -> None:
            if yes:
                self._change(partial(self._trash.remove, run.path))

        best = run.best_accuracy
        result = "" if best is None else f", best validation accuracy {best:.2%}"
        question = (
            f"Delete {run.name} ({run.step:,} steps{result})? "
            "You can restore it with u until you quit."
        )
        self._app.push_screen(Confirm("Delete a run", question), delete)

    def undo(self) -> None:
        """Restores the run that was deleted last."""
        self._change(self._restore)

    def _restore(self) -> Path:
        path = self._trash.restore()
        if path is None:
            raise RunError("no run was deleted since the program started")
        return path

    def export(self, run: RunSummary) -> None:
        """Asks for a directory or a file, and writes the run there as `fashion-tui export` does."""

        def export(to: str | None) -> None:
            if to:
                self._start(partial(self._export, run.path, to))

        hint = "A directory for all files, or one file: .csv, .svg, .html, .py, .onnx and others."
        self._app.push_screen(
            Prompt(f"Export {run.name} to", f"{run.name}/", hint, _export_fault), export
        )

    def _export(self, path: Path, to: str) -> None:
        from core.export.source import Source
        from tui.export.export import write

        with Run(path) as run:
            paths = write(Source(run), to)
        written = (
            f"{len(paths)} files in {paths[0].parent.absolute()}"
            if len(paths) > 2
            else str(paths[0].absolute())
        )
        self._app.call_later(self._app.notify, f"Wrote {printable(written)}.")

    def copy_command(self, run: RunSummary) -> None:
        """Copies the command that repeats the run, and shows it."""
        self._start(partial(self._copy_command, run.path))

    def _copy_command(self, path: Path) -> None:
        from core.export.command import as_command, unfinished

        with Run(path) as run:
            command, note = as_command(run), unfinished(run)
        shown = f"{command}\n\n{note}." if note else command
        self._app.call_later(self._app.copy_to_clipboard, command)
        self._app.call_later(self._app.notify, shown, title="Copied to the clipboard")

    def read(self, path: Path, act: Callable[[RunSummary], object]) -> None:
        """Calls `act` with the run in a file as it is now."""
        self._start(lambda: self._app.call_later(act, summarize(path)))

    def read_settings(self, run: RunSummary, use: Callable[[Config], object]) -> None:
        """Calls `use` with the settings where the run stands."""

        def read() -> None:
            with Run(run.path) as kept:
                self._app.call_later(use, kept.current_config)

        self._start(read)

    def warn(self, message: str) -> None:
        """Shows a sentence as a toast."""
        self._app.notify(f"{capitalized(message)}.", severity="warning")

    def _is_open_elsewhere(self, run: RunSummary, verb: str) -> bool:
        """Whether another program has the run open; then a toast says that it cannot be changed."""
        if not run.is_open_elsewhere:
            return False
        self.warn(f"the run {run.name} is open in {run.owner} and cannot be {verb}")
        return True

    def _change(self, change: Callable[[], Path | None]) -> None:
        self._start(lambda: self._done(change()))

    def _start(self, work: Callable[[], object]) -> None:
        in_background(self._app, partial(self._carry_out, work))

    def _carry_out(self, work: Callable[[], object]) -> None:
        try:
            work()
        except CoreError as error:
            self._app.call_later(self.warn, str(error))


def _export_fault(to: str) -> str:
    from tui.export.export import fault

    return fault(to) if to else "Enter a directory, which ends with /, or a file."
