"""A chart as lines of text: a canvas with axes, marks and a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
from rich.style import Style
from textual.strip import Strip

from core.config.config import SETTINGS
from core.events import Change
from core.history.curves import Curve
from tui.drawing.axes import Axis
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS
from tui.drawing.canvas import Canvas


@dataclass(frozen=True)
class Glyphs:
    """The characters that charts are drawn with."""

    vertical: str = "│"
    horizontal: str = "─"
    corner: str = "└"
    y_tick: str = "┤"
    x_tick: str = "┬"
    change_tick: str = "┴"
    epoch: str = "┊"
    change: str = "│"
    cursor: str = "┃"
    position: str = "╎"
    batch: str = "⣿"
    average: str = "⠒"
    point: str = "●"
    arrow: str = "→"
    dash: str = "–"
    ellipsis: str = "…"
    blocks: str = BLOCKS
    lines: str = "braille"  # the marker of plotext for lines; if empty, batch and average
    dots: tuple[int, int] = (2, 4)  # in a cell, across and down


UNICODE = Glyphs()
ASCII = Glyphs(
    vertical="|",
    horizontal="-",
    corner="+",
    y_tick="+",
    x_tick="+",
    change_tick="^",
    epoch=":",
    change="|",
    cursor="!",
    position="I",
    batch=".",
    average="*",
    point="o",
    arrow="->",
    dash="-",
    ellipsis="~",
    blocks=ASCII_BLOCKS,
    lines="",
    dots=(1, 1),
)


@dataclass(frozen=True)
class Figure:
    """A drawn chart, to which a cursor is added without redrawing it.

    y_labels: the label at the left of a row; x_ticks: steps to label below, if there is room;
    changed: columns with a mark on the axis below.
    """

    canvas: Canvas
    x: Axis
    y_labels: dict[int, str]
    x_ticks: Sequence[float]
    changed: Sequence[int]
    glyphs: Glyphs
    plain: Style

    @property
    def left(self) -> int:
        """The number of cells to the left of the canvas."""
        return max(map(len, self.y_labels.values()), default=0) + 1

    def rows(self, cursor: int | None) -> list[Strip]:
        """The rows of the canvas with the y axis, and a vertical line at the step `cursor`."""
        canvas, glyphs, plain = self.canvas, self.glyphs, self.plain
        column = None if cursor is None else self.x.cell(cursor)
        if column is not None:
            canvas = canvas.copy()
            canvas.cross(column, glyphs.cursor, plain + Style(bold=True))
        gutter = Canvas(self.left, canvas.height, plain)
        for row in range(canvas.height):
            label = self.y_labels.get(row, "").strip()
            tick = glyphs.y_tick if label else glyphs.vertical
            gutter.write(row, 0, f"{label:>{self.left - 1}}{tick}", plain)
        return [Strip.join([gutter.strip(row), canvas.strip(row)]) for row in range(canvas.height)]

    def axis_rows(self, cursor: int | None) -> list[Strip]:
        """The x axis with its labels and that of the cursor."""
        glyphs, plain = self.glyphs, self.plain
        at = None if cursor is None else self.x.cell(cursor)
        axis = Canvas(self.left + self.canvas.width, 2, plain)
        axis.write(0, self.left - 1, glyphs.corner + glyphs.horizontal * self.canvas.width, plain)
        if at is not None and cursor is not None:
            self._tick(axis, at, f"{cursor:,}", glyphs.cursor, plain + Style(reverse=True))
        # The last tick first: otherwise a tick close to it could take its room.
        for tick in (*self.x_ticks[-1:], *self.x_ticks[:-1]):
            column = self.x.cell(tick)
            if column is not None:
                self._tick(axis, column, f"{tick:,.0f}", glyphs.x_tick, plain)
        for column in self.changed:
            if column != at:
                axis.write(0, self.left + column, glyphs.change_tick, plain)
        return [axis.strip(0), axis.strip(1)]

    def _tick(self, axis: Canvas, column: int, text: str, mark: str, style: Style) -> None:
        """Writes a mark and its label, unless the label would touch another one."""
        place = self.left + column
        start = min(max(place - len(text) // 2, 0), axis.width - len(text))
        if axis.is_blank(1, max(start - 1, 0), min(start + len(text) + 1, axis.width)):
            axis.write(1, start, text, style)
            axis.write(0, place, mark, self.plain)


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
    canvas: Canvas, x: Axis, changes: Sequence[Change], style: Style, glyphs: Glyphs
) -> list[int]:
    """Draws a line with a label where settings changed; returns the columns in order.

    If there is no room for the names, the label has only the values, or it is cut.
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
        full = ", ".join(describe(change, glyphs) for change in by_column[column])
        values = ", ".join(_values(change, glyphs) for change in by_column[column])
        _label(canvas, column, (full, values), style, glyphs)
    return columns


def _values(change: Change, glyphs: Glyphs) -> str:
    write = SETTINGS[change.field].write
    return f"{write(change.old)}{glyphs.arrow}{write(change.new)}"


def _label(
    canvas: Canvas, column: int, texts: tuple[str, ...], style: Style, glyphs: Glyphs
) -> None:
    """Writes the first of the texts that fits to the right of the column, or else a cut one.

    The rows near the top are tried first, then the bottom row.
    """
    rows = (0, 1, 2, canvas.height - 1)
    widths = [_blank_width(canvas, row, column, len(texts[0])) for row in rows]
    for text in texts:
        for row, width in zip(rows, widths, strict=True):
            if width >= len(text):
                canvas.write(row, column + 1, text, style)
                return
    for row, width in zip(rows, widths, strict=True):
        if width >= _MIN_LABEL:
            canvas.write(row, column + 1, texts[0][: width - 1] + glyphs.ellipsis, style)
            return


def _blank_width(canvas: Canvas, row: int, column: int, max_width: int) -> int:
    """The number of blank cells to the right of the column, without one for a gap."""
    width = 0
    while width < max_width and canvas.is_blank(row, column + 1, column + 2 + width):
        width += 1
    return width


_MIN_LABEL = 8  # characters of a cut label, with its ellipsis
