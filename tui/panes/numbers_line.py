"""The line of numbers under the status: loss and accuracy of training and evaluation."""

from math import isfinite
from typing import NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from core.events import Phase, Step
from core.history.snapshot import Snapshot

_GAP = "   "
# Those of training and evaluation are the colors of their curves.
_STYLES = {
    "training": "$primary",
    "evaluation": "$accent",
    "gap": "$text-muted",
    "batch": "$text-muted",
}


_PARTS = (
    ("training", "evaluation", "best", "at", "gap", "batch"),
    ("training", "evaluation", "best", "gap", "batch"),
    ("training", "evaluation", "best", "batch"),
    ("training", "evaluation", "batch"),
    ("training", "evaluation"),
    ("evaluation",),
)


class _Words(NamedTuple):
    """Words before the numbers."""

    loss: str
    accuracy: str
    epoch: str


_WORDS = (
    _Words("loss ", "accuracy ", ", epoch "),
    _Words("loss ", "acc ", ", epoch "),
    _Words("loss ", "acc ", ""),
    _Words("", "", ""),
)


class NumbersLine(Static):
    """As many of the numbers as fit, each in the color of its curve."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self.tooltip = (
            "Training: mean over the images of this epoch so far. Evaluation: the last one. "
            "Best: of this branch up to this step. "
            "Gap: training accuracy less that of the evaluation, in percentage points, from the "
            "end of the first epoch on: the mean over that epoch so far is of worse networks."
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
    gap = _gap(snapshot)
    # The most complete line with words first; without words only where the others do not fit, or
    # for the batch of a single step.
    wordings = [_WORDS] if single_step else [_WORDS[:-1], _WORDS[-1:]]
    for shown, words in (
        (parts, words) for choice in wordings for parts in _PARTS for words in choice
    ):
        texts = {
            "training": _training(snapshot, words),
            "evaluation": _evaluation(snapshot, words),
            "best": _best(snapshot, words),
            "at": _at(snapshot),
            "gap": gap,
            "batch": _batch(snapshot.step, words) if single_step and snapshot.step else "",
        }
        texts = {name: text for name, text in texts.items() if name in shown}
        about = texts.pop("best", "") + texts.pop("at", "")
        if texts["evaluation"]:  # a run that goes on has none at first
            texts["evaluation"] += about
        pieces = [Content.styled(text, _STYLES[name]) for name, text in texts.items() if text]
        line = Content(_GAP).join(pieces)
        if line.cell_length <= width:
            return line
    return Content("")


def loss_text(loss: float) -> str:
    """A loss in nats with three significant digits, in five cells unless it is huge."""
    if not isfinite(loss):
        return "  –  "
    if loss >= 99.95:
        return f"{loss:<5,.0f}" if loss < 1e6 else f"{loss:.2e}"
    return f"{loss:<#5.3g}"


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
    return f"{name} {words.loss}{loss_text(loss)} {words.accuracy}{percent}"


def _best(snapshot: Snapshot, words: _Words) -> str:
    best = snapshot.best_evaluation
    if best is None or snapshot.step is None:
        return ""
    epoch = f"{words.epoch}{best.epoch}" if words.epoch else ""
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


def _batch(step: Step, words: _Words) -> str:
    right = round(step.accuracy * step.images)
    return f"batch {words.loss}{loss_text(step.loss).strip()}, {right} of {step.images} right"
