"""Optimizers: update the parameters by their gradient, in place.

θ is the flat parameter vector, g its gradient, η the learning rate. The moments that an optimizer
keeps between steps are vectors of the same shape, all zero at first.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.nn.blocks import Blocks
from core.nn.subnormals import flush, round_off
from core.nn.thread_pool import ThreadPool
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
    """Base class of the optimizers: goes over the parameters in blocks, saves the moments.

    pool: the threads that share the blocks.
    """

    # Called with η and a block: of θ, of g, of each moment, and scratch space.
    _update: Callable[..., None]

    def __init__(self, parameters: Floats, pool: ThreadPool | None = None) -> None:
        self.t = 0
        self._blocks = Blocks(len(parameters), parameters.dtype, pool)

    @property
    def moments(self) -> dict[str, Floats]:
        """The arrays kept between steps, by name: (n,) each, the optimizer's own."""
        return {}

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """Makes one step: changes `parameters` in place. May use `gradient` as scratch space.

        parameters, gradient: (n,).
        """
        self.t += 1
        self._blocks.run(
            partial(self._update, learning_rate), parameters, gradient, *self.moments.values()
        )

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

    def _update(self, eta: float, theta: Floats, g: Floats, scratch: Floats) -> None:
        """θ ← θ - η g."""
        g *= eta
        theta -= g


class Momentum(Optimizer):
    """Gradient descent with momentum: v ← μ v + g;  θ ← θ - η v.

    With Nesterov momentum: θ ← θ - η (g + μ v). Sources: Polyak 1964; Sutskever et al. 2013,
    https://proceedings.mlr.press/v28/sutskever13.html.
    """

    def __init__(
        self, parameters: Floats, mu: float, nesterov: bool = False, pool: ThreadPool | None = None
    ) -> None:
        super().__init__(parameters, pool)
        self.mu, self.nesterov = mu, nesterov
        self.v = np.zeros_like(parameters)

    @property
    def moments(self) -> dict[str, Floats]:
        return {"v": self.v}

    def _update(self, eta: float, theta: Floats, g: Floats, v: Floats, scratch: Floats) -> None:
        """v ← μ v + g;  θ ← θ - η v, or - η (g + μ v)."""
        round_off(g)
        v *= self.mu
        v += g
        flush(self.t, scratch, v)
        np.multiply(v, eta, out=scratch)
        if self.nesterov:
            scratch *= self.mu
            g *= eta
            scratch += g
        theta -= scratch

    def set_coefficients(self, momentum: float, beta2: float) -> None:
        """Sets μ = `momentum`."""
        self.mu = momentum


class Adagrad(Optimizer):
    """Smaller steps for parameters with large gradients: s ← s + g²;  θ ← θ - η g / (√s + ε).

    Source: Duchi, Hazan and Singer 2011, https://jmlr.org/papers/v12/duchi11a.html.
    """

    epsilon = 1e-8

    def __init__(self, parameters: Floats, pool: ThreadPool | None = None) -> None:
        super().__init__(parameters, pool)
        self.s = np.zeros_like(parameters)

    @property
    def moments(self) -> dict[str, Floats]:
        return {"s": self.s}

    def _update(self, eta: float, theta: Floats, g: Floats, s: Floats, scratch: Floats) -> None:
        """s ← s + g²;  θ ← θ - η g / (√s + ε)."""
        round_off(g)
        s += np.multiply(g, g, out=scratch)
        divisor = np.sqrt(s, out=scratch)
        divisor += self.epsilon
        g /= divisor
        g *= eta
        theta -= g


class RMSProp(Optimizer):
    """Adagrad with a running mean: s ← ρ s + (1-ρ) g²;  θ ← θ - η g / (√s + ε).

    Source: Tieleman and Hinton 2012, https://www.cs.toronto.edu/~tijmen/csc321/ lecture 6.
    """

    epsilon = 1e-8

    def __init__(self, parameters: Floats, rho: float, pool: ThreadPool | None = None) -> None:
        super().__init__(parameters, pool)
        self.rho = rho
        self.s = np.zeros_like(parameters)

    @property
    def moments(self) -> dict[str, Floats]:
        return {"s": self.s}

    def _update(self, eta: float, theta: Floats, g: Floats, s: Floats, scratch: Floats) -> None:
        """s ← ρ s + (1-ρ) g²;  θ ← θ - η g / (√s + ε)."""
        round_off(g)
        s *= self.rho
        square = np.multiply(g, g, out=scratch)
        square *= 1 - self.rho
        s += square
        flush(self.t, scratch, s)
        divisor = np.sqrt(s, out=scratch)
        divisor += self.epsilon
        g /= divisor
        g *= eta
        theta -= g

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

    def __init__(
        self,
        parameters: Floats,
        beta1: float = 0.9,
        beta2: float = 0.999,
        pool: ThreadPool | None = None,
    ) -> None:
        super().__init__(parameters, pool)
        self.beta1, self.beta2 = beta1, beta2
        self.m = np.zeros_like(parameters)
        self.v = np.zeros_like(parameters)

    @property
    def moments(self) -> dict[str, Floats]:
        return {"m": self.m, "v": self.v}

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """m ← β₁ m + g;  v ← β₂ v + g²;  θ ← θ - c₁ η m / (c₂ √v + ε).

        c₁ = (1-β₁) / (1-β₁ᵗ);  c₂ = √((1-β₂) / (1-β₂ᵗ)).
        """
        self.t += 1
        c1 = (1 - self.beta1) / (1 - self.beta1**self.t)
        c2 = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.t))
        update = partial(self._update, learning_rate * c1 / c2, self.epsilon / c2)
        self._blocks.run(update, parameters, gradient, self.m, self.v)

    def _update(
        self,
        eta: float,
        epsilon: float,
        theta: Floats,
        g: Floats,
        m: Floats,
        v: Floats,
        scratch: Floats,
    ) -> None:
        """m ← β₁ m + g;  v ← β₂ v + g²;  θ ← θ - η m / (√v + ε).

        eta: η c₁ / c₂; epsilon: ε / c₂.
        """
        round_off(g)
        m *= self.beta1
        m += g
        v *= self.beta2
        g *= g
        v += g
        flush(self.t, scratch, m, v)

        np.sqrt(v, out=scratch)
        scratch += epsilon
        np.divide(m, scratch, out=scratch)
        scratch *= eta
        theta -= scratch

    def set_coefficients(self, momentum: float, beta2: float) -> None:
        """Sets β₁ = `momentum` and β₂ = `beta2`; scales m and v so that the means stay the same."""
        if (self.beta1, self.beta2) != (momentum, beta2):
            self.m *= (1 - self.beta1) / (1 - momentum)
            self.v *= (1 - self.beta2) / (1 - beta2)
            self.beta1, self.beta2 = momentum, beta2


def create(
    name: str, parameters: Floats, momentum: float, beta2: float, pool: ThreadPool | None = None
) -> Optimizer:
    """Creates the optimizer called `name`, with all moments zero.

    name: sgd, momentum, nesterov, adagrad, rmsprop, adam or adamw. adam and adamw are the same
    here, because the trainer applies the weight decay. pool: the threads that share the update.
    """
    match name:
        case "sgd":
            return SGD(parameters, pool)
        case "momentum" | "nesterov":
            return Momentum(parameters, momentum, name == "nesterov", pool)
        case "adagrad":
            return Adagrad(parameters, pool)
        case "rmsprop":
            return RMSProp(parameters, beta2, pool)
        case "adam" | "adamw":
            return Adam(parameters, momentum, beta2, pool)
        case _:
            raise ValueError(f"there is no optimizer {name!r}")
