"""The accuracy of a network without some of its units."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.nn.network import Network
from core.types import Indices
from core.what_if.subject import Subject, predictions, right

Units = frozenset[tuple[int, int]]
"""(layer, unit), both from 0."""


@dataclass(frozen=True, slots=True, eq=False)
class SwitchedOff:
    """What a network gets right without the units `off`.

    images: (K,) how many images each class has; right: (K,) how many of them it classifies
    correctly; right_with_all: (K,) the same with all units.
    """

    step: int
    off: Units
    images: Indices
    right: Indices
    right_with_all: Indices
    done: float = 1.0

    @property
    def accuracy(self) -> float:
        """Without the units, 0..1."""
        return float(self.right.sum() / self.images.sum())

    @property
    def lost(self) -> float:
        """How much accuracy the units are worth: with all units, minus without; -1..1."""
        return float((self.right_with_all - self.right).sum() / self.images.sum())

    @property
    def losses(self) -> list[tuple[int, float]]:
        """The classes that lose recall, the one that loses most first, and how much, 0..1."""
        return losing(self.right_with_all - self.right, self.images)


def switched_off(subject: Subject, units: Units) -> Iterator[SwitchedOff | None]:
    """Answers how accurate the network is without these units.

    A hidden unit outputs 0, as in Morcos et al. 2018, "On the importance of single directions for
    generalization" (arXiv:1803.06959): then its weights to the next layer play no role. A unit of
    the last layer is a class: its logit is -inf, so that it is never predicted.
    """
    labels, classes = subject.labels, subject.classes
    with_all = yield from predictions(subject)
    before = subject.network.parameters.copy()
    switch_off(subject.network, units)
    without = yield from predictions(subject)
    subject.network.parameters[:] = before
    yield SwitchedOff(
        subject.step,
        units,
        np.bincount(labels, minlength=classes),
        right(without, labels, classes),
        right(with_all, labels, classes),
    )


def switch_off(network: Network, units: Units) -> None:
    """Changes the parameters so that the outputs of these units play no role."""
    linears = network.linears
    for layer, unit in units:
        if layer + 1 < len(linears):
            linears[layer + 1].W[:, unit] = 0
        else:
            linears[layer].b[unit] = -np.inf


def losing(lost: Indices, images: Indices) -> list[tuple[int, float]]:
    """The classes with fewer correct images, and the share lost, 0..1; the largest loss first."""
    shares: NDArray[np.float64] = lost / np.maximum(images, 1)
    order = np.argsort(-shares, kind="stable")[: np.count_nonzero(shares > 0)]
    return [(int(label), float(shares[label])) for label in order]
