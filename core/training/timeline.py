"""A run with a history: go to any earlier step, and continue from there on another branch.

The timeline keeps checkpoints and recomputes the steps between them. They have exactly the numbers
of the first time, because the changes made by hand are repeated at their steps.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import nan
from typing import TypeVar

from core.branches import HISTORY_SHARE, owner, path_to
from core.errors import ConfigError
from core.events import Branch, Change, RunMoved, Step
from core.training.checkpoint import Checkpoint
from core.training.checkpoint_store import CheckpointStore
from core.training.interrupts import DeferredInterrupt
from core.training.limits import check_memory
from core.training.trainer import Trainer
from core.types import ShouldContinue, always

_MEGABYTE = 1_000_000
_Found = TypeVar("_Found")


class Timeline:
    """The history of the run of `trainer`. From now on, step and change the run only here.

    Checkpoints take at most 7/8 of `config.timeline_memory` megabytes; but the first and the latest
    are always kept, even if the network is so large that they exceed it. Going to another step
    needs memory for one more. Raises ConfigError if the machine has too little.
    """

    def __init__(self, trainer: Trainer) -> None:
        sizes = trainer.network.sizes
        images = len(trainer.training_set)
        check_memory(trainer.config, sizes[0], sizes[-1], images, timeline=True)
        self.trainer = trainer
        self.start_step = trainer.steps
        self._start_epochs, self._start_position = trainer.epochs, trainer.position
        self._start_config = trainer.config
        self.last_event = _first_event(trainer)  # of the current step; None before the first one
        self._branches = [Branch(0, None, self.start_step, self.start_step)]
        budget = int(trainer.config.timeline_memory * _MEGABYTE * (1 - HISTORY_SHARE))
        self._checkpoints = CheckpointStore(trainer.checkpoint(), budget)
        self._select_branch(0)

    @classmethod
    def resume(
        cls,
        trainer: Trainer,
        branches: Sequence[Branch],
        checkpoints: Iterable[tuple[int, Checkpoint]],
        number: int,
        step: int,
        event: Step | None = None,
        should_continue: ShouldContinue = always,
    ) -> "Timeline | None":
        """Returns the timeline of a kept run, at a step of the branch with this number.

        trainer: a new one, with the run's first settings. checkpoints: each with its branch, in
        any order. event: that of the step, which becomes `last_event`; without it, the step is
        recomputed. should_continue: as for `go_to`; if it returns False, this method returns None.
        """
        timeline = cls(trainer)
        timeline._branches = list(branches)
        kept = {(branch, c.steps): c for branch, c in checkpoints if c.steps > timeline.start_step}
        for (branch, _), checkpoint in sorted(kept.items(), key=lambda item: item[0][::-1]):
            timeline._checkpoints.add(branch, checkpoint)
        timeline._select_branch(number)
        timeline._repeat_changes()
        last_steps = {branch.number: last for branch, last in path_to(branches, number)}
        exact = [kept.get((n, step)) for n, last in last_steps.items() if step <= last]
        if event and any(exact):
            trainer.restore(next(filter(None, exact)))
            timeline._repeat_changes()
        elif step > timeline.start_step:
            timeline._restore_before(number, step)
            if not timeline._replay_to(step, should_continue):
                return None
        if event:
            trainer.seconds = event.seconds  # computing steps again took another time
            averages = trainer.epoch_averages
            event = replace(event, epoch_loss=averages.loss, epoch_accuracy=averages.accuracy)
        timeline.last_event = event or timeline.last_event
        return timeline

    @property
    def current_step(self) -> int:
        """The step the run is at: the number of batches that the network was trained on."""
        return self.trainer.steps

    @property
    def branch(self) -> Branch:
        """The branch that the run is on."""
        return self._branches[self._number]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """All branches, in the order of their numbers, which count from 0."""
        return tuple(self._branches)

    @property
    def end_step(self) -> int:
        """The last step of the branch that the run is on."""
        return self.branch.end

    def epoch_end(self, epoch: int) -> int | None:
        """Returns the step of this branch that completes an epoch; None if it has no such step."""
        changes = self._changes_on(self._number)
        config, images = self._start_config, len(self.trainer.order)
        step, epochs, position = self.start_step, self._start_epochs, self._start_position
        for end in sorted({*changes, self.end_step}):
            while step < end and epochs < epoch:
                batches = config.batches(images - position)
                if step + batches <= end:
                    step, epochs, position = step + batches, epochs + 1, 0
                else:
                    position += (end - step) * config.batch_size
                    step = end
            for group in changes.get(end, ()):
                config = config.replace(**{change.field: change.new for change in group})
        return step if (epochs, position) == (epoch, 0) else None

    @property
    def last_healthy_step(self) -> int:
        """The last step on the way to the current one before the loss jumped.

        See core.training.loss_health.
        """
        return max(self.trainer.loss_health.last_healthy_step, self.start_step)

    @property
    def nbytes(self) -> int:
        """The memory used by the checkpoints, in bytes."""
        return self._checkpoints.nbytes

    def moved(self) -> RunMoved:
        """Returns the event that the run has moved to the current step and branch."""
        return RunMoved(
            self.current_step,
            self.last_event,
            self.trainer.config,
            self.branch.number,
            self.branches,
        )

    def step(self) -> Step:
        """Trains on one batch. Before the end of the branch, this repeats its next step.

        Raises Diverged, with the run as before.
        """
        with DeferredInterrupt():
            self.last_event = self.trainer.step()
            if self.current_step > self.end_step:
                self._branches[self._number] = replace(self.branch, end=self.current_step)
                if self._checkpoints.due(self.current_step):
                    self._checkpoints.add(self._number, self.trainer.checkpoint())
            else:
                self._repeat_changes()
            return self.last_event

    def change(self, **values: object) -> list[Change]:
        """Changes settings like Trainer.change. Before the end of the branch, starts a new one."""
        changes = self.trainer.change(**values)
        if changes and self.current_step < self.end_step:
            self._start_branch()
        if changes:
            group = tuple(changes)
            groups = (*self.branch.change_groups, group)
            self._branches[self._number] = replace(self.branch, change_groups=groups)
        return changes

    def go_to(self, step: int, should_continue: ShouldContinue = always) -> bool:
        """Goes to a step of this branch, earlier or later, and to the settings in force there.

        Afterwards `last_event` is the event of that step, except for its seconds.

        should_continue: called with the fraction done, 0..1, before each recomputed step. If it
            returns False, the run goes back to where it was, and this method returns False.

        Raises ConfigError if the branch has no such step.
        """
        if not self.start_step <= step <= self.end_step:
            raise ConfigError(
                "step",
                f"step: enter {self.start_step:,} to {self.end_step:,}, the steps of this branch",
            )
        return self._move(self._number, step, should_continue)

    def revisit(
        self, step: int, look: Callable[[Trainer], _Found], should_continue: ShouldContinue = always
    ) -> _Found | None:
        """Returns what `look` finds in the run at an earlier step of this branch; the run stays
        where it is.

        should_continue: as for `go_to`; if it returns False, this method returns None.
        """
        before = self._number, self.last_event, self.trainer.checkpoint()
        try:
            self._restore_before(self._number, step)
            return look(self.trainer) if self._replay_to(step, should_continue) else None
        finally:
            self._return_to(*before)

    def switch_branch(self, number: int, should_continue: ShouldContinue = always) -> bool:
        """Goes to the end of a branch, like `go_to`. Raises ConfigError if it does not exist."""
        if not 0 <= number < len(self._branches):
            last = len(self._branches) - 1
            raise ConfigError("branch", f"branch: enter 0 to {last}; there is no branch {number}")
        return self._move(number, self._branches[number].end, should_continue)

    def _start_branch(self) -> None:
        """Starts a branch at the current step and selects it."""
        step, number = self.current_step, len(self._branches)
        parent = owner(self._branches, self._number, step)
        self._branches.append(Branch(number, parent.number, step, step))
        self._select_branch(number)

    def _move(self, number: int, step: int, should_continue: ShouldContinue) -> bool:
        if (number, step) == (self._number, self.current_step):
            return True
        before = self._number, self.last_event, self.trainer.checkpoint()
        done = False
        try:
            self._restore_before(number, step)
            done = self._replay_to(step, should_continue)
        finally:  # also after Ctrl-C
            if not done:
                self._return_to(*before)
        return done

    def _return_to(self, number: int, event: Step | None, checkpoint: Checkpoint) -> None:
        self.last_event = event
        self._select_branch(number)
        self.trainer.restore(checkpoint)

    def _restore_before(self, number: int, step: int) -> None:
        """Restores the last checkpoint before the step, unless the run is already closer."""
        same_branch = number == self._number
        self._select_branch(number)
        path = path_to(self._branches, number)
        last_steps = {branch.number: last for branch, last in path}
        # Not a checkpoint of the step itself: its event has to be recomputed too.
        checkpoint = self._checkpoints.last_before(max(step, self.start_step + 1), last_steps)
        if not (same_branch and checkpoint.steps <= self.current_step < step):
            self.trainer.restore(checkpoint)
            is_start = checkpoint.steps == self.start_step
            self.last_event = _first_event(self.trainer) if is_start else None
            self._repeat_changes()

    def _replay_to(self, step: int, should_continue: ShouldContinue) -> bool:
        first = self.current_step
        while self.current_step < step:
            if not should_continue((self.current_step - first) / (step - first)):
                return False
            self.last_event = self.trainer.step()
            # Keep checkpoints 2, 4, 8, ... steps before the target, so that going back from there
            # step by step does not recompute all of them each time.
            left = step - self.current_step
            if left > 1 and left.bit_count() == 1:
                self._checkpoints.add_temporary(self._number, self.trainer.checkpoint())
            self._repeat_changes()
        return True

    def _repeat_changes(self) -> None:
        """Repeats the changes that the user made at the current step, in the same groups."""
        for group in self._change_groups.get(self.current_step, ()):
            self.trainer.change(**{change.field: change.new for change in group})

    def _select_branch(self, number: int) -> None:
        """Makes this the current branch, and collects the changes that are repeated on it."""
        self._number = number
        self._change_groups = self._changes_on(number)

    def _changes_on(self, number: int) -> dict[int, list[tuple[Change, ...]]]:
        """Returns the groups of changes on the path to a branch, by their step."""
        changes: dict[int, list[tuple[Change, ...]]] = {}
        for branch, last in reversed(list(path_to(self._branches, number))):
            for group in branch.change_groups:
                if group[0].step <= last:
                    changes.setdefault(group[0].step, []).append(group)
        return changes


def _first_event(trainer: Trainer) -> Step | None:
    """Returns the event of the step where a run begins: None, unless it continues from another.

    No image was used for it, and it has no loss.
    """
    if not trainer.steps:
        return None
    size = len(trainer.order)
    within = (trainer.epochs + 1, trainer.position) if trainer.position else (trainer.epochs, size)
    return Step(
        *(trainer.steps, *within, size, 0, nan, nan),
        *(trainer.learning_rate, trainer.seconds),
        evaluation=None,
    )
