"""Optimisers: how a gradient changes the parameters, in place, in passes over the flat vector.

θ are the parameters, g their gradient, η the learning rate. What one remembers from step to
step stands in arrays of the same shape, all zero at first.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from core.types import Floats, frozen

# Below 1e-38, where numbers are subnormal, float32 arithmetic is many times slower, and the
# gradients and moments of pixels that are nearly always black sink there. Two cures, both with
# no effect on what is learnt:
# - to add and take away this constant rounds smaller gradients to 0, before their square and
#   its share of a moment (1e-3 of it) could be subnormal, and leaves larger ones as they are;
_ROUNDED = 4e-11
# - every 32 steps, moments below 1e-30 become 0: the fastest decay (0.9^32 = 0.03, or 1e-6 for
#   a factor of 0.65) cannot bring one from there to 1e-38 before the next time.
_TINY = 1e-30
_FLUSH_EVERY = 32


@dataclass(frozen=True)
class OptimizerState:
    """What an optimizer keeps between steps.

    moments: by name, (n,) each, read-only; t: the number of steps, 0 if the optimizer does not
    count them.
    """

    moments: dict[str, Floats]
    t: int


class Optimizer(ABC):
    """Base class of the optimizers, which saves and restores their moments."""

    def __init__(self) -> None:
        self.t = 0

    @property
    def moments(self) -> dict[str, Floats]:
        """The arrays kept between steps, by name: (n,) each, the optimizer's own."""
        return {}

    @abstractmethod
    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """Makes one step: changes `parameters` in place. May use `gradient` as scratch space.

        parameters, gradient: (n,).
        """

    @abstractmethod
    def set_coefficients(self, momentum: float, beta2: float) -> None:
        """Changes the coefficients from the next step on; the moments stay as they are."""

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

    def set_coefficients(self, momentum: float, beta2: float) -> None:
        """Does nothing: SGD has no coefficients."""


class Momentum(Optimizer):
    """Gradient descent that keeps rolling: v ← μ v + g;  θ ← θ - η v.

    Nesterov's looks ahead: θ ← θ - η (g + μ v). Sources: Polyak 1964; Sutskever et al. 2013,
    https://proceedings.mlr.press/v28/sutskever13.html.
    """

    def __init__(self, parameters: Floats, mu: float, nesterov: bool = False) -> None:
        self.mu, self.nesterov = mu, nesterov
        self.v = np.zeros_like(parameters)
        super().__init__()
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
        """Changes μ to `momentum`."""
        self.mu = momentum


class Adagrad(Optimizer):
    """Smaller steps where gradients were large: s ← s + g²;  θ ← θ - η g / (√s + ε).

    Source: Duchi, Hazan and Singer 2011, https://jmlr.org/papers/v12/duchi11a.html.
    """

    epsilon = 1e-8

    def __init__(self, parameters: Floats) -> None:
        self.s = np.zeros_like(parameters)
        super().__init__()
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

    def set_coefficients(self, momentum: float, beta2: float) -> None:
        """Does nothing: Adagrad has no coefficients."""


class RMSProp(Optimizer):
    """Adagrad that forgets: s ← ρ s + (1-ρ) g²;  θ ← θ - η g / (√s + ε).

    Source: Tieleman and Hinton 2012, https://www.cs.toronto.edu/~tijmen/csc321/ lecture 6.
    """

    epsilon = 1e-8

    def __init__(self, parameters: Floats, rho: float) -> None:
        self.rho = rho
        self.s = np.zeros_like(parameters)
        super().__init__()
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
        """Changes ρ to `beta2`."""
        self.rho = beta2


class Adam(Optimizer):
    """Gradient descent with a step size for every parameter, from running moments.

    m ← β₁ m + (1-β₁) g;  v ← β₂ v + (1-β₂) g²;  θ ← θ - η m̂ / (√v̂ + ε)
    with m̂ = m / (1-β₁ᵗ) and v̂ = v / (1-β₂ᵗ).
    Source: Kingma and Ba 2015, Algorithm 1, https://arxiv.org/abs/1412.6980.

    Kept are m / (1-β₁) and v / (1-β₂), which saves two passes over all parameters; these
    factors, and the bias corrections, go into the rate and ε.
    """

    epsilon = 1e-8

    def __init__(self, parameters: Floats, beta1: float = 0.9, beta2: float = 0.999) -> None:
        self.beta1, self.beta2 = beta1, beta2
        self.m = np.zeros_like(parameters)
        self.v = np.zeros_like(parameters)
        super().__init__()
        self._scratch = np.empty_like(parameters)

    @property
    def moments(self) -> dict[str, Floats]:
        return {"m": self.m, "v": self.v}

    def update(self, parameters: Floats, gradient: Floats, learning_rate: float) -> None:
        """m ← β₁ m + g;  v ← β₂ v + g²;  θ ← θ - c₁ η m / (c₂ √v + ε), with c₁ and c₂ as above."""
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
        """Changes β₁ to `momentum` and β₂ to `beta2`; rescales m and v, so that the running
        moments stay as they are."""
        if (self.beta1, self.beta2) != (momentum, beta2):
            self.m *= (1 - self.beta1) / (1 - momentum)
            self.v *= (1 - self.beta2) / (1 - beta2)
            self.beta1, self.beta2 = momentum, beta2


def round_off(gradient: Floats) -> None:
    """Rounds to 0 what is so small that its square would be subnormal."""
    gradient += _ROUNDED
    gradient -= _ROUNDED


def flush(step: int, scratch: Floats, *moments: Floats) -> None:
    """Every 32 steps sets to 0 what would become subnormal before the next time."""
    if step % _FLUSH_EVERY == 0:
        for moment in moments:
            np.abs(moment, out=scratch)
            moment *= np.greater_equal(scratch, _TINY, out=scratch, casting="unsafe")


def create(name: str, parameters: Floats, momentum: float, beta2: float) -> Optimizer:
    """Returns the optimizer called `name`, with all moments zero.

    name: "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam" or "adamw". Adam and AdamW
    are the same here: the trainer applies the weight decay.
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
