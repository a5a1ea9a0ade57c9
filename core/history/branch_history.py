"""What was recorded of one branch of a run, from the first step of the run to the last of it."""

from collections import deque
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

from core.events import Change, Evaluation, Step
from core.history.curves import Curve, Curves, Recorder
from core.history.layer_stats_history import LayerStatsHistory
from core.history.prediction_history import PredictionHistory
from core.metrics import RunningAverage

if TYPE_CHECKING:  # a screen can be painted before all of this is needed
    from core.inspection.unit_survey import UnitSurvey

_SMOOTHING = 0.98  # of the running average of the training curve: about 50 batches
_MAX_CHANGES = 1000  # of which the last ones are kept
_TRAINING = ("loss", "accuracy", "average loss", "average accuracy", "learning rate", "epoch")


@dataclass(frozen=True, slots=True, eq=False)
class OtherBranchCurves:
    """What the run has been on another way: the curves of a branch after the step `since`."""

    branch: int
    since: int
    training_curves: Curves
    evaluation_curves: Curves


class BranchHistory:
    """Takes steps, evaluations and changes in order; what it has of a step already it leaves out,
    for the run goes there again. The quantities are those of core.history.Snapshot.

    end: its last step; lives: what was said of the watched images up to there; past: the layers
    at some of its steps; survey: the last one of all units.
    """

    def __init__(self) -> None:
        self.end = 0
        self._training = Recorder(*_TRAINING)
        self._watched = Recorder("loss", "accuracy")
        self.predictions = PredictionHistory()
        self.past = LayerStatsHistory()
        self.survey: UnitSurvey | None = None
        self.changes: deque[Change] = deque(maxlen=_MAX_CHANGES)
        self._evaluated = -1
        self._loss, self._accuracy = RunningAverage(_SMOOTHING), RunningAverage(_SMOOTHING)

    def add_step(self, step: Step) -> None:
        # Thousands of times a second, in the screen's thread: so no curves are made here.
        if step.step <= self.end:
            return
        self.end = step.step
        self._training.add(
            step.step,
            step.loss,
            step.accuracy,
            self._loss.add(step.loss),
            self._accuracy.add(step.accuracy),
            step.learning_rate,
            step.epoch,
        )

    def add_evaluation(self, evaluation: Evaluation, predictions: PredictionHistory) -> None:
        """lives: up to this evaluation."""
        if evaluation.step > self._evaluated:
            self._evaluated = evaluation.step
            self._watched.add(evaluation.step, evaluation.loss, evaluation.accuracy)
            self.predictions = predictions

    def curves(self, step: int) -> Curves:
        """Those of training up to a step."""
        curves = self._training.whole()
        return curves if step >= self.end else _until(curves, step)

    def recent(self, step: int) -> Curves:
        """The same of the last batches, as far as they are not after the step."""
        curves = self._training.recent()
        return curves if step >= self.end else _until(curves, step)

    def points(self, step: int) -> Curves:
        """Those of the watched images up to a step."""
        curves = self._watched.whole()
        return curves if step >= self.end else _until(curves, step)

    def other_branches(self, number: int, step: int) -> OtherBranchCurves:
        """What comes after a step of this course, which is that of a branch of this number."""
        training, watched = self._training.whole(), self._watched.whole()
        return OtherBranchCurves(number, step, _after(training, step), _after(watched, step))

    def until(self, step: int) -> "BranchHistory":
        """A course of its own that was the same up to a step."""
        other = BranchHistory()
        other.end = min(step, self.end)
        other._training, other._watched = self._training.until(step), self._watched.until(step)
        other.predictions, other.past = self.predictions.until(step), self.past.until(step)
        other.survey = self.survey if self.survey and self.survey.step <= step else None
        other.changes.extend(change for change in self.changes if change.step <= step)
        other._evaluated = min(step, self._evaluated)
        averages = other._training.whole()
        other._loss = _resumed(averages["average loss"], step)
        other._accuracy = _resumed(averages["average accuracy"], step)
        return other


def _resumed(average: Curve, count: int) -> RunningAverage:
    value = float(average.high[-1]) if len(average) else nan
    return RunningAverage(_SMOOTHING, value, count)


def _until(curves: Curves, step: int) -> Curves:
    return {name: curve.until(step) for name, curve in curves.items()}


def _after(curves: Curves, step: int) -> Curves:
    return {name: curve.after(step) for name, curve in curves.items()}
