"""Numerical gradients by central differences, to check the chain rule against."""

import numpy as np

H = 1e-6  # in float64 the error of a central difference is about H² + 1e-16/H


def gradient(function, x):
    """Returns the gradient of a scalar function with respect to x; x is changed and restored."""
    result = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + H
        above = function()
        x[index] = value - H
        below = function()
        x[index] = value
        result[index] = (above - below) / (2 * H)
    return result
