"""What the network said of each watched image at the evaluations of a run so far.

Kept small: a byte and a half-precision number for an image and an evaluation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.events import Evaluation

MOST = 100
"""Evaluations that are kept; with more, every second one is forgotten."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One evaluation, the `number`-th of its run, counted from 0.

    said: (n,) uint8, the predicted classes; truth: (n,) float16, the probabilities, 0..1, that
    the true classes got.
    """

    number: int
    step: int
    said: NDArray[np.uint8]
    truth: NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """One image over the evaluations that are kept, in order: (m,) each, as in Moment."""

    steps: NDArray[np.int64]
    said: NDArray[np.uint8]
    truth: NDArray[np.float16]

    def changes(self) -> list[int]:
        """Where the predicted class became another one; the beginning is the first change."""
        return [0, *(np.flatnonzero(np.diff(self.said)) + 1).tolist()] if len(self.said) else []


@dataclass(frozen=True, slots=True, eq=False)
class Lives:
    """All images over the evaluations that are kept: the first, the newest, and evenly between.

    `stride`: of so many evaluations one is kept, the newest always.
    """

    moments: tuple[Moment, ...] = ()
    stride: int = 1

    def after(self, evaluation: Evaluation) -> "Lives":
        """These lives and one evaluation more; these stay as they are.

        An evaluation after fewer steps than the newest, or as many, takes the place of all that
        are not before it: the run went back.
        """
        moments = tuple(moment for moment in self.moments if moment.step < evaluation.step)
        number = moments[-1].number + 1 if moments else 0
        if moments and moments[-1].number % self.stride:
            moments = moments[:-1]
        moments = (*moments, _moment(number, evaluation))
        if len(moments) <= MOST:
            return Lives(moments, self.stride)
        return Lives((*moments[:-1:2], moments[-1]), 2 * self.stride)

    def until(self, step: int) -> "Lives":
        """These lives up to a step."""
        kept = tuple(moment for moment in self.moments if moment.step <= step)
        return self if len(kept) == len(self.moments) else Lives(kept, self.stride)

    def of(self, row: int) -> Life:
        """The life of the image in this row of the evaluations."""
        moments = self.moments
        return Life(
            np.array([moment.step for moment in moments], np.int64),
            np.array([moment.said[row] for moment in moments], np.uint8),
            np.array([moment.truth[row] for moment in moments], np.float16),
        )


def _moment(number: int, evaluation: Evaluation) -> Moment:
    probabilities, labels = evaluation.probabilities, evaluation.labels
    said = probabilities.argmax(axis=1).astype(np.uint8)
    truth = probabilities[np.arange(len(labels)), labels].astype(np.float16)
    for array in (said, truth):
        array.flags.writeable = False
    return Moment(number, evaluation.step, said, truth)
