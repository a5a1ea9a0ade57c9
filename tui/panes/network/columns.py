"""The columns of the table of layers, and which of them fit."""

from typing import NamedTuple

from rich.cells import set_cell_size

from tui.drawing import columns
from tui.drawing.numbers import fit

SPARK = 16
"""The width of a sparkline in cells."""


class Column(NamedTuple):
    """A column of the table; where room is short, columns with a higher rank are left out."""

    head: str
    width: int
    rank: int


COLUMNS = (
    Column("layer", 13, 0),
    Column("weights", 9, 5),
    Column("parameters", 10, 7),
    Column("activity", 14, 3),
    Column("zeros", 5, 4),
    Column("silent", 6, 6),
    Column("dead", 5, 2),
    Column("gradient", 8, 1),
    Column("update", 9, 0),
    Column("activity history", SPARK, 10),
    Column("gradient history", SPARK, 9),
    Column("update history", SPARK, 8),
)


def fitting(width: int) -> list[Column]:
    """The columns that fit in `width` cells, in their order."""
    ranked = sorted(COLUMNS, key=lambda column: column.rank)
    shown = columns.fitting({column.head: column.width for column in ranked}, width - 2, 1)
    return [column for column in COLUMNS if column.head in shown]


def cell(column: Column, text: str) -> str:
    """The text padded to the column: the name of the layer to the left, numbers to the right."""
    if column.head == "layer":
        return set_cell_size(text, column.width)
    return fit(text, column.width)
