"""The events of a run: what the training thread reports to a screen or a log.

Events are immutable and hold copies, so that they can cross threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.config.config import Config
from core.data.dataset import Dataset
from core.goals import Goal
from core.types import Indices

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.inspection.adversarial_example import AdversarialExample
    from core.inspection.along_step import LossAlongStep
    from core.inspection.best_picture import BestPicture
    from core.inspection.classification import Classification
    from core.inspection.layer_stats import NetworkStats
    from core.inspection.nearest_images import NearestImages
    from core.inspection.rate_curve import FoundRate
    from core.inspection.reasons import Reasons
    from core.inspection.step_trace import StepTrace
    from core.inspection.unit_survey import UnitSurvey
    from core.what_if.subject import Answer


class Phase(Enum):
    """The phase of a run; its value is the word that the user reads."""

    LOADING = "loading"
    PAUSED = "paused"
    RUNNING = "running"
    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, eq=False)
class RunStarted:
    """A run started, at its first step, or a kept run continues; then a RunMoved event follows.

    parameters: the number of parameters of its network.
    evaluation_set: "validation" or "test".
    threads: the most threads that share a large matrix product; step_threads: the most that
    work on a step, 1 for a small network.
    records: of a kept run, a core.history.branch_history.BranchHistory for each branch, which the
    receiver takes over. (Its type would be an import cycle here.)
    notes: sentences about what was decided about the data, and where the settings do not fit it.
    test_evaluation: of a kept run, the last on the test set, without its probabilities.
    same_start: whether its initial weights are those of the run before; None: that is unknown.
    evaluation_indices: (n,) which images of `dataset.images(evaluation_set)` are evaluated; none if
    that is not known.
    """

    config: Config
    dataset: Dataset
    parameters: int
    training_images: int
    evaluation_set: str
    evaluation_images: int
    threads: int = 1
    step_threads: int = 1
    records: Sequence[Any] = ()
    notes: tuple[str, ...] = ()
    test_evaluation: "Evaluation | None" = None
    same_start: bool | None = None
    evaluation_indices: Indices = field(default_factory=lambda: np.empty(0, np.intp))


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The run is in another phase.

    message: a sentence that tells the user why, or None.
    goal: where the run will pause, if the user set a goal.
    """

    phase: Phase
    message: str | None = None
    goal: Goal | None = None


@dataclass(frozen=True, slots=True)
class PaceChanged:
    """The run now makes this many steps per second, or as many as it can if None."""

    pace: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a task that takes long: the share that is done, 0..1. At 1 it is over."""

    task: str
    share: float


@dataclass(frozen=True, slots=True)
class Refused:
    """A command was refused, and the run continues as before.

    field: the setting it is about, if any; message: tells the user why.
    """

    field: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The results of the network after `step` steps on one subset of the images.

    subset: "validation", "test" or "training".
    loss: mean cross-entropy in nats; accuracy: 0..1.
    indices, labels, probabilities: (n,), (n,) and (n, K), a row for each image of the subset.
    warnings: sentences about what goes wrong in training; none at its beginning.
    """

    step: int
    subset: str
    loss: float
    accuracy: float
    indices: Indices
    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """An evaluation has a warning that the run did not have before.

    is_symptom: whether it is one of core.training.symptoms, which the coach explains.
    """

    message: str
    is_symptom: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """The test set was evaluated at the user's request."""

    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Step:
    """One training step.

    step, epoch: numbers of the step and its epoch, both from 1.
    position: images of the epoch used so far, of `epoch_size` in total.
    images: the size of the batch.
    loss, accuracy: of the batch before the update, in nats and 0..1.
    seconds: time spent in training steps since the start of the run.
    evaluation: of the evaluation set, at the last step of an epoch; else None.
    epoch_loss, epoch_accuracy: means over the images of the epoch so far, this batch included;
    NaN if they are not known.
    """

    step: int
    epoch: int
    position: int
    epoch_size: int
    images: int
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    evaluation: Evaluation | None
    epoch_loss: float = nan
    epoch_accuracy: float = nan

    @property
    def epochs(self) -> float:
        """Epochs trained so far, with a fraction for the current one."""
        return self.epoch - 1 + self.position / self.epoch_size


@dataclass(frozen=True, slots=True)
class Change:
    """The user changed a setting after `step` steps; the next step uses the new value."""

    step: int
    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a run: the steps of its parent up to `fork`, then its own up to `end`.

    number: its index in `Timeline.branches`, from 0; the screen numbers branches from 1.
    parent: the number of the parent; None for the first branch.
    change_groups: the user's changes from `fork` on, in order; a group was changed together.
    """

    number: int
    parent: int | None
    fork: int
    end: int
    change_groups: tuple[tuple[Change, ...], ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes on this branch, in order."""
        return tuple(change for group in self.change_groups for change in group)


@dataclass(frozen=True, slots=True)
class BranchChanged:
    """The user changed settings on the current branch; `branch` includes the changes."""

    branch: Branch


@dataclass(frozen=True, slots=True, eq=False)
class RunMoved:
    """The run went to another step or branch, or came to a step where a setting changes.

    step: the event of the current step; None at the start.
    config: the settings there.
    branch: the number of the current branch.
    branches: all branches, in the order of their numbers, which count from 0.
    """

    current_step: int
    step: Step | None
    config: Config
    branch: int
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The run has another file now, or is kept in another way.

    name: "" if it has none yet. path: of its file; None if it has none.
    note: "not kept", "read-only" or "other data", or "".
    """

    name: str
    path: Path | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class StepTraced:
    """The next step, or after the end the last one, was traced at the user's request.

    stats: the statistics of the layers before it.
    """

    trace: "StepTrace"
    stats: "NetworkStats"


@dataclass(frozen=True, slots=True)
class LayersMeasured:
    """The statistics of the layers at the current step, recorded with an evaluation."""

    stats: "NetworkStats"


@dataclass(frozen=True, slots=True)
class UnitsSurveyed:
    """The activity of all units on all training images was measured at the user's request."""

    survey: "UnitSurvey"


@dataclass(frozen=True, slots=True)
class RateFound:
    """The search for a learning rate that the user requested is over."""

    found: "FoundRate"


@dataclass(frozen=True, slots=True)
class AlongStepMeasured:
    """The loss along the next step, or the last one, was measured at the user's request."""

    along_step: "LossAlongStep"


@dataclass(frozen=True, slots=True)
class Classified:
    """A picture of the user was classified at the user's request."""

    classification: "Classification"


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a question of core.what_if, or a part of it, at the user's request.

    seconds: how long the training thread worked for it so far.
    """

    answer: "Answer"
    seconds: float


Examination: TypeAlias = "AdversarialExample | BestPicture | Reasons | NearestImages"


@dataclass(frozen=True, slots=True)
class Examined:
    """What the network does with a picture was examined at the user's request."""

    result: Examination


Event = (
    RunStarted
    | PhaseChanged
    | PaceChanged
    | Progress
    | Refused
    | Evaluation
    | Scored
    | Warned
    | Step
    | Change
    | BranchChanged
    | RunMoved
    | Kept
    | StepTraced
    | LayersMeasured
    | UnitsSurveyed
    | RateFound
    | AlongStepMeasured
    | Classified
    | Answered
    | Examined
)
