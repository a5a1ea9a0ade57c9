"""The accuracy of a network with fewer or noisy weights, as curves.

The biases, and the factors of batch normalization, stay as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Floats
from core.what_if.subject import Subject, accuracy

POINT = 0.01
"""The smallest drop of accuracy that the sentences mention."""

PRUNED = (*np.linspace(0, 0.95, 20).round(2).tolist(), 0.98, 0.99)
NOISE = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5)
_SCALE = "a layer's RMS weight"
_DRAWS = 3
_SEED = 0

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pruning:
    """The accuracy over the share of the weights that are 0.

    weights: how many there are. shares, accuracy: (p,), 0..1; NaN where it is not known yet.
    """

    step: int
    weights: int
    shares: Numbers
    accuracy: Numbers

    @property
    def done(self) -> float:
        return float(np.isfinite(self.accuracy).mean())

    @property
    def removable(self) -> float:
        """The largest share up to which no accuracy is more than a point below that at 0."""
        return last_before_loss(self.shares, self.accuracy)

    @property
    def summary(self) -> str:
        share = f"{self.removable:.0%} of the {self.weights:,} weights"
        if self.removable == self.shares[-1]:
            return f"{share} can be removed, and accuracy falls by less than a point."
        if self.removable == 0:
            first = f"the smallest {self.shares[1]:.0%} of the weights"
            return f"Without {first}, accuracy falls by more than a point."
        return f"{share} can be removed before accuracy falls by a point."


@dataclass(frozen=True, slots=True, eq=False)
class WeightNoise:
    """The accuracy over the noise on the weights.

    levels: (p,), relative to the weights. accuracies: (p, draws), 0..1; NaN where not known yet.
    """

    step: int
    levels: Numbers
    accuracies: Numbers

    @property
    def done(self) -> float:
        return float(np.isfinite(self.accuracies).mean())

    @property
    def accuracy(self) -> Numbers:
        """(p,) the mean over the draws that are known; NaN if none is."""
        known = np.isfinite(self.accuracies)
        sums = np.where(known, self.accuracies, 0.0).sum(axis=1)
        mean = np.full(len(sums), np.nan)
        np.divide(sums, known.sum(axis=1), out=mean, where=known.any(axis=1))
        return mean

    @property
    def tolerated(self) -> float:
        """The largest level up to which no mean accuracy is more than a point below that at 0."""
        return last_before_loss(self.levels, self.accuracy)

    @property
    def summary(self) -> str:
        if self.tolerated == 0:
            return f"Noise of {self.levels[1]:.0%} of {_SCALE} costs more than a point of accuracy."
        if self.tolerated == self.levels[-1]:
            return f"Noise of {self.tolerated:.0%} of {_SCALE} costs less than a point of accuracy."
        return (
            f"Noise of up to {self.tolerated:.0%} of {_SCALE} costs less than a point of accuracy."
        )


def pruning(subject: Subject) -> Iterator[Pruning | None]:
    """Answers how accurate the network is without the smallest of its weights.

    The share p of all weights of all layers that have the smallest |w| is 0; the network is not
    trained afterwards. Source: Han et al. 2015, arXiv:1506.02626; all layers together as "global
    magnitude pruning" in Blalock et al. 2020, arXiv:2003.03033.
    """
    weights = [linear.W for linear in subject.network.linears]
    before = [W.copy() for W in weights]
    sizes = np.abs(np.concatenate([W.ravel() for W in weights]))
    order = np.argsort(sizes, kind="stable")
    found = np.full(len(PRUNED), np.nan)
    for place, share in enumerate(PRUNED):
        keep = np.ones(len(sizes), bool)
        keep[order[: round(share * len(sizes))]] = False
        start = 0
        for W, original in zip(weights, before, strict=True):
            W[:] = np.where(keep[start : start + W.size].reshape(W.shape), original, 0)
            start += W.size
        found[place] = yield from accuracy(subject)
        yield Pruning(subject.step, len(sizes), np.array(PRUNED), found.copy())
    _put_back(weights, before)


def weight_noise(subject: Subject) -> Iterator[WeightNoise | None]:
    """Answers how accurate the network is with noise on its weights.

        w' = w + x σ ε    with ε from a normal distribution, and σ the root mean square of the
                          weights of the layer

    for levels x, with three draws of ε for each. The draws are the same at all levels.
    """
    weights = [linear.W for linear in subject.network.linears]
    before = [W.copy() for W in weights]
    sizes = [float(np.sqrt(np.mean(np.square(W, dtype=np.float64)))) for W in before]
    found = np.full((len(NOISE), _DRAWS), np.nan)
    found[0] = yield from accuracy(subject)
    for draw in range(_DRAWS):
        rng = np.random.default_rng((_SEED, draw))
        noises = [rng.standard_normal(W.shape, np.float32) for W in weights]
        for place, level in enumerate(NOISE[1:], start=1):
            yield None
            for W, original, size, noise in zip(weights, before, sizes, noises, strict=True):
                W[:] = original + np.float32(level * size) * noise
            found[place, draw] = yield from accuracy(subject)
            yield WeightNoise(subject.step, np.array(NOISE), found.copy())
    _put_back(weights, before)


def last_before_loss(levels: Numbers, accuracy: Numbers) -> float:
    """The largest level up to which no known accuracy is over a point below the first one."""
    lost = np.flatnonzero(accuracy < accuracy[0] - POINT - 1e-9)
    known = np.flatnonzero(np.isfinite(accuracy))
    last = lost[0] - 1 if len(lost) else known[-1] if len(known) else 0
    return float(levels[last])


def _put_back(weights: list[Floats], before: list[Floats]) -> None:
    for W, original in zip(weights, before, strict=True):
        W[:] = original
