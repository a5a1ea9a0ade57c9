"""Carries out the session's commands in the training thread, and posts events about the run."""

from collections.abc import Callable
from functools import partial
from time import perf_counter, thread_time

from core.config.config import Config
from core.data.dataset import Dataset, Subset
from core.errors import ConfigError, Diverged
from core.events import (
    BranchChanged,
    Evaluation,
    PaceChanged,
    Phase,
    PhaseChanged,
    RunMoved,
    RunStarted,
    Scored,
    Step,
    StepTraced,
    UnitsSurveyed,
    Warned,
)
from core.goals import Goal
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from core.types import ShouldContinue
from tui.run.evaluation_schedule import EvaluationSchedule
from tui.run.mailbox import Command, Mailbox
from tui.run.progress import LONG, run_with_progress

PACES = (1, 2, 5, 20, None)
"""Steps per second to choose from; None: as many as possible."""

_TRACE_INTERVAL = 50  # times the cost of a trace, between two traces of a running run


class Driver:
    """Drives one run at a time. Before `start_run`, only `set_phase` can be called."""

    def __init__(self, mail: Mailbox) -> None:
        self._mail = mail
        self._timeline: Timeline | None = None
        self._running = False
        self._failed = False  # by an error; there is no work until a command changes the phase
        self._diverged = False  # at the next step, whatever the phase is now
        self._goal: Goal | None = None  # where to pause; None: at the end
        self._pace: int | None = None  # steps per second; None: as many as possible
        self._next_step_time = 0.0  # at that pace
        self._schedule = EvaluationSchedule()
        self._next_trace_time = 0.0
        self._warnings: set[str] = set()  # those of the run that were reported
        self._move_cancelled = False  # by the command that comes next
        self._stops_move = False  # whether the current command cancelled a move
        self._survey_waiting = False  # for the commands that cancelled it

    @property
    def timeline(self) -> Timeline:
        assert self._timeline is not None
        return self._timeline

    @property
    def trainer(self) -> Trainer:
        return self.timeline.trainer

    @property
    def timeout(self) -> float | None:
        """Seconds to wait for a command before calling `work`; None: there is no work."""
        if self._running:
            return self._next_step_time - perf_counter() if self._pace else 0.0
        if self._failed:
            return None
        return None if self._schedule.is_current(self.trainer.steps) else 0.0

    def work(self) -> None:
        """Makes a step if the run is running; otherwise evaluates the network."""
        if self._running:
            self._make_step()
        else:
            self._evaluate()

    def set_phase(self, phase: Phase, message: str | None = None) -> None:
        self._running = phase is Phase.RUNNING
        self._failed = phase is Phase.FAILED
        if not self._running:
            self._goal = None
        self._mail.post(PhaseChanged(phase, message, self._goal), urgent=True)

    def start_run(self, config: Config, data: Dataset) -> None:
        trainer = Trainer(config, data)
        self._timeline = Timeline(trainer)
        self._mail.post(
            RunStarted(
                config,
                data,
                trainer.network.parameters.size,
                len(trainer.training_set),
                trainer.evaluation_set.name,
                len(trainer.evaluation_set),
            )
        )
        self._schedule, self._diverged = EvaluationSchedule(), False
        self._warnings.clear()
        self.set_phase(Phase.PAUSED)

    def reset(self, config: Config) -> None:
        self.start_run(config, self.trainer.dataset)

    def carry_out(self, command: Command) -> None:
        """Carries out one command. Raises ConfigError if it is refused."""
        self._stops_move, self._move_cancelled = self._move_cancelled, False
        command()

    def toggle(self) -> None:
        if self._running or self._stops_move:
            self._rest()
        else:
            self._run(None)

    def step(self) -> None:
        # Makes the step now, so that two key presses make two steps and later commands come after
        # it. The phase "running" is not posted, because the screen would draw it first.
        if self.trainer.finished:
            self.set_phase(Phase.FINISHED)
        else:
            self._running, self._goal = True, Goal("step", self.trainer.steps + 1)
            self._make_step()

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
        if goal.kind == "accuracy" and not self._schedule.is_current(trainer.steps):
            self._evaluate()  # the last evaluation is of another network
            if self._diverged:
                return
        if goal.met(trainer.steps, trainer.time, self._schedule.accuracy):
            raise ConfigError(
                "goal", f"the run is already at or past {goal}; go back with b or the timeline"
            )
        self._run(goal)

    def step_back(self, count: int) -> None:
        timeline = self.timeline
        if self._diverged:
            self._move_to(timeline.last_healthy_step)
        else:
            self._move_to(max(timeline.current_step - count, timeline.start_step))

    def go_to_step(self, step: int) -> None:
        step = min(max(step, self.timeline.start_step), self.timeline.end_step)
        if self._running or step != self.timeline.current_step:
            self._move_to(step)

    def switch_branch(self, branch: int) -> None:
        task = f"going to branch {branch + 1}"
        self._move(task, partial(self.timeline.switch_branch, branch))

    def change_pace(self, by: int) -> None:
        index = PACES.index(self._pace) + by
        self._pace = PACES[min(max(index, 0), len(PACES) - 1)]
        self._next_step_time = perf_counter()
        self._mail.post(PaceChanged(self._pace))

    def change(self, **values: object) -> None:
        branch = self.timeline.branch.number
        changes = self.timeline.change(**values)
        if self.timeline.branch.number != branch:
            self._post_move()
        elif changes:
            self._mail.post(BranchChanged(self.timeline.branch))
        self._mail.post(*changes)
        if not self._running and not self.trainer.finished:
            self.set_phase(Phase.PAUSED)

    def score(self) -> None:
        task = "scoring the test set"
        try:
            evaluation = self._run_evaluation(task, self.trainer.dataset.test, patience=LONG)
        except Diverged as error:
            self._report_divergence(error)
            return
        if evaluation is None:
            raise ConfigError("test", f"{task}: cancelled by the next command")
        self._mail.post(Scored(evaluation))

    def trace_step(self) -> None:
        if self.trainer.finished or (self._running and perf_counter() < self._next_trace_time):
            return
        # Imported here, as below, so that the screen appears sooner.
        from core.inspection.layer_stats import layer_stats
        from core.training.tracing import trace_step

        # The thread's own time: waiting for the screen or another program is not part of the cost.
        start = thread_time()
        trace = trace_step(self.trainer)
        self._mail.post(StepTraced(trace, layer_stats(trace)), urgent=True)
        self._next_trace_time = perf_counter() + _TRACE_INTERVAL * (thread_time() - start)

    def survey(self) -> None:
        from core.inspection.unit_survey import survey

        run = self.trainer
        work = partial(survey, run.network, run.config.activation, run.training_set, run.steps)
        result = run_with_progress(self._mail, "measuring unit activity", work, patience=0.0)
        if result is not None:
            self._mail.post(UnitsSurveyed(result), urgent=True)
        elif not self._running and not self._survey_waiting:
            # Repeated once after the commands that cancelled it, however often it was requested.
            self._survey_waiting = True
            self._mail.put(self._repeat_survey)

    def _repeat_survey(self) -> None:
        self._survey_waiting = False
        if not self._running:
            self.survey()

    def _run(self, goal: Goal | None) -> None:
        if self.trainer.finished:
            self.set_phase(Phase.FINISHED)
        else:
            self._goal = goal
            self._next_step_time = perf_counter()
            self.set_phase(Phase.RUNNING)

    def _make_step(self) -> None:
        trainer, config = self.trainer, self.trainer.config
        try:
            step = self.timeline.step()
        except Diverged as error:
            self._report_divergence(error)
            return
        self._diverged = False
        if step.evaluation:
            self._schedule.record(step.evaluation, step.seconds)
        self._mail.post(step, urgent=self._pace is not None)
        if step.evaluation:
            self._warn(step.evaluation)
        if trainer.config is not config:  # a change by hand was repeated at this step
            self._post_move()
        if trainer.stopped:
            self.set_phase(Phase.FINISHED, trainer.early_stopping.message)
            self._schedule.reset()  # the best weights were restored
        elif trainer.finished:
            early_stopping = trainer.early_stopping
            unstopped = early_stopping.unstopped_message if early_stopping.best_epoch else None
            self.set_phase(Phase.FINISHED, unstopped)
        elif self._goal_met(step):
            self.set_phase(Phase.PAUSED)
        elif self._schedule.due(step, self._pace):
            self._evaluate()
            if self._goal_met(step):
                self.set_phase(Phase.PAUSED)
        if self._pace:
            # After a late step, the next ones do not hurry to catch up.
            self._next_step_time = max(self._next_step_time + 1 / self._pace, perf_counter())

    def _goal_met(self, step: Step) -> bool:
        accuracy = self._schedule.accuracy
        return self._goal is not None and self._goal.met(step.step, step.epochs, accuracy)

    def _report_divergence(self, error: Diverged) -> None:
        self._diverged = True
        self.set_phase(Phase.DIVERGED, f"{error}, or press b to go back to {self._way_back()}")

    def _warn(self, evaluation: Evaluation) -> None:
        """Reports the warnings of an evaluation, each once in a run."""
        for warning in evaluation.warnings:
            if warning not in self._warnings:
                self._warnings.add(warning)
                self._mail.post(Warned(warning), urgent=True)

    def _way_back(self) -> str:
        step = self.timeline.last_healthy_step
        return f"step {step:,}, the last healthy one" if step else "the start"

    def _evaluate(self) -> None:
        start = perf_counter()
        # Any command cancels it; it is repeated when there is time.
        try:
            evaluation = self._run_evaluation("evaluating", self.trainer.evaluation_set, 0.0)
        except Diverged as error:
            self._schedule.record_failure(self.trainer.steps)
            self._report_divergence(error)
            return
        if evaluation is not None:
            self._schedule.cost = perf_counter() - start
            self._schedule.record(evaluation, self.trainer.seconds)
            self._mail.post(evaluation, urgent=not self._running)
            self._warn(evaluation)

    def _run_evaluation(self, task: str, subset: Subset, patience: float) -> Evaluation | None:
        """Returns None if a command cancelled it after `patience` seconds."""

        def work(should_continue: ShouldContinue) -> Evaluation | None:
            return self.trainer.evaluate(subset, should_continue)

        return run_with_progress(self._mail, task, work, patience)

    def _move_to(self, step: int) -> None:
        self._move(f"going to step {step:,}", partial(self.timeline.go_to, step))

    def _move(self, task: str, move: Callable[[ShouldContinue], bool]) -> None:
        """Moves the run to another step or branch, then pauses it. A command may cancel this."""
        if not run_with_progress(self._mail, task, move, patience=LONG):
            self._move_cancelled = True
            raise ConfigError("step", f"{task}: cancelled by the next command")
        self._diverged = False
        self._schedule.reset()
        self._post_move()
        self._rest()

    def _rest(self) -> None:
        self.set_phase(Phase.FINISHED if self.trainer.finished else Phase.PAUSED)

    def _post_move(self) -> None:
        timeline = self.timeline
        self._mail.post(
            RunMoved(
                timeline.current_step,
                timeline.last_event,
                timeline.trainer.config,
                timeline.branch.number,
                timeline.branches,
            )
        )
