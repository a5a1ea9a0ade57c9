"""The record of one branch: its curves, predictions, layer statistics and changes of settings."""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from core.events import Change, Evaluation, Step
from core.history.curves import Curves, Recorder
from core.history.layer_stats_history import LayerStatsHistory
from core.history.prediction_history import PredictionHistory
from core.history.step_recorder import StepRecorder

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.inspection.unit_survey import UnitSurvey

_MAX_CHANGES = 1000  # older ones are dropped


@dataclass(frozen=True, slots=True, eq=False)
class OtherBranchCurves:
    """The curves of a branch after the step `since`, which are not part of the current run.

    diverged_at: the step after which the branch diverged, if it did.
    """

    branch: int
    since: int
    training_curves: Curves
    evaluation_curves: Curves
    diverged_at: int | None = None


@dataclass(frozen=True, slots=True)
class BestEvaluation:
    """An evaluation with a higher accuracy, 0..1, than all before it.

    step, epoch: where it was made; both are 0 for the network before training.
    """

    step: int
    epoch: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class Result:
    """The mean cross-entropy in nats and the accuracy, 0..1, of an evaluation after a step."""

    step: int
    loss: float
    accuracy: float

    @classmethod
    def of(cls, evaluation: Evaluation) -> "Result":
        """Returns that of an evaluation."""
        return cls(evaluation.step, evaluation.loss, evaluation.accuracy)


class BranchHistory:
    """Records a branch from the first step of the run, including the steps before its fork.

    Add steps, evaluations and changes in order. Steps that are already recorded are skipped: the
    run went back and repeats them. For the quantities, see core.history.snapshot.

    end: the last recorded step.
    fork: the step up to which it is a copy of its parent's record.
    diverged_at: the step after which it last diverged, if it did.
    predictions, layer_stats_history: those so far; survey: the latest one, if any.
    """

    def __init__(self, fork: int = 0) -> None:
        self.fork = self.end = fork
        self._training = StepRecorder()
        self._epochs = Recorder("loss", "accuracy")
        self._evaluation = Recorder("loss", "accuracy")
        self.diverged_at: int | None = None
        self.predictions = PredictionHistory()
        self.layer_stats_history = LayerStatsHistory()
        self.survey: UnitSurvey | None = None
        self.changes: deque[Change] = deque(maxlen=_MAX_CHANGES)
        self._last_evaluated = -1
        self._best: list[BestEvaluation] = []  # ascending; at most one for each image and the first

    def add_step(self, step: Step) -> None:
        """Adds a step."""
        if step.step <= self.end:
            return
        self.end = step.step
        self._training.add(step)
        if step.position == step.epoch_size:
            self._epochs.add(step.step, step.epoch_loss, step.epoch_accuracy)

    def add_evaluation(
        self, evaluation: Evaluation, epoch: int, predictions: PredictionHistory
    ) -> None:
        """Adds an evaluation. epoch: that of its step. predictions: those up to and with it."""
        if evaluation.step > self._last_evaluated:
            self.predictions = predictions
        self.add_result(evaluation.step, epoch, evaluation.loss, evaluation.accuracy)

    def add_result(self, step: int, epoch: int, loss: float, accuracy: float) -> None:
        """Adds an evaluation whose predictions are not known. The run may have gone back to it."""
        if step > self._last_evaluated:
            self._last_evaluated = step
            self._evaluation.add(step, loss, accuracy)
        else:
            self._evaluation = self._evaluation.with_earlier(step, loss, accuracy)
        self._note_best(BestEvaluation(step, epoch, accuracy))

    def epoch_at(self, step: int) -> int:
        """Returns the epoch of a step, to within its bucket of the curves; 0 at the start."""
        curve = self._training.whole()["epoch"].at(step)
        return int(curve.low[0]) if len(curve) else 0

    def best_evaluation(self, step: int) -> BestEvaluation | None:
        """Returns the evaluation with the highest accuracy up to a step; of equals, the first."""
        after = bisect_right(self._best, step, key=attrgetter("step"))
        return self._best[after - 1] if after else None

    def result(self, step: int) -> Result | None:
        """Returns the last evaluation up to a step; None if only its bucket of the curves is known.

        A run with so many evaluations that they share buckets has it again at its next one.
        """
        curves = self.evaluation_curves(step)
        loss, accuracy = curves["loss"], curves["accuracy"]
        if not len(loss) or loss.first[-1] < loss.last[-1]:
            return None
        return Result(int(loss.last[-1]), float(loss.low[-1]), float(accuracy.low[-1]))

    def training_curves(self, step: int) -> Curves:
        """Returns the curves of the training batches up to a step."""
        return self._until(self._training.whole(), step)

    def recent_curves(self, step: int) -> Curves:
        """Returns the same curves of the last batches, at full resolution."""
        return self._until(self._training.recent(), step)

    def epoch_curves(self, step: int) -> Curves:
        """Returns the curves of the means of each complete epoch up to a step."""
        return self._until(self._epochs.whole(), step)

    def evaluation_curves(self, step: int) -> Curves:
        """Returns the curves of the evaluation set up to a step."""
        return self._until(self._evaluation.whole(), step)

    def curves_after(self, step: int, number: int) -> OtherBranchCurves:
        """Returns the curves after a step, for the branch with this number."""
        training, evaluation = self._training.whole(step), self._evaluation.whole(step)
        return OtherBranchCurves(number, step, training, evaluation, self.diverged_at)

    @property
    def nbytes(self) -> int:
        """The memory of its curves, survey, and predictions after its fork, in bytes."""
        own = (kept for kept in self.predictions.evaluations if kept.step > self.fork)
        predictions = sum(kept.nbytes for kept in own)
        survey = self.survey.nbytes if self.survey else 0
        curves = self._training.nbytes + self._epochs.nbytes + self._evaluation.nbytes
        return curves + predictions + survey

    def thin(self) -> None:
        """Takes about half the memory: coarser curves, fewer predictions, and no survey."""
        self._training.thin()
        self._epochs.thin()
        self._evaluation.thin()
        self.predictions = self.predictions.thinned()
        self.survey = None

    def until(self, step: int) -> "BranchHistory":
        """Returns a copy of the record up to a step, for a branch that starts there."""
        other = BranchHistory(min(step, self.end))
        other._training = self._training.until(step)
        other._epochs = self._epochs.until(step)
        other._evaluation = self._evaluation.until(step)
        other.predictions, other.layer_stats_history = (
            self.predictions.until(step),
            self.layer_stats_history.until(step),
        )
        other.survey = self.survey if self.survey and self.survey.step <= step else None
        other.changes.extend(change for change in self.changes if change.step <= step)
        if self.diverged_at is not None and self.diverged_at < step:
            other.diverged_at = self.diverged_at
        other._last_evaluated = min(step, self._last_evaluated)
        other._best = [best for best in self._best if best.step <= step]
        return other

    def _note_best(self, new: BestEvaluation) -> None:
        place = bisect_right(self._best, new.step, key=attrgetter("step"))
        if not place or new.accuracy > self._best[place - 1].accuracy:
            later = [best for best in self._best[place:] if best.accuracy > new.accuracy]
            self._best[place:] = [new, *later]

    def _until(self, curves: Curves, step: int) -> Curves:
        if step >= self.end:
            return curves
        return {name: curve.until(step) for name, curve in curves.items()}
