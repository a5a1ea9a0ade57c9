"""Metrics computed from events: confusion matrix, precision, recall, losses and averages."""

from collections.abc import Mapping
from copy import copy
from math import isfinite, log, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.events import Evaluation

Counts = NDArray[np.int64]

AVERAGED = 100
"""The largest number of batches in a moving average."""

_FAR_ABOVE = 2.0  # times the loss of guessing
_BLOCK = 2048  # averages computed together


def far_above_guessing(classes: int) -> float:
    """Returns the loss in nats above which a run diverges, although its numbers are finite.

    It is a multiple of the loss of equal probabilities, ln(classes).
    """
    return _FAR_ABOVE * log(max(classes, 2))


def confusion_matrix(evaluation: Evaluation) -> Counts:
    """Returns counts of images, (K, K): rows are the true class, columns the predicted class."""
    classes = evaluation.probabilities.shape[1]
    predicted = evaluation.probabilities.argmax(axis=1)
    cells = evaluation.labels.astype(np.intp) * classes + predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def recall(confusion: Counts) -> NDArray[np.float64]:
    """Returns the share of each class's images predicted correctly: (K,), NaN without images."""
    return _share(confusion.diagonal(), confusion.sum(axis=1))


def balanced_accuracy(evaluation: Evaluation) -> float:
    """Returns the mean recall of the classes with images: each class counts alike."""
    return float(np.nanmean(recall(confusion_matrix(evaluation))))


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
    """Mean loss and accuracy of the latest epoch's training steps so far, weighted by images.

    Σ mᵢ xᵢ / Σ mᵢ over the steps, with xᵢ the loss or accuracy of a batch of mᵢ images.
    """

    def __init__(self) -> None:
        self._epoch = self._images = 0
        self._loss = self._correct = 0.0

    def add(self, epoch: int, images: int, loss: float, accuracy: float) -> None:
        """Adds a step: its epoch, the size of its batch, and its loss and accuracy."""
        if epoch != self._epoch:
            self._epoch, self._images = epoch, 0
            self._loss = self._correct = 0.0
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
        return {"epoch": self._epoch, "images": self._images, **known}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state` returned."""
        loss, correct = state["loss"], state["correct"]
        self._epoch, self._images = int(state["epoch"]), int(state["images"])
        self._loss = nan if loss is None else float(loss)
        self._correct = nan if correct is None else float(correct)

    def copy(self) -> "EpochAverages":
        return copy(self)


def moving_average(
    values: NDArray[np.float64], images: NDArray[np.float64], epoch_size: int, first: int = 0
) -> NDArray[np.float64]:
    """Returns the mean over the last batches up to each one, weighted by their images.

    After batch i it is Σ mⱼ xⱼ / Σ mⱼ over the batches j in its window, with mⱼ images. The window
    has the last AVERAGED batches, or as many as have at most `epoch_size` images together. So if
    an epoch has at most AVERAGED batches, the average after its last one is the mean of the epoch.

    values, images: (n,), of each batch. first: the index from which averages are returned;
    earlier batches only count in the windows. Values that are not finite are left out.
    Returns (n - first,); NaN where a window has no finite value.
    """
    averages = np.full(len(values) - first, nan)
    total = np.append(0.0, np.cumsum(images))
    begins = np.searchsorted(total, total[1:] - epoch_size)  # of the windows
    counted = np.where(np.isfinite(values), images, 0.0)
    sums = np.where(counted > 0, values, 0.0) * counted
    # Row i has what ends before i; in blocks to save memory.
    padded = np.concatenate((np.zeros((2, AVERAGED)), np.stack((sums, counted))), axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, AVERAGED, axis=1)
    for start in range(first, len(values), _BLOCK):
        end = min(start + _BLOCK, len(values))
        batches = np.arange(start, end)
        lengths = batches + 1 - np.minimum(begins[start:end], batches)
        inside = np.arange(AVERAGED, 0, -1) <= lengths[:, None]
        above, below = np.einsum("kij,ij->ki", windows[:, start + 1 : end + 1], inside)
        np.divide(above, below, out=averages[start - first : end - first], where=below > 0)
    return averages


def _share(part: Counts, whole: Counts) -> NDArray[np.float64]:
    share = np.full(len(part), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


class RunningAverage:
    """An exponential average with bias correction: it is divided by the sum of its weights.

    Without the correction, the first averages would be too close to 0. Skips values that are not
    finite.
    """

    def __init__(self, smoothing: float) -> None:
        self._smoothing = smoothing
        self._sum = self._weight = 0.0

    def add(self, value: float) -> float:
        """Adds a value and returns the average."""
        if isfinite(value):
            kept = self._smoothing
            self._sum = kept * self._sum + (1 - kept) * value
            self._weight = kept * self._weight + (1 - kept)
        return self.value

    @property
    def value(self) -> float:
        """The average; NaN if no value was finite so far."""
        return self._sum / self._weight if self._weight else nan

    def state(self) -> dict[str, float]:
        """Returns the weighted sum of the values, and the sum of the weights."""
        return {"weighted_sum": self._sum, "weight": self._weight}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state` returned."""
        self._sum, self._weight = float(state["weighted_sum"]), float(state["weight"])

    def copy(self) -> "RunningAverage":
        return copy(self)
