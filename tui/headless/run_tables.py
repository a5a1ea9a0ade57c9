"""The tables of `fashion-tui runs`. What comes from a file is made safe to print."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from core.branches import net_changes
from core.config.config import SETTINGS
from core.runs.comparison import PredictionComparison, setting_rows
from core.runs.run import Run
from core.runs.summary import RunSummary, by_importance, differing_settings
from core.text import capitalized, counted, one_line, printable
from tui.drawing.columns import fitting as columns_that_fit

MISSING = "—"
_MAX_CELL = 40  # characters of a name from a file
_LEFT_OUT = 5  # images whose numbers are shown
_GAP = 2  # cells between two columns
_MACHINE = {"fashion_tui": "fashion-tui"}
"""The names of facts about the machine that are not their keys."""

Column = tuple[str, Callable[[RunSummary], str]]

_BEST = "best validation"
_RESULTS: list[Column] = [
    (_BEST, lambda run: _percent(run.best_accuracy)),
    ("at epoch", lambda run: _decimal(run.best_epochs)),
    ("last", lambda run: _percent(run.last_accuracy)),
    ("test", lambda run: _percent(run.test_accuracy)),
    ("steps", lambda run: f"{run.step:,}"),
    ("images/s", lambda run: _whole(run.images_per_second)),
]
_FACTS: list[Column] = [
    ("when", lambda run: _date(run.updated)),
    ("data", lambda run: run.data),
    ("state", lambda run: _state(run)),
]
_DROPPED = ("images/s", "data", "at epoch", "last"), ("when", "steps", "test")
"""The columns that a narrow terminal lacks, in this order; settings go between the two groups."""

_LEFT = ("name", "net", "when", "data", "state")


def listing(runs: Sequence[RunSummary], width: int | None) -> Iterator[str]:
    """Yields the list of runs as lines, with the settings that differ among them.

    width: of the terminal, in cells. If a line does not fit, there are fewer columns, and a line
    at the end names the others. (A rich table of 1,000 runs would take seconds.)
    """
    changed = {name for run in runs for name in run.changed}
    shown = changed.union(differing_settings(run.config for run in runs)) - {"hidden"}
    differing = by_importance(shown)
    columns: list[Column] = [
        ("name", lambda run: f"{run.name}{' ★' * run.star}"),
        ("net", lambda run: SETTINGS["hidden"].write(run.config.hidden)),
        *((SETTINGS[name].label, _setting_of(name)) for name in differing),
        *_RESULTS,
        *_FACTS,
    ]
    cells = {head: [head, *(_safe(text(run)) for run in runs)] for head, text in columns}
    widths = {head: max(map(cell_len, texts)) for head, texts in cells.items()}
    dropped: list[str] = []
    if width is not None:
        settings = [SETTINGS[name].label for name in differing]
        ranked = [*_DROPPED[1][::-1], *settings, *_DROPPED[0][::-1]]
        always = [room for head, room in widths.items() if head not in ranked]
        needed = {"": sum(always) + _GAP * (len(always) - 1)} | {h: widths[h] for h in ranked}
        fits = columns_that_fit(needed, width, _GAP)
        dropped = [head for head in reversed(ranked) if head not in fits]
        for head in dropped:
            del cells[head], widths[head]
    for row in zip(*cells.values(), strict=True):
        padded = (
            f"{text}{space}" if head in _LEFT else f"{space}{text}"
            for (head, room), text in zip(widths.items(), row, strict=True)
            for space in [" " * (room - cell_len(text))]
        )
        yield (" " * _GAP).join(padded).rstrip()
    if changed.intersection(differing):
        yield "*: changed by hand later, or on another branch"
    if dropped:
        yield f"No room for {', '.join(dropped)}."


def facts(summary: RunSummary, run: Run) -> Iterator[Table | str]:
    """Yields what `runs show` prints: results, settings, changes by hand, branches, machine."""
    yield f"{summary.name}{' ★' * summary.star}: {_state(summary, True)}"
    if summary.message:
        yield capitalized(summary.message)
    if summary.origin:
        yield f"{capitalized(str(summary.origin))}."
    if summary.notes:
        yield one_line(summary.notes)
    yield str(summary.path.absolute())
    machine = run.meta.get("machine")
    known = machine if isinstance(machine, dict) else {}
    rows = [
        *((head, text(summary) + _scope(head, summary)) for head, text in _RESULTS),
        ("epochs", f"{_decimal(summary.epochs)} of {run.current_config.epochs:,}"),
        ("parameters", f"{summary.parameters:,}"),
        ("started", _date(summary.started)),
        ("last open", _date(summary.updated)),
        ("data", f"{summary.data}, SHA-256 {summary.fingerprint[:12]}"),
        *((("left out", left_out(run)),) if run.reading.left_out else ()),
        *(
            (_MACHINE.get(name, name.replace("_", " ")), str(value))
            for name, value in known.items()
        ),
    ]
    yield _pairs(rows)
    config, current = run.first_config, run.current_config
    table = _table("Settings", ("setting", "at the start", "now"))
    for name, setting in SETTINGS.items():
        first, now = (setting.write(getattr(values, name)) for values in (config, current))
        table.add_row(setting.label, first, Text(now, "bold" if now != first else ""))
    yield table
    changes = _table("Changes by hand", ("branch", "after step", "setting", "from", "to"))
    branches = _table("Branches", ("branch", "starts from", "after step", "ends at step", ""))
    for branch in run.branches:
        for change in net_changes(branch.changes):
            if not (branch.number or change.step):
                continue  # a setting of the first step
            setting = SETTINGS[change.field]
            values = setting.write(change.old), setting.write(change.new)
            changes.add_row(str(branch.number + 1), f"{change.step:,}", setting.label, *values)
        branches.add_row(
            str(branch.number + 1),
            MISSING if branch.parent is None else f"branch {branch.parent + 1}",
            MISSING if branch.parent is None else f"{branch.fork:,}",
            f"{branch.end:,}",
            f"here, at step {run.step:,}" if branch.number == run.branch else "",
        )
    if changes.row_count:
        yield changes
    if len(run.branches) > 1:
        yield branches


def left_out(run: Run) -> str:
    """Returns the training images that a run leaves out: how many, and the first of them."""
    numbers = run.reading.left_out
    if not numbers:
        return "none"
    shown = ", ".join(f"#{number}" for number in numbers[:_LEFT_OUT])
    return f"{len(numbers):,}: {shown}{', …' if numbers[_LEFT_OUT:] else ''}"


def comparison(summaries: Sequence[RunSummary], runs: Sequence[Run]) -> Table:
    """Returns the results of the runs and the settings that differ, a column for each run."""
    table = _table(heads=("", *(_safe(summary.name) for summary in summaries)))
    for head, text in (*_RESULTS, *_FACTS):
        table.add_row(
            head, *(Text(_safe(text(summary) + _scope(head, summary))) for summary in summaries)
        )
    if any(run.reading.left_out for run in runs):
        table.add_row("images left out", *map(left_out, runs))
    rows = setting_rows(runs)
    if rows:
        table.add_section()
    for row in rows:
        setting = SETTINGS[row.name]
        cells = []
        for value, changes in zip(row.values, row.changes, strict=True):
            later = [
                f"{setting.write(change.new)} after step {change.step:,}" for change in changes
            ]
            cells.append("\n".join([setting.write(value), *later]))
        table.add_row(setting.label, *cells)
    return table


def agreement(both: PredictionComparison, names: Sequence[str]) -> Iterator[str]:
    """Yields sentences about how many images each run gets right."""
    count, correct = len(both.labels), both.correct
    if both.images != (count, count):
        yield (
            f"The runs have their own {both.subset} images, {both.images[0]:,} and "
            f"{both.images[1]:,}, because their seeds, settings or images left out differ; "
            f"{count:,} {'is' if count == 1 else 'are'} in both."
        )
    yield (
        f"Predictions for {counted(count, f'{both.subset} image')} after steps "
        f"{both.steps[0]:,} and {both.steps[1]:,}:"
    )
    first, second = (len(both.only(run)) for run in (0, 1))
    rows = (
        ("both right", int(correct.all(axis=0).sum())),
        (f"only {names[0]} right", first),
        (f"only {names[1]} right", second),
        ("both wrong", int((~correct).all(axis=0).sum())),
    )
    for head, images in rows:
        yield f"  {head}: {images:,} ({images / count:.1%})"


def matrix_difference(both: PredictionComparison, names: Sequence[str]) -> Table:
    """Returns the second confusion matrix minus the first."""
    table = Table(
        title=f"Confusion matrix of {_safe(names[1])} minus that of {_safe(names[0])}\n"
        "(rows: true class, columns: predicted)",
        title_justify="left",
        padding=(0, 0),
    )
    table.add_column("")
    for name in both.class_names:
        head = Text(name)
        head.truncate(4, overflow="crop")
        table.add_column(head, justify="right", min_width=4)
    for row, (name, counts) in enumerate(zip(both.class_names, both.difference, strict=True)):
        cells = [
            Text(f"{count:+d}" if count else "·", "bold" if row == column else "")
            for column, count in enumerate(counts)
        ]
        table.add_row(Text(name), *cells)
    return table


def _table(title: str | None = None, heads: Sequence[str] = ()) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, _GAP, 0, 0),
    )
    for head in heads:
        table.add_column(Text(head))
    return table


def _pairs(rows: Sequence[tuple[str, str]]) -> Table:
    table = _table()
    table.show_header = False
    for head, text in rows:
        table.add_row(Text(_safe(head)), Text(_safe(text)))
    return table


def _setting_of(name: str) -> Callable[[RunSummary], str]:
    def text(run: RunSummary) -> str:
        value: Any = getattr(run.config, name)
        return SETTINGS[name].write(value) + "*" * (name in run.changed)

    return text


def _state(run: RunSummary, full: bool = False) -> str:
    owner = run.owner
    if not owner:
        return run.state
    return f"{run.state}, open in {owner}" if full else f"{run.state}, open elsewhere"


def _safe(text: str) -> str:
    """Text from a file, safe to print in a cell."""
    text = printable(text)
    return text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"


def _scope(head: str, run: RunSummary) -> str:
    """Says over which branches a result is the best, if there are several."""
    return f", of all {run.branches:,} branches" * (head == _BEST and run.branches > 1)


def _percent(share: float | None) -> str:
    return MISSING if share is None else f"{share:.2%}"


def _whole(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.0f}"


def _decimal(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.1f}"


def _date(seconds: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):  # a date that the system does not know
        return MISSING
