"""Notes on results that seem to contradict each other, although nothing is wrong."""

import math

import numpy as np
from numpy.typing import NDArray

from core.coach.facts import RECENT, Facts
from core.coach.finding import Finding, Seriousness
from core.events import Evaluation

_ABOVE = 1.1  # times the evaluation loss
_FAR_BELOW = 0.03  # of accuracy, below that of the validation set


def training_above_evaluation(f: Facts) -> Finding | None:
    """The training loss is above the evaluation loss, which is no bug."""
    evaluation, step, run = f.snapshot.evaluation, f.snapshot.step, f.snapshot.run
    if evaluation is None or step is None or run is None or not len(f.epoch_losses):
        return None
    ended = f.snapshot.epoch_curves["loss"].last[-1]
    training = float(f.epoch_losses[-1])
    if evaluation.step != ended or training < _ABOVE * evaluation.loss:
        return None
    config, name = f.config, run.evaluation_set
    augmented = config.flip or config.shift or config.erase
    if config.dropout >= 0.1:
        why = (
            f"Dropout switches off {config.dropout:.0%} of the hidden outputs in training. On the "
            f"{name} images all of them work, so the network is better there."
        )
    elif augmented:
        why = (
            "Training images are changed at random, which makes them harder. The "
            f"{name} images are not changed."
        )
    elif f.loss < training and f.steps - ended < f.epoch_steps:
        why = (
            "The training loss is a mean over the epoch, in which the network got better, and the "
            f"{name} loss is of its end. The last {RECENT} batches alone have {f.loss:.3f}."
        )
    else:
        return None
    return Finding(
        "training above evaluation",
        Seriousness.NOTE,
        f"training loss above {name} loss: no bug",
        f"In epoch {f.epoch_of(int(ended))} the training loss is {training:.3f} and the {name} "
        f"loss {evaluation.loss:.3f}.",
        why,
    )


def test_below_validation(f: Facts) -> Finding | None:
    """The test accuracy is far below that of the validation set: other images, not overfitting.

    A problem if the test set also has warnings, for which this is the reason.
    """
    test, validation, run = f.snapshot.test_evaluation, f.snapshot.evaluation, f.snapshot.run
    if test is None or validation is None or run is None or validation.subset != "validation":
        return None
    if test.step != validation.step or test.step <= f.since:
        return None
    chance = math.sqrt(0.25 / len(test.labels) + 0.25 / len(validation.labels))
    if validation.accuracy - test.accuracy < max(_FAR_BELOW, 4 * chance):
        return None
    shares = abs(_shares(test, f.classes) - _shares(validation, f.classes))
    most = int(shares.argmax())
    if shares.sum() / 2 > 0.1:
        name = run.dataset.class_names[most]
        cause = (
            f"The classes differ: {name} has {_shares(test, f.classes)[most]:.0%} of the test "
            f"images and {_shares(validation, f.classes)[most]:.0%} of the validation images."
        )
    else:
        cause = (
            "The test images come from elsewhere: for example, from other writers or another "
            "camera."
        )
    return Finding(
        "test below validation",
        Seriousness.WARNING if test.warnings else Seriousness.NOTE,
        "the test images are different",
        f"The accuracy is {test.accuracy:.1%} on the test set and {validation.accuracy:.1%} on the "
        "validation set.",
        f"{cause} This is not overfitting, because the network did not train on the validation "
        "images either.",
    )


def _shares(evaluation: Evaluation, classes: int) -> NDArray[np.float64]:
    """The share of each class of the images: (K,)."""
    counts = np.bincount(evaluation.labels, minlength=classes)
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares
