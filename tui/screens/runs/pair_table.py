"""The probabilities of two runs for one image, a line for each class."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.types import Floats
from tui.drawing.bars import bar
from tui.drawing.numbers import fit, probability

_NAME, _SHARE, _MAX_BAR = 11, 6, 30  # cells
_CELL = _SHARE + 4  # without the bar: spaces, and the sign of a prediction

LEGEND = "→ true class   ◀ predicted"


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """What is known of one image: its class, and for each run its prediction and probabilities.

    shares: (2, K), NaN where unknown.
    """

    names: tuple[str, ...]
    label: int
    predicted: tuple[int, int]
    shares: Floats

    def classes(self, room: int) -> list[int]:
        """Returns the classes with a known probability, in at most `room` lines.

        If there are more, the true class, the predicted ones and then the most probable ones.
        """
        known = np.flatnonzero(np.isfinite(self.shares).any(axis=0))
        highest = np.nan_to_num(self.shares).max(axis=0)
        highest[[self.label, *self.predicted]] += 1
        first = known[np.argsort(-highest[known], kind="stable")]
        return sorted(first[:room].tolist())

    def line(self, at: int, width: int) -> str:
        """The line of a class in at most `width` cells, if there is room for it."""
        cells = bar_cells(width)
        parts = [f"{'→' if at == self.label else ' '} {fit(self.names[at], _NAME)}"]
        for share, predicted in zip(self.shares[:, at].tolist(), self.predicted, strict=True):
            if math.isnan(share):
                parts.append(" " * (cells + _CELL))
                continue
            sign = "◀" if at == predicted else " "
            parts.append(f" {bar(share, cells)} {probability(share):>{_SHARE}} {sign}")
        return "".join(parts)

    def is_marked(self, at: int) -> bool:
        """Whether a class is the true one, or a run predicts it."""
        return at in (self.label, *self.predicted)


def bar_cells(width: int) -> int:
    """The length of a bar in lines of this width."""
    return min(max((width - _NAME - 2) // 2 - _CELL, 0), _MAX_BAR)


def heads(width: int, runs: Sequence[str]) -> list[str]:
    """The texts above the lines: an empty one above the names, then one for each run."""
    cells = bar_cells(width) + _CELL
    return [" " * (_NAME + 2), *(f" {run[: cells - 2]:{cells - 1}}" for run in runs)]
