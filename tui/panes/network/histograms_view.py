"""How the numbers of each layer lie: a histogram a row, a row a moment, the newest last."""

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.inspection.histogram import Histogram, aligned
from core.inspection.layer_stats import LayerStats, NetworkStats
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS, bars
from tui.drawing.numbers import fit, number, percent
from tui.drawing.pictures import RAMP
from tui.drawing.text import styled, tiled
from tui.panes.network.network_view import NetworkView

_WIDEST = 64  # cells of a histogram
_PANEL = 36  # cells that one layer needs
_GAP = 3
_FEWEST, _MOST = 4, 24  # rows of a layer
_HIGHEST = 3  # rows of a moment
_AROUND = 3  # lines of a panel besides: its head, its axis, and a space
_ZEROS = 6


class Quantity(Enum):
    """Which numbers of a layer, in the words that a person reads."""

    WEIGHTS = "weights"
    GRADIENTS = "gradients"
    ACTIVATIONS = "activations"

    def next(self) -> "Quantity":
        members = list(Quantity)
        return members[(members.index(self) + 1) % len(members)]

    def of(self, layer: LayerStats) -> Histogram:
        if self is Quantity.WEIGHTS:
            return layer.weights
        return layer.gradients if self is Quantity.GRADIENTS else layer.activations


class HistogramsView(NetworkView):
    """Weights, gradients or activations, a panel a layer; zeros are told apart."""

    HINT = "m weights, gradients, activations  v view"

    numbers: reactive[Quantity] = reactive(Quantity.WEIGHTS, repaint=False)

    def __init__(self) -> None:
        super().__init__("histograms", paint_order=5)
        self.border_title = "Network: histograms"
        self.tooltip = (
            "A row is a step: the higher or denser, the more numbers lie there; each row by its "
            "own peak. Zeros are left out, and their share told at the right. "
            "m: weights, gradients, activations."
        )

    def watch_numbers(self) -> None:
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        bodies = self.snapshot.past.bodies
        if not bodies or self.snapshot.run is None:
            self.set_border("Network: histograms")
            return [styled((self.nothing_yet(self.no_step)[:width], self.muted))]
        what = self.numbers.value
        if self.numbers is Quantity.GRADIENTS:
            what = "sizes of the gradients dL/dW"
        self.set_border(
            f"Network: {what} over the steps, the newest below",
            "m: weights, gradients, activations",
        )
        layers = len(bodies[-1].layers)
        across = min(layers, max(1, (width + _GAP) // (_PANEL + _GAP)))
        down = -(-layers // across)
        panel = (width + _GAP) // across - _GAP
        rows = min(max(height // down - _AROUND, _FEWEST), _MOST)
        panels = [self._panel(layer, panel, rows) for layer in range(layers)]
        lines = tiled(panels, across, _GAP, self.plain)
        return [line.crop(0, width) for line in lines[:-1]]

    def _panel(self, layer: int, width: int, rows: int) -> list[Strip]:
        """One layer: its head, so many rows, its axis and an empty line, each `width` wide."""
        bodies = _evenly(self.snapshot.past.bodies, rows)
        found = [self.numbers.of(body.layers[layer]) for body in bodies]
        steps = [f"{body.step:,}" for body in bodies]
        left = max(4, *map(len, steps))
        cells = max(8, min(width - left - 1 - _ZEROS, _WIDEST))
        counts, low, high = aligned(found, cells)
        name = self.named(layer)
        head = f"{name[0].upper()}{name[1:]}"
        plain, muted = self.plain, self.muted
        lines = [
            styled(
                (f"{head:{left + 1 + cells}}"[:width], plain + Style(bold=True)),
                (f"{'zeros':>{_ZEROS}}", muted),
            )
        ]
        ink, strong = self.blended("primary", 0.7), self.blended("accent") + Style(bold=True)
        tall = min(max(rows // len(bodies), 1), _HIGHEST)
        for at, step in enumerate(steps):
            newest = at == len(steps) - 1
            words = plain if newest else muted
            drawn = self._ridge(counts[at], tall)
            for row, ridge in enumerate(drawn, 1):
                last = row == len(drawn)
                before = (f"{step if last else '':>{left}} ", words)
                zeros = percent(found[at].zeros) if last else ""
                after = (fit(zeros, _ZEROS), words)
                lines.append(styled(before, (ridge, strong if newest else ink), after))
        lines.append(styled((" " * (left + 1) + self._axis(low, high, cells), muted)))
        lines.append(styled(("", plain)))
        return [line.adjust_cell_length(width, plain) for line in lines]

    def _ridge(self, counts: NDArray[np.int64], rows: int) -> list[str]:
        """The counts as columns, in proportion to the greatest; whatever is there is seen."""
        shares = counts / max(int(counts.max(initial=0)), 1)
        levels = BLOCKS if not self.ascii else RAMP if rows == 1 else ASCII_BLOCKS
        return bars(shares, rows, levels)

    def _axis(self, low: float, high: float, cells: int) -> str:
        """The values at the ends of the histograms, and 0 if it is between them."""
        if low == high:
            return ""
        powers = self.numbers is Quantity.GRADIENTS
        first, last = (f"10^{number(end)}" if powers else number(end) for end in (low, high))
        line = list(f"{first}{last:>{cells - len(first)}}")
        zero = round(-low / (high - low) * cells)
        if not powers and len(first) < zero < cells - len(last) - 1:
            line[zero] = "0"
        return "".join(line)


def _evenly(bodies: tuple[NetworkStats, ...], rows: int) -> tuple[NetworkStats, ...]:
    """At most so many of them, the first and the newest too."""
    if len(bodies) <= rows:
        return bodies
    return tuple(bodies[at] for at in np.linspace(0, len(bodies) - 1, rows).astype(int))
