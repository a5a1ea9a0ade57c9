"""The line of numbers under the status: loss and accuracy of training and evaluation."""

import math
from collections.abc import Collection
from functools import lru_cache
from math import isfinite
from typing import NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from core.events import Evaluation, Phase, Step
from core.history.snapshot import Snapshot
from core.metrics import balanced_accuracy
from tui.drawing.numbers import loss_text

_GAP = "   "
# Those of training and evaluation are the colors of their curves.
_STYLES = {
    "training": "$primary",
    "evaluation": "$accent",
    "gap": "$text-muted",
    "batch": "$text-muted",
}


# From the most complete line to the shortest. The first line that fits is shown.
_PARTS = (
    ("training", "evaluation", "balanced", "best", "epoch", "at", "gap"),
    ("training", "evaluation", "balanced", "best", "at", "gap"),
    ("training", "evaluation", "balanced", "best", "gap"),
    ("training", "evaluation", "balanced", "best"),
    ("training", "evaluation", "balanced"),
    ("training", "evaluation"),
    ("evaluation", "balanced"),
    ("evaluation",),
)
_WITH_BATCH = (
    ("training", "evaluation", "balanced", "best", "epoch", "at", "gap", "batch"),
    ("training", "evaluation", "balanced", "best", "epoch", "batch"),
    ("training", "evaluation", "balanced", "best", "batch"),
    ("training", "evaluation", "balanced", "batch"),
    ("training", "evaluation", "batch"),
)


class _Words(NamedTuple):
    """Words before the numbers."""

    loss: str
    accuracy: str


_FULL, _SHORT, _NONE = _Words("loss ", "accuracy "), _Words("loss ", "acc "), _Words("", "")


class NumbersLine(Static):
    """As many of the numbers as fit, each in the color of its curve."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self.tooltip = (
            "Training: mean over the images of this epoch so far. Evaluation: the last one. "
            "Balanced: the mean recall of the classes, where they have very different sizes. "
            "Best: of this branch up to this step. "
            "Gap: training accuracy minus that of the validation or test set, in percentage "
            "points, from the end of the first epoch on: earlier means include much worse "
            "networks."
        )
        self._single_step = False  # whether the last thing that happened was a single step

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.steps != before.steps:
            stepped = snapshot.steps == before.steps + 1
            self._single_step = stepped and Phase.RUNNING not in (before.phase, snapshot.phase)
        self._update_line()

    def on_resize(self) -> None:
        self._update_line()

    def _update_line(self) -> None:
        line = numbers(self.snapshot, self.size.width, self._single_step)
        self.update(line, layout=False)


def numbers(snapshot: Snapshot, width: int, single_step: bool = False) -> Content:
    """The numbers that fit in `width` cells, in a fixed order.

    Training: the mean over the current epoch so far. Evaluation: the latest. After a single step
    also its batch alone.
    """
    if snapshot.run is None:
        return Content("")
    words = _wording(snapshot.run.evaluation_set, width)
    choices: list[tuple[Collection[str], _Words]] = []
    if single_step and snapshot.step:
        choices = [*((parts, words) for parts in _WITH_BATCH), (_WITH_BATCH[-1], _NONE)]
    for parts, wording in (*choices, *((parts, words) for parts in _PARTS)):
        line = _line(snapshot, parts, wording)
        if line.cell_length <= width:
            return line
    return Content("")


def _wording(subset: str, width: int) -> _Words:
    """The longest words with which a line of usual numbers fits.

    It depends on the width only: a number that comes or goes does not change the words.
    """
    numbers = 2 * len("  2.49  10.9%") + len("train ") + len(f"{subset} ") + len(_GAP)
    rest = len(" (best 88.6%, epoch 10) at step 10,000") + len(_GAP + "gap +10.7 points")
    if numbers + 2 * len("".join(_FULL)) + rest <= width:
        return _FULL
    return _SHORT if numbers + 2 * len("".join(_SHORT)) <= width else _NONE


def _line(snapshot: Snapshot, parts: Collection[str], words: _Words) -> Content:
    evaluation = _evaluation(snapshot, words)
    if evaluation:  # a run that continues has none at first
        evaluation += _balanced(snapshot) if "balanced" in parts else ""
        evaluation += _best(snapshot, "epoch" in parts) if "best" in parts else ""
        evaluation += _at(snapshot) if "at" in parts else ""
    texts = {
        "training": _training(snapshot, words),
        "evaluation": evaluation,
        "gap": _gap(snapshot),
        "batch": _batch(snapshot.step) if snapshot.step else "",
    }
    return Content(_GAP).join(
        Content.styled(text, _STYLES[name])
        for name, text in texts.items()
        if text and name in parts
    )


def _training(snapshot: Snapshot, words: _Words) -> str:
    if snapshot.step is None:
        return "not trained yet"
    return _pair("train", snapshot.epoch_loss, snapshot.epoch_accuracy, words)


def _evaluation(snapshot: Snapshot, words: _Words) -> str:
    evaluation, run = snapshot.evaluation, snapshot.run
    if evaluation is None or run is None:
        return ""
    return _pair(run.evaluation_set, evaluation.loss, evaluation.accuracy, words)


def _pair(name: str, loss: float, accuracy: float, words: _Words) -> str:
    percent = f"{accuracy:5.1%}" if accuracy == accuracy else "   – "
    text = f"{loss_text(loss):<5}" if isfinite(loss) else "  –  "
    return f"{name} {words.loss}{text} {words.accuracy}{percent}"


def _balanced(snapshot: Snapshot) -> str:
    """The mean recall, if the classes have very different numbers of training images."""
    evaluation, run = snapshot.evaluation, snapshot.run
    if evaluation is None or run is None or not run.dataset.is_unbalanced:
        return ""
    return f", balanced {_mean_recall(evaluation):.1%}"


@lru_cache(maxsize=1)  # the line is written more often than the network is evaluated
def _mean_recall(evaluation: Evaluation) -> float:
    return balanced_accuracy(evaluation)


def _best(snapshot: Snapshot, with_epoch: bool) -> str:
    best = snapshot.best_evaluation
    if best is None or snapshot.step is None:
        return ""
    epoch = f", epoch {best.epoch}" if with_epoch else ""
    return f" (best {best.accuracy:.1%}{epoch})"


def _at(snapshot: Snapshot) -> str:
    """Where the network was evaluated, if it has been trained since."""
    evaluation = snapshot.evaluation
    if evaluation is None or evaluation.step == snapshot.steps:
        return ""
    return f" at step {evaluation.step:,}"


def _gap(snapshot: Snapshot) -> str:
    """By how many percentage points training accuracy is above that of the evaluation.

    Not before the end of the first epoch, whose mean so far is that of much worse networks.
    """
    evaluation, step = snapshot.evaluation, snapshot.step
    if evaluation is None or step is None or not isfinite(snapshot.epoch_accuracy):
        return ""
    if step.epochs < 1:
        return ""
    training, reached = (
        round(100 * accuracy, 1) for accuracy in (snapshot.epoch_accuracy, evaluation.accuracy)
    )  # so that it agrees with the numbers that are shown
    return f"gap {training - reached:+.1f} points"


def _batch(step: Step) -> str:
    if math.isnan(step.accuracy):  # of a run that begins at a step of another one
        return ""
    right = round(step.accuracy * step.images)
    return f"batch: loss {loss_text(step.loss)}, {right} of {step.images} right"
