"""Curves as colored text, drawn by plotext. No other module uses plotext.

plotext keeps its figure in module globals, so only one thread may draw at a time: that of the
screen, or one that exports a run.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import ArrayLike
from rich.style import Style

from tui.drawing.axes import Axis
from tui.drawing.canvas import Canvas

_ESCAPE = re.compile("\x1b\\[([0-9;]*)m")
_LOCK = Lock()


@dataclass(frozen=True)
class Line:
    """Points to connect or only to mark. They must not be NaN.

    marker: a character, or "braille"; joined: connect the points.
    """

    x: ArrayLike
    y: ArrayLike
    style: Style
    marker: str
    joined: bool = True


def plot(lines: Sequence[Line], x: Axis, y: Axis, plain: Style) -> Canvas:
    """Draws lines, the last on top. Braille needs axes of 2 by 4 dots in a cell."""
    canvas = Canvas(x.cells, y.cells, plain)
    styles = [line.style for line in lines]
    with _LOCK:
        rows = _drawn(lines, x, y)
    for row, text in enumerate(rows):
        _write(canvas, row, text, plain, styles)
    return canvas


def _drawn(lines: Sequence[Line], x: Axis, y: Axis) -> list[str]:
    """Returns plotext's rows; the red of a color is the number of a line."""
    import plotext as p  # here, because the import takes 0.2 s

    p.clear_figure()
    p.theme("clear")
    p.limit_size(False, False)  # or it stops at the size of the terminal of the output, if any
    p.plotsize(x.cells, y.cells)
    p.xaxes(False, False)
    p.yaxes(False, False)
    p.xticks([])
    p.yticks([])
    # The coordinates are dots, so that plotext does not scale them, and points far outside are
    # moved to just outside: plotext draws every dot of a line, visible or not.
    p.xlim(0, x.cells * x.dots - 1)
    p.ylim(0, y.cells * y.dots - 1)
    for number, line in enumerate(lines):
        across, up = x.dot(line.x), y.dot(line.y)
        new = np.ones(len(across), bool)
        new[1:] = (across[1:] != across[:-1]) | (up[1:] != up[:-1])
        across, up = across[new], up[new]
        if len(across):
            if (
                not line.joined and line.marker != "braille"
            ):  # the middle of the cell, so that plotext rounds to this cell
                up = up // y.dots * y.dots + y.dots // 2
            draw = p.plot if line.joined else p.scatter
            draw(across.tolist(), up.tolist(), marker=line.marker, color=(number, 0, 0))
    rows: list[str] = p.build().splitlines()
    return rows


def _write(canvas: Canvas, row: int, text: str, plain: Style, styles: Sequence[Style]) -> None:
    """Writes a row of plotext's output; the red of its color escapes is the number of a line."""
    style, column = plain, 0
    for index, piece in enumerate(_ESCAPE.split(text)):
        if index % 2 == 0:
            if style is not plain:
                canvas.write(row, column, piece, style)
            column += len(piece)
        else:
            style = styles[int(piece.split(";")[2])] if piece.startswith("38;2;") else plain
