"""Whether the confidence of a network matches its accuracy, and its accuracy if it answers only
when confident.

The confidence of a prediction is the probability of the predicted class.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

BINS = 15

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """The predictions of one network, in bins of equal width by their confidence.

    images: (BINS,) how many each bin has; confidence, accuracy: (BINS,) their means, 0..1; NaN in
    an empty bin.
    """

    images: NDArray[np.intp]
    confidence: Numbers
    accuracy: Numbers

    @property
    def error(self) -> float:
        """The expected calibration error: Σ nᵢ / n |accuracyᵢ - confidenceᵢ| over the bins."""
        gaps = np.abs(np.nan_to_num(self.accuracy - self.confidence))
        return float((self.images * gaps).sum() / max(self.images.sum(), 1))

    @property
    def bias(self) -> float:
        """The mean confidence minus the accuracy: above 0 if the network is overconfident."""
        gaps = np.nan_to_num(self.confidence - self.accuracy)
        return float((self.images * gaps).sum() / max(self.images.sum(), 1))

    @property
    def summary(self) -> str:
        points = 100 * abs(self.bias)
        error = f"the calibration error is {100 * self.error:.1f} points"
        if points < 0.5:
            return f"On average, the network's confidence equals its accuracy; {error}."
        side = "above" if self.bias > 0 else "below"
        return (
            f"On average, the network's confidence is {points:.1f} points {side} its accuracy; "
            f"{error}."
        )


@dataclass(frozen=True, eq=False)
class Selective:
    """Predictions with at least some confidence; the images of the others are rejected.

    confidence: (n,) of all predictions, the highest first. right: (n,) whether each is correct.
    """

    confidence: Numbers
    right: NDArray[np.bool_]

    @cached_property
    def answered(self) -> Numbers:
        """(n,) the share of the images that is answered, if it ends after each prediction."""
        return np.arange(1, len(self.right) + 1) / max(len(self.right), 1)

    @cached_property
    def share_right(self) -> Numbers:
        """(n,) the share of what is answered that is correct."""
        return np.cumsum(self.right) / np.arange(1, len(self.right) + 1)

    def at(self, confidence: float) -> tuple[float, float]:
        """The share answered and the share right, if it answers from this confidence on.

        NaN for the share right if nothing is answered.
        """
        count = int(np.count_nonzero(self.confidence >= confidence))
        if not count:
            return 0.0, float("nan")
        return float(self.answered[count - 1]), float(self.share_right[count - 1])

    def summary(self, confidence: float = 0.9) -> str:
        answered, right = self.at(confidence)
        if not answered:
            return f"With images below {confidence:.0%} confidence rejected, none remain."
        return (
            f"With images below {confidence:.0%} confidence rejected, {answered:.0%} remain, with "
            f"{right:.1%} accuracy; on all images, accuracy is {self.share_right[-1]:.1%}."
        )


def calibration(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Calibration:
    """Returns how confidence and accuracy agree. probabilities: (n, K); labels: (n,).

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks" (arXiv:1706.04599), with
    15 bins as there.
    """
    confidence, right = _confidence(probabilities, labels)
    places = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    images = np.bincount(places, minlength=BINS)
    sums = [np.bincount(places, values, BINS) for values in (confidence, right)]
    with np.errstate(invalid="ignore"):
        return Calibration(images, sums[0] / images, sums[1] / images)


def selective(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Selective:
    """Returns what is answered and right above each confidence.

    Source: El-Yaniv & Wiener 2010, https://jmlr.org/papers/v11/el-yaniv10a.html; Geifman &
    El-Yaniv 2017, arXiv:1705.08500.
    """
    confidence, right = _confidence(probabilities, labels)
    order = np.argsort(-confidence, kind="stable")
    return Selective(confidence[order], right[order])


def _confidence(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8]
) -> tuple[Numbers, NDArray[np.bool_]]:
    """The confidence of each prediction, 0 if it is no number, and whether it is right."""
    confidence = np.nan_to_num(probabilities.max(axis=1).astype(np.float64))
    return confidence, probabilities.argmax(axis=1) == labels
