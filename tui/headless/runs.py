"""`fashion-tui runs`: lists, compares and manages the kept runs without a screen."""

import os
import sys
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path

from rich.table import Table

from core.directories import default_directory
from core.errors import CoreError, RunError
from core.experiments.spread import seed_groups_of, sentences
from core.runs import editing, query
from core.runs.comparison import PredictionComparison, compare_predictions, same_data
from core.runs.directory import find
from core.runs.run import Run
from core.runs.summary import RunList, summarize
from core.text import capitalized, nearest, one_line, printable
from tui.exit_codes import FINISHED
from tui.headless import run_comparison, run_objects
from tui.headless.console import make_console
from tui.headless.json_text import as_json
from tui.headless.run_details import details
from tui.headless.run_list import listing
from tui.runs_arguments import ACTIONS, RunsCommand
from tui.streams import print_error

_MAX_COMPARED = 6
_SYNONYMS = {"delete": "rm", "remove": "rm", "del": "rm", "ls": "list", "diff": "compare"}
"""Words of other programs for an action."""


def manage(command: RunsCommand, directory: Path | None) -> int:
    """Carries out the command and returns its exit code. Raises CoreError if it cannot be done."""
    directory = directory or default_directory()
    if "" in command.names:  # such as an empty variable of a shell; it must not be the latest run
        raise RunError(f"runs {command.action}: enter the name of a run")
    match command.action:
        case "list":
            _list(command, directory)
            return FINISHED
        case "rm":
            return _remove([find(directory, name) for name in command.names], command.yes)
    paths = [find(directory, name) for name in command.names]
    match command.action:
        case "show":
            _show(paths[0], command.json)
        case "compare":
            _compare(paths, command.json)
        case "star" | "unstar":
            for path in paths:
                editing.set_star(path, command.action == "star")
        case "rename":
            editing.rename(paths[0], command.text)
        case "note":
            if command.shows_notes:
                print(one_line(summarize(paths[0]).notes))
            else:
                editing.set_notes(paths[0], command.text)
        case "path":
            path = paths[0].absolute()
            if not str(path).isprintable():
                raise RunError(f"{path} cannot be printed as it is; rename it")
            print(path)
    return FINISHED


def _list(command: RunsCommand, directory: Path) -> None:
    wanted, found = query.parse(command.text), RunList(directory)
    found.refresh()
    runs = [run for run in found.runs if wanted(run)]
    if command.json:
        print(as_json([run_objects.entry(run) for run in runs], indent=2))
    elif runs:
        console = make_console()
        first, second, *lines = listing(runs, console.width if console.is_terminal else None)
        console.print(f"{first}\n{second}", style="bold", soft_wrap=True)
        console.file.write("".join(f"{line}\n" for line in lines))  # rich would take seconds
    elif found.runs:
        first = command.text.partition(" ")[0]
        message = f"no runs in {directory} match the filter: {command.text}"
        action = _SYNONYMS.get(first.lower()) or nearest(first, ACTIONS)
        if action and first not in ACTIONS and ":" not in first:
            raise RunError(f"{message}; did you mean fashion-tui runs {action}?")
        _say(capitalized(message))
    else:
        _say(f"There are no kept runs in {directory}.")
    for fault in found.faults:
        print_error(fault)


def _show(path: Path, as_object: bool) -> None:
    summary = summarize(path)
    with Run(path) as run:
        if as_object:
            print(as_json(run_objects.whole(summary, run), indent=2))
            return
        for part in details(summary, run):
            _print(part)


def _compare(paths: list[Path], as_object: bool) -> None:
    if not 2 <= len(paths) <= _MAX_COMPARED:
        raise RunError(f"compare: enter the names of 2 to {_MAX_COMPARED} runs")
    for one, other in combinations(paths, 2):
        if os.path.samefile(one, other):
            raise RunError(f"compare: {one.stem} and {other.stem} are the same run; enter another")
    summaries = [summarize(path) for path in paths]
    with ExitStack() as stack:
        runs = [stack.enter_context(Run(path)) for path in paths]
        predictions, seeds = _predictions(runs), seed_groups_of(paths)
        if as_object:
            print(as_json(run_objects.comparison(summaries, runs, predictions, seeds), indent=2))
            return
        _print(run_comparison.comparison(summaries, runs))
        for line in sentences(seeds):
            _say(line)
        if isinstance(predictions, str):
            _say(f"{capitalized(predictions)}.")
        elif predictions:
            _print_predictions(predictions, [summary.name for summary in summaries])


def _predictions(runs: list[Run]) -> PredictionComparison | str | None:
    """Returns those of two runs, or why runs cannot be compared; None for more than two."""
    if not same_data(runs):
        return "these runs were trained on different data, so their accuracies do not compare"
    if len(runs) > 2:
        return None
    try:
        return compare_predictions(runs[0], runs[1], runs[0].load_data())
    except CoreError as error:
        return f"their predictions cannot be compared: {error}"


def _print_predictions(both: PredictionComparison, names: list[str]) -> None:
    for line in run_comparison.agreement(both, names):
        _say(line)
    _print(run_comparison.matrix_difference(both, names))


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
            _say("Nothing was deleted.")
            return FINISHED
    for path in paths:
        editing.remove(path)
    return FINISHED


def _print(part: Table | str) -> None:
    """Prints a table in its full width, because rich would cut its cells on a narrow terminal."""
    console = make_console()
    if isinstance(part, Table):
        console.width = 10_000
        console.print(part, crop=False, no_wrap=True, overflow="ignore")
    else:
        console.file.write(f"{printable(part)}\n")


def _say(line: str) -> None:
    print(printable(line))
