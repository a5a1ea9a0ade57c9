"""Optimisers: how a gradient changes the parameters, in place, one pass over the flat vector."""

from typing import Protocol

import numpy as np

from core.config import Config
from core.types import Floats


class Optimizer(Protocol):
    """Anything that changes parameters by their gradient."""

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """Both (n,); changes `parameters` in place, and may use `gradient` as scratch space."""


class SGD:
    """Plain gradient descent, θ ← θ - η g."""

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """θ ← θ - η g."""
        gradient *= learning_rate
        parameters -= gradient


class Adam:
    """Gradient descent with a step size for every parameter, from running moments.

    m ← β₁ m + (1-β₁) g;  v ← β₂ v + (1-β₂) g²;  θ ← θ - η m̂ / (√v̂ + ε)
    with m̂ = m / (1-β₁ᵗ) and v̂ = v / (1-β₂ᵗ).
    Source: Kingma and Ba 2015, Algorithm 1, https://arxiv.org/abs/1412.6980.
    """

    beta1, beta2, epsilon = 0.9, 0.999, 1e-8

    def __init__(self, parameters: Floats) -> None:
        self.m = np.zeros_like(parameters)
        self.v = np.zeros_like(parameters)
        self.t = 0
        self._scratch = np.empty_like(parameters)

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """One step; the bias corrections are folded into the rate and ε (section 2 there)."""
        g, scratch = gradient, self._scratch
        self.t += 1
        root = float(np.sqrt(1 - self.beta2**self.t))
        rate = learning_rate * root / (1 - self.beta1**self.t)

        # Gradients and moments of pixels that are nearly always black sink below 1e-38, where
        # float32 arithmetic is many times slower. Adding and taking away a tiny number rounds
        # such values to 0 and leaves the others as they are.
        g += 1e-12
        g -= 1e-12

        self.m *= self.beta1
        self.m += np.multiply(g, 1 - self.beta1, out=scratch)
        self.m += 1e-20
        self.m -= 1e-20

        self.v *= self.beta2
        g *= g
        g *= 1 - self.beta2
        self.v += g
        np.maximum(self.v, 1e-30, out=self.v)

        np.sqrt(self.v, out=scratch)
        scratch += self.epsilon * root
        np.divide(self.m, scratch, out=scratch)
        scratch *= rate
        parameters -= scratch


def make(config: Config, parameters: Floats) -> Optimizer:
    """The optimiser that `config` names, with fresh moments."""
    return Adam(parameters) if config.optimizer == "adam" else SGD()
