"""The line of numbers under the status: loss and accuracy of training and evaluation."""

from math import isfinite

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from core.events import Step
from core.history.snapshot import Snapshot

_GAP = "   "
_TRAINING, _EVALUATION = "$primary", "$accent"  # as in the charts


class NumbersLine(Static):
    """As many of the numbers as fit, each in the color of its curve."""

    snapshot: reactive[Snapshot] = reactive(Snapshot(), repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self._single_step = False  # whether the last thing that happened was a single step

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        if snapshot.steps != before.steps:
            self._single_step = snapshot.steps == before.steps + 1 and not snapshot.full_speed
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
    for words in (True, False):
        batch = _batch(snapshot.step, words) if single_step and snapshot.step else ""
        training, evaluation = _training(snapshot, words), _evaluation(snapshot, words)
        best, at = _best(snapshot, words), _at(snapshot)
        # The most complete line first.
        for parts in (
            (training, evaluation + best + at, gap, batch),
            (training, evaluation + best, gap, batch),
            (training, evaluation + best, "", batch),
            (training, evaluation, "", batch),
            (training, evaluation, "", ""),
            ("", evaluation, "", ""),
        ):
            shown = [part for part in parts if part]
            if sum(map(len, shown)) + len(_GAP) * (len(shown) - 1) <= width:
                styles = (_TRAINING, _EVALUATION, "$text-muted", "$text-muted")
                styled = zip(parts, styles, strict=True)
                pieces = [Content.styled(part, style) for part, style in styled if part]
                return Content(_GAP).join(pieces)
    return Content("")


def loss_text(loss: float) -> str:
    """A loss in nats with three significant digits, in five cells unless it is huge."""
    if not isfinite(loss):
        return "  –  "
    return f"{loss:<#5.3g}" if loss < 1000 else f"{loss:,.0f}" if loss < 1e6 else f"{loss:.2e}"


def _training(snapshot: Snapshot, words: bool) -> str:
    if snapshot.step is None:
        return "not trained yet"
    return _pair("train", snapshot.epoch_loss, snapshot.epoch_accuracy, words)


def _evaluation(snapshot: Snapshot, words: bool) -> str:
    evaluation, run = snapshot.evaluation, snapshot.run
    if evaluation is None or run is None:
        return ""
    return _pair(run.evaluation_set, evaluation.loss, evaluation.accuracy, words)


def _pair(name: str, loss: float, accuracy: float, words: bool) -> str:
    percent = f"{accuracy:6.1%}" if accuracy == accuracy else "    – "
    if words:
        return f"{name} loss {loss_text(loss)} accuracy {percent}"
    return f"{name} {loss_text(loss)} {percent}"


def _best(snapshot: Snapshot, words: bool) -> str:
    best = snapshot.best_evaluation
    if best is None or snapshot.step is None:
        return ""
    epoch = f", epoch {best.epoch}" if words else ""
    return f" (best {best.accuracy:.1%}{epoch})"


def _at(snapshot: Snapshot) -> str:
    """Where the network was evaluated, if it has been trained since."""
    evaluation = snapshot.evaluation
    if evaluation is None or evaluation.step == snapshot.steps:
        return ""
    return f" at step {evaluation.step:,}"


def _gap(snapshot: Snapshot) -> str:
    """By how many percentage points training accuracy is above that of the evaluation."""
    evaluation = snapshot.evaluation
    if evaluation is None or snapshot.step is None:
        return ""
    return f"gap {100 * (snapshot.epoch_accuracy - evaluation.accuracy):+.1f}"


def _batch(step: Step, words: bool) -> str:
    right = round(step.accuracy * step.images)
    name = "batch loss" if words else "batch"
    return f"{name} {loss_text(step.loss).strip()}, {right} of {step.images} right"
