"""Histograms of the weights, gradients or activations of each layer, one for each step."""

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.inspection.histogram import Histogram, aligned
from core.inspection.layer_stats import LayerStats, NetworkStats
from core.text import capitalized
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS, bars
from tui.drawing.numbers import alike, fit, percent
from tui.drawing.pictures import RAMP
from tui.drawing.text import longest, styled, tiled
from tui.panes.network.network_view import NetworkView

_MAX_CELLS = 64  # of a histogram
_MIN_PANEL = 36  # cells that the panel of a layer needs
_GAP = 3
_MIN_ROWS, _MAX_ROWS = 4, 24  # of all histograms of a layer
_MAX_HEIGHT = 3  # rows of one histogram
_EXTRA_LINES = 3  # of a panel: its head, its axis and an empty line
_ZEROS = 6  # cells of the share of zeros


class HistogramKind(Enum):
    """Which numbers of a layer to show; the values are shown to the user."""

    WEIGHTS = "weights"
    GRADIENTS = "gradients"
    ACTIVATIONS = "activations"

    def next(self) -> "HistogramKind":
        members = list(HistogramKind)
        return members[(members.index(self) + 1) % len(members)]

    def of(self, layer: LayerStats) -> Histogram:
        if self is HistogramKind.WEIGHTS:
            return layer.weights
        return layer.gradients if self is HistogramKind.GRADIENTS else layer.activations


class HistogramsView(NetworkView):
    """One panel per layer. Zeros are not in the histograms; their share is beside them."""

    HINT = "m weights, gradients, activations  v view"

    numbers: reactive[HistogramKind] = reactive(HistogramKind.WEIGHTS, repaint=False)

    def __init__(self) -> None:
        super().__init__("histograms", paint_order=5)
        self.border_title = "Network: histograms"
        self.tooltip = (
            "One histogram per step, the newest at the bottom, each scaled to its own peak. "
            "Gradients and activations are those of the next batch. "
            "Zeros are omitted; their share is at the right. "
            "m: weights, gradients or activations."
        )

    def watch_numbers(self) -> None:
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        recorded = self.snapshot.layer_stats_history.stats
        if not recorded or self.snapshot.run is None:
            self.set_border("Network: histograms")
            return [styled((self.why_empty(self.why_no_trace)[:width], self.muted))]
        what = self.numbers.value
        if self.numbers is HistogramKind.GRADIENTS:
            what = "gradient magnitudes |dL/dW|"
        titles = [f"Network: {what} by step, newest at the bottom", f"Network: {what}"]
        titles = [f"{title}, after step {recorded[-1].step:,}" for title in titles]
        self.set_border(longest(titles, width - 4), "m: weights, gradients, activations")
        layers = len(recorded[-1].layers)
        across = min(layers, max(1, (width + _GAP) // (_MIN_PANEL + _GAP)))
        down = -(-layers // across)
        panel = (width + _GAP) // across - _GAP
        rows = min(max(height // down - _EXTRA_LINES, _MIN_ROWS), _MAX_ROWS)
        panels = [self._panel(layer, panel, rows) for layer in range(layers)]
        lines = tiled(panels, across, _GAP, self.plain)
        return [line.crop(0, width) for line in lines[:-1]]

    def _panel(self, layer: int, width: int, rows: int) -> list[Strip]:
        """One layer: its head, at most `rows` lines of histograms, its axis and an empty line."""
        sample = _evenly(self.snapshot.layer_stats_history.stats, rows)
        histograms = [self.numbers.of(stats.layers[layer]) for stats in sample]
        steps = [f"{stats.step:,}" for stats in sample]
        left = max(4, *map(len, steps))
        cells = max(8, min(width - left - 1 - _ZEROS, _MAX_CELLS))
        counts, low, high = aligned(histograms, cells)
        name = self.layer_name(layer)
        head = capitalized(name)
        plain, muted = self.plain, self.muted
        lines = [
            styled(
                (f"{head:{left + 1 + cells}}"[:width], plain + Style(bold=True)),
                (f"{'zeros':>{_ZEROS}}", muted),
            )
        ]
        older, newest = self.blended("primary", 0.7), self.blended("accent") + Style(bold=True)
        tall = min(max(rows // len(sample), 1), _MAX_HEIGHT)
        for at, step in enumerate(steps):
            is_newest = at == len(steps) - 1
            text_style, style = (plain, newest) if is_newest else (muted, older)
            drawn = self._histogram(counts[at], tall)
            for row, line in enumerate(drawn, 1):
                last = row == len(drawn)
                before = (f"{step if last else '':>{left}} ", text_style)
                zeros = percent(histograms[at].zeros) if last else ""
                after = (fit(zeros, _ZEROS), text_style)
                lines.append(styled(before, (line, style), after))
        lines.append(styled((" " * (left + 1) + self._axis(low, high, cells), muted)))
        lines.append(styled(("", plain)))
        return [line.adjust_cell_length(width, plain) for line in lines]

    def _histogram(self, counts: NDArray[np.int64], rows: int) -> list[str]:
        """The counts as bars, scaled to the largest; any count above 0 is visible."""
        shares = counts / max(int(counts.max(initial=0)), 1)
        levels = BLOCKS if not self.ascii else RAMP if rows == 1 else ASCII_BLOCKS
        return bars(shares, rows, levels)

    def _axis(self, low: float, high: float, cells: int) -> str:
        """The values at both ends of the histograms, and 0 if it lies between them."""
        if low == high:
            return ""
        powers = self.numbers is HistogramKind.GRADIENTS
        first, last = (f"10^{end}" if powers else end for end in alike(low, high))
        line = list(f"{first}{last:>{cells - len(first)}}")
        zero = round(-low / (high - low) * cells)
        if not powers and len(first) < zero < cells - len(last) - 1:
            line[zero] = "0"
        return "".join(line)


def _evenly(recorded: tuple[NetworkStats, ...], count: int) -> tuple[NetworkStats, ...]:
    """At most `count` of them, evenly spaced, with the first and the newest."""
    if len(recorded) <= count:
        return recorded
    return tuple(recorded[at] for at in np.linspace(0, len(recorded) - 1, count).astype(int))
