"""Texts and shades of the confusion matrix. Pure functions, tested without an app.

A cell is (row, column): the true and the predicted class. `counts` is (K, K) for K classes.
"""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.cells import set_cell_size

from core.metrics import Counts, confused
from tui.drawing.glyphs import UNICODE, Glyphs
from tui.drawing.numbers import percent
from tui.drawing.text import longest

Cell = tuple[int, int]

_MIN_FULL = 0.1  # the smallest share of a row that is shaded in full


class Window(NamedTuple):
    """The visible part of a matrix: its first row and column, and how many of each."""

    row: int
    column: int
    rows: int
    columns: int

    def around(self, cell: Cell, classes: int, room: tuple[int, int]) -> "Window":
        """The window that shows `cell`, scrolled from this one as little as possible.

        room: the (rows, columns) that fit.
        """
        rows, columns = (min(classes, max(1, cells)) for cells in room)
        return Window(
            min(max(self.row, cell[0] - rows + 1, 0), cell[0], classes - rows),
            min(max(self.column, cell[1] - columns + 1, 0), cell[1], classes - columns),
            rows,
            columns,
        )


def shade_levels(counts: Counts, shades: int) -> NDArray[np.int_]:
    """The shade of each cell, from 0 to `shades` - 1: (K, K).

    It grows with the cell's share of its row. Every mistake that occurs has at least 1; the
    diagonal has 0.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, 0)
    return np.ceil(np.sqrt(shares / max(shares.max(), _MIN_FULL)) * (shades - 1)).astype(int)


def abbreviations(names: tuple[str, ...], cells: int) -> list[str]:
    """The first letters of each name; the numbers of the classes if two have the same."""
    letters = [set_cell_size(re.sub(r"\W", "", name), cells).rstrip() for name in names]
    if len(set(letters)) == len(names) and all(letters):
        return letters
    return [str(number) for number in range(len(names))]


def cell_text(counts: Counts, cell: Cell, in_percent: bool, most: int = 4) -> str:
    """The text of a cell, at most `most` characters; "·" for a mistake that does not occur.

    If "100" does not fit, all images of a row are "✓" on the diagonal and "×" beside it, and a
    share that is rounded up to all is 99. A count that does not fit is in thousands.
    """
    count, total = int(counts[cell]), int(counts[cell[0]].sum())
    if count == 0 and (cell[0] != cell[1] or total == 0):
        return "·"
    if in_percent:
        text = percent(count / total).removesuffix("%")
        if len(text) <= most:
            return text
        return "99" if count < total else "✓" if cell[0] == cell[1] else "×"
    return str(count) if count < 10**most else f"{count // 1000}k"


def describe_cell(
    counts: Counts, names: tuple[str, ...], cell: Cell, width: int, glyphs: Glyphs = UNICODE
) -> str:
    """A cell in words: the number of its images, and their share of the true class.

    The longest form that fits in `width` cells.
    """
    count, total = int(counts[cell]), int(counts[cell[0]].sum())
    if total == 0:
        return f"true {names[cell[0]]}: no images"
    true, predicted = names[cell[0]], names[cell[1]]
    value = f"{count:,} of {total:,}, {percent(count / total)}"
    forms = (
        f"true {true}, predicted {predicted}: {value}",
        f"{true} {glyphs.arrow} {predicted}: {value}",
        f"{true} {glyphs.arrow} {predicted}: {count:,}",
        value,
    )
    return longest(forms, width)


def most_confused(
    counts: Counts, names: tuple[str, ...], limit: int, glyphs: Glyphs = UNICODE
) -> list[str]:
    """A heading and the most frequent mistakes, at most `limit`; or that there are none."""
    if counts.sum() == 0:
        return ["No images"]
    pairs = confused(counts)[:limit]
    if not pairs:
        return ["No mistakes"]
    lines = [f"  {names[t]} {glyphs.arrow} {names[p]}: {counts[t, p]:,}" for t, p in pairs]
    return [f"Most often confused (true {glyphs.arrow} predicted)", *lines]
