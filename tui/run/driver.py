"""What the training thread does: it drives one run, and tells all that happens.

Its methods are the commands that a session is given, carried out in that thread.
"""

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
)
from core.goals import Goal
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from tui.run.evaluation_schedule import EvaluationSchedule
from tui.run.mailbox import Mailbox
from tui.run.progress import LONG, run_with_progress

PACES = (1, 2, 5, 20, None)
"""Batches a second; None: as many as it can."""

_APART_SHARE = 50  # times what it costs go by until a step of a running run is taken apart again


class Driver:
    """Drives a run once it has begun; until then it can only `begin`, or `turn` to a failure."""

    def __init__(self, mail: Mailbox) -> None:
        self._mail = mail
        self._timeline: Timeline | None = None
        self._running = False
        self._diverged = False  # at the next batch, whatever the phase has become
        self._goal: Goal | None = None  # where to pause; None: at the end
        self._pace: int | None = None  # batches a second; None: as many as it can
        self._due = 0.0  # when the next batch is, at that pace
        self._schedule = EvaluationSchedule()
        self._apart_due = 0.0  # when a step is to be taken apart again
        self._survey_waits = False  # for the commands that it gave way to

    @property
    def timeline(self) -> Timeline:
        assert self._timeline is not None
        return self._timeline

    @property
    def trainer(self) -> Trainer:
        return self.timeline.trainer

    @property
    def wait(self) -> float | None:
        """The seconds until there is something to do if no command comes; None: there is not."""
        if self._running:
            return self._due - perf_counter() if self._pace else 0.0
        return None if self._schedule.is_of(self.trainer.steps) else 0.0

    def proceed(self) -> None:
        """Trains on a batch if the run runs, or else evaluates."""
        if self._running:
            self._advance()
        else:
            self._evaluate()

    def set_phase(self, phase: Phase, message: str | None = None) -> None:
        self._running = phase is Phase.RUNNING
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
        self.set_phase(Phase.PAUSED)

    def _advance(self) -> None:
        trainer, config = self.trainer, self.trainer.config
        try:
            step = self.timeline.step()
        except Diverged as error:
            self._diverged = True
            self.set_phase(Phase.DIVERGED, f"{error}. b goes back to {_healthy(self.timeline)}")
            return
        self._diverged = False
        if step.evaluation:
            self._schedule.note(step.evaluation, step.seconds)
        self._mail.post(step, urgent=self._pace is not None)
        if trainer.config is not config:  # it came to where a setting was changed
            self._went()
        if trainer.stopped:
            self.set_phase(Phase.FINISHED, trainer.early_stopping.message)
            self._schedule.forget()  # the best weights are back
        elif trainer.finished:
            self.set_phase(Phase.FINISHED)
        elif self._arrived(step):
            self.set_phase(Phase.PAUSED)
        elif self._schedule.due(step, self._pace):
            self._evaluate()
            if self._arrived(step):
                self.set_phase(Phase.PAUSED)
        if self._pace:
            # A batch that comes late is not made up for.
            self._due = max(self._due + 1 / self._pace, perf_counter())

    def _arrived(self, step: Step) -> bool:
        accuracy = self._schedule.accuracy
        return self._goal is not None and self._goal.met(step.step, step.epochs, accuracy)

    def _evaluate(self) -> None:
        start = perf_counter()
        # A command comes first; what is left out is made up for when there is time.
        evaluation = self._evaluation("evaluating", self.trainer.evaluation_set, patience=0.0)
        if evaluation is not None:
            self._schedule.cost = perf_counter() - start
            self._schedule.note(evaluation, self.trainer.seconds)
            self._mail.post(evaluation, urgent=not self._running)

    def _evaluation(self, what: str, part: Subset, patience: float) -> Evaluation | None:
        """None if there is a command to carry out and it took more than `patience` seconds."""
        return run_with_progress(
            self._mail, what, partial(self.trainer.evaluate_while, part), patience
        )

    def toggle(self) -> None:
        if self._running:
            self.set_phase(Phase.PAUSED)
        else:
            self._run(None)

    def _run(self, goal: Goal | None) -> None:
        if self.trainer.finished:
            self.set_phase(Phase.FINISHED)
        else:
            self._goal = goal
            self._due = perf_counter()
            self.set_phase(Phase.RUNNING)

    def step(self) -> None:
        # At once, so that two presses of a key are two steps, and what follows comes after; and
        # without telling that it runs, which would be painted first.
        if self.trainer.finished:
            self.set_phase(Phase.FINISHED)
        else:
            self._running, self._goal = True, Goal("step", self.trainer.steps + 1)
            self._advance()

    def steps(self, count: int) -> None:
        now = self.trainer.steps
        going = self._goal.value if self._goal and self._goal.kind == "step" else now
        self._run(Goal("step", max(going, now) + count))

    def epoch(self) -> None:
        self._run(Goal("epoch", self.trainer.epochs + 1))

    def go_to(self, goal: Goal) -> None:
        trainer = self.trainer
        if goal.kind == "step" and goal.value <= trainer.steps:
            self._depart(int(goal.value))
        elif goal.met(trainer.steps, trainer.time, self._schedule.accuracy):
            raise ConfigError(
                "goal", f"the run is at {goal} or past it already; b and the timeline go back"
            )
        else:
            self._run(goal)

    def back(self, count: int) -> None:
        past = self.timeline
        self._depart(past.last_healthy_step if self._diverged else max(past.at - count, past.start))

    def travel(self, step: int) -> None:
        step = min(max(step, self.timeline.start), self.timeline.end)
        if self._running or step != self.timeline.at:
            self._depart(step)

    def _depart(self, step: int) -> None:
        what = f"going to step {step:,}"
        self._arrive(
            run_with_progress(self._mail, what, partial(self.timeline.go_to, step), patience=LONG)
        )

    def switch_branch(self, branch: int) -> None:
        what = f"going to branch {branch + 1}"
        self._arrive(
            run_with_progress(
                self._mail, what, partial(self.timeline.switch_branch, branch), patience=LONG
            )
        )

    def _arrive(self, arrived: bool) -> None:
        """Tells where the run stands, after a way that may have been given up."""
        if not arrived:
            raise ConfigError("step", "going there was given up for the next command")
        self._diverged = False
        self._schedule.forget()
        self._went()
        finished = self.trainer.finished
        self.set_phase(Phase.FINISHED if finished else Phase.PAUSED)

    def _went(self) -> None:
        past = self.timeline
        config = past.trainer.config
        self._mail.post(RunMoved(past.at, past.last, config, past.branch.number, past.branches))

    def change_pace(self, by: int) -> None:
        at = PACES.index(self._pace) + by
        self._pace = PACES[min(max(at, 0), len(PACES) - 1)]
        self._due = perf_counter()
        self._mail.post(PaceChanged(self._pace))

    def reset(self, config: Config) -> None:
        self.start_run(config, self.trainer.dataset)

    def change(self, **values: object) -> None:
        branch = self.timeline.branch.number
        changes = self.timeline.change(**values)
        if self.timeline.branch.number != branch:
            self._went()
        if changes:
            self._mail.post(BranchChanged(self.timeline.branch))
        self._mail.post(*changes)
        if not self._running and not self.trainer.finished:
            self.set_phase(Phase.PAUSED)

    def score(self) -> None:
        test = self.trainer.dataset.test
        evaluation = self._evaluation("scoring the test set", test, patience=LONG)
        if evaluation is None:
            raise ConfigError("test", "scoring the test set was given up for the next command")
        self._mail.post(Scored(evaluation))

    def trace_step(self) -> None:
        if self.trainer.finished or (self._running and perf_counter() < self._apart_due):
            return
        # Imported now, as below, for a screen can be painted before.
        from core.inspection.layer_stats import layer_stats
        from core.training.tracing import trace_step

        # Its own time: a wait for the screen, or for another program, is no cost of it.
        start = thread_time()
        trace = trace_step(self.trainer)
        self._mail.post(StepTraced(trace, layer_stats(trace)), urgent=True)
        self._apart_due = perf_counter() + _APART_SHARE * (thread_time() - start)

    def survey(self) -> None:
        from core.inspection.unit_survey import survey

        run = self.trainer
        look = partial(survey, run.network, run.config.activation, run.training_set, run.steps)
        found = run_with_progress(self._mail, "looking at every unit", look, patience=0.0)
        if found is not None:
            self._mail.post(UnitsSurveyed(found), urgent=True)
        elif not self._running and not self._survey_waits:
            # Made up for after the commands that it gave way to; once, however often asked for.
            self._survey_waits = True
            self._mail.put(self._survey_again)

    def _survey_again(self) -> None:
        self._survey_waits = False
        if not self._running:
            self.survey()


def _healthy(past: Timeline) -> str:
    step = past.last_healthy_step
    return f"step {step:,}, the last healthy one" if step else "the start"
