"""The figures of a layer as texts. Pure functions, tested without an app."""

import math

import numpy as np

from core.inspection.layer_stats import CAN_DIE, LayerStats
from core.inspection.unit_survey import UnitSurvey
from core.inspection.updates import HEALTHY
from tui.drawing.numbers import number, percent

_TOLERANCE = 1.0  # powers of ten around the typical size of an update


def figures(layer: LayerStats, at: int, survey: UnitSurvey | None) -> dict[str, str]:
    """The cells of the table for the layer number `at`, from 0; the keys are the column heads."""
    activity = layer.activity
    return {
        "layer": f"{at + 1} {layer.activation}",
        "weights": "×".join(map(str, layer.shape)),
        "parameters": f"{layer.parameters:,}",
        "activity": f"{number(activity.mean, 2)}±{number(activity.deviation, 2)}",
        "zeros": percent(activity.zeros),
        "silent": "–" if layer.silent is None else f"{layer.silent:,}",
        "dead": _dead(at, survey),
        "gradient": number(layer.gradient, 2),
        "update": _update(layer.ratio),
    }


def explanation(
    layer: LayerStats, at: int, survey: UnitSurvey | None, unknown: str = "not measured yet"
) -> dict[str, str]:
    """The same figures in words, each with its dataset. unknown: why there is no survey."""
    activity, units = layer.activity, layer.shape[0]
    if layer.silent is None:
        silent = "–: only relu units can be silent"
    else:
        silent = f"{layer.silent:,} of {units:,} units output 0 for every image of the batch"
    return {
        "activity": f"outputs on the batch: mean {number(activity.mean)}, standard deviation "
        f"{number(activity.deviation)}, {number(activity.minimum)} to {number(activity.maximum)}, "
        f"{percent(activity.zeros)} are 0",
        "silent": silent,
        "dead": _dead_in_words(at, units, survey) if survey else f"? {unknown}",
        "gradient": f"{number(layer.gradient)}, root mean square of dL/dW on the batch",
        "update": _update_in_words(layer),
    }


def _dead(at: int, survey: UnitSurvey | None) -> str:
    if survey is None:
        return "?"
    layer = survey.layers[at]
    return f"{np.count_nonzero(layer.dead):,}" if layer.activation in CAN_DIE else "–"


def _dead_in_words(at: int, units: int, survey: UnitSurvey) -> str:
    dead = _dead(at, survey)
    if dead == "–":
        return "–: only relu units can die"
    images = f"{survey.images:,} training images (step {survey.step:,})"
    return f"{dead} of {units:,} units output 0 for all {images}"


def _update(ratio: float) -> str:
    if not math.isfinite(ratio):
        return f"{0 if ratio < 0 else number(ratio)} {_rating(ratio)}"
    digits = 1 if abs(ratio) < 9.95 else 0
    return f"10^{ratio:.{digits}f} {_rating(ratio)}"


def _update_in_words(layer: LayerStats) -> str:
    ratio, rating = layer.ratio, _rating(layer.ratio)
    if math.isnan(ratio):
        return "–: the step diverges, or all weights are 0"
    if ratio == -math.inf:
        cause = "the gradient is zero" if layer.gradient == 0 else "the change rounds to 0"
        return f"no update: {cause}"
    size = f"the step changes the weights by 10^{number(ratio)} of their norm {rating}"
    return {
        "✓": f"{size} healthy",
        "▼": f"{size} small; about 10^-3 is healthy",
        "▲": f"{size} large; about 10^-3 is healthy",
    }[rating]


def _rating(ratio: float) -> str:
    """Whether an update is healthy (✓), smaller (▼) or larger (▲)."""
    if math.isnan(ratio):
        return " "
    return "▼" if ratio < HEALTHY - _TOLERANCE else "▲" if ratio > HEALTHY + _TOLERANCE else "✓"
