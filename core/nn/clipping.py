"""Gradient clipping: scales a gradient down whose norm is too large."""

import math

import numpy as np

from core.types import Floats


@np.errstate(over="ignore", invalid="ignore")  # it checks itself
def clip(gradient: Floats, max_norm: float) -> bool:
    """g ← g · min(1, max_norm / |g|) in place, with the L2 norm |g|; g: (n,), max_norm above 0.

    Returns False, with g as before, if g is not finite. A finite g whose square overflows is
    clipped like any other: it is first divided by its largest component.

    Source: Pascanu, Mikolov and Bengio 2013, https://proceedings.mlr.press/v28/pascanu13.html.
    """
    norm = math.sqrt(float(gradient @ gradient))
    if math.isfinite(norm):
        if max_norm < norm:
            gradient *= max_norm / norm
        return True
    largest = max(float(gradient.max()), -float(gradient.min()))
    if not math.isfinite(largest):
        return False
    gradient /= largest
    gradient *= max_norm / math.sqrt(float(gradient @ gradient))
    return True
