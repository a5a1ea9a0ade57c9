"""Optimizers: update the parameters by their gradient, in place.

θ is the flat parameter vector, g its gradient, η the learning rate. The moments that an optimizer
keeps between steps are vectors of the same shape, all zero at first.
"""

import math
from dataclasses import dataclass

import numpy as np

from core.nn.subnormals import flush, round_off
from core.types import Floats, frozen


@dataclass(frozen=True)
class OptimizerState:
    """What an optimizer keeps between steps.

    moments: by name, (n,) each, read-only; t: the number of steps, 0 if the optimizer does not
    count them.
    """

    moments: dict[str, Floats]
    t: int


class Optimizer:
    """Base class of the optimizers, which saves and restores their moments."""

    def __init__(self) -> None:
        self.t = 0

    @property
    def moments(self) -> dict[str, Floats]:
        """The arrays kept between steps, by name: (n,) each, the optimizer's own."""
        return {}

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """Makes one step: changes `parameters` in place. May use `gradient` as scratch space.

        parameters, gradient: (n,).
        """
        raise NotImplementedError

    def set_coefficients(self, momentum: float, beta2: float) -> None:
        """Changes the coefficients, if the optimizer has any, and keeps the moments."""

    def state(self) -> OptimizerState:
        """Returns a copy of the moments and the step count."""
        moments = {name: frozen(moment) for name, moment in self.moments.items()}
        return OptimizerState(moments, self.t)

    def load_state(self, state: OptimizerState) -> None:
        """Restores a state of the same kind of optimizer."""
        for name, moment in self.moments.items():
            moment[:] = state.moments[name]
        self.t = state.t


class SGD(Optimizer):
    """Plain gradient descent, θ ← θ - η g."""

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """θ ← θ - η g."""
        gradient *= learning_rate
        parameters -= gradient


class Momentum(Optimizer):
    """Gradient descent with momentum: v ← μ v + g;  θ ← θ - η v.

    With Nesterov momentum: θ ← θ - η (g + μ v). Sources: Polyak 1964; Sutskever et al. 2013,
    https://proceedings.mlr.press/v28/sutskever13.html.
    """

    def __init__(self, parameters: Floats, mu: float, nesterov: bool = False) -> None:
        super().__init__()
        self.mu, self.nesterov = mu, nesterov
        self.v = np.zeros_like(parameters)
        self._scratch = np.empty_like(parameters)

    @property
    def moments(self) -> dict[str, Floats]:
        return {"v": self.v}

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """v ← μ v + g;  θ ← θ - η v, or - η (g + μ v)."""
        self.t += 1
        round_off(gradient)
        self.v *= self.mu
        self.v += gradient
        flush(self.t, self._scratch, self.v)
        scratch = np.multiply(self.v, learning_rate, out=self._scratch)
        if self.nesterov:
            scratch *= self.mu
            gradient *= learning_rate
            scratch += gradient
        parameters -= scratch

    def set_coefficients(self, momentum: float, beta2: float) -> None:
        """Sets μ = `momentum`."""
        self.mu = momentum


class Adagrad(Optimizer):
    """Smaller steps for parameters with large gradients: s ← s + g²;  θ ← θ - η g / (√s + ε).

    Source: Duchi, Hazan and Singer 2011, https://jmlr.org/papers/v12/duchi11a.html.
    """

    epsilon = 1e-8

    def __init__(self, parameters: Floats) -> None:
        super().__init__()
        self.s = np.zeros_like(parameters)
        self._scratch = np.empty_like(parameters)

    @property
    def moments(self) -> dict[str, Floats]:
        return {"s": self.s}

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """s ← s + g²;  θ ← θ - η g / (√s + ε)."""
        round_off(gradient)
        self.s += np.multiply(gradient, gradient, out=self._scratch)
        divisor = np.sqrt(self.s, out=self._scratch)
        divisor += self.epsilon
        gradient /= divisor
        gradient *= learning_rate
        parameters -= gradient


class RMSProp(Optimizer):
    """Adagrad with a running mean: s ← ρ s + (1-ρ) g²;  θ ← θ - η g / (√s + ε).

    Source: Tieleman and Hinton 2012, https://www.cs.toronto.edu/~tijmen/csc321/ lecture 6.
    """

    epsilon = 1e-8

    def __init__(self, parameters: Floats, rho: float) -> None:
        super().__init__()
        self.rho = rho
        self.s = np.zeros_like(parameters)
        self._scratch = np.empty_like(parameters)

    @property
    def moments(self) -> dict[str, Floats]:
        return {"s": self.s}

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """s ← ρ s + (1-ρ) g²;  θ ← θ - η g / (√s + ε)."""
        self.t += 1
        round_off(gradient)
        self.s *= self.rho
        square = np.multiply(gradient, gradient, out=self._scratch)
        square *= 1 - self.rho
        self.s += square
        flush(self.t, self._scratch, self.s)
        divisor = np.sqrt(self.s, out=self._scratch)
        divisor += self.epsilon
        gradient /= divisor
        gradient *= learning_rate
        parameters -= gradient

    def set_coefficients(self, momentum: float, beta2: float) -> None:
        """Sets ρ = `beta2`."""
        self.rho = beta2


class Adam(Optimizer):
    """A step size for each parameter, from running means of the gradient and its square.

    m ← β₁ m + (1-β₁) g;  v ← β₂ v + (1-β₂) g²;  θ ← θ - η m̂ / (√v̂ + ε)
    with m̂ = m / (1-β₁ᵗ) and v̂ = v / (1-β₂ᵗ).
    Source: Kingma and Ba 2015, Algorithm 1, https://arxiv.org/abs/1412.6980.

    The arrays hold m / (1-β₁) and v / (1-β₂), which saves two passes over the parameters. These
    factors and the bias corrections are applied to the learning rate and ε instead.
    """

    epsilon = 1e-8

    def __init__(self, parameters: Floats, beta1: float = 0.9, beta2: float = 0.999) -> None:
        super().__init__()
        self.beta1, self.beta2 = beta1, beta2
        self.m = np.zeros_like(parameters)
        self.v = np.zeros_like(parameters)
        self._scratch = np.empty_like(parameters)

    @property
    def moments(self) -> dict[str, Floats]:
        return {"m": self.m, "v": self.v}

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """m ← β₁ m + g;  v ← β₂ v + g²;  θ ← θ - c₁ η m / (c₂ √v + ε).

        c₁ = (1-β₁) / (1-β₁ᵗ);  c₂ = √((1-β₂) / (1-β₂ᵗ)).
        """
        g, scratch = gradient, self._scratch
        self.t += 1
        c1 = (1 - self.beta1) / (1 - self.beta1**self.t)
        c2 = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.t))
        round_off(g)

        self.m *= self.beta1
        self.m += g
        self.v *= self.beta2
        g *= g
        self.v += g
        flush(self.t, scratch, self.m, self.v)

        np.sqrt(self.v, out=scratch)
        scratch += self.epsilon / c2
        np.divide(self.m, scratch, out=scratch)
        scratch *= learning_rate * c1 / c2
        parameters -= scratch

    def set_coefficients(self, momentum: float, beta2: float) -> None:
        """Sets β₁ = `momentum` and β₂ = `beta2`; scales m and v so that the means stay the same."""
        if (self.beta1, self.beta2) != (momentum, beta2):
            self.m *= (1 - self.beta1) / (1 - momentum)
            self.v *= (1 - self.beta2) / (1 - beta2)
            self.beta1, self.beta2 = momentum, beta2


def create(name: str, parameters: Floats, momentum: float, beta2: float) -> Optimizer:
    """Creates the optimizer called `name`, with all moments zero.

    name: sgd, momentum, nesterov, adagrad, rmsprop, adam or adamw. adam and adamw are the same
    here, because the trainer applies the weight decay.
    """
    match name:
        case "sgd":
            return SGD()
        case "momentum" | "nesterov":
            return Momentum(parameters, momentum, nesterov=name == "nesterov")
        case "adagrad":
            return Adagrad(parameters)
        case "rmsprop":
            return RMSProp(parameters, beta2)
        case "adam" | "adamw":
            return Adam(parameters, momentum, beta2)
        case _:
            raise ValueError(f"there is no optimizer {name!r}")
