"""The table of `fashion-tui runs`: a line for each kept run."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.cells import cell_len

from core.config.config import SETTINGS
from core.runs.summary import RunSummary, by_importance, differing_settings
from tui.drawing.columns import fitting as columns_that_fit
from tui.headless.run_facts import FACTS, GAP, RESULTS, TableColumn, safe

_DROPPED = (
    ("images per second", "data", "best epoch", "last validation accuracy"),
    ("last trained", "steps", "test accuracy"),
)
"""The columns that a narrow terminal lacks, in this order; settings go between the two groups."""

_LEFT = ("name", "net", "last trained", "data", "state")


def listing(runs: Sequence[RunSummary], width: int | None) -> Iterator[str]:
    """Yields the list of runs as lines, two for the heads, with the settings that differ.

    width: of the terminal, in cells. If a line does not fit, there are fewer columns, and a line
    at the end names the others. (A rich table of 1,000 runs would take seconds.)
    """
    changed = {name for run in runs for name in run.changed}
    shown = changed.union(differing_settings(run.config for run in runs)) - {"hidden"}
    differing = by_importance(shown)
    columns: list[TableColumn] = [
        ("name", lambda run: f"{run.name}{' ★' * run.star}"),
        ("net", lambda run: SETTINGS["hidden"].write(run.config.hidden)),
        *((SETTINGS[name].label, _setting_of(name)) for name in differing),
        *RESULTS,
        *FACTS,
    ]
    cells = {
        head: [*_two_lines(head), *(safe(text(run)) for run in runs)] for head, text in columns
    }
    widths = {head: max(map(cell_len, texts)) for head, texts in cells.items()}
    dropped: list[str] = []
    if width is not None:
        settings = [SETTINGS[name].label for name in differing]
        ranked = [*_DROPPED[1][::-1], *settings, *_DROPPED[0][::-1]]
        always = [room for head, room in widths.items() if head not in ranked]
        needed = {"": sum(always) + GAP * (len(always) - 1)} | {h: widths[h] for h in ranked}
        fits = columns_that_fit(needed, width, GAP)
        dropped = [head for head in reversed(ranked) if head not in fits]
        for head in dropped:
            del cells[head], widths[head]
    for row in zip(*cells.values(), strict=True):
        padded = (
            f"{text}{space}" if head in _LEFT else f"{space}{text}"
            for (head, room), text in zip(widths.items(), row, strict=True)
            for space in [" " * (room - cell_len(text))]
        )
        yield (" " * GAP).join(padded).rstrip()
    if changed.intersection(differing):
        yield "*: changed by hand later, or on another branch"
    if dropped:
        yield f"No room for {', '.join(dropped)}."


def _two_lines(head: str) -> tuple[str, str]:
    """The head of a column, the last word in the second line: so the column is narrow."""
    first, _, last = head.rpartition(" ")
    return first, last


def _setting_of(name: str) -> Callable[[RunSummary], str]:
    def text(run: RunSummary) -> str:
        value: Any = getattr(run.config, name)
        return SETTINGS[name].write(value) + "*" * (name in run.changed)

    return text
