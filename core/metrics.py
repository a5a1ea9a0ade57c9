"""Figures from events: confusion matrix, precision, recall, the mistakes, an epoch's averages."""

import numpy as np
from numpy.typing import NDArray

from core.events import Evaluation, Step
from core.types import Indices

Counts = NDArray[np.int64]


def confusion_matrix(evaluation: Evaluation) -> Counts:
    """(K, K) counts of images; rows are the true class, columns the predicted class."""
    classes = evaluation.probabilities.shape[1]
    predicted = evaluation.probabilities.argmax(axis=1)
    cells = evaluation.labels.astype(np.intp) * classes + predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def recall(confusion: Counts) -> NDArray[np.float64]:
    """(K,) of the images of each true class, the share that was recognised; NaN without any."""
    return _share(confusion.diagonal(), confusion.sum(axis=1))


def precision(confusion: Counts) -> NDArray[np.float64]:
    """(K,) of the images said to be each class, the share that is; NaN without any."""
    return _share(confusion.diagonal(), confusion.sum(axis=0))


def mistakes(evaluation: Evaluation) -> Indices:
    """Rows of `evaluation` whose class was not recognised, the most confident mistake first."""
    predicted = evaluation.probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != evaluation.labels)
    confidence = evaluation.probabilities[wrong, predicted[wrong]]
    return wrong[np.argsort(-confidence, kind="stable")]


class EpochAverages:
    """Loss and accuracy over an epoch's batches, each image counted once, as it was trained."""

    def __init__(self, since: float = 0.0) -> None:
        self._since = self._until = since
        self._images = 0
        self._loss = self._correct = 0.0

    def add(self, step: Step) -> None:
        self._images += step.images
        self._loss += step.loss * step.images
        self._correct += step.accuracy * step.images
        self._until = step.seconds

    @property
    def loss(self) -> float:
        return self._loss / self._images

    @property
    def accuracy(self) -> float:
        return self._correct / self._images

    @property
    def speed(self) -> float:
        """Images a second, in training steps."""
        return self._images / (self._until - self._since)


def _share(part: Counts, whole: Counts) -> NDArray[np.float64]:
    share = np.full(len(part), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share
