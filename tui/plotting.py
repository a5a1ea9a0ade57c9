"""Curves as coloured text, by plotext: the one module that knows it.

plotext keeps its figure in module globals, so that only one thread, the screen's, may draw.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import plotext
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

RGB = tuple[int, int, int]

_ESCAPE = re.compile("\x1b\\[([0-9;]*)m")


@dataclass(frozen=True)
class Line:
    """Points to join, or only to mark; all finite."""

    x: Sequence[float]
    y: Sequence[float]
    color: RGB
    marker: str
    joined: bool = True


@dataclass(frozen=True)
class Mark:
    """A vertical line at `x`."""

    x: float
    color: RGB


def plot(
    lines: Sequence[Line],
    marks: Sequence[Mark],
    size: tuple[int, int],
    x_ticks: Sequence[float],
    y_range: tuple[float, float],
    y_ticks: dict[float, str],
    plain: Style,
) -> list[Strip]:
    """A chart of `size` (width, height) cells; `plain` is the style of the axes."""
    p = plotext
    p.clear_figure()
    p.theme("clear")
    p.plotsize(*size)
    p.xaxes(True, False)
    p.yaxes(True, False)
    p.xlim(x_ticks[0], x_ticks[-1])
    p.ylim(*y_range)
    p.xticks(list(x_ticks), [f"{x:,.0f}" for x in x_ticks])
    p.yticks(list(y_ticks), list(y_ticks.values()))
    for mark in marks:
        p.vline(mark.x, color=mark.color)
    for line in lines:
        if line.x:
            draw = p.plot if line.joined else p.scatter
            draw(list(line.x), list(line.y), marker=line.marker, color=line.color)
    return [strip(row, plain) for row in p.build().splitlines()]


def strip(text: str, plain: Style) -> Strip:
    """A row of text with the colour escapes that plotext writes (38;2;r;g;b and 0)."""
    segments = []
    style = plain
    pieces = _ESCAPE.split(text)
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            if piece:
                segments.append(Segment(piece, style))
        elif piece.startswith("38;2;"):
            red, green, blue = map(int, piece.split(";")[2:])
            style = plain + Style.from_color(Color.from_rgb(red, green, blue))
        else:
            style = plain
    return Strip(segments)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) within low..high, at most `most` of them."""
    if high <= low or most < 2:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for factor in (1, 2, 5, 10, 20):
        unit = power * factor
        # A hair's breadth of tolerance, so that rounding does not drop a tick on the edge.
        first, last = math.ceil(low / unit - 1e-6), math.floor(high / unit + 1e-6)
        if last - first < most:
            break
    return [unit * n for n in range(first, last + 1)] or [low]
