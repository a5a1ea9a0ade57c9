"""The confusion matrix in figures and words: pure functions of counts, tested without an app.

A cell is (row, column): the true class and what the network said.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.metrics import Counts, confused
from tui.drawing.numbers import percent

Cell = tuple[int, int]

_FAINT = 0.1  # share of a class that is shaded in full if no mistake is more frequent


class Window(NamedTuple):
    """The part of a matrix that there is room for: its first row and column, and how many."""

    row: int
    column: int
    rows: int
    columns: int

    def around(self, cell: Cell, classes: int, room: tuple[int, int]) -> "Window":
        """The window of at most `room` (rows, columns) cells nearest to this one that shows it."""
        rows, columns = (min(classes, max(1, cells)) for cells in room)
        return Window(
            min(max(self.row, cell[0] - rows + 1, 0), cell[0], classes - rows),
            min(max(self.column, cell[1] - columns + 1, 0), cell[1], classes - columns),
            rows,
            columns,
        )


def depths(counts: Counts, shades: int) -> NDArray[np.int_]:
    """(K, K) 0 to `shades` - 1, the deeper the larger the mistake's share of its row.

    Nothing is as deep as 0 but what did not happen; the diagonal, which is no mistake, is 0.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, 0)
    return np.ceil(np.sqrt(shares / max(shares.max(), _FAINT)) * (shades - 1)).astype(int)


def figure(counts: Counts, cell: Cell, in_percent: bool) -> str:
    """What stands in a cell, in at most four characters; a mistake never made is a point."""
    count, total = int(counts[cell]), int(counts[cell[0]].sum())
    if count == 0 and (cell[0] != cell[1] or total == 0):
        return "·"
    if in_percent:
        return percent(count / total).removesuffix("%")
    return str(count) if count < 10_000 else f"{count // 1000}k"


def reading(counts: Counts, names: tuple[str, ...], cell: Cell) -> str:
    """A cell in words."""
    count, total = int(counts[cell]), int(counts[cell[0]].sum())
    if total == 0:
        return f"true {names[cell[0]]}: no images"
    share = percent(count / total)
    return f"true {names[cell[0]]}, said {names[cell[1]]}: {count:,} of {total:,}, {share}"


def worst(counts: Counts, names: tuple[str, ...], most: int) -> list[str]:
    """The most frequent mistakes in words, under a heading; or that there are none."""
    if counts.sum() == 0:
        return ["No images"]
    pairs = confused(counts)[:most]
    if not pairs:
        return ["No mistakes"]
    told = [f"  {names[t]} said to be {names[s]}: {counts[t, s]:,}" for t, s in pairs]
    return ["Most often confused", *told]
