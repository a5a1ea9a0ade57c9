"""The numbers under the status: loss and accuracy of training and evaluation."""

import math
from collections.abc import Collection, Iterable
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

# Those of training and evaluation are the colors of their curves.
_STYLES = {
    "training": "$primary",
    "evaluation": "$accent",
    "best alone": "$accent",
    "gap": "$text-muted",
    "batch": "$text-muted",
}


# From the most complete line to the shortest. The first line that fits is shown.
_PARTS = (
    ("training", "evaluation", "balanced", "best", "epoch", "at", "gap"),
    ("training", "evaluation", "balanced", "best", "at", "gap"),
    ("training", "evaluation", "balanced", "best", "at"),
    ("training", "evaluation", "balanced", "at"),
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
# Where the window is too narrow for one line, two share the parts.
_FIRST = _PARTS[3:]
_SECOND = (
    ("best alone", "set", "epoch", "gap", "batch"),
    ("best alone", "epoch", "gap", "batch"),
    ("best alone", "epoch", "batch"),
    ("batch",),
)


class _Words(NamedTuple):
    """Words before and after the numbers, and the space between two groups of them."""

    loss: str
    accuracy: str
    points: str
    gap: str


_FULL = _Words("loss ", "accuracy ", " points", "   ")
_SHORT = _FULL._replace(accuracy="acc ")
_SHORTER = _SHORT._replace(points="", gap="  ")
_NONE = _Words("", "", "", "  ")


class NumbersLine(Static):
    """As many of the numbers as fit, each in the color of its curve, in one line or two."""

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
        width, lines = self.size
        self.update(numbers(self.snapshot, width, self._single_step, lines), layout=False)


def numbers(snapshot: Snapshot, width: int, single_step: bool = False, lines: int = 1) -> Content:
    """The numbers that fit in `width` cells, in a fixed order, in 1 or 2 lines.

    Training: the mean over the current epoch so far. Evaluation: the latest. After a single step
    also its batch alone.
    """
    if snapshot.run is None:
        return Content("")
    words = _wording(snapshot.run.evaluation_set, width, lines)
    with_batch = single_step and snapshot.step is not None
    if lines > 1:
        second = _SECOND if with_batch else [parts[:-1] for parts in _SECOND]
        rows = (_longest(snapshot, parts, words, width) for parts in (_FIRST, second))
        return Content("\n").join(rows)
    if with_batch:
        for parts, wording in (
            *((parts, words) for parts in _WITH_BATCH),
            (_WITH_BATCH[-1], _NONE),
        ):
            line = _line(snapshot, parts, wording)
            if line.cell_length <= width:
                return line
    return _longest(snapshot, _PARTS, words, width)


def _longest(
    snapshot: Snapshot, choices: Iterable[Collection[str]], words: _Words, width: int
) -> Content:
    """The first line of the choices that fits; empty if none does."""
    lines = (_line(snapshot, parts, words) for parts in choices)
    return next((line for line in lines if line.cell_length <= width), Content(""))


def _wording(subset: str, width: int, lines: int) -> _Words:
    """The longest words with which a line of usual numbers fits.

    It depends on the size only: a number that comes or goes does not change the words.
    """
    numbers = len("train 0.312 89.1%") + len(f"{subset} 0.334 88.4%")
    at, rest = len(" at step 10,000"), len(" (best 88.6%, epoch 10)gap +10.7")
    for words in (_FULL, _SHORT, _SHORTER):
        both = numbers + 2 * len(words.loss + words.accuracy) + len(words.gap)
        beside = rest + len(words.points + words.gap) if lines == 1 else 0
        if both + at + beside <= width:
            return words
    return _SHORTER if both <= width else _NONE


def _line(snapshot: Snapshot, parts: Collection[str], words: _Words) -> Content:
    evaluation = _evaluation(snapshot, words)
    if evaluation:  # a run that continues has none at first
        evaluation += _balanced(snapshot) if "balanced" in parts else ""
        best = _best(snapshot, "epoch" in parts) if "best" in parts else ""
        rest = f" ({best})" if best else ""
        rest += _at(snapshot) if "at" in parts else ""
        # So that the gap stays in place.
        evaluation += rest.ljust(_most(snapshot, parts)) if "gap" in parts else rest
    texts = {
        "training": _training(snapshot, words),
        "evaluation": evaluation,
        "best alone": evaluation and _best(snapshot, "epoch" in parts, "set" in parts),
        "gap": _gap(snapshot, words),
        "batch": _batch(snapshot.step) if snapshot.step else "",
    }
    return Content(words.gap).join(
        Content.styled(text, _STYLES[name])
        for name, text in texts.items()
        if text and name in parts
    )


def _training(snapshot: Snapshot, words: _Words) -> str:
    if snapshot.step is None:
        return "not trained yet"
    return _pair("train", snapshot.epoch_loss, snapshot.epoch_accuracy, words)


def _evaluation(snapshot: Snapshot, words: _Words) -> str:
    result, run = snapshot.result, snapshot.run
    if result is None or run is None:
        return ""
    return _pair(run.evaluation_set, result.loss, result.accuracy, words)


def _pair(name: str, loss: float, accuracy: float, words: _Words) -> str:
    percent = f"{accuracy:5.1%}" if accuracy == accuracy else "   – "
    text = f"{loss_text(loss):<5}" if isfinite(loss) else "  –  "
    return f"{name} {words.loss}{text} {words.accuracy}{percent}"


def _balanced(snapshot: Snapshot) -> str:
    """The mean recall, if the classes have very different numbers of training images."""
    evaluation, run = snapshot.evaluation, snapshot.run
    if evaluation is None or run is None or not run.dataset.is_unbalanced:
        return ""
    if snapshot.evaluation_is_outdated:
        return ""  # the run has moved: the classes are still those of where it was
    return f", balanced {_mean_recall(evaluation):.1%}"


@lru_cache(maxsize=1)  # the line is written more often than the network is evaluated
def _mean_recall(evaluation: Evaluation) -> float:
    return balanced_accuracy(evaluation)


def _best(snapshot: Snapshot, with_epoch: bool, with_set: bool = False) -> str:
    best, run = snapshot.best_evaluation, snapshot.run
    if best is None or snapshot.step is None or run is None:
        return ""
    name = f"best {run.evaluation_set}" if with_set else "best"
    return f"{name} {best.accuracy:.1%}" + f", epoch {best.epoch}" * with_epoch


def _at(snapshot: Snapshot) -> str:
    """Where the network was evaluated, if it has been trained since."""
    result = snapshot.result
    if result is None or result.step == snapshot.steps:
        return ""
    return f" at step {result.step:,}"


def _most(snapshot: Snapshot, parts: Collection[str]) -> int:
    """The cells that the best evaluation and the step of the last one need at the end."""
    epoch, step = snapshot.run_end or (0, 0)
    best = (" (best 88.8%" + f", epoch {epoch}" * ("epoch" in parts) + ")") * ("best" in parts)
    return len(best + f" at step {step:,}" * ("at" in parts))


def _gap(snapshot: Snapshot, words: _Words) -> str:
    """By how many percentage points training accuracy is above that of the evaluation.

    Not before the end of the first epoch, whose mean so far is that of much worse networks.
    """
    result, step = snapshot.result, snapshot.step
    if result is None or step is None or not isfinite(snapshot.epoch_accuracy):
        return ""
    if step.epochs < 1:
        return ""
    training, reached = (
        round(100 * accuracy, 1) for accuracy in (snapshot.epoch_accuracy, result.accuracy)
    )  # so that it agrees with the numbers that are shown
    return f"gap {training - reached:+.1f}{words.points}"


def _batch(step: Step) -> str:
    if math.isnan(step.accuracy):  # of a run that begins at a step of another one
        return ""
    right = round(step.accuracy * step.images)
    return f"batch: loss {loss_text(step.loss)}, {right} of {step.images} right"
