"""The layers as a table, a row each, and below it one of them explained and over the steps."""

import math
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.strip import Strip

from core.inspection.layer_stats import CAN_DIE, NetworkStats
from core.inspection.updates import HEALTHY
from tui.drawing.bars import ASCII_BLOCKS, BLOCKS, bars, sparkline
from tui.drawing.numbers import number, percent
from tui.drawing.pictures import RAMP
from tui.drawing.text import styled, tiled
from tui.panes.network.columns import SPARK, Column, cell, fitting
from tui.panes.network.network_view import NetworkView

_LABEL = 10  # cells of the words at the left of the explanation
_LONGEST = 92  # cells of a line of it
_HIGHEST = 8  # rows of a curve
_LOWEST = 5  # rows of it with its head, if those of all layers are to be shown
_ABREAST = 74  # cells from which on the curves stand side by side
_GAP = 3
_FAR = 1.0  # powers of ten from the healthy size of an update


class LayersView(NetworkView):
    """Activity, gradient and update of each layer on the next batch, as they are and were."""

    HINT = "↑↓ layer  Enter its units  v view"
    BINDINGS = [
        Binding("up", "move(-1)", "Layer before", show=False),
        Binding("down", "move(1)", "Layer after", show=False),
        Binding("enter", "open", "Its units", show=False),
    ]

    def __init__(self) -> None:
        super().__init__("layers", paint_order=5)
        self.border_title = "Network"
        self.tooltip = (
            "Activity: the outputs of the layer for the next batch. Gradient: the root mean square "
            "of dL/dW. Update: how far a step moves the weights, as a power of ten of their own "
            "size; about -3 is healthy."
        )

    def on_click(self, event: events.Click) -> None:
        offset, past = event.get_content_offset(self), self.snapshot.past
        row = -1 if offset is None else offset.y + self.scroll_offset.y - 1
        if past.bodies and 0 <= row < len(past.bodies[-1].layers):
            if row == self.depth:
                self.action_open()
            self.post_message(self.Selected(row))

    def action_move(self, by: int) -> None:
        self.post_message(self.Selected(self.depth + by))

    def action_open(self) -> None:
        self.post_message(self.ViewRequested("units"))

    def draw(self, width: int, height: int) -> list[Strip]:
        bodies = self.snapshot.past.bodies
        if not bodies or self.snapshot.run is None:
            self.set_border("Network: layers", "v: units, histograms")
            return [styled((self.nothing_yet(self.no_step)[:width], self.muted))]
        body = bodies[-1]
        batch = f"after step {body.step:,}, next batch ({body.images:,} images)"
        self.set_border(f"Network: layers, {batch}", "v: units, histograms")
        columns = fitting(width)
        heads = " ".join(cell(column, column.head) for column in columns)
        lines = [styled((f"  {heads}", self.muted))]
        lines += [self._row(body, at, columns) for at in range(len(body.layers))]
        total = sum(layer.parameters for layer in body.layers)
        lines += [styled((f"  {total:,} parameters in all", self.muted)), styled(("", self.plain))]
        lines += self._explained(body, min(width, _LONGEST))
        lines.append(styled(("", self.plain)))
        return lines + self._curves(width, height - len(lines))

    def _row(self, body: NetworkStats, at: int, columns: list[Column]) -> Strip:
        layer, here, past = body.layers[at], at == self.depth, self._past(at)
        activity = layer.activity
        cells = {
            "layer": f"{at + 1} {layer.does}",
            "weights": "×".join(map(str, layer.shape)),
            "parameters": f"{layer.parameters:,}",
            "activity": f"{number(activity.mean, 2)}±{number(activity.deviation, 2)}",
            "zeros": percent(activity.zeros),
            "silent": "–" if layer.silent is None else f"{layer.silent:,}",
            "dead": self._dead(at),
            "gradient": number(layer.gradient, 2),
            "update": f"{number(layer.ratio, 2)} {_sign(layer.ratio)}",
        }
        plain = self.plain + Style(bold=True) if here else self.plain
        marked = plain + Style(reverse=True) if here and self.has_focus else plain
        spark = self.blended("secondary", 0.7)
        pieces = [("▶ " if here else "  ", plain)]
        for column in columns:
            if column.width == SPARK:
                curve = past[column.head.split()[0]]
                pieces.append((f" {sparkline(curve, SPARK, self._levels)}", spark))
            else:
                space = " " * (column is not columns[0])
                pieces.append((space + cell(column, cells[column.head]), marked))
        return styled(*pieces)

    def _explained(self, body: NetworkStats, width: int) -> list[Strip]:
        """The figures of the chosen layer, each with what it says."""
        at = min(self.depth, len(body.layers) - 1)
        layer = body.layers[at]
        units, inputs = layer.shape
        activity = layer.activity
        spread = f"{number(activity.minimum)} to {number(activity.maximum)}"
        told = {
            "activity": f"mean {number(activity.mean)}, deviation {number(activity.deviation)}, "
            f"{spread} on this batch; {percent(activity.zeros)} are 0",
            "silent": "–: only units of relu can be"
            if layer.silent is None
            else f"{layer.silent:,} of {units:,} units gave 0 for every image of this batch",
            "dead": self._dead_in_words(at),
            "gradient": f"{number(layer.gradient)}, the root mean square of dL/dW",
            "update": _in_words(layer.ratio),
        }
        name = self.named(at)
        head = f"{name[0].upper()}{name[1:]}: {units:,} units with {inputs:,} weights each"
        lines = [styled((head[:width], self.plain + Style(bold=True)))]
        for label, words in told.items():
            for row, part in enumerate(wrap(words, max(width - _LABEL, 20))):
                lines.append(
                    styled((f"{'' if row else label:{_LABEL}}", self.muted), (part, self.plain))
                )
        return lines

    def _curves(self, width: int, height: int) -> list[Strip]:
        """What the figures were so far, of all layers or else of the chosen one."""
        bodies, abreast = self.snapshot.past.bodies, 3 if width >= _ABREAST else 1
        down, layers = 3 // abreast, len(bodies[-1].layers)
        chosen = range(layers)
        if (height - 1) // (layers * down) < _LOWEST:
            chosen = range(min(self.depth, layers - 1), min(self.depth, layers - 1) + 1)
        rows = min((height - 1) // (len(chosen) * down) - 1, _HIGHEST)
        cells = (width + _GAP) // abreast - _GAP
        if len(bodies) < 2 or rows < 1 or cells < _GAP:
            return []
        steps = np.array([body.step for body in bodies])
        # What was so at the step that a column stands for.
        columns = np.searchsorted(steps, np.linspace(steps[0], steps[-1], cells), "right") - 1
        panels = [
            self._curve(f"{layer + 1} {name}" if len(chosen) > 1 else name, values[columns], rows)
            for layer in chosen
            for name, values in self._past(layer).items()
        ]
        told = f"so far, from step {steps[0]:,} to {steps[-1]:,}, from the least to the greatest:"
        return [styled((told[:width], self.muted)), *tiled(panels, abreast, _GAP, self.plain)]

    def _curve(self, name: str, values: NDArray[np.float64], rows: int) -> list[Strip]:
        """A head and so many rows, as wide as there are values."""
        ink, cells = self.blended("secondary", 0.7), len(values)
        shares, low, high = _shares(values)
        ends = [number(end, 2) for end in (low, high)]
        if name.endswith("gradient"):
            ends = [number(10**end, 2) for end in (low, high)]
        told = f"{name} {ends[0]} to {ends[1]}"
        blocks = ASCII_BLOCKS if self.ascii else BLOCKS
        panel = [
            styled((told, self.muted)),
            *(styled((row, ink)) for row in bars(shares, rows, blocks)),
        ]
        return [line.adjust_cell_length(cells, self.plain) for line in panel]

    @property
    def _levels(self) -> str:
        return RAMP[1:] if self.ascii else BLOCKS[1:]

    def _past(self, at: int) -> dict[str, NDArray[np.float64]]:
        """Mean activity, log10 of the gradient and of the update at the steps that are kept."""
        layers = [body.layers[at] for body in self.snapshot.past.bodies]
        gradients = np.array([layer.gradient for layer in layers])
        with np.errstate(divide="ignore", invalid="ignore"):
            return {
                "activity": np.array([layer.activity.mean for layer in layers]),
                "gradient": np.log10(gradients),
                "update": np.array([layer.ratio for layer in layers]),
            }

    def _dead(self, at: int) -> str:
        survey = self.snapshot.survey
        units = survey.layers[at] if survey else None
        if units is None:
            return "?"
        return f"{np.count_nonzero(units.dead):,}" if units.activation in CAN_DIE else "–"

    def _dead_in_words(self, at: int) -> str:
        survey, dead = self.snapshot.survey, self._dead(at)
        if dead == "–":
            return "–: only units of relu can die"
        if survey is None:
            return "? not counted yet: they are when training pauses, or an epoch ends"
        every = f"{survey.images:,} training images (step {survey.step:,})"
        return f"{dead} of {len(survey.layers[at].mean):,} units gave 0 for all {every}"


def _sign(ratio: float) -> str:
    """Whether an update is healthy, slow or fast."""
    if math.isnan(ratio):
        return " "
    return "▼" if ratio < HEALTHY - _FAR else "▲" if ratio > HEALTHY + _FAR else "✓"


def _in_words(ratio: float) -> str:
    if math.isnan(ratio):
        return "– this step cannot be made, or all weights are 0"
    said = {
        "✓": "healthy",
        "▼": "slow (10^-3 is healthy)",
        "▲": "fast (10^-3 is healthy)",
    }
    sign = _sign(ratio)
    return f"a step moves the weights by 10^{number(ratio)} of their size {sign} {said[sign]}"


def _shares(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float, float]:
    """Each 0..1 between the least and the greatest, and these two."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.zeros(len(values)), math.nan, math.nan
    low, high = float(finite.min()), float(finite.max())
    shares = (values - low) / (high - low or 1.0)
    # The least is to be seen too.
    return np.nan_to_num(0.06 + 0.94 * shares, nan=0, posinf=1, neginf=0), low, high
