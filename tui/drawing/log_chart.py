"""A chart over a logarithmic horizontal axis: curves, and marks at chosen values."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from rich.style import Style
from textual.strip import Strip

from tui.drawing.axes import log_ticks
from tui.drawing.glyphs import Glyphs
from tui.drawing.line_chart import LABEL_CELLS, ChartCurve, Mark, line_chart
from tui.drawing.numbers import power_text


def log_chart(
    curves: Sequence[ChartCurve],
    marks: Sequence[Mark],
    value_range: tuple[float, float],
    size: tuple[int, int],
    glyphs: Glyphs,
    plain: Style,
    baseline: float | None = None,
) -> list[Strip]:
    """Draws the curves, the last on top, in (width, height) cells; nothing if there is no room.

    All x are positive, and the horizontal axis has those of all curves. For the rest see
    `line_chart`.
    """
    x_all = np.concatenate([curve.x for curve in curves])
    if not len(x_all):
        return []
    start, end = float(x_all.min()), float(x_all.max())
    numbers = log_ticks(start * 0.999, end * 1.001, max(size[0] // LABEL_CELLS, 2))
    return line_chart(
        [replace(curve, x=np.log10(curve.x)) for curve in curves],
        [replace(mark, x=float(np.log10(mark.x))) for mark in marks],
        ((float(np.log10(start)), float(np.log10(end))), value_range),
        *(size, glyphs, plain),
        baseline=baseline,
        places=[(float(np.log10(number)), power_text(number)) for number in numbers],
    )
