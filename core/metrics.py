"""Metrics computed from events: confusion matrix, precision, recall, losses and averages."""

from collections.abc import Mapping
from copy import copy
from math import isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.events import Evaluation

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
    """Mean loss and accuracy of an epoch's training steps so far, weighted by their images.

    Σ mᵢ xᵢ / Σ mᵢ over the steps, with xᵢ the loss or accuracy of a batch of mᵢ images.
    """

    def __init__(self) -> None:
        self._images = 0
        self._loss = self._correct = 0.0

    def add(self, images: int, loss: float, accuracy: float) -> None:
        """Adds a step: the size of its batch, and its loss and accuracy."""
        self._images += images
        self._loss += loss * images
        self._correct += accuracy * images

    @property
    def loss(self) -> float:
        """In nats; NaN before the first step."""
        return self._loss / self._images if self._images else nan

    @property
    def accuracy(self) -> float:
        """0..1; NaN before the first step."""
        return self._correct / self._images if self._images else nan

    def state(self) -> dict[str, float | None]:
        """Returns the sums over the images; None for one that is not finite."""
        sums = {"loss": self._loss, "correct": self._correct}
        known = {name: value if isfinite(value) else None for name, value in sums.items()}
        return {"images": self._images, **known}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state` returned."""
        loss, correct = state["loss"], state["correct"]
        self._images = int(state["images"])
        self._loss = nan if loss is None else float(loss)
        self._correct = nan if correct is None else float(correct)

    def copy(self) -> "EpochAverages":
        return copy(self)


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
