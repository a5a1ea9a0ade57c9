"""The state of a run at one moment, as one immutable value for the screen to draw."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Any, TypeVar, cast

from core.config.config import Config
from core.events import (
    Answered,
    Branch,
    Change,
    Evaluation,
    Kept,
    Phase,
    Progress,
    RunStarted,
    Step,
)
from core.goals import Goal
from core.history.branch_history import BestEvaluation, OtherBranchCurves, Result
from core.history.curves import Curves, Recorder
from core.history.layer_stats_history import LayerStatsHistory
from core.history.prediction_history import PredictionHistory
from core.history.step_recorder import StepRecorder

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.inspection.along_step import LossAlongStep
    from core.inspection.classification import Classification
    from core.inspection.rate_curve import FoundRate
    from core.inspection.step_trace import StepTrace
    from core.inspection.unit_survey import UnitSurvey

A = TypeVar("A")


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything that the screen draws of a run.

    message: explains the phase. goal: where the run will pause. pace: steps per second, None at
    full speed. progress: of a task that takes long, None if there is none. run: how the run
    started. kept: its file and what to call it; None at first. config: the settings now. step: the
    current step, None at the start.

    training_curves: of each batch the "loss" (nats) and "accuracy" (0..1) before its update, their
    moving averages "average loss" and "average accuracy", the "learning rate", the "epoch", from
    1, and the training "images" and "seconds" so far; over the steps up to the current one.
    recent_curves: the same of the last batches, at full resolution.
    epoch_curves: mean "loss" and "accuracy" of each complete epoch, at its last step.
    evaluation_curves: "loss" and "accuracy" on the evaluation set. All have no points at first.
    changes: the latest changes of settings by the user, merged by setting and step. One before the
    first step is none: the run has these settings from the start.
    evaluation: the latest on the evaluation set; test_evaluation: the latest the user requested on
    this branch, or on an earlier one before the fork.
    result: the numbers of the last evaluation up to the current step, None before the first. After
    a move, `evaluation` is of the step before it until the network is evaluated again.
    best_evaluation: that with the highest accuracy up to the current step, None before the first.
    predictions: for each image of the evaluation set, up to the current step.
    speed: images per second of training.

    trace: the latest step trace; layer_stats_history: up to the current step; survey: the
    latest unit survey; along_step: the latest loss along a step. Trace, survey and along_step are
    None again after the run moves. found_rate: by the latest search for a learning rate.
    classification: of the latest picture that the user drew or looked at.
    examined: the latest examination of each kind, by its class, such as AdversarialExample.
    answers: the latest of each type to questions of core.what_if, see `answer`; none after the run
    moves.

    end: the last recorded step of the current branch; after `steps` if the run went back.
    diverged_at: the step after which the current branch last diverged, if it did.
    branch: the number of the current branch. branches: all branches; the end of the current one
    dates from the last RunMoved or BranchChanged event, so use `end` for it.
    move_count: how often the run went to another step or branch.
    other_branches: curves that are not part of the current run: those of other branches, and of
    this one after the current step.
    """

    phase: Phase = Phase.LOADING
    message: str | None = None
    goal: Goal | None = None
    pace: int | None = None
    progress: Progress | None = None
    run: RunStarted | None = None
    kept: Kept | None = None
    config: Config | None = None
    step: Step | None = None
    training_curves: Curves = field(default_factory=StepRecorder().whole)
    recent_curves: Curves = field(default_factory=StepRecorder().recent)
    epoch_curves: Curves = field(default_factory=Recorder("loss", "accuracy").whole)
    evaluation_curves: Curves = field(default_factory=Recorder("loss", "accuracy").whole)
    changes: tuple[Change, ...] = ()
    evaluation: Evaluation | None = None
    test_evaluation: Evaluation | None = None
    result: Result | None = None
    best_evaluation: BestEvaluation | None = None
    predictions: PredictionHistory = field(default_factory=PredictionHistory)
    speed: float = 0.0
    trace: "StepTrace | None" = None
    layer_stats_history: LayerStatsHistory = field(default_factory=LayerStatsHistory)
    survey: "UnitSurvey | None" = None
    along_step: "LossAlongStep | None" = None
    found_rate: "FoundRate | None" = None
    classification: "Classification | None" = None
    answers: Mapping[type, Answered] = field(default_factory=dict)
    examined: Mapping[type, Any] = field(default_factory=dict)
    end: int = 0
    diverged_at: int | None = None
    branch: int = 0
    branches: tuple[Branch, ...] = (Branch(0, None, 0, 0),)
    move_count: int = 0
    other_branches: tuple[OtherBranchCurves, ...] = ()

    def answer(self, kind: type[A]) -> A | None:
        """The latest answer of this type, such as core.what_if.robustness.Robustness."""
        found = self.answers.get(kind)
        return cast("A", found.answer) if found else None

    @property
    def evaluation_is_outdated(self) -> bool:
        """Whether the run has moved since `evaluation`, and was not evaluated again."""
        return self.evaluation is not None and self.result != Result.of(self.evaluation)

    @property
    def learning_rate(self) -> float | None:
        """The learning rate of the current step; at the start, of the first step."""
        if self.step is not None:
            return self.step.learning_rate
        return self.config.scheduled_rate(0.0) if self.config is not None else None

    @property
    def run_end(self) -> tuple[int, int] | None:
        """The last epoch and the last step that can be gone to; None if they are unknown.

        They are the end of the run with the settings now, or of this branch if that is later.
        """
        if self.run is None or self.config is None:
            return None
        config, step = self.config, self.step
        left = (step.epoch_size - step.position) if step else 0
        epochs = max(config.epochs - (step.epoch if step else 0), 0)
        batches = config.batches(left) + epochs * config.batches(self.run.training_images)
        after = [p.training_curves["epoch"] for p in self.other_branches if p.branch == self.branch]
        reached = [int(epoch.high[-1]) for epoch in after if len(epoch)]
        return max([config.epochs, *reached]), max(self.steps + batches, self.end)

    @property
    def epoch_loss(self) -> float:
        """Mean training loss, in nats, over the images of the current epoch so far.

        After the last step of an epoch it is the mean of that epoch. NaN at the start.
        """
        return self.step.epoch_loss if self.step else nan

    @property
    def epoch_accuracy(self) -> float:
        """Training accuracy, 0..1, over the same images; NaN at the start."""
        return self.step.epoch_accuracy if self.step else nan

    @property
    def trace_is_next(self) -> bool:
        """Whether the trace is of the next step."""
        trace = self.trace
        return trace is not None and trace.step == self.steps + 1 and trace.config == self.config

    @property
    def trace_is_last(self) -> bool:
        """Whether training is finished and the trace is of its last step."""
        trace = self.trace
        return self.phase is Phase.FINISHED and trace is not None and trace.step == self.steps

    @property
    def traced_along_step(self) -> "LossAlongStep | None":
        """The loss along the step that the trace is of; None if it was not measured."""
        along, trace = self.along_step, self.trace
        if along is None or trace is None:
            return None
        return along if (along.step, along.config) == (trace.step, trace.config) else None

    @property
    def full_speed(self) -> bool:
        """Whether the run is running at full speed."""
        return self.phase is Phase.RUNNING and self.pace is None

    @property
    def furthest_step(self) -> int:
        """The last step of all branches."""
        return max([self.steps, self.end, *(branch.end for branch in self.branches)])

    @property
    def steps(self) -> int:
        """Batches trained so far."""
        return self.step.step if self.step else 0
