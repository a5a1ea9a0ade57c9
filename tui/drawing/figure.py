"""A chart as lines of text: a canvas with its axes, and what is marked on it.

Pure, and tested without an app.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
    """The characters that a chart is made of."""

    upright: str = "│"
    flat: str = "─"
    corner: str = "└"
    y_tick: str = "┤"
    x_tick: str = "┬"
    foot: str = "┴"
    epoch: str = "┊"
    change: str = "│"
    cursor: str = "┃"
    here: str = "╎"
    batch: str = "⣿"
    average: str = "⠒"
    point: str = "●"
    arrow: str = "→"
    dash: str = "–"
    ellipsis: str = "…"
    blocks: str = BLOCKS
    joined: str = "braille"  # what plotext makes lines of, if not of batch and average
    dots: tuple[int, int] = (2, 4)  # across and down in a character


UNICODE = Glyphs()
ASCII = Glyphs(
    upright="|",
    flat="-",
    corner="+",
    y_tick="+",
    x_tick="+",
    foot="^",
    epoch=":",
    change="|",
    cursor="!",
    here="I",
    batch=".",
    average="*",
    point="o",
    arrow="->",
    dash="-",
    ellipsis="~",
    blocks=ASCII_BLOCKS,
    joined="",
    dots=(1, 1),
)


@dataclass(frozen=True)
class Figure:
    """A drawn chart, to which a cursor can be added without drawing it anew.

    y_labels: what stands at the left of a row; x_ticks: steps to be written below, as far as there
    is room; changed: columns with a foot on the axis.
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
        """Cells to the left of the canvas."""
        return max(map(len, self.y_labels.values()), default=0) + 1

    def rows(self, cursor: int | None) -> list[Strip]:
        """The rows of the canvas and the axis at their left, with a vertical line at a step."""
        canvas, glyphs, plain = self.canvas, self.glyphs, self.plain
        at = None if cursor is None else self.x.cell(cursor)
        if at is not None:
            canvas = canvas.copy()
            canvas.cross(at, glyphs.cursor, plain + Style(bold=True))
        room = self.left - 1
        gutter = Canvas(self.left, canvas.height, plain)
        for row in range(canvas.height):
            label = self.y_labels.get(row, "").strip()
            tick = glyphs.y_tick if label else glyphs.upright
            gutter.write(row, 0, f"{label:>{room}}{tick}", plain)
        return [Strip.join([gutter.strip(row), canvas.strip(row)]) for row in range(canvas.height)]

    def axis_rows(self, cursor: int | None) -> list[Strip]:
        """The axis below, with its steps and that of the cursor."""
        glyphs, plain = self.glyphs, self.plain
        at = None if cursor is None else self.x.cell(cursor)
        foot = Canvas(self.left + self.canvas.width, 2, plain)
        foot.write(0, self.left - 1, glyphs.corner + glyphs.flat * self.canvas.width, plain)
        if at is not None and cursor is not None:
            self._tick(foot, at, f"{cursor:,}", glyphs.cursor, plain + Style(reverse=True))
        # The end of the axis is written first, or a tick close to it would take its place.
        for tick in (*self.x_ticks[-1:], *self.x_ticks[:-1]):
            column = self.x.cell(tick)
            if column is not None:
                self._tick(foot, column, f"{tick:,.0f}", glyphs.x_tick, plain)
        for column in self.changed:
            if column != at:
                foot.write(0, self.left + column, glyphs.foot, plain)
        return [foot.strip(0), foot.strip(1)]

    def _tick(self, foot: Canvas, column: int, text: str, sign: str, style: Style) -> None:
        place = self.left + column
        start = min(max(place - len(text) // 2, 0), foot.width - len(text))
        if foot.is_blank(1, max(start - 1, 0), min(start + len(text) + 1, foot.width)):
            foot.write(1, start, text, style)
            foot.write(0, place, sign, self.plain)


def epoch_ends(epoch: Curve, most: int) -> list[int]:
    """The last steps of every epoch, or of every 2nd, 5th, 10th..., at most `most` of them."""
    if not len(epoch) or most < 1:
        return []
    first, last = int(epoch.low[0]), int(epoch.high[-1])
    every, factors = 1, (2.0, 2.5, 2.0)
    for turn in range(100):
        if (last - 1) // every - (first - 1) // every <= most:
            break
        every = int(every * factors[turn % 3])
    ended = np.arange(-(-first // every) * every, last, every)
    after = np.searchsorted(epoch.low, ended, side="right")
    return epoch.last[after - 1].tolist()


def describe(change: Change, glyphs: Glyphs) -> str:
    """The change in a few words, as "learning rate 0.003→0.01"."""
    return f"{SETTINGS[change.field].label} {_values(change, glyphs)}"


def mark_changes(
    canvas: Canvas, x: Axis, changes: Sequence[Change], style: Style, glyphs: Glyphs
) -> list[int]:
    """Draws a line where settings were changed, and writes beside it which and how, or how, or
    as much of it as there is room for; returns the columns, in order."""
    there: dict[int, list[Change]] = {}
    for change in changes:
        column = x.cell(change.step)
        if column is not None:
            there.setdefault(column, []).append(change)
    columns = sorted(there)
    for column in columns:
        canvas.line(column, glyphs.change, style)
    for column in reversed(columns):
        full = ", ".join(describe(change, glyphs) for change in there[column])
        values = ", ".join(_values(change, glyphs) for change in there[column])
        _label(canvas, column, (full, values), style, glyphs)
    return columns


def _values(change: Change, glyphs: Glyphs) -> str:
    write = SETTINGS[change.field].write
    return f"{write(change.old)}{glyphs.arrow}{write(change.new)}"


def _label(
    canvas: Canvas, column: int, texts: tuple[str, ...], style: Style, glyphs: Glyphs
) -> None:
    """Writes the first text for which there is room where nothing is, right of the column, near
    the top or else at the bottom; if there is for none, the beginning of the first."""
    rows = (0, 1, 2, canvas.height - 1)
    rooms = [_room(canvas, row, column, len(texts[0])) for row in rows]
    for text in texts:
        for row, room in zip(rows, rooms, strict=True):
            if room >= len(text):
                canvas.write(row, column + 1, text, style)
                return
    for row, room in zip(rows, rooms, strict=True):
        if room >= _SHORTEST_LABEL:
            canvas.write(row, column + 1, texts[0][: room - 1] + glyphs.ellipsis, style)
            return


def _room(canvas: Canvas, row: int, column: int, most: int) -> int:
    """How many cells are blank right of the column, with one more for the distance."""
    room = 0
    while room < most and canvas.is_blank(row, column + 1, column + 2 + room):
        room += 1
    return room


_SHORTEST_LABEL = 8  # of which one is the ellipsis
