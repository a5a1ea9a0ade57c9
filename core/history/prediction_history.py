"""The network's predictions for each image of the evaluation set, over the evaluations of a run.

An image takes three bytes per evaluation.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.events import Evaluation

MAX_KEPT = 100
"""Evaluations that are kept. When there are more, every second one is dropped."""


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationPredictions:
    """The predictions of one evaluation, the `number`-th of the run, from 0.

    predicted: (n,) uint8, the predicted class of each image.
    true_probability: (n,) float16, the probability of its true class, 0..1.
    """

    number: int
    step: int
    predicted: NDArray[np.uint8]
    true_probability: NDArray[np.float16]

    @property
    def nbytes(self) -> int:
        return self.predicted.nbytes + self.true_probability.nbytes


@dataclass(frozen=True, slots=True, eq=False)
class ImageHistory:
    """The predictions for one image over the kept evaluations, in order.

    steps, predicted, true_probability: (m,), a value for each evaluation.
    """

    steps: NDArray[np.int64]
    predicted: NDArray[np.uint8]
    true_probability: NDArray[np.float16]

    def changes(self) -> list[int]:
        """Returns the indices where the predicted class changes, including the first one."""
        if not len(self.predicted):
            return []
        return [0, *(np.flatnonzero(np.diff(self.predicted)) + 1).tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class PredictionHistory:
    """The first evaluation, the latest, and others spread evenly between them.

    stride: every stride-th evaluation is kept, and the latest.
    """

    evaluations: tuple[EvaluationPredictions, ...] = ()
    stride: int = 1

    def with_evaluation(self, evaluation: Evaluation) -> "PredictionHistory":
        """Returns a history with one more evaluation.

        It replaces evaluations of the same or a later step: the run went back.
        """
        return self.with_predictions(predictions_of(evaluation))

    def with_predictions(self, new: EvaluationPredictions) -> "PredictionHistory":
        """Returns a history with the predictions of one more evaluation, numbered here."""
        kept = tuple(earlier for earlier in self.evaluations if earlier.step < new.step)
        number = kept[-1].number + 1 if kept else 0
        if kept and kept[-1].number % self.stride:
            kept = kept[:-1]
        kept = (*kept, replace(new, number=number))
        history = PredictionHistory(kept, self.stride)
        return history if len(kept) <= MAX_KEPT else history.thinned()

    def thinned(self) -> "PredictionHistory":
        """Returns a history of every second evaluation, and the latest."""
        kept = self.evaluations
        return PredictionHistory((*kept[:-1:2], *kept[-1:]), 2 * self.stride)

    def until(self, step: int) -> "PredictionHistory":
        """Returns the predictions up to a step."""
        kept = tuple(earlier for earlier in self.evaluations if earlier.step <= step)
        return self if len(kept) == len(self.evaluations) else PredictionHistory(kept, self.stride)

    def image(self, row: int) -> ImageHistory:
        """Returns the predictions for the image in this row of the evaluations."""
        evaluations = self.evaluations
        return ImageHistory(
            np.array([evaluation.step for evaluation in evaluations], np.int64),
            np.array([evaluation.predicted[row] for evaluation in evaluations], np.uint8),
            np.array([evaluation.true_probability[row] for evaluation in evaluations], np.float16),
        )


def predictions_of(evaluation: Evaluation) -> EvaluationPredictions:
    """Returns what is kept of an evaluation, with the number 0."""
    probabilities, labels = evaluation.probabilities, evaluation.labels
    predicted = probabilities.argmax(axis=1).astype(np.uint8)
    true_probability = probabilities[np.arange(len(labels)), labels].astype(np.float16)
    for array in (predicted, true_probability):
        array.flags.writeable = False
    return EvaluationPredictions(0, evaluation.step, predicted, true_probability)
