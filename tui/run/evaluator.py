"""Evaluates the network of a run, now and then, and reports the results and their warnings."""

from time import perf_counter

from core.data.dataset import Subset
from core.errors import ConfigError, Diverged
from core.events import Evaluation, Scored, Step, Warned
from core.training.trainer import Trainer
from core.types import ShouldContinue
from tui.run.evaluation_schedule import EvaluationSchedule
from tui.run.mailbox import Mailbox
from tui.run.progress import LONG, run_with_progress


class Evaluator:
    """Posts the evaluations of a run of `trainer`, and each kind of warning once."""

    def __init__(self, mail: Mailbox, trainer: Trainer) -> None:
        self.schedule = EvaluationSchedule()
        self._mail = mail
        self._trainer = trainer
        self._warnings: set[str] = set()  # those that were reported

    @property
    def is_current(self) -> bool:
        """Whether the last evaluation is of the network as it is now."""
        return self.schedule.is_current(self._trainer.steps)

    def evaluate(self, urgent: bool) -> None:
        """Evaluates the evaluation set. Any command cancels it; do it again when there is time.

        urgent: whether the user is waiting for it. Raises Diverged.
        """
        start = perf_counter()
        try:
            evaluation = self._run("evaluating", self._trainer.evaluation_set, patience=0.0)
        except Diverged:
            self.schedule.record_failure(self._trainer.steps)
            raise
        if evaluation is not None:
            self.schedule.cost = perf_counter() - start
            self.schedule.record(evaluation, self._trainer.seconds)
            self._mail.post(evaluation, urgent=urgent)
            self._warn(evaluation)

    def score(self) -> None:
        """Evaluates the test set. Raises Diverged, and ConfigError if a command cancels it."""
        task = "scoring the test set"
        evaluation = self._run(task, self._trainer.dataset.test, patience=LONG)
        if evaluation is None:
            raise ConfigError("test", f"{task}: cancelled by the next command")
        self._mail.post(Scored(evaluation))

    def record(self, step: Step) -> None:
        """Records the evaluation that the last step of an epoch has."""
        if step.evaluation:
            self.schedule.record(step.evaluation, step.seconds)
            self._warn(step.evaluation)

    def _run(self, task: str, subset: Subset, patience: float) -> Evaluation | None:
        """Returns None if a command cancelled it after `patience` seconds."""

        def work(should_continue: ShouldContinue) -> Evaluation | None:
            return self._trainer.evaluate(subset, should_continue)

        return run_with_progress(self._mail, task, work, patience)

    def _warn(self, evaluation: Evaluation) -> None:
        for warning in evaluation.warnings:
            if warning not in self._warnings:
                self._warnings.add(warning)
                self._mail.post(Warned(warning, is_symptom=True), urgent=True)
