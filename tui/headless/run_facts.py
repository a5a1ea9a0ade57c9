"""What the tables of `fashion-tui runs` show of a run, safe to print whatever its file has."""

import time
from collections.abc import Callable, Sequence

from rich.table import Table
from rich.text import Text

from core.runs.run import Run
from core.runs.summary import RunSummary
from core.text import printable

MISSING = "—"
GAP = 2
"""Cells between two columns."""

_MAX_CELL = 40  # characters of a name from a file
_LEFT_OUT = 5  # images whose numbers are shown

TableColumn = tuple[str, Callable[[RunSummary], str]]

_BEST = "best validation accuracy"
RESULTS: list[TableColumn] = [
    (_BEST, lambda run: _percent(run.best_accuracy)),
    ("best epoch", lambda run: _whole(run.best_epoch)),
    ("last validation accuracy", lambda run: _percent(run.last_accuracy)),
    ("test accuracy", lambda run: _percent(run.test_accuracy)),
    ("steps", lambda run: f"{run.step:,}"),
    ("images per second", lambda run: _whole(run.images_per_second)),
]
FACTS: list[TableColumn] = [
    ("last trained", lambda run: date(run.updated)),
    ("data", lambda run: run.data),
    ("state", lambda run: state(run)),
]


def state(run: RunSummary, full: bool = False) -> str:
    """Returns what the run does. full: with the program that has it open."""
    owner = run.owner
    if not owner:
        return run.state
    return f"{run.state}, open in {owner}" if full else f"{run.state}, open elsewhere"


def scope(head: str, run: RunSummary) -> str:
    """Says where the best result may be from, if not only from the way to the current step."""
    return f", {run.best_scope}" if head == _BEST and run.best_scope else ""


def left_out(run: Run) -> str:
    """Returns the training images that a run leaves out: how many, and the first of them."""
    numbers = run.reading.left_out
    if not numbers:
        return "none"
    shown = ", ".join(f"#{number}" for number in numbers[:_LEFT_OUT])
    return f"{len(numbers):,}: {shown}{', …' if numbers[_LEFT_OUT:] else ''}"


def safe(text: str) -> str:
    """Text from a file, safe to print in a cell."""
    text = printable(text)
    return text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"


def table_of(title: str | None = None, heads: Sequence[str] = ()) -> Table:
    """Returns an empty table without lines."""
    table = Table(
        title=title,
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, GAP, 0, 0),
    )
    for head in heads:
        table.add_column(Text(head))
    return table


def decimal(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.1f}"


def date(seconds: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):  # a date that the system does not know
        return MISSING


def _percent(share: float | None) -> str:
    return MISSING if share is None else f"{share:.2%}"


def _whole(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.0f}"
