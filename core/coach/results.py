"""Notes on results that seem to contradict each other, although nothing is wrong."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.coach.facts import RECENT, Facts
from core.coach.finding import Finding, Seriousness
from core.events import Evaluation, Step
from core.history.branch_history import Result
from core.text import counted

_ABOVE = 1.01  # times the evaluation loss
_NOTICEABLE = 0.1  # the share of outputs or images from which a change makes training harder
_FAR_BELOW = 0.03  # of accuracy, below that of the validation set


def training_above_evaluation(f: Facts) -> Finding | None:
    """The training loss is above the evaluation loss, which is no bug."""
    step, result, run = f.snapshot.step, f.snapshot.result, f.snapshot.run
    if step is None or result is None or run is None:
        return None
    name = run.evaluation_set
    for mean in _means(f, step, result):
        if mean.loss > _ABOVE * result.loss and (why := _reason(f, mean, result, name)):
            after = "" if result.step == mean.end else f" after step {result.step:,}"
            so_far = f", after {counted(mean.end - mean.start, 'step')}" * mean.goes_on
            return Finding(
                "training above evaluation",
                Seriousness.NOTE,
                f"training loss above {name} loss: no bug",
                f"In epoch {mean.epoch}{so_far}, the mean training loss is {mean.loss:.3f}, and "
                f"the {name} loss{after} is {result.loss:.3f}.",
                why,
            )
    return None


@dataclass(frozen=True, slots=True)
class _Mean:
    """The mean training loss of an epoch, after the step `start` and up to `end`.

    goes_on: whether the epoch has more steps.
    """

    loss: float
    epoch: int
    start: int
    end: int
    goes_on: bool


def _means(f: Facts, step: Step, result: Result) -> Iterator[_Mean]:
    """Yields the mean over the epoch up to the evaluation, and that of the epoch before.

    Only up to the evaluation, so that a finding does not come and go with each step; and not over
    few batches if there is an epoch before. That epoch counts if there is no such mean yet, or if
    it is high but nothing explains it.
    """
    curve, is_whole = f.snapshot.epoch_curves["loss"], step.position == step.epoch_size
    ends = [f.start, *curve.last.tolist()]  # of the epochs before
    if is_whole:
        ends.pop()
    start, end = ends[-1], result.step
    goes_on = not is_whole or end < f.steps
    if end - start >= (RECENT if goes_on and len(ends) > 1 else 1):
        loss = step.epoch_loss if end == f.steps else _mean_of_batches(f, start, end)
        yield _Mean(loss, step.epoch, start, end, goes_on)
        if not goes_on or loss <= _ABOVE * result.loss:
            return
    if len(ends) > 1:
        loss = float(curve.high[len(ends) - 2])
        yield _Mean(loss, f.epoch_of(start), ends[-2], start, goes_on=False)


def _mean_of_batches(f: Facts, start: int, end: int) -> float:
    """The mean loss of the batches after the step `start`; in long runs, about that."""
    batches = f.snapshot.training_curves["loss"].between(start + 1, end)
    return float((batches.low + batches.high).mean() / 2) if len(batches) else math.nan


def _reason(f: Facts, mean: _Mean, result: Result, name: str) -> str | None:
    """Why the training loss is higher; None if nothing explains it."""
    config = f.config
    if config.dropout >= _NOTICEABLE and config.hidden:
        return (
            f"Dropout switches off {config.dropout:.0%} of the hidden outputs in training. On the "
            f"{name} images all of them work, so the network is better there."
        )
    if config.shift or max(config.flip, config.erase) >= _NOTICEABLE:
        return (
            "Training images are changed at random, which makes them harder. The "
            f"{name} images are not changed."
        )
    earlier = f.snapshot.evaluation_curves["loss"].until(mean.start)
    before = float(earlier.high[-1]) if len(earlier) else f.first_loss
    if not before > mean.loss:  # as happens if the images of the evaluation are easier
        return None
    return (
        f"The training loss is the mean over the epoch{' so far' * mean.goes_on}, during which the "
        f"network improved: at its beginning the loss was {before:.3f}. The {name} loss is that of "
        f"the network after step {result.step:,}."
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
            "The test images seem to come from another source, such as other writers or another "
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
