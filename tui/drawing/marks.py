"""Marks on a chart: the ends of epochs, and changes of settings with their labels."""

from collections.abc import Collection, Sequence
from itertools import cycle, islice
from typing import NamedTuple

import numpy as np
from rich.style import Style

from core.config.config import SETTINGS
from core.events import Change
from core.history.curves import Curve
from tui.drawing.axes import Axis
from tui.drawing.canvas import Canvas
from tui.drawing.glyphs import Glyphs

SHORT_NAMES = {
    "learning_rate": "rate",
    "batch_size": "batch",
    "weight_decay": "decay",
    "label_smoothing": "smoothing",
    "clip_norm": "clip",
}

_DISTANCES = (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5)  # rows from the end of a curve to its name
_EDGE = 3  # rows at the edge of a chart


def epoch_ends(epoch: Curve, max_ends: int) -> list[int]:
    """The last step of every epoch, or if they are too many, of every 2nd, 5th, 10th, ..."""
    if not len(epoch) or max_ends < 1:
        return []
    first, last = int(epoch.low[0]), int(epoch.high[-1])
    every = 1
    for factor in islice(cycle((2.0, 2.5, 2.0)), 100):
        if (last - 1) // every - (first - 1) // every <= max_ends:
            break
        every = int(every * factor)
    epochs = np.arange(-(-first // every) * every, last, every)
    after = np.searchsorted(epoch.low, epochs, side="right")
    return epoch.last[after - 1].tolist()


def describe(change: Change, glyphs: Glyphs) -> str:
    """A change as text, for example "learning rate 0.003→0.01"."""
    return f"{SETTINGS[change.field].label} {_values(change, glyphs)}"


def mark_changes(
    canvas: Canvas,
    x: Axis,
    changes: Sequence[Change],
    style: Style,
    glyphs: Glyphs,
    faint: Collection[Style] = (),
) -> list[int]:
    """Draws a line with a label where settings changed; returns the columns in order.

    If there is no room for it, the label leaves out the old value and has a shorter name, and of
    several changes it has the first and how many more there are. faint: styles that a label may
    cover.
    """
    by_column: dict[int, list[Change]] = {}
    for change in changes:
        column = x.cell(change.step)
        if column is not None:
            by_column.setdefault(column, []).append(change)
    columns = sorted(by_column)
    for column in columns:
        canvas.line(column, glyphs.change, style)
    for column in reversed(columns):
        _label(canvas, column, _texts(by_column[column], glyphs), style, faint)
    return columns


class End(NamedTuple):
    """The end of a curve: its cell, its sign, its names, the longest first, and its style."""

    row: int
    column: int
    mark: str
    names: Sequence[str]
    style: Style


def mark_ends(canvas: Canvas, ends: Sequence[End], faint: Collection[Style]) -> None:
    """Marks ends of curves, the most important first, each with its longest name that fits near it.

    All signs come before the names, so that no name is written over. In a cell that several ends
    share, the first has its sign. A name that is not beside its sign begins with it; without room
    there is no name. faint: styles that a name may cover.
    """
    first = {(end.row, end.column): end for end in reversed(ends)}
    for end in first.values():
        canvas.write(end.row, end.column, end.mark, end.style)
    for end in ends:
        _name_end(canvas, end, first[end.row, end.column] is end, faint)


def _name_end(canvas: Canvas, end: End, is_shown: bool, faint: Collection[Style]) -> None:
    for name in end.names:
        for distance in _DISTANCES:
            text = name if is_shown and not distance else f"{end.mark} {name}"
            for start in (end.column - len(text) - 1, end.column + 2):
                if _write_apart(canvas, end.row + distance, start, text, end.style, faint):
                    return


def write_at_edge(
    canvas: Canvas, above: bool, text: str, style: Style, faint: Collection[Style]
) -> bool:
    """Writes a text near the upper or lower edge, as far left as it covers no curve, if it can.

    Returns whether it is written.
    """
    rows = range(_EDGE) if above else range(canvas.height - 1, canvas.height - 1 - _EDGE, -1)
    for row in rows:
        for start in range(1, canvas.width - len(text)):  # not at the axis: "82%+v from 9%"
            if _write_apart(canvas, row, start, text, style, faint):
                return True
    return False


def _write_apart(
    canvas: Canvas, row: int, start: int, text: str, style: Style, faint: Collection[Style]
) -> bool:
    """Writes a text with a space before and after it, unless they cover more than faint styles.

    Returns whether it is written.
    """
    end = start + len(text)
    if start < 0 or end > canvas.width:
        return False
    before, after = min(start, 1), min(canvas.width - end, 1)
    if not canvas.is_blank(row, start - before, end + after, faint):
        return False
    canvas.write(row, start - before, " " * before + text + " " * after, style)
    return True


def _values(change: Change, glyphs: Glyphs) -> str:
    write = SETTINGS[change.field].write
    return f"{write(change.old)}{glyphs.arrow}{write(change.new)}"


def _texts(changes: Sequence[Change], glyphs: Glyphs) -> tuple[str, ...]:
    """The changes of one column as text, from the longest form to the shortest."""
    forms = [_forms(change, glyphs) for change in changes]
    if len(forms) == 1:
        return forms[0]
    named = [", ".join(parts) for parts in zip(*(form[:-1] for form in forms), strict=True)]
    more = f" +{len(forms) - 1}"
    return *named, *(f"{form}{more}" for form in forms[0][1:-1]), f"{len(forms)} changes"


def _forms(change: Change, glyphs: Glyphs) -> tuple[str, ...]:
    """A change as text, from the one that says most to the shortest."""
    label = SETTINGS[change.field].label
    name, new = SHORT_NAMES.get(change.field, label), SETTINGS[change.field].write(change.new)
    full, both = describe(change, glyphs), f"{name} {_values(change, glyphs)}"
    return full, f"{label} {new}", both, f"{name} {new}", f"{glyphs.arrow}{new}"


def _label(
    canvas: Canvas, column: int, texts: tuple[str, ...], style: Style, faint: Collection[Style]
) -> None:
    """Writes the first of the texts that fits to the right of the column, or to its left.

    The rows near the top are tried first, then those near the bottom. Without room there is no
    label; the cursor reads the change.
    """
    bottom = canvas.height - 1
    for text in texts:
        right, left = (column + 1, column + 2 + len(text)), (column - len(text) - 1, column)
        for row in (*range(_EDGE), *range(bottom, bottom - _EDGE, -1)):
            for first, end in (right, left):
                if canvas.is_blank(row, first, end, faint):
                    canvas.write(row, first, f"{text} " if first > column else f" {text}", style)
                    return
