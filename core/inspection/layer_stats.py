"""Statistics of each layer of a network at one step."""

import math
from dataclasses import dataclass

import numpy as np

from core.inspection.histogram import Histogram, histogram, log_histogram
from core.inspection.statistics import Statistics, statistics
from core.inspection.step_trace import StepTrace
from core.inspection.updates import update_ratios
from core.types import Floats

CAN_DIE = ("relu",)
"""Activations whose units can die: where the output is 0, so is the gradient."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerStats:
    """A layer's weights before a step, and its outputs and gradients on the batch of that step.

    activation: the function after the layer, or "logits" for the last layer.
    shape: (units, inputs) of its weights W. parameters: the number of all its parameters.
    activity: statistics of its outputs, before dropout. silent: the number of units whose output
    is 0 for every image of the batch; None if units of this activation cannot die.
    gradient: the root mean square of dL/dW, including L2 penalty and clipping.
    ratio: log10(‖change of W‖ / ‖W‖), see `update_ratios`.
    weights, activations: histograms of W and of the outputs. gradients: histogram of log10|dL/dW|.
    """

    activation: str
    shape: tuple[int, int]
    parameters: int
    activity: Statistics
    silent: int | None
    gradient: float
    ratio: float
    weights: Histogram
    gradients: Histogram
    activations: Histogram


@dataclass(frozen=True, slots=True, eq=False)
class NetworkStats:
    """All layers, from the first, after `step` steps and on the next batch of `images` images."""

    step: int
    images: int
    layers: tuple[LayerStats, ...]


def layer_stats(trace: StepTrace) -> NetworkStats:
    """Returns the statistics of the layers before the traced step."""
    with np.errstate(over="ignore", invalid="ignore"):  # the step may diverge
        ratios = update_ratios(trace)
        layers = tuple(_layer(trace, layer, ratio) for layer, ratio in enumerate(ratios, 1))
    return NetworkStats(trace.step - 1, len(trace.images), layers)


def _layer(trace: StepTrace, layer: int, ratio: float) -> LayerStats:
    config = trace.config
    hidden = layer <= len(config.hidden)
    W, dW = trace.parameters_before[f"W{layer}"], trace.array(f"dW{layer}")
    A = trace.array(f"A{layer}" if hidden else f"Z{layer}")
    can_die = hidden and config.activation in CAN_DIE
    return LayerStats(
        activation=config.activation if hidden else "logits",
        shape=(len(W), W.shape[1]),
        parameters=sum(
            array.size for name, array in trace.parameters_before.items() if name[1:] == str(layer)
        ),
        activity=statistics(A),
        silent=int(np.count_nonzero((A <= 0).all(axis=1))) if can_die else None,
        gradient=_root_mean_square(dW),
        ratio=ratio,
        weights=histogram(W),
        gradients=log_histogram(dW),
        activations=histogram(A),
    )


def _root_mean_square(array: Floats) -> float:
    flat = array.reshape(-1)
    return math.sqrt(float(flat @ flat) / flat.size)
