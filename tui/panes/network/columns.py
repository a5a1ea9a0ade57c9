"""The columns of the table of layers, and which of them there is room for."""

from typing import NamedTuple

from rich.cells import set_cell_size

from tui.drawing.numbers import fit

SPARK = 16
"""Cells of a sparkline."""


class Column(NamedTuple):
    """A column of the table; those of the lowest rank stay longest where there is little room."""

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
    Column("update", 8, 0),
    Column("activity so far", SPARK, 10),
    Column("gradient so far", SPARK, 9),
    Column("update so far", SPARK, 8),
)


def fitting(width: int) -> list[Column]:
    """The columns for which there is room, in order."""
    chosen: list[Column] = []
    room = width - 2
    for column in sorted(COLUMNS, key=lambda column: column.rank):
        if column.width + 1 > room + 1:
            break
        room -= column.width + 1
        chosen.append(column)
    return [column for column in COLUMNS if column in chosen]


def cell(column: Column, words: str) -> str:
    """The words in the column: the layer's name at its left, numbers at its right."""
    if column.head == "layer":
        return set_cell_size(words, column.width)
    return fit(words, column.width)
