"""The columns of the table of runs: what each says, in which order it sorts, which of them fit.

Pure functions of summaries.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.cells import cell_len

from core.config.config import SETTINGS
from core.runs.summary import RunSummary, by_importance, differing_settings
from tui.drawing.columns import fitting as columns_that_fit
from tui.drawing.text import cut

MISSING = "–"
MAX_NAME = 24  # cells
_GAP = 2  # cells, of each column


@dataclass(frozen=True)
class RunColumn:
    """A column. title: two lines. value: what it sorts by; None is always last.

    text: the text of a cell. left: whether it is aligned left. down: whether it sorts from the
    largest value down, at first.
    """

    key: str
    title: str
    value: Callable[[RunSummary], Any]
    text: Callable[[RunSummary], str]
    left: bool = False
    down: bool = True


def columns(runs: Sequence[RunSummary]) -> list[RunColumn]:
    """Returns the columns for these runs: settings only if they differ or were changed by hand."""
    changed = {name for run in runs for name in run.changed}
    differing = changed.union(differing_settings(run.config for run in runs)) - {"hidden"}
    settings = [_setting(name) for name in by_importance(differing)]
    has_test = any(run.test_accuracy is not None for run in runs)
    return [
        RunColumn("name", "\nname", lambda run: run.name, _name, left=True, down=False),
        RunColumn("state", "\nstate", lambda run: run.state, lambda run: run.state, True, False),
        _share("best", "best valid.\naccuracy", "best_accuracy"),
        RunColumn("at", "best\nepoch", lambda r: r.best_epochs, lambda r: _whole(r.best_epoch)),
        _share("last", "last valid.\naccuracy", "last_accuracy"),
        *([_share("test", "test\naccuracy", "test_accuracy")] if has_test else []),
        RunColumn("steps", "\nsteps", lambda run: run.step, lambda run: f"{run.step:,}"),
        RunColumn("net", "\nhidden", lambda run: run.parameters, net, True, False),
        *settings,
        RunColumn("speed", "images\nper second", lambda r: r.images_per_second, speed),
        RunColumn(
            "when", "last\ntrained", lambda run: run.updated, lambda run: date(run.updated), True
        ),
        RunColumn("data", "\ndata", lambda run: run.data, lambda r: cut(r.data, 20), True, False),
    ]


# The most important columns; then some of the settings that differ, the rest, and more settings.
_FIRST = ("name", "best", "steps", "state", "net")
_SETTINGS = 3


def fitting(
    choice: Sequence[RunColumn], runs: Sequence[RunSummary], room: int, sort: str
) -> list[tuple[RunColumn, int]]:
    """Returns the columns that fit in `room` cells, the most important ones, each with its width.

    The one that the table is sorted by is among them.
    """
    widths = {column.key: _width(column, runs) for column in choice}
    first = [key for key in ("name", sort, *_FIRST) if key in widths]
    settings = [key for key in widths if key in SETTINGS]
    rest = [key for key in widths if key not in SETTINGS]
    order = dict.fromkeys((*first, *settings[:_SETTINGS], *rest, *settings))
    wanted = {key: widths[key] for key in order}
    shown = columns_that_fit(wanted, room - _GAP, _GAP)
    return [(column, widths[column.key]) for column in choice if column.key in shown]


def ordered(runs: Sequence[RunSummary], column: RunColumn, down: bool) -> list[RunSummary]:
    """Returns the runs sorted by a column; equal ones stay in order."""
    known = [run for run in runs if column.value(run) is not None]
    unknown = [run for run in runs if column.value(run) is None]
    return sorted(known, key=column.value, reverse=down) + unknown


def _setting(name: str) -> RunColumn:
    setting = SETTINGS[name]
    words = setting.label.split()
    first, last = " ".join(words[:-1]), words[-1]
    return RunColumn(
        name,
        f"{first}\n{last}",
        partial(_setting_value, name),
        lambda run: setting.write(getattr(run.config, name)) + "*" * (name in run.changed),
        down=False,
    )


def _setting_value(name: str, run: RunSummary) -> Any:
    return getattr(run.config, name)


def _share(key: str, title: str, field: str) -> RunColumn:
    return RunColumn(
        key, title, lambda run: getattr(run, field), lambda run: percent(getattr(run, field))
    )


def _width(column: RunColumn, runs: Sequence[RunSummary]) -> int:
    texts = [*column.title.split("\n"), *map(column.text, runs)]
    arrow = 1  # beside the title, if the table is sorted by this column
    return max(cell_len(text) + arrow * (n < 2) for n, text in enumerate(texts))


def _name(run: RunSummary) -> str:
    return cut(run.name, MAX_NAME)


def net(run: RunSummary) -> str:
    """Returns the hidden layers as the setting writes them: "128,64"."""
    return SETTINGS["hidden"].write(run.config.hidden)


def speed(run: RunSummary) -> str:
    """Returns the images per second, or a dash."""
    return MISSING if run.images_per_second is None else f"{run.images_per_second:,.0f}"


def percent(share: float | None) -> str:
    """Returns a share, 0..1, with two decimals of a percent, or a dash."""
    return MISSING if share is None else f"{share:.2%}"


def decimal(value: float | None) -> str:
    """Returns a number with one decimal, or a dash; in a sentence, use `short_decimal`."""
    return MISSING if value is None else f"{value:,.1f}"


def _whole(value: int | None) -> str:
    return MISSING if value is None else f"{value:,}"


def short_decimal(value: float | None) -> str:
    """Returns a number with one decimal, or none if it is whole; or a dash."""
    return decimal(value).removesuffix(".0")


def date(seconds: float) -> str:
    """Returns the local date and time of seconds since 1970."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (OverflowError, OSError, ValueError):
        return MISSING
