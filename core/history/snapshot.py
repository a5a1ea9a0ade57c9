"""The state of a run at one moment, as one immutable value that screens draw."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.config.config import Config
from core.events import Branch, Change, Evaluation, Phase, Progress, RunStarted, Step
from core.goals import Goal
from core.history.branch_history import OtherBranchCurves
from core.history.curves import Curves
from core.history.layer_stats_history import LayerStatsHistory
from core.history.prediction_history import PredictionHistory

if TYPE_CHECKING:  # a screen can be painted before all of this is needed
    from core.inspection.step_trace import StepTrace
    from core.inspection.unit_survey import UnitSurvey


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All that a screen draws of a run, at one moment.

    training: curves of every batch, "loss" (nats) and "accuracy" (0..1), of their bias-corrected
    running averages "average loss" and "average accuracy", of the "learning rate" that was in
    force and of the "epoch", from 1; recent: the same of the last batches, never merged.
    watched: "loss" and "accuracy" of the held-out (or test) images.
    changes: the last ones made by hand, those of one setting at one step as one; lives: what was
    said of the watched images.
    speed: images a second; goal: where a running run will pause; pace: batches a second, if
    slowed down; working: what takes long; anatomy: the step that was last taken apart; past: the
    layers at the steps that were; survey: of all units, the last one since the run went somewhere.
    end: the last step of this branch so far, after those of the curves if the run went back;
    branches: all there are, their ends as of when the run last went somewhere; branch: the number
    of that on which it stands; visits: how often it went somewhere; ahead: what is not on the way
    to here, of this branch and of others.
    """

    phase: Phase = Phase.LOADING
    message: str | None = None
    goal: Goal | None = None
    pace: int | None = None
    progress: Progress | None = None
    run: RunStarted | None = None
    config: Config | None = None
    step: Step | None = None
    training_curves: Curves = field(default_factory=dict)
    recent_curves: Curves = field(default_factory=dict)
    evaluation_curves: Curves = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    evaluation: Evaluation | None = None
    test_evaluation: Evaluation | None = None
    predictions: PredictionHistory = field(default_factory=PredictionHistory)
    speed: float = 0.0
    trace: "StepTrace | None" = None
    past: LayerStatsHistory = field(default_factory=LayerStatsHistory)
    survey: "UnitSurvey | None" = None
    end: int = 0
    branch: int = 0
    branches: tuple[Branch, ...] = (Branch(0, None, 0, 0),)
    move_count: int = 0
    other_branches: tuple[OtherBranchCurves, ...] = ()

    @property
    def trace_is_next(self) -> bool:
        """Whether the step that was taken apart is the one that would come now."""
        trace = self.trace
        return trace is not None and trace.step == self.steps + 1 and trace.config == self.config

    @property
    def full_speed(self) -> bool:
        """Whether steps come as fast as they can."""
        return self.phase is Phase.RUNNING and self.pace is None

    @property
    def furthest_step(self) -> int:
        """The last step that was reached on any branch."""
        return max([self.steps, self.end, *(branch.end for branch in self.branches)])

    @property
    def steps(self) -> int:
        """Batches trained so far."""
        return self.step.step if self.step else 0
