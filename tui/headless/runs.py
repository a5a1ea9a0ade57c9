"""`fashion-tui runs`: lists, compares and manages the kept runs without a screen."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from core.errors import CoreError, RunError
from core.runs import editing, query
from core.runs.comparison import PredictionComparison, compare_predictions, same_data
from core.runs.directory import default_directory, find
from core.runs.run import Run
from core.runs.summary import RunList, RunSummary, summarize
from core.text import printable
from tui.headless import run_tables
from tui.runs_arguments import RunsCommand
from tui.streams import print_error

_FINISHED, _INTERRUPTED = 0, 130
_MAX_COMPARED = 6


def manage(command: RunsCommand, directory: Path | None) -> int:
    """Carries out the command and returns its exit code. Raises CoreError if it cannot be done."""
    directory = directory or default_directory()
    match command.action:
        case "list":
            _list(command, directory)
            return _FINISHED
        case "rm":
            return _remove([find(directory, name) for name in command.names], command.yes)
    paths = [find(directory, name) for name in command.names]
    match command.action:
        case "show":
            _show(paths[0])
        case "compare":
            _compare(paths)
        case "star" | "unstar":
            for path in paths:
                editing.set_star(path, command.action == "star")
        case "rename":
            editing.rename(paths[0], command.text)
        case "note":
            if command.shows_notes:
                print(printable(summarize(paths[0]).notes))
            else:
                editing.set_notes(paths[0], command.text)
        case "path":
            print(paths[0].absolute())
    return _FINISHED


def _list(command: RunsCommand, directory: Path) -> None:
    wanted, found = query.parse(command.text), RunList(directory)
    found.refresh()
    runs = [run for run in found.runs if wanted(run)]
    if command.json:
        print(json.dumps([as_json(run) for run in runs], indent=2, allow_nan=False))
    elif runs:
        console = _console()
        head, *lines = run_tables.listing(runs, console.width if console.is_terminal else None)
        console.print(head, style="bold", soft_wrap=True)
        print("\n".join(lines))
    elif found.runs:
        _say(f"None of the {len(found.runs):,} runs in {directory} meets: {command.text}")
    else:
        _say(f"There are no kept runs in {directory}.")
    for fault in found.faults:
        print_error(fault)


def as_json(run: RunSummary) -> dict[str, Any]:
    """Returns an entry of `fashion-tui runs --json`."""
    owner = run.owner
    return {
        "name": run.name,
        "path": str(run.path.absolute()),
        "star": run.star,
        "notes": run.notes,
        "state": run.state,
        "open_in": {"host": owner.host, "process": owner.process, "since": owner.since}
        if owner
        else None,
        "step": run.step,
        "epoch": run.epochs,
        "config": run.config.as_dict(),
        "changed_settings": run.changed,
        "parameters": run.parameters,
        "best_validation_accuracy": run.best_accuracy,
        "best_epoch": run.best_epochs,
        "last_validation_accuracy": run.last_accuracy,
        "test_accuracy": run.test_accuracy,
        "images_per_second": run.images_per_second,
        "data": {"name": run.data, "fingerprint": run.fingerprint},
        "started": run.started,
        "updated": run.updated,
    }


def _show(path: Path) -> None:
    summary = summarize(path)
    with Run(path) as run:
        for part in run_tables.facts(summary, run):
            _print(part)


def _compare(paths: list[Path]) -> None:
    if not 2 <= len(paths) <= _MAX_COMPARED:
        raise RunError(f"compare: enter the names of 2 to {_MAX_COMPARED} runs")
    summaries = [summarize(path) for path in paths]
    with ExitStack() as stack:
        runs = [stack.enter_context(Run(path)) for path in paths]
        _print(run_tables.comparison(summaries, runs))
        if not same_data(runs):
            _say("These runs were trained on different data, so their accuracies do not compare.")
        elif len(runs) == 2:
            try:
                both = compare_predictions(runs[0], runs[1], runs[0].load_data())
            except CoreError as error:
                _say(f"Their predictions cannot be compared: {error}.")
            else:
                _print_predictions(both, [summary.name for summary in summaries])


def _print_predictions(both: PredictionComparison, names: list[str]) -> None:
    for line in run_tables.agreement(both, names):
        _say(line)
    _print(run_tables.matrix_difference(both, names))


def _remove(paths: list[Path], yes: bool) -> int:
    """Removes runs, all or none: if one is open, it says so before any is removed."""
    for path in paths:
        editing.check_removable(path)
    if not yes:
        if not sys.stdin.isatty():
            raise RunError("runs rm: add --yes, because there is no terminal to ask on")
        names = ", ".join(path.stem for path in paths)
        question = printable(f"Remove {names}? This cannot be undone. [y/N] ")
        print(question, end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            _say("Nothing was removed.")
            return _FINISHED
    for path in paths:
        editing.remove(path)
    return _FINISHED


def _console() -> Console:
    return Console(highlight=False, markup=False, emoji=False)


def _print(part: Table | str) -> None:
    """Prints a table in its full width, because rich would cut its cells on a narrow terminal."""
    console = _console()
    if isinstance(part, Table):
        console.width = 10_000
        console.print(part, crop=False, no_wrap=True, overflow="ignore")
    else:
        _say(part)


def _say(line: str) -> None:
    print(printable(line))
