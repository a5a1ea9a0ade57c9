"""Figures from events: confusion matrix, precision, recall, losses, an epoch's averages."""

from math import isfinite, nan

import numpy as np
from numpy.typing import NDArray

from core.events import Evaluation, Step

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


def confused(confusion: Counts) -> list[tuple[int, int]]:
    """(true, predicted) of every kind of mistake that was made, the most frequent first."""
    errors = confusion.copy()
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[: np.count_nonzero(errors)]
    rows, columns = np.unravel_index(order, errors.shape)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def losses(evaluation: Evaluation) -> NDArray[np.float32]:
    """(n,) the cross-entropy of each image in nats: -log of the probability of its true class.

    At most 87: probabilities are kept as float32, in which less than 1e-38 may be 0.
    """
    rows = np.arange(len(evaluation.labels))
    truth = evaluation.probabilities[rows, evaluation.labels]
    loss: NDArray[np.float32] = -np.log(np.maximum(truth, np.finfo(np.float32).tiny))
    return loss


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


class RunningAverage:
    """An exponential average, divided by the weights so far.

    Without that the first values would be drawn towards 0. What is not finite is left out.
    """

    def __init__(self, smoothing: float, average: float = nan, count: int = 0) -> None:
        """As after `count` values whose average was `average`, if it is a number."""
        self._smoothing = smoothing
        self._weight = 1 - smoothing**count if isfinite(average) else 0.0
        self._sum = average * self._weight if self._weight else 0.0

    def add(self, value: float) -> float:
        """The average with `value`; NaN as long as there was none."""
        if isfinite(value):
            kept = self._smoothing
            self._sum = kept * self._sum + (1 - kept) * value
            self._weight = kept * self._weight + (1 - kept)
        return self._sum / self._weight if self._weight else nan
