"""The probability of each class as a bar. A pure function, tested without an app."""

import numpy as np
from rich.style import Style
from textual.strip import Strip

from core.types import Floats
from tui.drawing.bars import bar
from tui.drawing.numbers import fit, probability
from tui.drawing.text import styled

_NAME, _FIGURE = 11, 6  # cells


def class_bars(
    shares: Floats, names: tuple[str, ...], width: int, max_rows: int, plain: Style
) -> list[Strip]:
    """A line for each class, the most probable one marked; if they are too many for `max_rows`,
    for the most probable ones."""
    shown = np.sort(np.argsort(-shares, kind="stable")[: max(max_rows, 1)])
    best, cells = int(shares.argmax()), max(3, width - _NAME - _FIGURE - 4)
    lines = []
    for index in shown.tolist():
        share = float(shares[index])
        line = f"{fit(names[index], _NAME)} {bar(share, cells)} {probability(share):>{_FIGURE}}"
        is_best = index == best
        style = plain + Style(bold=True) if is_best else plain
        lines.append(styled((f"{line}{' ◀' if is_best else ''}", style)))
    return lines
