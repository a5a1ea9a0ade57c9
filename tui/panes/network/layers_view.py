"""A table of the layers; below it the selected layer explained, and charts over the steps."""

import math
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.strip import Strip

from core.events import Phase
from core.inspection.layer_stats import NetworkStats
from core.text import capitalized
from tui.contrast import GRAPHICS
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS, bars, sparkline
from tui.drawing.numbers import number
from tui.drawing.pictures import RAMP
from tui.drawing.text import longest, styled, tiled, whole_words
from tui.panes.network.columns import SPARK, Column, cell, fitting
from tui.panes.network.layer_texts import explanation, figures
from tui.panes.network.network_view import NetworkView

_LABEL = 10  # cells of a label of the explanation
_MAX_LINE = 92  # cells of a line of the explanation
_MAX_CHART_ROWS = 8
_MIN_PANEL_ROWS = 5  # of a chart and its head; if there are fewer, only one layer has charts
_MIN_SIDE_BY_SIDE = 74  # cells from which on three charts stand side by side
_GAP = 3


class LayersView(NetworkView):
    """Activity, gradient and update of each layer on the next batch, now and earlier."""

    HINT = "↑↓ layer  Enter units  v view"
    BINDINGS = [
        Binding("up", "move(-1)", "Previous layer", show=False),
        Binding("down", "move(1)", "Next layer", show=False),
        Binding("enter", "open", "Units of this layer", show=False),
    ]

    def __init__(self) -> None:
        super().__init__("layers", paint_order=5)
        self.border_title = "Network"
        self.tooltip = (
            "On the next batch: activity is the mean and standard deviation of the outputs, zeros "
            "the share of outputs that are 0, silent the units that output 0 for every image, "
            "gradient the root mean square of dL/dW, update the size of the next change of the "
            "weights relative to the weights; an update of about 10^-3 is healthy. "
            "dead: units that output 0 for every training image."
        )

    def on_click(self, event: events.Click) -> None:
        offset, past = event.get_content_offset(self), self.snapshot.layer_stats_history
        row = -1 if offset is None else offset.y + self.scroll_offset.y - 1
        if past.stats and 0 <= row < len(past.stats[-1].layers):
            if row == self.depth:
                self.action_open()
            self.post_message(self.Selected(row))

    def action_move(self, by: int) -> None:
        config, layer = self.snapshot.config, self.depth + by
        if config is not None and 0 <= layer <= len(config.hidden):
            self.post_message(self.Selected(layer))
        else:
            self.notify_end(self.why_empty(f"This is the {'last' if by > 0 else 'first'} layer."))

    def action_open(self) -> None:
        self.post_message(self.ViewRequested("units"))

    def draw(self, width: int, height: int) -> list[Strip]:
        recorded = self.snapshot.layer_stats_history.stats
        if not recorded or self.snapshot.run is None:
            self.set_border("Network: layers", "v: units, histograms")
            return [styled((self.why_empty(self.why_no_trace)[:width], self.muted))]
        stats = recorded[-1]
        which = "last" if self.snapshot.phase is Phase.FINISHED else "next"
        batch = f"after step {stats.step:,}, {which} batch ({stats.images:,} images)"
        self.set_border(f"Network: layers, {batch}", "v: units, histograms")
        columns = fitting(width)
        heads = " ".join(cell(column, column.head) for column in columns)
        lines = [styled((f"  {heads}", self.muted))]
        lines += [self._row(stats, at, columns) for at in range(len(stats.layers))]
        total = sum(layer.parameters for layer in stats.layers)
        lines.append(styled((f"  {total:,} parameters in total", self.muted)))
        lines.append(styled(("", self.plain)))
        lines += self._explanation(stats, min(width, _MAX_LINE))
        lines.append(styled(("", self.plain)))
        return lines + self._charts(width, height - len(lines))

    def _row(self, stats: NetworkStats, at: int, columns: list[Column]) -> Strip:
        layer, selected, history = stats.layers[at], at == self.depth, self._history(at)
        cells = figures(layer, at, self.snapshot.survey)
        if self.ascii:
            cells["activity"] = cells["activity"].replace("±", "+-")
        plain = self.plain + Style(bold=True) if selected else self.plain
        marked = plain + Style(reverse=True) if selected and self.has_focus else plain
        spark = self.blended("secondary", 0.7, GRAPHICS)
        pieces = [("▶ " if selected else "  ", plain)]
        for column in columns:
            if column.width == SPARK:
                curve = history[column.head.split()[0]]
                pieces.append((f" {sparkline(curve, SPARK, self._levels)}", spark))
            else:
                space = " " * (column is not columns[0])
                pieces.append((space + cell(column, cells[column.head]), marked))
        return styled(*pieces)

    def _explanation(self, stats: NetworkStats, width: int) -> list[Strip]:
        """The figures of the selected layer in words."""
        at = min(self.depth, len(stats.layers) - 1)
        layer = stats.layers[at]
        units, inputs = layer.shape
        name = self.layer_name(at)
        head = f"{capitalized(name)}: {units:,} units with {inputs:,} weights each"
        lines = [styled((whole_words(head, width), self.plain + Style(bold=True)))]
        texts = explanation(layer, at, self.snapshot.survey, self.why_not_measured)
        for label, text in texts.items():
            for row, part in enumerate(wrap(text, max(width - _LABEL, 20))):
                lines.append(
                    styled((f"{'' if row else label:{_LABEL}}", self.muted), (part, self.plain))
                )
        return lines

    def _charts(self, width: int, height: int) -> list[Strip]:
        """The figures over the steps: of all layers if they fit, else of the selected one."""
        recorded, across = (
            self.snapshot.layer_stats_history.stats,
            3 if width >= _MIN_SIDE_BY_SIDE else 1,
        )
        down, layers = 3 // across, len(recorded[-1].layers)
        shown = range(layers)
        if (height - 1) // (layers * down) < _MIN_PANEL_ROWS:
            shown = range(min(self.depth, layers - 1), min(self.depth, layers - 1) + 1)
        rows = min((height - 1) // (len(shown) * down) - 1, _MAX_CHART_ROWS)
        cells = (width + _GAP) // across - _GAP
        if len(recorded) < 2 or rows < 1 or cells < _GAP:
            return []
        steps = np.array([stats.step for stats in recorded])
        # Each column shows the last figures at or before its step.
        columns = np.searchsorted(steps, np.linspace(steps[0], steps[-1], cells), "right") - 1
        panels = [
            self._chart(
                f"layer {layer + 1} {name}" if len(shown) > 1 else name, values[columns], rows
            )
            for layer in shown
            for name, values in self._history(layer).items()
        ]
        head = f"Steps {steps[0]:,} to {steps[-1]:,}; each chart spans its own minimum to maximum:"
        lines = [styled((whole_words(head, width), self.muted))]
        return lines + tiled(panels, across, _GAP, self.plain)

    def _chart(self, name: str, values: NDArray[np.float64], rows: int) -> list[Strip]:
        """A head and `rows` lines of bars, one column per value."""
        style, cells = self.blended("secondary", 0.7, GRAPHICS), len(values)
        shares, low, high = _shares(values)
        ends = [number(end, 2) for end in (low, high)]
        if name.endswith("gradient"):
            ends = [number(10**end, 2) for end in (low, high)]
        elif name.endswith("update"):
            ends = [f"10^{end}" for end in ends]
        forms = [f"{name} {' to '.join(ends)}", f"{name} {'–'.join(ends)}", name]
        head = longest(forms, cells)
        blocks = ASCII_BLOCKS if self.ascii else BLOCKS
        panel = [
            styled((head, self.muted)),
            *(styled((row, style)) for row in bars(shares, rows, blocks)),
        ]
        return [line.adjust_cell_length(cells, self.plain) for line in panel]

    @property
    def _levels(self) -> str:
        return RAMP[1:] if self.ascii else BLOCKS[1:]

    def _history(self, at: int) -> dict[str, NDArray[np.float64]]:
        """Mean activity, log10 of the gradient and log10 of the update at the recorded steps."""
        layers = [stats.layers[at] for stats in self.snapshot.layer_stats_history.stats]
        gradients = np.array([layer.gradient for layer in layers])
        with np.errstate(divide="ignore", invalid="ignore"):
            return {
                "activity": np.array([layer.activity.mean for layer in layers]),
                "gradient": np.log10(gradients),
                "update": np.array([layer.ratio for layer in layers]),
            }


def _shares(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float, float]:
    """The values scaled to 0..1 between their minimum and maximum, and these two."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.zeros(len(values)), math.nan, math.nan
    low, high = float(finite.min()), float(finite.max())
    shares = (values - low) / (high - low or 1.0)
    # The minimum is visible too.
    return np.nan_to_num(0.06 + 0.94 * shares, nan=0, posinf=1, neginf=0), low, high
