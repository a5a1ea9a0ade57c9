"""A network's body: each of its layers at one step, in a few figures."""

import math
from dataclasses import dataclass

import numpy as np

from core.inspection.histogram import Histogram, histogram, log_histogram
from core.inspection.statistics import Statistics, statistics
from core.inspection.step_trace import StepTrace
from core.inspection.updates import update_ratios
from core.types import Floats

CAN_DIE = ("relu",)
"""Activations whose units can die: where they give 0 they have no gradient to come back by."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerStats:
    """One layer, hidden or the last, on one batch.

    does: the activation; "logits" for the last layer, whose outputs are those.
    shape: (units, inputs) of its weights W; parameters: all that is trained of it.
    activity: of its outputs for the batch, before dropout; silent: the units that gave 0 for all
    of its images, None where the activation has no such thing.
    gradient: the root mean square of dL/dW as the optimiser gets it; ratio: how far the step
    moves W, as in core.updates.
    weights: W before the step; gradients: the sizes of dL/dW; activations: of the outputs.
    """

    does: str
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
    """The layers of a network after `step` steps, from the first, on the next batch of images."""

    step: int
    images: int
    layers: tuple[LayerStats, ...]


def layer_stats(trace: StepTrace) -> NetworkStats:
    """What a step that was taken apart tells of the layers, as they are before it."""
    with np.errstate(over="ignore", invalid="ignore"):  # of a step that diverges
        ratios = update_ratios(trace)
        layers = tuple(_layer(trace, number, ratio) for number, ratio in enumerate(ratios, 1))
    return NetworkStats(trace.step - 1, len(trace.images), layers)


def _layer(trace: StepTrace, number: int, ratio: float) -> LayerStats:
    config = trace.config
    hidden = number <= len(config.hidden)
    W, dW = trace.parameters_before[f"W{number}"], trace.array(f"dW{number}")
    A = trace.array(f"A{number}" if hidden else f"Z{number}")
    can_die = hidden and config.activation in CAN_DIE
    return LayerStats(
        does=config.activation if hidden else "logits",
        shape=(len(W), W.shape[1]),
        parameters=sum(
            array.size for name, array in trace.parameters_before.items() if name[1:] == str(number)
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
