"""Numbers of many units as columns, and of a few named classes as rows: pure functions."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from textual.strip import Strip

from core.types import Floats
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS, bars
from tui.drawing.numbers import fit
from tui.drawing.styles import Styles
from tui.drawing.text import styled

_DOWN, _ASCII_DOWN = " ▀█", " '#"  # downwards there are but half-blocks
_NAME, _FIGURE = 11, 8  # cells
_WIDEST = 4  # cells for a unit


class Columns(NamedTuple):
    """rows: the bars, those above 0 over those below; units: how many a column stands for."""

    rows: list[str]
    units: int


def columns(values: Floats, width: int, height: int, ascii_only: bool) -> Columns:
    """A bar for each number, as long as it is large; nothing for one that is not finite.

    Of more numbers than there are columns, the greatest and the least of each column are seen.
    """
    up, down = (ASCII_BLOCKS, _ASCII_DOWN) if ascii_only else (BLOCKS, _DOWN)
    finite = np.where(np.isfinite(values), values, 0).astype(np.float64)
    units = -(-len(finite) // max(width, 1))
    starts = np.arange(0, len(finite), units)
    high = np.maximum(np.maximum.reduceat(finite, starts), 0)
    low = np.minimum(np.minimum.reduceat(finite, starts), 0)
    most, least = high.max(), -low.min()
    span = (most + least) or 1.0
    below = _rows_below(least / span, height) if least else 0
    above = height - below
    # Both halves on one scale, so that bars up and down can be compared.
    scale = max(most / above if above else 0.0, least / below if below else 0.0) or 1.0
    drawn = bars(high / (scale * above), above, up) if above else []
    drawn += bars(-low / (scale * below), below, down)[::-1] if below else []
    cells = min(_WIDEST, width // len(starts))
    return Columns([_widen(row, cells) for row in drawn], units)


def _rows_below(share: float, height: int) -> int:
    if share == 1 or height < 2:
        return height if share > 0.5 else 0
    return min(max(round(share * height), 1), height - 1)


def _widen(row: str, cells: int) -> str:
    """Each column so many cells wide, the last of them empty."""
    return "".join(mark * max(cells - 1, 1) + " " * (cells > 1) for mark in row)


class BarRow(NamedTuple):
    """The number of one class; figure: as it is written; said: a few words at its end."""

    name: str
    value: float
    figure: str
    said: str = ""


def rows(classes: Sequence[BarRow], width: int, most: int, styles: Styles) -> list[Strip]:
    """A bar for each class, to the right for what is above 0 and to the left for what is below.

    Of more classes than `most`, those with something to say and the largest are seen.
    """
    values = np.nan_to_num([row.value for row in classes], posinf=0, neginf=0)
    chosen = _chosen(classes, values, most)
    said = max(len(row.said) for row in classes)
    cells = max(2, width - _NAME - _FIGURE - 2 - bool(said) - said)
    high, low = max(values.max(), 0.0), max(-values.min(), 0.0)
    left = round(cells * low / (high + low)) if low else 0
    if low and high:
        left = min(max(left, 1), cells - 1)
    scale = max(high / max(cells - left, 1), low / max(left, 1)) or 1.0
    drawn = []
    for at in chosen:
        row, value = classes[at], values[at]
        filled = min(round(abs(value) / scale), left if value < 0 else cells - left)
        bar = ("━" * filled if value > 0 else "").ljust(cells - left, " ")
        before = ("━" * filled if value < 0 else "").rjust(left, " ")
        style = styles.strong if row.said else styles.plain
        name, figure = fit(row.name, _NAME), fit(row.figure, _FIGURE)
        drawn.append(
            styled(
                (f"{name} ", style),
                (f"{before}{bar}", styles.bars),
                (f"{figure} {row.said}", style),
            )
        )
    if len(chosen) < len(classes):
        drawn.append(styled((f"and {len(classes) - len(chosen)} classes more", styles.muted)))
    return drawn


def _chosen(classes: Sequence[BarRow], values: Floats, most: int) -> list[int]:
    """Places of those to be seen, in their own order."""
    if len(classes) <= most:
        return list(range(len(classes)))
    worth = np.abs(values) + np.array([np.inf if row.said else 0.0 for row in classes])
    return sorted(np.argsort(-worth, kind="stable")[: max(most - 1, 1)].tolist())


def length(values: Floats) -> float:
    """The length of a vector; inf if it has numbers that are not finite."""
    found = float(np.linalg.norm(values.astype(np.float64)))
    return found if np.isfinite(found) else float("inf")
