"""What is new in a run since it was last written: collected from its events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.events import (
    Branch,
    BranchChanged,
    Evaluation,
    Event,
    LayersMeasured,
    PhaseChanged,
    RunMoved,
    Scored,
    Step,
    StepTraced,
)
from core.training.checkpoint import Checkpoint

if TYPE_CHECKING:  # not imported at run time, so that the screen appears sooner
    from core.inspection.layer_stats import NetworkStats

_MAX_STEPS = 500_000  # of a branch, that wait for a disk that is full; older ones are dropped
_MAX_EVALUATIONS = 100  # that wait
_MAX_LAYER_STATS = 1_000  # that wait


@dataclass
class News:
    """What one transaction writes.

    branches: those that are new or have new changes. steps: by branch, in order.
    evaluations, layer_stats: each with its branch. checkpoint: the latest, with its branch, if
    there is one. meta: values by key.
    """

    branches: dict[int, Branch] = field(default_factory=dict)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    evaluations: list[tuple[int, Evaluation]] = field(default_factory=list)
    layer_stats: "list[tuple[int, NetworkStats]]" = field(default_factory=list)
    checkpoint: tuple[int, Checkpoint] | None = None
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def trained(self) -> bool:
        """Whether the run was trained further, and not only looked at."""
        return bool(self.branches or self.steps)

    @property
    def lasting(self) -> bool:
        """Whether there is more to write than which program has the run open."""
        evaluated = bool(self.evaluations or self.layer_stats)
        written = bool(self.branches or self.steps or self.checkpoint)
        return evaluated or written or not self.meta.keys() <= {"phase", "message"}

    def __bool__(self) -> bool:
        return self.lasting or bool(self.meta)


class Pending:
    """Collects the events of a run whose tree of branches, so far, is `branches`.

    position: the branch and the step at which a kept run was opened; None for a new run.
    best_accuracy: of the evaluation set so far, 0..1. meta: values to write, by key, once a kept
    run is trained further.

    The network of a run that was opened is evaluated so that you can look at it. These evaluations,
    and the statistics of its layers, wait until the run is trained further; otherwise its best
    accuracy could change.
    """

    def __init__(
        self,
        branches: Sequence[Branch],
        position: tuple[int, int] | None = None,
        best_accuracy: float = -1.0,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        self._branch = position[0] if position else 0
        self._best_accuracy = best_accuracy
        self._changes = [branch.change_groups for branch in branches]  # by branch number
        self._ends = [branch.end for branch in branches]
        self._step: Step | None = None  # of the current step; None at the start
        self._current_step = -1  # not known yet
        self._written = position  # the branch and step that were last taken
        self._news = News()
        # Until the run is trained further.
        self._waiting = News(meta=dict(meta or {})) if position else None

    @property
    def steps(self) -> int:
        """How many steps wait to be written."""
        return sum(map(len, self._news.steps.values()))

    def add(self, event: Event) -> None:
        """Takes over an event."""
        if isinstance(event, Step):
            self._add_step(event)
        elif isinstance(event, Evaluation):
            self._add_evaluation(event)
        elif isinstance(event, Scored):
            self._news.evaluations.append((self._branch, event.evaluation))
            _trim_evaluations(self._news)
            self._news.meta["test_accuracy"] = event.evaluation.accuracy
        elif isinstance(event, LayersMeasured | StepTraced):
            self._newest.layer_stats.append((self._branch, event.stats))
            _trim_evaluations(self._newest)
        elif isinstance(event, RunMoved):
            self._branch, self._step = event.branch, event.step
            self._current_step = event.current_step
            for branch in event.branches:
                self._add_branch(branch)
        elif isinstance(event, BranchChanged):
            self._add_branch(event.branch)
        elif isinstance(event, PhaseChanged):
            self._news.meta |= {"phase": event.phase.value, "message": event.message}

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Takes over a checkpoint of the current step. Only the latest is written."""
        self._news.checkpoint = self._branch, checkpoint

    def take(self) -> News:
        """Returns what is new since the last call."""
        news, self._news = self._news, News()
        position = self._branch, self._current_step
        if self._current_step >= 0 and position != self._written:
            self._written = position
            news.meta |= {"branch": self._branch, "step": self._current_step}
            news.meta["epochs"] = self._step.epochs if self._step else 0.0
            if self._step:
                news.meta["seconds"] = self._step.seconds
        return news

    def put_back(self, news: News) -> None:
        """Takes back what could not be written."""
        newer, self._news = self._news, news
        news.branches |= newer.branches
        for branch, steps in newer.steps.items():
            kept = news.steps.setdefault(branch, [])
            kept += steps
            _trim(kept)
        news.evaluations += newer.evaluations
        news.layer_stats += newer.layer_stats
        _trim_evaluations(news)
        news.checkpoint = newer.checkpoint or news.checkpoint
        news.meta |= newer.meta

    def _add_step(self, step: Step) -> None:
        branch = self._branch
        self._step, self._current_step = step, step.step
        if step.evaluation:
            self._add_evaluation(step.evaluation)
        if step.step > self._ends[branch]:  # otherwise the run repeats its past
            self._ends[branch] = step.step
            self._stop_waiting()
            steps = self._news.steps.setdefault(branch, [])
            steps.append(step)
            _trim(steps)

    def _add_evaluation(self, evaluation: Evaluation) -> None:
        news = self._newest
        news.evaluations.append((self._branch, evaluation))
        _trim_evaluations(news)
        news.meta["last_accuracy"] = evaluation.accuracy
        if evaluation.accuracy > self._best_accuracy:
            self._best_accuracy = evaluation.accuracy
            epochs = self._step.epochs if self._step else 0.0
            news.meta |= {"best_accuracy": evaluation.accuracy, "best_epochs": epochs}

    def _add_branch(self, branch: Branch) -> None:
        if branch.number == len(self._changes):
            self._changes.append(branch.change_groups)
            self._ends.append(branch.end)
        elif self._changes[branch.number] == branch.change_groups:
            return
        self._changes[branch.number] = branch.change_groups
        self._stop_waiting()
        self._news.branches[branch.number] = branch

    @property
    def _newest(self) -> News:
        """Where evaluations go."""
        return self._news if self._waiting is None else self._waiting

    def _stop_waiting(self) -> None:
        """Takes the evaluations of a run that was only looked at, because it continues now."""
        if self._waiting is not None:
            self._news.evaluations += self._waiting.evaluations
            self._news.layer_stats += self._waiting.layer_stats
            self._news.meta |= self._waiting.meta
            self._waiting = None


def _trim_evaluations(news: News) -> None:
    """Drops the oldest of too many."""
    del news.evaluations[:-_MAX_EVALUATIONS], news.layer_stats[:-_MAX_LAYER_STATS]


def _trim(steps: list[Step]) -> None:
    """Drops the older half of too many steps."""
    if len(steps) > _MAX_STEPS:
        del steps[: len(steps) - _MAX_STEPS // 2]
