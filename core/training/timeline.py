"""A run in which one can go back to any step, and on from there in another way.

States are kept along the way, and the steps from the last one before are made again: exactly
those of the first time, with the changes that were made by hand at their places.
"""

from collections.abc import Callable
from dataclasses import replace

from core.branches import path_to
from core.errors import ConfigError
from core.events import Branch, Change, Step
from core.metrics import RunningAverage
from core.training.checkpoint_store import CheckpointStore
from core.training.trainer import Trainer

_MEGABYTE = 1_000_000
_SMOOTHING = 0.9  # of the average that a loss is compared with
_UNHEALTHY = 2.0  # times that average


class Timeline:
    """The past of the run of `trainer`, which from now on is to be stepped and changed here only.

    In `config.timeline_memory` megabytes, but for nets so large that there is no room for two
    states: the first and the latest are kept always. While it goes somewhere it holds one more.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.start = trainer.steps
        self.last: Step | None = None  # the step that led to here; None at the start
        self._branches = [Branch(0, None, self.start, self.start)]
        self._states = CheckpointStore(
            trainer.checkpoint(), trainer.config.timeline_memory * _MEGABYTE
        )
        self._average = RunningAverage(_SMOOTHING)
        self._healthy = {0: self.start}  # by the number of a branch
        self._follow(0)

    @property
    def at(self) -> int:
        """The step after which the run stands now."""
        return self.trainer.steps

    @property
    def branch(self) -> Branch:
        """The branch on which the run stands."""
        return self._branches[self._number]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """All there are, each at the place of its number."""
        return tuple(self._branches)

    @property
    def end(self) -> int:
        """The last step of the branch on which the run stands."""
        return self.branch.end

    @property
    def last_healthy_step(self) -> int:
        """The last step of this branch after which the network did as well as before on the next
        batch: its loss was at most twice the average of the last ones."""
        return min(self._healthy[self._number], self.at)

    @property
    def nbytes(self) -> int:
        """The memory of the states that are kept."""
        return self._states.nbytes

    def step(self) -> Step:
        """Trains on one batch; before the end of the branch, makes the next of its steps again.

        Raises Diverged, as Trainer.step, with the run as before.
        """
        self.last = self.trainer.step()
        if self.at > self.end:
            self._branches[self._number] = replace(self.branch, end=self.at)
            if self._states.due(self.at):
                self._states.keep(self._number, self.trainer.checkpoint())
        else:
            self._change_again()
        if not self.last.loss > _UNHEALTHY * self._average.add(self.last.loss):
            self._healthy[self._number] = self.at - 1
        return self.last

    def change(self, **values: object) -> list[Change]:
        """Changes settings, as Trainer.change; before the end of the branch, begins another one."""
        changes = self.trainer.change(**values)
        if changes and self.at < self.end:
            path = path_to(self._branches, self._number)
            parent = next(b for b, _ in path if b.parent is None or self.at >= b.fork)
            self._branches.append(Branch(len(self._branches), parent.number, self.at, self.at))
            self._healthy[len(self._healthy)] = self.last_healthy_step
            self._follow(len(self._branches) - 1)
        if changes:
            group = tuple(changes)
            groups = (*self.branch.change_groups, group)
            self._branches[self._number] = replace(self.branch, change_groups=groups)
            self._change_groups.setdefault(self.at, []).append(group)
        return changes

    def go_to(
        self, step: int, should_continue: Callable[[float], bool] = lambda share: True
    ) -> bool:
        """Goes to a step of this branch, back or forth, with the changes in force that were made
        there; `last` is that step again, but for its seconds.

        Before each step that it makes again it asks `go_on`, with the share that is done; when
        told not to, the run stands where it stood, and False is returned. Raises ConfigError if
        the branch has no such step.
        """
        if not self.start <= step <= self.end:
            raise ConfigError(
                "step",
                f"step must be from {self.start} to {self.end}, those of this branch, got {step}",
            )
        return self._travel(self._number, step, should_continue)

    def switch_branch(
        self, number: int, should_continue: Callable[[float], bool] = lambda share: True
    ) -> bool:
        """Goes to the end of a branch, as `go`. ConfigError if there is none of this number."""
        if not 0 <= number < len(self._branches):
            raise ConfigError(
                "branch", f"branch must be from 0 to {len(self._branches) - 1}, got {number}"
            )
        return self._travel(number, self._branches[number].end, should_continue)

    def _travel(self, number: int, step: int, should_continue: Callable[[float], bool]) -> bool:
        if (number, step) == (self._number, self.at):
            return True
        before = self._number, self.last, self.trainer.checkpoint()
        arrived = False
        try:
            self._approach(number, step)
            arrived = self._replay(step, should_continue)
        finally:  # even if it was interrupted
            if not arrived:
                number, self.last, state = before
                self._follow(number)
                self.trainer.restore(state)
        return arrived

    def _approach(self, number: int, step: int) -> None:
        """Puts the run to the last state before the step, if it does not stand closer already."""
        same = number == self._number
        self._follow(number)
        path = path_to(self._branches, number)
        last_steps = {branch.number: last for branch, last in path}
        # Before the step, not at it, so that `last` is made again too.
        state = self._states.last(last_steps, max(step, self.start + 1))
        if not (same and state.steps <= self.at < step):
            self.trainer.restore(state)
            self.last = None
            self._change_again()

    def _replay(self, step: int, should_continue: Callable[[float], bool]) -> bool:
        first = self.at
        while self.at < step:
            if not should_continue((self.at - first) / (step - first)):
                return False
            self.last = self.trainer.step()
            # Stepping stones 2, 4, 8, … steps before, so that to go back on from there, step by
            # step, does not make all of them again each time.
            left = step - self.at
            if left > 1 and left.bit_count() == 1:
                self._states.keep_near(self._number, self.trainer.checkpoint())
            self._change_again()
        return True

    def _change_again(self) -> None:
        """The changes that were made by hand at this step."""
        for group in self._change_groups.get(self.at, ()):
            self.trainer.change(**{change.field: change.new for change in group})

    def _follow(self, number: int) -> None:
        """From now on, `number` is the branch on which the run stands."""
        self._number = number
        self._change_groups: dict[int, list[tuple[Change, ...]]] = {}
        for branch, last in reversed(list(path_to(self._branches, number))):
            for group in branch.change_groups:
                if group[0].step <= last:
                    self._change_groups.setdefault(group[0].step, []).append(group)
