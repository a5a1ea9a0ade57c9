"""What each unit of a network contributes: how much accuracy is lost without it alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.nn.layers import Layer
from core.types import Bytes, Floats, Indices
from core.what_if.subject import Subject, batches, classes, right
from core.what_if.switched_off import losing


@dataclass(frozen=True, eq=False)
class UnitWorth:
    """What the network gets right without each of its units alone.

    images: (K,) how many images of each class were looked at so far; right_with_all: (K,) how many
    of them it classifies correctly. right: for each layer (n, K), the same without each of its n
    units. The units of the last layer are the classes: without one, it is never predicted.
    """

    step: int
    images: Indices
    right_with_all: Indices
    right: tuple[Indices, ...]
    done: float

    @cached_property
    def worth(self) -> tuple[NDArray[np.float64], ...]:
        """For each layer (n,): the accuracy with all units minus that without each; -1..1.

        Below 0 if the network is better without it.
        """
        lost = (self.right_with_all.sum() - right.sum(axis=1) for right in self.right)
        return tuple(part / self.images.sum() for part in lost)

    @property
    def accuracy(self) -> float:
        """With all units, 0..1."""
        return float(self.right_with_all.sum() / self.images.sum())

    @cached_property
    def ranked(self) -> list[tuple[int, int]]:
        """(layer, unit) of all hidden units, from 0, the most valuable first."""
        hidden = [
            (layer, unit)
            for layer, worth in enumerate(self.worth[:-1])
            for unit in range(len(worth))
        ]
        return sorted(hidden, key=lambda place: -self.worth[place[0]][place[1]])

    def losses(self, layer: int, unit: int) -> list[tuple[int, float]]:
        """The classes that lose recall without a unit, most first, and how much, 0..1."""
        return losing(self.right_with_all - self.right[layer][unit], self.images)

    @property
    def summary(self) -> str:
        """How many hidden units the network needs, in a sentence."""
        hidden = np.concatenate([np.empty(0), *self.worth[:-1]])
        if not len(hidden):
            return "The network has no hidden units; below are its classes."
        spare = int(np.count_nonzero(hidden <= 0))
        most = 100 * float(hidden.max())
        return (
            f"{spare:,} of the {len(hidden):,} hidden units can be switched off, one at a time, "
            f"without losing accuracy; switching off the most useful one costs {most:.1f} points."
        )


def unit_worth(subject: Subject) -> Iterator[UnitWorth | None]:
    """Answers how much accuracy is lost without each unit.

    Without unit u of layer l, whose output is A_u, only the layers above change:

        Z' = Z - W_u A_u    the pre-activations of the next layer; W_u is column u of its weights

    So what is below is computed once for all units, and a product of matrices per unit is saved.
    Without a unit that outputs 0, nothing is lost. See core.what_if.switched_off for the source.
    """
    network, labels, count = subject.network, subject.labels, subject.classes
    images, with_all = np.zeros(count, np.intp), np.zeros(count, np.intp)
    without = [np.zeros((units, count), np.intp) for units in network.sizes[1:]]
    above = [network.layers[network.layers.index(linear) + 1 :] for linear in network.linears]
    for rows, batch in batches(subject.subset):
        outputs = [A.copy() for A in subject.forward(batch)]
        truth = labels[rows]
        found = classes(outputs[-1])
        found_right = right(found, truth, count)
        images += np.bincount(truth, minlength=count)
        with_all += found_right
        yield None
        for layer, (A, linear) in enumerate(zip(outputs[:-1], network.linears[1:], strict=True)):
            Z = linear.W @ A + linear.b
            active = np.logical_or.reduce(A, axis=1)
            for unit in range(len(A)):
                if active[unit]:
                    changed = Z - linear.W[:, unit : unit + 1] * A[unit]
                    logits = _through(above[layer + 1], changed)
                    without[layer][unit] += right(classes(logits), truth, count)
                    yield None
                else:
                    without[layer][unit] += found_right
        without[-1] += _without_each_class(outputs[-1], found, truth)
        yield UnitWorth(
            subject.step,
            images.copy(),
            with_all.copy(),
            tuple(right.copy() for right in without),
            rows.stop / len(labels),
        )


def _through(layers: list[Layer], A: Floats) -> Floats:
    for layer in layers:
        A = layer.forward(A)
    return A


def _without_each_class(logits: Floats, found: Indices, labels: Bytes) -> Indices:
    """How many images are right if a class is never predicted: (K, K), a row for each such class.

    Only what was predicted as that class changes: the second largest of its logits takes its place.
    """
    count = len(logits)
    result = np.tile(right(found, labels, count), (count, 1))
    np.fill_diagonal(result, 0)
    rest = logits.copy()
    known = np.flatnonzero(found >= 0)
    rest[found[known], known] = -np.inf
    second = rest.argmax(axis=0)
    saved = (second == labels) & (found >= 0) & (count > 1)
    np.add.at(result, (found[saved], labels[saved].astype(np.intp)), 1)
    return result
