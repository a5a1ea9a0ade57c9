"""What crosses from the training thread to a screen or a log: frozen, copied, read-only."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.config.config import Config
from core.data.dataset import Dataset
from core.goals import Goal
from core.types import Indices

if TYPE_CHECKING:  # a screen can be painted before all of this is needed
    from core.inspection.layer_stats import NetworkStats
    from core.inspection.step_trace import StepTrace
    from core.inspection.unit_survey import UnitSurvey


class Phase(Enum):
    """What a run is doing, in the word that a person reads."""

    LOADING = "loading"
    PAUSED = "paused"
    RUNNING = "running"
    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, eq=False)
class RunStarted:
    """A new run: its config, its data, the size of its network and of its parts."""

    config: Config
    dataset: Dataset
    parameters: int
    training_images: int
    evaluation_set: str
    evaluation_images: int


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The run turned to another phase; with `message`, a sentence that says why.

    goal: where it will pause, if that was asked for.
    """

    phase: Phase
    message: str | None = None
    goal: Goal | None = None


@dataclass(frozen=True, slots=True)
class PaceChanged:
    """From now on the run takes so many batches a second; None: as many as it can."""

    pace: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that takes long is this far, 0..1, and over at 1."""

    what: str
    share: float


@dataclass(frozen=True, slots=True)
class Refused:
    """A change of one setting that could not be made, and why; all goes on as before."""

    field: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How the network did on one part of the images, as it was after `step` steps.

    part: "validation", "test" or "training"; loss: mean cross-entropy in nats; accuracy: 0..1.
    indices, labels, probabilities: (n,), (n,) and (n, K), one row an image of the part.
    """

    step: int
    subset: str
    loss: float
    accuracy: float
    indices: Indices
    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scored:
    """The test set, scored because someone asked."""

    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Step:
    """One batch: what the network did on it, before it learnt from it.

    step counts batches and epoch counts epochs, both from 1; position and of: images of the
    epoch used so far, and all of them; seconds: time in training steps since the start.
    evaluation: of the watched part, on the last step of an epoch.
    """

    step: int
    epoch: int
    position: int
    of: int
    images: int
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    evaluation: Evaluation | None

    @property
    def epochs(self) -> float:
        """Epochs done so far, with the share of the one under way."""
        return self.epoch - 1 + self.position / self.of


@dataclass(frozen=True, slots=True)
class Change:
    """A hyperparameter changed by hand; in force from the batch after `step`."""

    step: int
    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Branch:
    """One course of a run: as its parent until the step `fork`, and on to the step `end`.

    parent: None for the first. change_groups: the changes by hand from `fork` on, in order; those
    of a group were made together.
    """

    number: int
    parent: int | None
    fork: int
    end: int
    change_groups: tuple[tuple[Change, ...], ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes by hand that were made on this branch, in order."""
        return tuple(change for group in self.change_groups for change in group)


@dataclass(frozen=True, slots=True)
class BranchChanged:
    """The branch the run is on, as the timeline has it after a change by hand."""

    branch: Branch


@dataclass(frozen=True, slots=True, eq=False)
class RunMoved:
    """The run stands at another step of its past, or on another branch.

    at: the step after which it stands; step: that one, None at the start; config: in force there;
    branch: the number of the branch; branches: all there are, each at the place of its number.
    """

    at: int
    step: Step | None
    config: Config
    branch: int
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class StepTraced:
    """The step that comes next, taken apart because someone asked, and the layers before it."""

    trace: "StepTrace"
    body: "NetworkStats"


@dataclass(frozen=True, slots=True)
class UnitsSurveyed:
    """All units of the network, on all training images, because someone asked."""

    survey: "UnitSurvey"


Event = (
    RunStarted
    | PhaseChanged
    | PaceChanged
    | Progress
    | Refused
    | Evaluation
    | Scored
    | Step
    | Change
    | BranchChanged
    | RunMoved
    | StepTraced
    | UnitsSurveyed
)
