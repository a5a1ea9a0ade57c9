"""What the network said of each watched image at the evaluations of a run so far.

Kept small: a byte and a half-precision number for an image and an evaluation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.events import Evaluation

MAX_KEPT = 100
"""Evaluations that are kept; with more, every second one is forgotten."""


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationPredictions:
    """One evaluation, the `number`-th of its run, counted from 0.

    said: (n,) uint8, the predicted classes; truth: (n,) float16, the probabilities, 0..1, that
    the true classes got.
    """

    number: int
    step: int
    predicted: NDArray[np.uint8]
    true_probability: NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class ImageHistory:
    """One image over the evaluations that are kept, in order: (m,) each, as in Moment."""

    steps: NDArray[np.int64]
    predicted: NDArray[np.uint8]
    true_probability: NDArray[np.float16]

    def changes(self) -> list[int]:
        """Where the predicted class became another one; the beginning is the first change."""
        return (
            [0, *(np.flatnonzero(np.diff(self.predicted)) + 1).tolist()]
            if len(self.predicted)
            else []
        )


@dataclass(frozen=True, slots=True, eq=False)
class PredictionHistory:
    """All images over the evaluations that are kept: the first, the newest, and evenly between.

    `stride`: of so many evaluations one is kept, the newest always.
    """

    moments: tuple[EvaluationPredictions, ...] = ()
    stride: int = 1

    def after(self, evaluation: Evaluation) -> "PredictionHistory":
        """These lives and one evaluation more; these stay as they are.

        An evaluation after fewer steps than the newest, or as many, takes the place of all that
        are not before it: the run went back.
        """
        moments = tuple(moment for moment in self.moments if moment.step < evaluation.step)
        number = moments[-1].number + 1 if moments else 0
        if moments and moments[-1].number % self.stride:
            moments = moments[:-1]
        moments = (*moments, _moment(number, evaluation))
        if len(moments) <= MAX_KEPT:
            return PredictionHistory(moments, self.stride)
        return PredictionHistory((*moments[:-1:2], moments[-1]), 2 * self.stride)

    def until(self, step: int) -> "PredictionHistory":
        """These lives up to a step."""
        kept = tuple(moment for moment in self.moments if moment.step <= step)
        return self if len(kept) == len(self.moments) else PredictionHistory(kept, self.stride)

    def of(self, row: int) -> ImageHistory:
        """The life of the image in this row of the evaluations."""
        moments = self.moments
        return ImageHistory(
            np.array([moment.step for moment in moments], np.int64),
            np.array([moment.predicted[row] for moment in moments], np.uint8),
            np.array([moment.true_probability[row] for moment in moments], np.float16),
        )


def _moment(number: int, evaluation: Evaluation) -> EvaluationPredictions:
    probabilities, labels = evaluation.probabilities, evaluation.labels
    predicted = probabilities.argmax(axis=1).astype(np.uint8)
    truth = probabilities[np.arange(len(labels)), labels].astype(np.float16)
    for array in (predicted, truth):
        array.flags.writeable = False
    return EvaluationPredictions(number, evaluation.step, predicted, truth)
