"""A chart as lines of text: a canvas with axes and a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.style import Style
from textual.strip import Strip

from tui.drawing.axes import Axis
from tui.drawing.canvas import Canvas
from tui.drawing.glyphs import Glyphs

X = TypeVar("X", bound=Axis)


@dataclass(frozen=True)
class Figure(Generic[X]):
    """A drawn chart, to which a cursor is added without redrawing it.

    y_labels: the label at the left of a row; x_ticks: places on `x` to label below, if
    there is room beside those before them. changed: columns with a mark on the axis below.
    """

    canvas: Canvas
    x: X
    y_labels: dict[int, str]
    x_ticks: Sequence[tuple[float, str]]
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

    def axis_rows(self, cursor: int | None, label: str = "") -> list[Strip]:
        """The x axis with its labels and that of the cursor."""
        glyphs, plain = self.glyphs, self.plain
        at = None if cursor is None else self.x.cell(cursor)
        axis = Canvas(self.left + self.canvas.width, 2, plain)
        axis.write(0, self.left - 1, glyphs.corner + glyphs.horizontal * self.canvas.width, plain)
        if at is not None and cursor is not None:
            self._tick(axis, at, label, glyphs.cursor, plain + Style(reverse=True))
        places = self.x.places
        for tick, text in self.x_ticks:
            column = places.cell(tick)
            if column is not None:
                self._tick(axis, column, text, glyphs.x_tick, plain)
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
