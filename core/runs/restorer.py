"""Restores the network of a kept run at any of its steps, and lets the run continue from there."""

from collections.abc import Iterator

from core.branches import path_to
from core.data.dataset import Dataset
from core.errors import RunError
from core.events import Step
from core.runs import other_data
from core.runs.content import RunContent
from core.runs.run_dataset import is_dataset_of
from core.runs.step_events import step_events
from core.training.checkpoint import Checkpoint
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from core.types import ShouldContinue, always


class Restorer:
    """Makes the trainers and timelines of a run from its checkpoints, for steps of its current
    branch. Every method raises RunError if the file cannot be used."""

    def __init__(self, run: RunContent) -> None:
        self._run = run

    def trainer_at(
        self, step: int, dataset: Dataset, should_continue: ShouldContinue = always
    ) -> Trainer | None:
        """Returns the trainer after a step, as `Run.trainer_at` describes it; None if
        `should_continue` returned False."""
        if is_dataset_of(self._run, dataset):
            timeline = self.timeline_at(step, dataset, should_continue)
            return timeline.trainer if timeline else None
        checkpoint = self.checkpoint_until(step)
        if checkpoint.steps != step:
            raise RunError(
                f"{self._run.name} has no checkpoint of step {step:,}: its network has to be "
                "recomputed, which needs the data that it was trained on"
            )
        return other_data.trainer_on(self._run.name, checkpoint, dataset, self._run.threads)

    def timeline_at(
        self, step: int, dataset: Dataset, should_continue: ShouldContinue
    ) -> Timeline | None:
        """Returns a timeline at a step; None if `should_continue` returned False."""
        run = self._run
        trainer = Trainer(run.config, dataset, run.threads)
        self._check_split(trainer)
        if run.start_step:
            start = run.reader.checkpoint(0, run.start_step)
            self._check_fit(start, trainer, trainer.checkpoint())
            trainer.restore(start)
        return Timeline.resume(
            trainer,
            run.branches,
            self._checkpoints(trainer),
            run.branch,
            step,
            self._event_at(step),
            should_continue,
        )

    def checkpoint_until(self, step: int) -> Checkpoint:
        """Returns the last checkpoint up to a step of the current branch."""
        path = path_to(self._run.branches, self._run.branch)
        last_steps = {branch.number: min(last, step) for branch, last in path}
        keys = [
            (at, branch)
            for branch, at in self._run.reader.checkpoint_keys()
            if at <= last_steps.get(branch, -1)
        ]
        if not keys:
            raise RunError(
                f"{self._run.name} has no checkpoint up to step {step:,}, so it needs the data "
                "that it was trained on"
            )
        at, branch = max(keys)
        return self._run.reader.checkpoint(branch, at)

    def _check_split(self, trainer: Trainer) -> None:
        """Raises RunError if the data is now split differently than when the run started."""
        before, now = self._run.meta["training_images"], len(trainer.training_set)
        if before != now:
            raise RunError(
                f"{self._run.path} cannot continue: an earlier version of the program trained it "
                f"on {before:,} of the images, and this one would use {now:,}"
            )

    def _event_at(self, at: int) -> Step | None:
        """Returns the event of a step of the current branch, without an evaluation.

        None at the start, and for a step that was dropped because the run is so long.
        """
        for branch, last in path_to(self._run.branches, self._run.branch):
            columns = self._run.reader.steps(branch.number, min(last, at), at)
            for step in step_events(columns, self._run.meta["training_images"]):
                return step
        return None

    def _checkpoints(self, trainer: Trainer) -> Iterator[tuple[int, Checkpoint]]:
        """Yields the checkpoints, each with its branch, that fit the network of `trainer`."""
        own = trainer.checkpoint()
        for branch, step in self._run.reader.checkpoint_keys():
            checkpoint = self._run.reader.checkpoint(branch, step)
            self._check_fit(checkpoint, trainer, own)
            if checkpoint.steps != step or branch >= len(self._run.branches):
                raise RunError(
                    f"{self._run.path} is damaged: its checkpoints do not fit its branches"
                )
            yield branch, checkpoint

    def _check_fit(self, checkpoint: Checkpoint, trainer: Trainer, own: Checkpoint) -> None:
        if not checkpoint.fits(own) or checkpoint.position >= len(trainer.order):
            raise RunError(f"{self._run.path} is damaged: its checkpoints do not fit its network")
