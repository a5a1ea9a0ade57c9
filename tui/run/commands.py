"""Carries out the session's commands in the training thread."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path

from core.config.config import Config
from core.data.dataset import Dataset
from core.data.reading import Reading
from core.errors import ConfigError, CoreError, DataError
from core.events import PaceChanged, Phase, Warned
from core.goals import Goal
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from core.types import ShouldContinue
from tui.run.data import load
from tui.run.keeping import Keeping
from tui.run.mailbox import Command, Mailbox
from tui.run.moves import Moves
from tui.run.plan import Plan
from tui.run.resumed import resume
from tui.run.resumption import Resumption
from tui.run.runner import Runner


class Commands:
    """Opens the runs of `runner`, lets them run to goals, and moves them along their timelines."""

    def __init__(self, mail: Mailbox, keeping: Keeping, runner: Runner) -> None:
        self._mail = mail
        self._keeping = keeping
        self._runner = runner
        self._initial = b""  # a digest of the initial weights of the run; of a kept one, unknown
        self._moves = Moves(mail)

    @property
    def timeline(self) -> Timeline:
        return self._runner.timeline

    @property
    def trainer(self) -> Trainer:
        return self._runner.trainer

    def carry_out(self, command: Command) -> None:
        """Carries out one command. Raises ConfigError if it is refused."""
        self._moves.begin_command(
            is_step_back=isinstance(command, partial) and command.func == self.step_back
        )
        command()

    def start_run(
        self, config: Config, data: Dataset, plan: Plan | None = None, path: Path | None = None
    ) -> None:
        """Starts a new run. path: of the data, if it is not the same as before."""
        runner, timeline = self._runner, Timeline(Trainer(config, data))
        runner.plan = plan or Plan()
        before, self._initial = self._initial, _digest(timeline.trainer)
        same_start = self._initial == before if before else None
        started = replace(timeline.trainer.started(), same_start=same_start)
        runner.begin(timeline, started)
        self._keeping.start(timeline.trainer, started, path)
        runner.change_as_planned()
        if timeline.trainer.config is not config:
            runner.post_move()
        runner.set_phase(Phase.PAUSED)

    def resume_run(self, resumption: Resumption) -> None:
        """Continues a kept run, or a copy of it. Raises RunError or DataError: see `resume`."""
        runner = self._runner
        current = runner.trainer.dataset if runner.has_run else None
        resumed = resume(resumption, current, self._mail, self._keeping)
        started = resumed.timeline.trainer.started(resumed.records)
        started = replace(started, test_evaluation=resumed.test_evaluation)
        runner.begin(resumed.timeline, started)
        self._initial = b""
        runner.post_move()
        if resumption.changes:
            runner.change(**resumption.changes)
        runner.plan = Plan()
        self._mail.post(*map(Warned, resumed.notes))
        runner.rest()

    def switch_run(self, path: Path) -> None:
        """Continues another kept run; the current one is kept as it is.

        Raises ConfigError if that cannot be done; then the current run is paused.
        """
        self._pause()
        if path == self._keeping.path:
            raise ConfigError("run", f"{path.stem} is the run on the screen")
        try:
            self.resume_run(Resumption(path))
        except CoreError as error:
            raise ConfigError("run", str(error)) from error

    def open_data(self, path: Path, config: Config, reading: Reading | None = None) -> None:
        """Starts a new run on other data; the current one is kept as it is.

        path, reading: where the data is, and how to read it.

        Raises ConfigError if that cannot be done; then the current run is paused.
        """
        self._pause()
        try:
            self.start_run(config, load(self._mail, path, reading), path=path)
        except DataError as error:  # it begins with the path
            raise ConfigError("data", f"data: {error}") from error
        except CoreError as error:
            raise ConfigError("data", str(error)) from error

    def restart(self, config: Config, left_out: tuple[int, ...] | None = None) -> None:
        """left_out: the training images to leave out; None: those that the run leaves out now."""
        data = self.trainer.dataset
        try:
            data = data if left_out is None else data.without(left_out)
        except DataError as error:
            raise ConfigError("data", str(error)) from error
        self.start_run(config, data)

    def rename(self, name: str) -> None:
        self._keeping.rename(name)

    def close(self) -> None:
        """Writes what is left of a run that is kept."""
        self._keeping.close()

    def toggle(self) -> None:
        if self._runner.is_running or self._moves.is_stopped:
            self._runner.rest()
        else:
            self._runner.run()

    def steps(self, count: int) -> None:
        step, goal = self.trainer.steps, self._runner.goal
        target = goal.value if goal and goal.kind == "step" else step
        self._runner.run(Goal("step", max(target, step) + count))

    def epoch(self) -> None:
        self._runner.run(Goal("epoch", self.trainer.epochs + 1))

    def go_to_goal(self, goal: Goal) -> None:
        runner, trainer = self._runner, self.trainer
        if (step := self._place_of(goal)) is not None:
            self._move_to(step)
            return
        if goal.kind == "accuracy" and not runner.evaluator.is_current:
            runner.evaluate()  # the last evaluation is of another network
            if runner.has_diverged:
                return
        if goal.met(trainer.steps, trainer.time, runner.evaluator.schedule.accuracy):
            fault = f"the run is already at or past {goal}; go back with b or the timeline"
            if goal.kind == "epoch":
                start = self.timeline.start_step
                fault = f"the run has no {goal}: before step {start:,} it was trained on other data"
            raise ConfigError("goal", fault)
        runner.run(goal)

    def _place_of(self, goal: Goal) -> int | None:
        """The step of this branch that is meant by a goal; None if there is none yet."""
        if goal.kind == "epoch":
            return self.timeline.epoch_end(int(goal.value))
        is_place = goal.kind == "step" and goal.value <= self.timeline.end_step
        return int(goal.value) if is_place else None

    def step_back(self, count: int) -> None:
        timeline = self.timeline
        if self._runner.has_diverged:
            self._move_to(timeline.last_healthy_step)
        elif timeline.current_step == timeline.start_step and not self._runner.is_running:
            fault = "there is no step to go back to"
            if timeline.start_step:
                fault = f"before step {timeline.start_step:,} it was trained on other data"
            raise ConfigError("step", f"the run is at its start: {fault}")
        else:
            start = self._moves.stopped_at  # this continues from there
            start = timeline.current_step if start is None else start
            step = max(start - count, timeline.start_step)
            self._move_to(step, back_to=step)

    def go_to_step(self, step: int) -> None:
        step = min(max(step, self.timeline.start_step), self.timeline.end_step)
        if self._runner.is_running or step != self.timeline.current_step:
            self._move_to(step)

    def switch_branch(self, branch: int) -> None:
        task = f"going to branch {branch + 1}"
        self._move(task, partial(self.timeline.switch_branch, branch))

    def change_pace(self, by: int) -> None:
        self._runner.pace.change(by)
        self._mail.post(PaceChanged(self._runner.pace.steps_per_second))

    def _pause(self) -> None:
        if self._runner.is_running:
            self._runner.set_phase(Phase.PAUSED)

    def _move_to(self, step: int, back_to: int | None = None) -> None:
        self._move(f"going to step {step:,}", partial(self.timeline.go_to, step), back_to)

    def _move(
        self, task: str, move: Callable[[ShouldContinue], bool], back_to: int | None = None
    ) -> None:
        """Moves the run to another step or branch, then pauses it. A command may cancel this."""
        if self._moves.make(task, move, back_to):
            self._runner.rest_after_move()


def _digest(trainer: Trainer) -> bytes:
    """Returns a digest of the weights of a network."""
    return blake2b(trainer.network.parameters.tobytes(), digest_size=16).digest()
