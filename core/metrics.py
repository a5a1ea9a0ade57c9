"""Metrics computed from events: confusion matrix, precision, recall, losses and averages."""

from collections.abc import Mapping
from copy import copy
from math import isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.events import Evaluation, Step

Counts = NDArray[np.int64]


def confusion_matrix(evaluation: Evaluation) -> Counts:
    """Returns counts of images, (K, K): rows are the true class, columns the predicted class."""
    classes = evaluation.probabilities.shape[1]
    predicted = evaluation.probabilities.argmax(axis=1)
    cells = evaluation.labels.astype(np.intp) * classes + predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def recall(confusion: Counts) -> NDArray[np.float64]:
    """Returns the share of each class's images predicted correctly: (K,), NaN without images."""
    return _share(confusion.diagonal(), confusion.sum(axis=1))


def precision(confusion: Counts) -> NDArray[np.float64]:
    """Returns the share of each class's predictions that are correct: (K,), NaN without any."""
    return _share(confusion.diagonal(), confusion.sum(axis=0))


def confused(confusion: Counts) -> list[tuple[int, int]]:
    """Returns the confused classes as (true, predicted), the most frequent mistake first."""
    errors = confusion.copy()
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[: np.count_nonzero(errors)]
    rows, columns = np.unravel_index(order, errors.shape)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def losses(evaluation: Evaluation) -> NDArray[np.float32]:
    """Returns the cross-entropy of each image, (n,): -log of its true class's probability, in nats.

    At most 87, because the probabilities are float32, where anything below 1e-38 may be 0.
    """
    rows = np.arange(len(evaluation.labels))
    truth = evaluation.probabilities[rows, evaluation.labels]
    loss: NDArray[np.float32] = -np.log(np.maximum(truth, np.finfo(np.float32).tiny))
    return loss


class EpochAverages:
    """Average loss and accuracy of an epoch's training steps, weighted by their images."""

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
        """Images per second of training time."""
        return self._images / (self._until - self._since)


def _share(part: Counts, whole: Counts) -> NDArray[np.float64]:
    share = np.full(len(part), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


class RunningAverage:
    """An exponential average with bias correction: it is divided by the sum of its weights.

    Without the correction, the first averages would be too close to 0. Skips values that are not
    finite.
    """

    def __init__(self, smoothing: float, average: float = nan, count: int = 0) -> None:
        """Starts as after `count` values with this average, unless it is not finite."""
        self._smoothing = smoothing
        self._weight = 1 - smoothing**count if isfinite(average) else 0.0
        self._sum = average * self._weight if self._weight else 0.0

    def add(self, value: float) -> float:
        """Adds a value and returns the average; NaN if no value was finite so far."""
        if isfinite(value):
            kept = self._smoothing
            self._sum = kept * self._sum + (1 - kept) * value
            self._weight = kept * self._weight + (1 - kept)
        return self._sum / self._weight if self._weight else nan

    def state(self) -> dict[str, float]:
        """Returns the weighted sum of the values, and the sum of the weights."""
        return {"weighted_sum": self._sum, "weight": self._weight}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._sum, self._weight = float(state["weighted_sum"]), float(state["weight"])

    def copy(self) -> "RunningAverage":
        return copy(self)
