"""The slope of a function, by central differences: what the chain rule is held against."""

import numpy as np

H = 1e-6  # in float64 the error of a central difference is about H² + 1e-16/H


def gradient(function, x):
    """The gradient of a scalar function by x, entry by entry, x changed in place and restored."""
    found = np.empty(x.shape)
    for at in np.ndindex(x.shape):
        value = x[at]
        x[at] = value + H
        up = function()
        x[at] = value - H
        down = function()
        x[at] = value
        found[at] = (up - down) / (2 * H)
    return found
