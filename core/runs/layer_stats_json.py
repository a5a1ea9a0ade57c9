"""Turns the statistics of the layers at one step into JSON, and back."""

import json
import math
from dataclasses import astuple
from typing import Any

import numpy as np

from core.inspection.histogram import Histogram
from core.inspection.layer_stats import LayerStats, NetworkStats
from core.inspection.statistics import Statistics

_HISTOGRAMS = ("weights", "gradients", "activations")
_MAX_BINS = 256
_MAX_BIN = 1 << 40  # the number of a bin, from 0


def to_json(stats: NetworkStats) -> str:
    """Returns the layers as JSON. Numbers that are not finite are text, such as "nan"."""
    layers = [
        {
            "activation": layer.activation,
            "shape": layer.shape,
            "parameters": layer.parameters,
            "activity": [_number(value) for value in astuple(layer.activity)],
            "silent": layer.silent,
            "gradient": _number(layer.gradient),
            "ratio": _number(layer.ratio),
            **{name: _counts(getattr(layer, name)) for name in _HISTOGRAMS},
        }
        for layer in stats.layers
    ]
    return json.dumps(layers, separators=(",", ":"), allow_nan=False)


def from_json(step: int, images: int, text: str) -> NetworkStats:
    """Returns the statistics with these layers.

    Raises KeyError, TypeError or ValueError if the text is not that of layers.
    """
    return NetworkStats(step, images, tuple(map(_layer, json.loads(text))))


def _counts(histogram: Histogram) -> list[Any]:
    shares = histogram.zeros, histogram.nonfinite
    return [histogram.width, histogram.first, *shares, histogram.counts.tolist()]


def _layer(values: dict[str, Any]) -> LayerStats:
    silent, (units, inputs) = values["silent"], values["shape"]
    return LayerStats(
        activation=str(values["activation"]),
        shape=(int(units), int(inputs)),
        parameters=int(values["parameters"]),
        activity=Statistics(*map(float, values["activity"])),
        silent=None if silent is None else int(silent),
        gradient=float(values["gradient"]),
        ratio=float(values["ratio"]),
        **{name: _histogram(*values[name]) for name in _HISTOGRAMS},
    )


def _histogram(width: float, first: int, zeros: float, nonfinite: float, counts: Any) -> Histogram:
    array = np.array(counts, np.int64)
    # Widths that are powers of two can be coarsened to each other.
    usable = math.isfinite(width) and math.frexp(width)[0] == 0.5
    if not usable or array.ndim != 1 or len(array) > _MAX_BINS or abs(first) > _MAX_BIN:
        raise ValueError("a histogram has other bins than those of this program")
    if len(array) and array.min() < 0:
        raise ValueError("a histogram has a count below 0")
    array.flags.writeable = False
    return Histogram(float(width), int(first), array, float(zeros), float(nonfinite))


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
