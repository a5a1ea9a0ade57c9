"""Carries out the session's commands in the training thread, and posts events about the run."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.config.config import Config
from core.data.dataset import Dataset
from core.data.reading import Reading
from core.errors import ConfigError, CoreError, DataError, Diverged
from core.events import (
    BranchChanged,
    Evaluation,
    PaceChanged,
    Phase,
    PhaseChanged,
    Refused,
    RunStarted,
    Step,
    Warned,
)
from core.goals import Goal
from core.history.branch_history import BranchHistory
from core.runs.owner import Owner
from core.runs.run import Run
from core.runs.summary import summarize
from core.training.rate_jump import rate_jump
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from core.types import Bytes, ShouldContinue, ignore
from core.what_if.subject import Answer, Question
from tui.run.data import load
from tui.run.evaluator import Evaluator
from tui.run.inspector import Inspector, Work
from tui.run.keeping import OTHER_DATA, READ_ONLY, Keeping
from tui.run.mailbox import Command, Mailbox
from tui.run.pace import Pace
from tui.run.plan import Plan
from tui.run.progress import LONG, run_with_progress
from tui.run.questions import Questions
from tui.run.resumption import Resumption

_PAINTED = 0.03  # seconds after which the screen has painted an answer


class _Move(NamedTuple):
    """A move to another step or branch that a command cancelled. back_to: the target, if it was a
    move back by some steps; another one continues from there.
    """

    task: str
    back_to: int | None


class Driver:
    """Drives one run at a time. Before `start_run`, only `set_phase` can be called."""

    def __init__(self, mail: Mailbox, keeping: Keeping) -> None:
        self._mail = mail
        self._keeping = keeping
        self._timeline: Timeline | None = None
        self._running = False
        self._failed = False  # by an error; there is no work until a command changes the phase
        # At the next step, whatever the phase is now: how it was noticed first.
        self._diverged: Diverged | None = None
        self._goal: Goal | None = None  # where to pause; None: at the end
        self._pace = Pace()
        self._evaluator: Evaluator | None = None
        self._inspector: Inspector
        self._questions = Questions(mail)
        self._plan = Plan()
        self._initial = b""  # a digest of the initial weights of the run; of a kept one, unknown
        self._classified = np.empty(0, np.uint8)  # the latest picture
        self.interlude: Callable[[], object] = ignore  # see `Trainer.interlude`
        self._cancelled: _Move | None = None  # by the command that comes next
        self._stopped: _Move | None = None  # by the current command
        self._waiting: set[Callable[[], None]] = set()  # for the commands that cancelled them

    @property
    def timeline(self) -> Timeline:
        assert self._timeline is not None
        return self._timeline

    @property
    def trainer(self) -> Trainer:
        return self.timeline.trainer

    @property
    def evaluator(self) -> Evaluator:
        assert self._evaluator is not None
        return self._evaluator

    @property
    def timeout(self) -> float | None:
        """Seconds to wait for a command before calling `work`; None: there is no work."""
        if self._questions and not self._failed:
            return 0.0
        if self._running:
            return self._pace.seconds_left
        if self._failed or self.evaluator.is_current:
            return None
        return min(self._pace.seconds_left, _PAINTED)

    def work(self) -> None:
        """Makes a step if the run is running; otherwise evaluates the network.

        Questions are answered between two steps, in at most half of the time, and after the
        evaluation.
        """
        if self._running:
            waits = self._pace.steps_per_second and self._pace.seconds_left
            if waits or self._questions.are_due:
                self._questions.work(shares_time=not waits)
            else:
                self._make_step()
        elif self.evaluator.is_current:
            self._questions.work()
        else:
            self._evaluate()

    def set_phase(self, phase: Phase, message: str | None = None) -> None:
        self._running = phase is Phase.RUNNING
        self._failed = phase is Phase.FAILED
        if not self._running:
            self._goal = None
            self._keeping.note_pause()
        self._mail.post(PhaseChanged(phase, message, self._goal), urgent=True)

    def start_run(
        self, config: Config, data: Dataset, plan: Plan | None = None, path: Path | None = None
    ) -> None:
        """Starts a new run. path: of the data, if it is not the same as before."""
        timeline = Timeline(Trainer(config, data))
        self._plan = plan or Plan()
        before, self._initial = self._initial, _digest(timeline.trainer)
        same_start = self._initial == before if before else None
        started = self._begin(timeline, (), same_start=same_start)
        self._keeping.start(timeline.trainer, started, path)
        self._change_as_planned()
        if timeline.trainer.config is not config:
            self._post_move()
        self.set_phase(Phase.PAUSED)

    def resume_run(self, resumption: Resumption) -> None:
        """Continues a kept run, or a copy of it if another program has it open or if the
        data is other than its own.

        Raises RunError or DataError if that cannot be done.
        """
        summary = summarize(resumption.path)
        elsewhere = summary.is_open_elsewhere
        with Run(resumption.path, in_memory=elsewhere) as kept:
            current = self.trainer.dataset if self._timeline else None
            data = resumption.dataset_of(kept, current)
            run = resumption.with_data(kept, data)
            timeline = run_with_progress(
                self._mail, f"resuming {run.name}", partial(run.timeline, data), math.inf
            )
            assert timeline is not None  # the next command waits
            records, scored = run.records(), run.test_evaluation(data)
            if run is not kept:
                self._keeping.copy(timeline.trainer, run, OTHER_DATA)
            elif elsewhere:
                self._keeping.copy(timeline.trainer, run, READ_ONLY, resumption.data)
            else:
                self._keeping.resume(timeline.trainer, run, resumption.data)
            self._begin(timeline, records, scored)
            self._initial = b""
            self._post_move()
            if resumption.changes:
                self.change(**resumption.changes)
            self._plan = Plan()
            if run is not kept and run.origin:
                self._mail.post(Warned(run.origin.notice(data.name)))
            elif elsewhere:
                self._mail.post(Warned(_read_only(run, summary.owner)))
            for difference in run.differences():
                self._mail.post(Warned(difference))
        self._rest()

    def switch_run(self, path: Path) -> None:
        """Continues another kept run; the current one is kept as it is.

        Raises ConfigError if that cannot be done; then the current run is paused.
        """
        if self._running:
            self.set_phase(Phase.PAUSED)
        if path == self._keeping.path:
            raise ConfigError("run", f"{path.stem} is the run on the screen")
        try:
            self.resume_run(Resumption(path))
        except CoreError as error:
            raise ConfigError("run", str(error)) from error

    def open_data(self, path: Path, config: Config, reading: Reading | None = None) -> None:
        """Starts a new run on other data; the current one is kept as it is.

        path, reading: where the data are, and how to read them.

        Raises ConfigError if that cannot be done; then the current run is paused.
        """
        if self._running:
            self.set_phase(Phase.PAUSED)
        try:
            self.start_run(config, load(self._mail, path, reading), path=path)
        except CoreError as error:
            raise ConfigError("data", str(error)) from error

    def _begin(
        self,
        timeline: Timeline,
        records: Sequence[BranchHistory],
        scored: Evaluation | None = None,
        same_start: bool | None = None,
    ) -> RunStarted:
        """Makes this the current run. scored: its last evaluation on the test set."""
        trainer = timeline.trainer
        self._timeline = timeline
        trainer.interlude = self.interlude
        self._evaluator, self._diverged = Evaluator(self._mail, trainer), None
        self._inspector = Inspector(self._mail)
        self._questions.clear()
        started = trainer.started(records)
        started = replace(started, test_evaluation=scored, same_start=same_start)
        self._mail.post(started)
        return started

    def rename(self, name: str) -> None:
        self._keeping.rename(name)

    def close(self) -> None:
        """Writes what is left of a run that is kept."""
        self._keeping.close()

    def restart(self, config: Config, left_out: tuple[int, ...] | None = None) -> None:
        """left_out: the training images to leave out; None: those that the run leaves out now."""
        data = self.trainer.dataset
        try:
            data = data if left_out is None else data.without(left_out)
        except DataError as error:
            raise ConfigError("data", str(error)) from error
        self.start_run(config, data)

    def carry_out(self, command: Command) -> None:
        """Carries out one command. Raises ConfigError if it is refused."""
        stopped, self._cancelled = self._cancelled, None
        self._stopped = stopped
        is_more = isinstance(command, partial) and command.func == self.step_back
        if stopped and not (is_more and stopped.back_to is not None):
            message = f"{stopped.task}: cancelled by the next command"
            self._mail.post(Refused("step", message), urgent=True)
        command()

    def toggle(self) -> None:
        if self._running or self._stopped:
            self._rest()
        else:
            self._run(None)

    def step(self) -> None:
        """Makes a step; the evaluation after it waits until the step is painted."""
        # Makes the step now, so that two key presses make two steps and later commands come after
        # it. The phase "running" is not posted, because the screen would draw it first.
        if self.trainer.finished:
            self.set_phase(Phase.FINISHED)
        else:
            self._running, self._goal = True, Goal("step", self.trainer.steps + 1)
            self._make_step()
            self._pace.wait(_PAINTED)

    def steps(self, count: int) -> None:
        step = self.trainer.steps
        target = self._goal.value if self._goal and self._goal.kind == "step" else step
        self._run(Goal("step", max(target, step) + count))

    def epoch(self) -> None:
        self._run(Goal("epoch", self.trainer.epochs + 1))

    def go_to_goal(self, goal: Goal) -> None:
        trainer = self.trainer
        if goal.kind == "step" and goal.value <= self.timeline.end_step:
            self._move_to(int(goal.value))
            return
        if goal.kind == "accuracy" and not self.evaluator.is_current:
            self._evaluate()  # the last evaluation is of another network
            if self._diverged:
                return
        if goal.met(trainer.steps, trainer.time, self.evaluator.schedule.accuracy):
            raise ConfigError(
                "goal", f"the run is already at or past {goal}; go back with b or the timeline"
            )
        self._run(goal)

    def step_back(self, count: int) -> None:
        timeline = self.timeline
        if self._diverged:
            self._move_to(timeline.last_healthy_step)
        elif timeline.current_step == timeline.start_step and not self._running:
            fault = "there is no step to go back to"
            if timeline.start_step:
                fault = f"before step {timeline.start_step:,} it was trained on other data"
            raise ConfigError("step", f"the run is at its start: {fault}")
        else:
            start = timeline.current_step
            if self._stopped and self._stopped.back_to is not None:  # this continues from there
                start = self._stopped.back_to
            step = max(start - count, timeline.start_step)
            self._move_to(step, back_to=step)

    def go_to_step(self, step: int) -> None:
        step = min(max(step, self.timeline.start_step), self.timeline.end_step)
        if self._running or step != self.timeline.current_step:
            self._move_to(step)

    def switch_branch(self, branch: int) -> None:
        task = f"going to branch {branch + 1}"
        self._move(task, partial(self.timeline.switch_branch, branch))

    def change_pace(self, by: int) -> None:
        self._pace.change(by)
        self._mail.post(PaceChanged(self._pace.steps_per_second))

    def change(self, **values: object) -> None:
        branch, rate = self.timeline.branch.number, self.trainer.learning_rate
        notes = self.trainer.notes
        changes = self.timeline.change(**values)
        for note in self.trainer.notes:
            if note not in notes:
                self._mail.post(Warned(note), urgent=True)
        if jump := rate_jump(changes, self.trainer, rate):
            self._mail.post(Warned(jump), urgent=True)
        if self.timeline.branch.number != branch:
            self._post_move()
        elif changes:
            self._mail.post(BranchChanged(self.timeline.branch))
        self._mail.post(*changes)
        if not self._running and not self.trainer.finished:
            self.set_phase(Phase.PAUSED)

    def score(self) -> None:
        try:
            self.evaluator.score()
        except Diverged as error:
            self._report_divergence(error)

    def trace_step(self) -> None:
        if not self.trainer.finished:
            self._inspector.trace_step(self.trainer, self._running)
        elif not self._inspector.trace_last_step(self.timeline):
            self._repeat_later(self.trace_step)

    def survey(self) -> None:
        if not self._inspector.survey(self.trainer):
            self._repeat_later(self.survey)

    def classify(self, picture: Bytes) -> None:
        """After a stroke, training waits until it is painted: Python runs one thread at a time."""
        self._inspector.classify(self.trainer, picture)
        if not np.array_equal(picture, self._classified):
            self._classified = picture
            self._pace.wait(_PAINTED)

    def examine(self, task: str, work: Work) -> bool:
        """Returns False if a command cancelled it; then it can be repeated after that."""
        return self._inspector.examine(self.trainer, task, work)

    def ask(self, question: Question[Answer]) -> None:
        """Answers a question of core.what_if about the network as it is now, in slices."""
        self._questions.ask(self.trainer, question)

    def stop_asking(self, question: Question[Answer]) -> None:
        self._questions.stop(question)

    def find_rate(self, is_stopped: Callable[[], bool]) -> None:
        """Training that is running waits, and continues afterwards."""
        self._inspector.find_rate(self.trainer, is_stopped)

    def measure_along_step(self, step: int) -> None:
        if not self._running and not self._inspector.measure_along_step(self.timeline, step):
            self._repeat_later(partial(self.measure_along_step, step))

    def _repeat_later(self, command: Callable[[], None]) -> None:
        """Repeats a command once after those that cancelled it, however often it was requested."""

        def repeat() -> None:
            self._waiting.discard(command)
            if not self._running:
                command()

        if not self._running and command not in self._waiting:
            self._waiting.add(command)
            self._mail.put(repeat, cancels=False)

    def _run(self, goal: Goal | None) -> None:
        if self.trainer.finished:
            self.set_phase(Phase.FINISHED)
        else:
            self._goal = goal
            self._pace.start()
            self.set_phase(Phase.RUNNING)

    def _make_step(self) -> None:
        trainer, config = self.trainer, self.trainer.config
        if self.timeline.current_step == self.timeline.start_step:
            self._inspector.measure_layers(trainer)
        try:
            step = self.timeline.step()
        except Diverged as error:
            self._report_divergence(error)
            return
        self._diverged = None
        self._mail.post(step, urgent=self._pace.steps_per_second is not None)
        if self.timeline.current_step == self.timeline.end_step:
            self._keeping.note_step()
            self._change_as_planned()
        self.evaluator.record(step)
        if step.evaluation:
            self._inspector.measure_layers(trainer)
        if trainer.config is not config:  # by a change that was repeated or planned
            self._post_move()
        if trainer.stopped:
            self.set_phase(Phase.FINISHED, trainer.early_stopping.message)
            self.evaluator.schedule.reset()  # the best weights were restored
        elif trainer.finished:
            early_stopping = trainer.early_stopping
            unstopped = early_stopping.unstopped_message if early_stopping.best_epoch else None
            self.set_phase(Phase.FINISHED, unstopped)
        elif self._goal_met(step):
            self.set_phase(Phase.PAUSED)
        elif self.evaluator.schedule.due(step, self._pace.steps_per_second):
            self._evaluate()
            if self._goal_met(step):
                self.set_phase(Phase.PAUSED)
        self._pace.note_step()

    def _change_as_planned(self) -> None:
        """Makes the changes planned after the current step."""
        for values in self._plan.take(self.timeline.current_step):
            self.change(**values)

    def _goal_met(self, step: Step) -> bool:
        accuracy = self.evaluator.schedule.accuracy
        return self._goal is not None and self._goal.met(step.step, step.epochs, accuracy)

    def _report_divergence(self, error: Diverged) -> None:
        """Reports a divergence with the step and the rate at which it was noticed first."""
        first = self._diverged = self._diverged or error
        error = Diverged(first.step, first.learning_rate, error.what)
        self.set_phase(Phase.DIVERGED, f"{error} (r), or go back (b) to {self._healthy_place()}")

    def _healthy_place(self) -> str:
        step = self.timeline.last_healthy_step
        return f"step {step:,}, the last healthy one" if step else "the start"

    def _evaluate(self) -> None:
        try:
            self.evaluator.evaluate(urgent=not self._running)
        except Diverged as error:
            if self._diverged is None:  # or the step has said so
                self._report_divergence(error)
        else:
            self._inspector.measure_layers(self.trainer)

    def _move_to(self, step: int, back_to: int | None = None) -> None:
        self._move(f"going to step {step:,}", partial(self.timeline.go_to, step), back_to)

    def _move(
        self, task: str, move: Callable[[ShouldContinue], bool], back_to: int | None = None
    ) -> None:
        """Moves the run to another step or branch, then pauses it. A command may cancel this."""
        if not run_with_progress(self._mail, task, move, patience=LONG):
            self._cancelled = _Move(task, back_to)
            return
        self._diverged = None
        self.evaluator.schedule.reset()
        self._post_move()
        self._rest()

    def _rest(self) -> None:
        self.set_phase(Phase.FINISHED if self.trainer.finished else Phase.PAUSED)

    def _post_move(self) -> None:
        self._questions.clear()
        self._mail.post(self.timeline.moved())


def _digest(trainer: Trainer) -> bytes:
    """Returns a digest of the weights of a network."""
    return blake2b(trainer.network.parameters.tobytes(), digest_size=16).digest()


def _read_only(run: Run, owner: Owner | None) -> str:
    return (
        f"the run {run.name} is open in another program ({owner}): it is read-only here, as it "
        f"was after step {run.step:,}. If you train it further, the rest is kept in a copy."
    )
